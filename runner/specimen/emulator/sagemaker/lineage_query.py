"""QueryLineage: the part of the lineage graph that is connected with given entities."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.errors import validation
from specimen.emulator.sagemaker import graph
from specimen.emulator.sagemaker.entities import EXPERIMENT, shown
from specimen.emulator.sagemaker.paging import Body, page

DEPTH = 10
PAGE = 50


@dataclass(frozen=True)
class Neighbours:
    """For every ARN the associations that leave it, and those that arrive."""

    leaving: Mapping[str, list[Body]]
    arriving: Mapping[str, list[Body]]

    @classmethod
    def of(cls, edges: Iterable[Body]) -> "Neighbours":
        """Sort associations by their ends."""
        leaving, arriving = defaultdict(list), defaultdict(list)
        for edge in edges:
            leaving[edge["SourceArn"]].append(edge)
            arriving[edge["DestinationArn"]].append(edge)
        return cls(leaving, arriving)

    def steps(self, arn: str, direction: str) -> list[tuple[str, Body]]:
        """Return where one comes from an ARN in one step, and by which association."""
        down = [(edge["DestinationArn"], edge) for edge in self.leaving.get(arn, [])]
        up = [(edge["SourceArn"], edge) for edge in self.arriving.get(arn, [])]
        return {"Descendants": down, "Ascendants": up, "Both": down + up}[direction]


def query_lineage(context: Context, request: Request) -> Response:
    """Walk the graph from the start entities, and return what the filters let through."""
    starts = request.get("StartArns", [])
    if not starts:
        raise validation("StartArns must name an entity to start from.")
    for arn in starts:
        graph.need_entity(context, arn)
    reached, walked = _walk(Neighbours.of(graph.edges(context)), request, starts)
    vertices = [_vertex(context, arn) for arn in reached if _wanted(context, request, arn)]
    kept = {vertex["Arn"] for vertex in vertices}
    response = page(request, vertices, "Vertices", dict, PAGE)
    edges = [edge for edge in walked if edge["SourceArn"] in kept and edge["DestinationArn"] in kept]
    return response | ({"Edges": [shown("Edge", edge) for edge in edges]} if request.get("IncludeEdges") else {})


def _walk(neighbours: Neighbours, request: Request, starts: list[str]) -> tuple[list[str], list[Body]]:
    """Return the ARNs reached, nearest first, and the associations walked; each once, however the graph is closed."""
    reached, walked = dict.fromkeys(starts), dict[tuple[str, str], Body]()
    border = list(reached)
    for _ in range(request.get("MaxDepth", DEPTH)):
        ahead: dict[str, None] = {}
        for arn in border:
            for other, edge in neighbours.steps(arn, request.get("Direction", "Both")):
                walked[edge["SourceArn"], edge["DestinationArn"]] = edge
                if other not in reached:
                    ahead[other] = None
        reached |= ahead
        border = list(ahead)
    return list(reached), list(walked.values())


def _vertex(context: Context, arn: str) -> Body:
    body = graph.need_entity(context, arn)
    return {"Arn": arn, "Type": graph.type_of(arn, body), "LineageType": graph.entity_of(arn).name}


def _wanted(context: Context, request: Request, arn: str) -> bool:
    filters = request.get("Filters", {})
    if graph.entity_of(arn) is EXPERIMENT:  # which the model of a vertex does not know
        return False
    vertex, body = _vertex(context, arn), graph.need_entity(context, arn)
    properties = body.get("Properties", {})
    return (
        vertex["Type"] in filters.get("Types", [vertex["Type"]])
        and vertex["LineageType"] in filters.get("LineageTypes", [vertex["LineageType"]])
        and filters.get("CreatedAfter", 0) <= body["CreationTime"] <= filters.get("CreatedBefore", float("inf"))
        and filters.get("ModifiedAfter", 0) <= body["LastModifiedTime"] <= filters.get("ModifiedBefore", float("inf"))
        and all(properties.get(name) == value for name, value in filters.get("Properties", {}).items())
    )


OPERATIONS: Mapping[str, Operation] = {"QueryLineage": query_lineage}
