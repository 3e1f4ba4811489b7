"""Named things that are created, described, changed and deleted: experiments, lineage, the registry.

Their names are unique without regard to case, and their ARNs are in lower case; so a body is stored under the last
part of its ARN.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from specimen.emulator.context import Context, Request
from specimen.emulator.sagemaker import answers, tags
from specimen.emulator.sagemaker.paging import Body
from specimen.emulator.shapes import service_model


@dataclass(frozen=True)
class Entity:
    """A kind of named things: `name` begins its members, `resource` its ARNs."""

    name: str
    resource: str

    @property
    def name_member(self) -> str:
        """Return the member that holds the name."""
        return f"{self.name}Name"

    @property
    def arn_member(self) -> str:
        """Return the member that holds the ARN."""
        return f"{self.name}Arn"

    def arn(self, context: Context, name: str) -> str:
        """Form the ARN of a name; what is an ARN already stays as it is."""
        return name if name.startswith("arn:") else context.arn(f"{self.resource}/{name.lower()}")


EXPERIMENT = Entity("Experiment", "experiment")
TRIAL = Entity("Trial", "experiment-trial")
COMPONENT = Entity("TrialComponent", "experiment-trial-component")
ARTIFACT = Entity("Artifact", "artifact")
ACTION = Entity("Action", "action")
CONTEXT = Entity("Context", "context")
GROUP = Entity("ModelPackageGroup", "model-package-group")


def find(context: Context, entity: Entity, name: str) -> Body | None:
    """Return what has a name or ARN, or None if nothing has."""
    return context.tx.get(entity.name, _key(entity, context, name))


def need(context: Context, entity: Entity, name: str) -> Body:
    """Return what has a name or ARN, or raise AWS's answer."""
    body = find(context, entity, name)
    if body is None:
        raise answers.absent(entity.name, name, entity.arn(context, name))
    return body


def add(context: Context, entity: Entity, name: str, body: Mapping[str, Any], labels: Any = ()) -> str:
    """Store something new and return its ARN, or raise AWS's answer to a name that is taken."""
    arn = entity.arn(context, name)
    if find(context, entity, name) is not None:
        raise answers.exists(entity.name, name, arn)
    now = context.now()
    known = {key: value for key, value in body.items() if key != "Tags"}
    times = {"CreationTime": now, "LastModifiedTime": now, "CreatedBy": {}, "LastModifiedBy": {}}
    context.tx.insert(entity.name, _key(entity, context, arn), {**known, **times, entity.arn_member: arn})
    tags.give(context, arn, labels)
    return arn


def change(context: Context, entity: Entity, body: Body, changes: Mapping[str, Any]) -> None:
    """Change members of a body and note when."""
    changed = {**body, **changes, "LastModifiedTime": context.now()}
    context.tx.put(entity.name, _key(entity, context, body[entity.arn_member]), changed)


def remove(context: Context, entity: Entity, body: Body) -> None:
    """Delete a body and its tags."""
    context.tx.delete(entity.name, _key(entity, context, body[entity.arn_member]))
    tags.forget(context, body[entity.arn_member])


def shown(shape: str, body: Mapping[str, Any]) -> Body:
    """Return the members of a body that a shape of the model has."""
    members = service_model("sagemaker").shapes[shape]["members"]
    return {name: value for name, value in body.items() if name in members}


def given(request: Request, *members: str) -> Body:
    """Return those members that a request has."""
    return {member: request[member] for member in members if member in request}


def _key(entity: Entity, context: Context, name: str) -> str:
    prefix = context.arn(f"{entity.resource}/")
    return name.removeprefix(prefix) if name.startswith("arn:") else name.lower()
