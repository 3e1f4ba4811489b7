"""An endpoint's end: deleted, and waited for until it is gone."""

from specimen_components import adopt, answers, resources
from specimen_components.command import Call
from specimen_components.problems import Refused
from specimen_components.resources import ResourceType

DELETING = "Deleting"


def endpoint(call: Call, name: str) -> bool:
    """Delete an endpoint, once what is under way with it is over; False where there is none."""
    found = adopt.describe(call, resources.ENDPOINT, name)
    there = found is not None
    while found is not None:
        if found["EndpointStatus"] != DELETING:
            _delete(call, resources.ENDPOINT, name)
        call.clock.sleep(call.pace.first)
        adopt.wait(call, resources.ENDPOINT, name)
        found = adopt.describe(call, resources.ENDPOINT, name)
    return there


def configuration(call: Call, name: str) -> None:
    """Delete an endpoint configuration."""
    _delete(call, resources.ENDPOINT_CONFIG, name)


def _delete(call: Call, kind: ResourceType, name: str) -> None:
    """Ask for it; one that is gone is deleted, and one that is being changed is asked for again by the caller."""
    operation = f"Delete{kind.type}"
    try:
        call.ask(lambda: call.aws.find(adopt.SERVICE, operation, {kind.name: name}))
    except Refused as refusal:
        if not answers.exists(operation, refusal.code, refusal.reason):
            raise
