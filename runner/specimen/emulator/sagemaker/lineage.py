"""Lineage: artifacts, actions, contexts, and how they are associated."""

from collections.abc import Mapping

from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.errors import not_found, validation
from specimen.emulator.sagemaker import graph
from specimen.emulator.sagemaker.entities import (
    ACTION,
    ARTIFACT,
    CONTEXT,
    Entity,
    add,
    change,
    find,
    given,
    need,
    remove,
    shown,
)
from specimen.emulator.sagemaker.paging import Body, created, ordered, page


def create_artifact(context: Context, request: Request) -> Response:
    """Create an artifact; there is one at most of a source."""
    name = graph.artifact_name(request["Source"])
    if find(context, ARTIFACT, name) is not None:
        raise validation(
            f"Artifact with source uri {request['Source']['SourceUri']} already exists: {ARTIFACT.arn(context, name)}"
        )
    return {"ArtifactArn": add(context, ARTIFACT, name, request, request.get("Tags", ()))}


def delete_artifact(context: Context, request: Request) -> Response:
    """Delete an artifact by ARN or by source."""
    if ("ArtifactArn" in request) == ("Source" in request):
        raise validation("Exactly one of ArtifactArn and Source must be given.")
    name = request["ArtifactArn"] if "ArtifactArn" in request else graph.artifact_name(request["Source"])
    return _delete(context, ARTIFACT, name)


def _create(entity: Entity) -> Operation:
    def create(context: Context, request: Request) -> Response:
        name = request[entity.name_member]
        return {entity.arn_member: add(context, entity, name, request, request.get("Tags", ()))}

    return create


def _describe(entity: Entity, key: str) -> Operation:
    def describe(context: Context, request: Request) -> Response:
        return shown(f"Describe{entity.name}Response", need(context, entity, request[key]))

    return describe


def _update(entity: Entity, key: str, *members: str) -> Operation:
    def update(context: Context, request: Request) -> Response:
        body = need(context, entity, request[key])
        properties = {**body.get("Properties", {}), **request.get("Properties", {})}
        for name in request.get("PropertiesToRemove", ()):
            properties.pop(name, None)
        change(context, entity, body, {**given(request, *members), "Properties": properties})
        return {entity.arn_member: body[entity.arn_member]}

    return update


def _deleter(entity: Entity) -> Operation:
    def delete(context: Context, request: Request) -> Response:
        return _delete(context, entity, request[entity.name_member])

    return delete


def _delete(context: Context, entity: Entity, name: str) -> Response:
    body = need(context, entity, name)
    arn = body[entity.arn_member]
    if any(arn in (edge["SourceArn"], edge["DestinationArn"]) for edge in graph.edges(context)):
        raise validation(f"{entity.name} '{arn}' has associations; delete them first.")
    remove(context, entity, body)
    return {entity.arn_member: arn}


def _list(entity: Entity) -> Operation:
    kind = f"{entity.name}Type"

    def list_(context: Context, request: Request) -> Response:
        found = [body for body in context.tx.list(entity.name) if created(request, body)]
        if "SourceUri" in request:
            found = [body for body in found if body["Source"]["SourceUri"] == request["SourceUri"]]
        if kind in request:
            found = [body for body in found if body[kind] == request[kind]]
        found = ordered(request, found, {"Name": entity.name_member})
        return page(request, found, f"{entity.name}Summaries", lambda body: shown(f"{entity.name}Summary", body))

    return list_


def add_association(context: Context, request: Request) -> Response:
    """Associate two entities that exist."""
    source, destination = request["SourceArn"], request["DestinationArn"]
    graph.need_entity(context, source)
    graph.need_entity(context, destination)
    if graph.edge(context, source, destination) is not None:
        raise validation(f"Association between '{source}' and '{destination}' already exists.")
    graph.connect(context, source, destination, request.get("AssociationType"))
    return {"SourceArn": source, "DestinationArn": destination}


def delete_association(context: Context, request: Request) -> Response:
    """Delete an association."""
    source, destination = request["SourceArn"], request["DestinationArn"]
    if not graph.disconnect(context, source, destination):
        raise not_found(f"Association between '{source}' and '{destination}' does not exist.")
    return {"SourceArn": source, "DestinationArn": destination}


def list_associations(context: Context, request: Request) -> Response:
    """List associations from a source, to a destination, or all."""
    found = [body for body in graph.edges(context) if created(request, body)]
    for member in ("SourceArn", "DestinationArn", "AssociationType"):
        if member in request:
            found = [body for body in found if body.get(member) == request[member]]
    found = [{**body, **_ends(context, body)} for body in found]
    for member in ("SourceType", "DestinationType"):
        if member in request:
            found = [body for body in found if body[member] == request[member]]
    sort = {name: name for name in ("SourceArn", "DestinationArn", "SourceType", "DestinationType")}
    return page(request, ordered(request, found, sort), "AssociationSummaries", dict)


def _ends(context: Context, body: Body) -> Body:
    ends: Body = {}
    for end in ("Source", "Destination"):
        arn = body[f"{end}Arn"]
        entity = graph.need_entity(context, arn)
        ends[f"{end}Type"] = graph.type_of(arn, entity)
        name = entity.get(graph.entity_of(arn).name_member)
        if name is not None:
            ends[f"{end}Name"] = name
    return ends


OPERATIONS: Mapping[str, Operation] = {
    "AddAssociation": add_association,
    "CreateAction": _create(ACTION),
    "CreateArtifact": create_artifact,
    "CreateContext": _create(CONTEXT),
    "DeleteAction": _deleter(ACTION),
    "DeleteArtifact": delete_artifact,
    "DeleteAssociation": delete_association,
    "DeleteContext": _deleter(CONTEXT),
    "DescribeAction": _describe(ACTION, "ActionName"),
    "DescribeArtifact": _describe(ARTIFACT, "ArtifactArn"),
    "DescribeContext": _describe(CONTEXT, "ContextName"),
    "ListActions": _list(ACTION),
    "ListArtifacts": _list(ARTIFACT),
    "ListAssociations": list_associations,
    "ListContexts": _list(CONTEXT),
    "UpdateAction": _update(ACTION, "ActionName", "Description", "Status"),
    "UpdateArtifact": _update(ARTIFACT, "ArtifactArn", "ArtifactName"),
    "UpdateContext": _update(CONTEXT, "ContextName", "Description"),
}
