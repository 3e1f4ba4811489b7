"""A lineage as nodes and edges: what was associated here, and what AWS knows beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from specimen_components.jsondata import Json

_TYPES = {"SageMakerTrainingJob": "TrainingJob", "SageMakerProcessingJob": "ProcessingJob", "DataSet": "Dataset"}


@dataclass(frozen=True, order=True)
class Association:
    """One edge, between the ARNs of two entities."""

    source: str
    destination: str
    type: str


@dataclass(frozen=True)
class Graph:
    """Edges in a fixed order, and what AWS says of the entities at their ends (ARN: name, type)."""

    edges: tuple[Association, ...]
    described: Mapping[str, tuple[str, str]]

    @classmethod
    def of(cls, made: Sequence[Association], summaries: Iterable[Mapping[str, Any]]) -> "Graph":
        """Put together the associations made here and those that ListAssociations gave."""
        edges, described = dict.fromkeys(made), {}
        for summary in summaries:
            association = Association(
                summary["SourceArn"], summary["DestinationArn"], summary.get("AssociationType", "AssociatedWith")
            )
            edges.setdefault(association)
            for end in ("Source", "Destination"):
                described[summary[f"{end}Arn"]] = _described(summary, end)
        ours = len(made)
        found = tuple(edges)
        return cls(found[:ours] + tuple(sorted(found[ours:])), described)

    def details(self, names: Mapping[str, tuple[str, str]]) -> dict[str, Json]:
        """Give nodes and edges as the record holds them; `names` (ARN: name, type) go before AWS's own."""
        arns = dict.fromkeys(arn for edge in self.edges for arn in (edge.source, edge.destination))
        known = {**self.described, **names}
        nodes = [{"arn": arn, "name": known[arn][0], "type": known[arn][1]} for arn in arns]
        return {
            "nodes": nodes,
            "edges": [
                {"source": edge.source, "destination": edge.destination, "type": edge.type} for edge in self.edges
            ],
        }


def _described(summary: Mapping[str, Any], end: str) -> tuple[str, str]:
    arn = summary[f"{end}Arn"]
    kind = summary.get(f"{end}Type") or arn.rsplit(":", 1)[-1].split("/")[0]
    return summary.get(f"{end}Name") or arn.rsplit("/", 1)[-1], _TYPES.get(kind, kind)
