"""Where harm is done, and which: ``before:CreateTrainingJob:kill-runner``.

======================  =========================================================================================
when                    ``before`` a call is passed on, ``after`` it took effect and before the answer goes back,
                        ``during`` a job's stage, or ``at-once``
what                    an operation (``PutObject/record``: by what the object is for; ``#2``: the second such call),
                        a job's stage (``TrainingJob/Training``), or ``run``
harm                    see `harms`
======================  =========================================================================================
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from specimen_components.interface import COMPONENTS

from tests.faults import rooms
from tests.faults.calls import creating, purposes

# which harm at which side of a call; the answers are such as a client repeats by itself
BEFORE = ("kill-component", "kill-runner", "kill-server", "ThrottlingException", "InternalServerError", "reset")
AFTER = ("kill-component", "kill-runner", "kill-server", "lost-answer", "slow")
ABSORBED = frozenset(  # harms that a run is to survive by itself
    {
        "ThrottlingException",
        "InternalServerError",
        "reset",
        "lost-answer",
        "slow",
        "twice",
        "kill-server",
        "kill-worker",
    }
)
MOST_TOGETHER = 5
CHANGING = ("UpdateEndpoint", "DeleteEndpoint", "DeleteEndpointConfig", "InvokeEndpoint")
STAGES = {
    "TrainingJob": ("Downloading", "Training", "Uploading"),
    "ProcessingJob": ("Downloading", "Processing", "Uploading"),
    "TransformJob": ("Started", "Transforming"),
    "Endpoint": ("Started", "Serving"),  # Clarify's, for as long as its job goes on
}
_CONTAINED = ("Training", "Processing", "Started", "Transforming", "Serving")  # stages in which a container runs
_FULL = ("PutObject/source", "PutObject/data", "PutObject/record", "CreateTrainingJob")


@dataclass(frozen=True)
class Point:
    """One harm at one place; `number` counts the calls of its kind."""

    when: str
    what: str
    harm: str
    number: int = 1

    @property
    def at_call(self) -> bool:
        """Tell whether it is a call at which the harm is done."""
        return self.when in ("before", "after")

    def __str__(self) -> str:
        """Spell it as it is named on the command line."""
        number = f"#{self.number}" if self.number > 1 else ""
        return f"{self.when}:{self.what}{number}:{self.harm}"


def parsed(text: str) -> tuple[Point, ...]:
    """Read a point's name, or those of several for one run, joined by ``+``; `ValueError` if it is none."""
    return tuple(_parsed(name) for name in text.split("+"))


def _parsed(text: str) -> Point:
    when, what, harm = text.split(":")
    operation, _, number = what.partition("#")
    return Point(when, operation, harm, int(number or 1))


def together(chosen: Iterable[Point]) -> list[tuple[Point, ...]]:
    """Group points for one run each: harm of one kind that a run survives by itself, done at several calls."""
    groups: dict[tuple[object, ...], list[tuple[Point, ...]]] = {}
    for point in chosen:
        gentle = point.at_call and point.number == 1 and point.harm in ABSORBED
        found = groups.setdefault((point.when, point.harm) if gentle else (point,), [()])
        if len(found[-1]) == MOST_TOGETHER:
            found.append(())
        found[-1] += (point,)
    return [group for found in groups.values() for group in found]


def operations() -> tuple[str, ...]:
    """Name all that components may call to create or change something; an object by what it is for.

    ``AddTags`` is a right that creating with tags needs, and is called by none.
    """
    actions = {action.partition(":")[2] for component in COMPONENTS.values() for action in component.actions}
    found = sorted(action for action in actions - {"PutObject", "AddTags"} if creating(action))
    return (*(f"PutObject/{purpose}" for purpose in purposes()), "CreateBucket", *found, *CHANGING)


def points() -> Iterator[Point]:
    """Go through all points, the ones that cover most first."""
    yield Point("at-once", "run", "twice")
    for harms, when in ((AFTER, "after"), (BEFORE, "before")):
        for operation in operations():
            for harm in harms:
                if harm != "kill-component" or operation not in _BY_RUNNER:
                    yield Point(when, operation, harm)
    for operation in ("CreateProcessingJob", "AddAssociation"):
        yield Point("after", operation, "kill-runner", 2)
        yield Point("after", operation, "lost-answer", 2)
    for kind, stages in STAGES.items():
        for stage in stages:
            yield Point("during", f"{kind}/{stage}", "kill-worker")
            yield Point("during", f"{kind}/{stage}", "kill-server")
            if stage in _CONTAINED:
                yield Point("during", f"{kind}/{stage}", "kill-container")
    yield Point("during", "Endpoint/Serving", "kill-asker")
    yield from (Point("before", operation, "disk-full") for operation in _FULL)
    if rooms.possible():
        yield from (Point("before", operation, "no-room") for operation in _FULL)
    yield Point("before", "GetObject/source", "disk-full-component")
    yield Point("before", "CreateTrainingJob", "disk-full-runner")
    yield Point("during", "TrainingJob/Training", "disk-full-worker")


_BY_RUNNER = ("PutObject/source", "CreateBucket")  # no component makes these calls
