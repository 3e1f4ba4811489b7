"""The lineage graph: artifacts by their source, and associations between entities."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from specimen.emulator.context import Context
from specimen.emulator.sagemaker.entities import (
    ACTION,
    ARTIFACT,
    COMPONENT,
    CONTEXT,
    EXPERIMENT,
    Entity,
    add,
    find,
    need,
)
from specimen.emulator.sagemaker.paging import Body

ASSOCIATION = "Association"
_ENTITIES: Mapping[str, Entity] = {
    entity.resource: entity for entity in (ACTION, ARTIFACT, COMPONENT, CONTEXT, EXPERIMENT)
}


def artifact_name(source: Mapping[str, Any]) -> str:
    """Return the last part of an artifact's ARN: its source alone makes it what it is."""
    types = sorted((item["SourceIdType"], item["Value"]) for item in source.get("SourceTypes", []))
    return hashlib.sha256(json.dumps([source["SourceUri"], types]).encode()).hexdigest()[:32]


def find_artifact(context: Context, uri: str) -> str | None:
    """Return the ARN of the artifact of a URI, or None."""
    found = find(context, ARTIFACT, artifact_name({"SourceUri": uri}))
    return found["ArtifactArn"] if found else None


def ensure_artifact(context: Context, uri: str, kind: str) -> str:
    """Return the ARN of the artifact of a URI, which is made if there is none."""
    source = {"SourceUri": uri}
    body = {"Source": source, "ArtifactType": kind, "Properties": {}}
    return find_artifact(context, uri) or add(context, ARTIFACT, artifact_name(source), body)


def ensure_edge(context: Context, source: str, destination: str, kind: str) -> None:
    """Associate two entities, unless they are."""
    if edge(context, source, destination) is None:
        connect(context, source, destination, kind)


def edge(context: Context, source: str, destination: str) -> Body | None:
    """Return the association of two entities, or None."""
    return context.tx.get(ASSOCIATION, f"{source} {destination}")


def connect(context: Context, source: str, destination: str, kind: str | None) -> None:
    """Store a new association."""
    body = {"SourceArn": source, "DestinationArn": destination, "CreationTime": context.now(), "CreatedBy": {}}
    context.tx.insert(ASSOCIATION, f"{source} {destination}", body | ({"AssociationType": kind} if kind else {}))


def disconnect(context: Context, source: str, destination: str) -> bool:
    """Delete an association; tell whether there was one."""
    return context.tx.delete(ASSOCIATION, f"{source} {destination}")


def edges(context: Context) -> list[Body]:
    """Return all associations, oldest first."""
    return context.tx.list(ASSOCIATION)


def entity_of(arn: str) -> Entity:
    """Return the kind of entity that an ARN names."""
    return _ENTITIES[arn.split(":", 5)[5].partition("/")[0]]


def need_entity(context: Context, arn: str) -> Body:
    """Return the entity of an ARN, or raise AWS's answer."""
    return need(context, entity_of(arn), arn)


def type_of(arn: str, body: Mapping[str, Any]) -> str:
    """Return an entity's type: an artifact's, action's or context's own, or what kind of job a component is."""
    entity = entity_of(arn)
    if entity is COMPONENT:
        return str(body.get("Source", {}).get("SourceType", "TrialComponent"))
    return str(body.get(f"{entity.name}Type", entity.name))
