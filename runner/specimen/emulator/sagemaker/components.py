"""Trial components: which trials they belong to."""

from specimen.emulator.context import Context
from specimen.emulator.sagemaker.entities import COMPONENT, TRIAL, need
from specimen.emulator.sagemaker.paging import Body

MEMBERSHIP = "TrialMembership"


def join(context: Context, trial: str, component: str) -> None:
    """Make a component one of a trial; once more is no error."""
    body = {"Trial": trial.lower(), "Component": component.lower(), "CreationTime": context.now()}
    name = _name(trial, component)
    if context.tx.get(MEMBERSHIP, name) is None:
        context.tx.insert(MEMBERSHIP, name, body)


def leave(context: Context, trial: str, component: str) -> bool:
    """Take a component from a trial; tell whether it was one of it."""
    return context.tx.delete(MEMBERSHIP, _name(trial, component))


def of_trial(context: Context, trial: str) -> frozenset[str]:
    """Return the names, in lower case, of a trial's components."""
    return frozenset(body["Component"] for body in context.tx.list(MEMBERSHIP) if body["Trial"] == trial.lower())


def trials_of(context: Context, component: str) -> frozenset[str]:
    """Return the names, in lower case, of the trials that a component belongs to."""
    return frozenset(body["Trial"] for body in context.tx.list(MEMBERSHIP) if body["Component"] == component.lower())


def parents(context: Context, component: str) -> list[Body]:
    """Return trial and experiment of each membership, as a search shows them."""
    trials = [need(context, TRIAL, name) for name in sorted(trials_of(context, component))]
    return [{"TrialName": trial["TrialName"], "ExperimentName": trial["ExperimentName"]} for trial in trials]


def need_component(context: Context, name: str) -> Body:
    """Return a component by name or ARN."""
    return need(context, COMPONENT, name)


def _name(trial: str, component: str) -> str:
    return f"{trial.lower()}/{component.lower()}"
