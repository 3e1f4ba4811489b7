"""The lineage of a name, asked for by QueryLineage and put together."""

import re
from collections.abc import Mapping
from typing import Any

from specimen.asking import SAGEMAKER, Cloud
from specimen.lineage import starts
from specimen.lineage.graph import Association, Entity, Graph

UP, DOWN = "Ascendants", "Descendants"
_PACKAGE = ":model-package/"
_SHADOW = re.compile(r"sm-clarify-")  # an endpoint that Clarify makes for a job's while, and deletes


def walk(cloud: Cloud, name: str, kind: str | None) -> tuple[starts.Start, Graph]:
    """From the data that a name's models were trained on, to whatever was made of them.

    Raises:
        UsageError: nothing has the name.
        SpecimenError: nothing was recorded of it.
    """
    start = starts.find(cloud, name, kind)
    found = _Found(cloud)
    for arn in start.arns:
        found.ask(arn, UP)
        if start.kind in (starts.JOB, starts.EXPERIMENT):
            found.ask(arn, DOWN)
    for arn in [arn for arn, (_, type_) in found.vertices.items() if type_ == "Model"]:
        found.ask(arn, DOWN)
    described = (_entity(cloud, arn, *vertex) for arn, vertex in found.vertices.items())
    entities = {one.arn: one for one in described if not _SHADOW.match(one.name) or one.name.startswith(name)}
    edges = [one for one in found.edges if {one.source, one.destination} <= entities.keys()]
    return start, Graph(f"{start.kind} {name}", entities, edges)


class _Found:
    """What the answers hold, each once: entities (ARN: kind, type) and the associations between them."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.vertices: dict[str, tuple[str, str]] = {}
        self.edges: dict[Association, None] = {}

    def ask(self, arn: str, direction: str) -> None:
        request = {"StartArns": [arn], "Direction": direction, "IncludeEdges": True}
        while True:
            page = self.cloud.call(SAGEMAKER, "QueryLineage", request)
            for vertex in page.get("Vertices", ()):
                self.vertices.setdefault(vertex["Arn"], (vertex["LineageType"], vertex["Type"]))
            for edge in page.get("Edges", ()):
                self.edges[Association(edge["SourceArn"], edge["DestinationArn"], edge.get("AssociationType"))] = None
            if not page.get("NextToken"):
                return
            request["NextToken"] = page["NextToken"]


def _entity(cloud: Cloud, arn: str, kind: str, type_: str) -> Entity:
    """Name an entity by what it stands for: its own name is made from that, or a digest."""
    member = "ArtifactArn" if kind == "Artifact" else f"{kind}Name"
    body = (
        cloud.find(SAGEMAKER, f"Describe{kind}", {member: arn if kind == "Artifact" else arn.rpartition("/")[2]}) or {}
    )
    source = _source(body.get("Source", {}))
    type_ = type_.removeprefix("SageMaker")
    last = source.rpartition("/")[2] or arn.rpartition("/")[2]
    match kind, type_:
        case "Artifact", _ if _PACKAGE in source:
            return Entity(arn, kind, "ModelPackage", source.partition(_PACKAGE)[2], _package(cloud, source))
        case "Artifact", _:
            return Entity(arn, kind, type_, source or arn)
        case "Context", "Endpoint":
            return Entity(arn, kind, type_, last, _endpoint(cloud, last))
        case "Action", _:
            return Entity(arn, kind, type_, str(body.get("ActionName", last)), body.get("Status"))
        case _:
            return Entity(arn, kind, type_, last)


def _source(source: Mapping[str, Any]) -> str:
    return str(source.get("SourceUri") or source.get("SourceArn") or "")


def _package(cloud: Cloud, arn: str) -> str:
    body = cloud.find(SAGEMAKER, "DescribeModelPackage", {"ModelPackageName": arn})
    return str(body.get("ModelApprovalStatus", body["ModelPackageStatus"])) if body else "deleted"


def _endpoint(cloud: Cloud, name: str) -> str:
    body = cloud.find(SAGEMAKER, "DescribeEndpoint", {"EndpointName": name})
    return str(body["EndpointStatus"]) if body else "deleted"
