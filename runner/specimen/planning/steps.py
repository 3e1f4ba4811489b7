"""The plan as data: what every consumer reads, and all that it needs to know of a step."""

from collections.abc import Mapping
from dataclasses import dataclass

from specimen.spec.model import Json


@dataclass(frozen=True, order=True)
class Ref:
    """A value that is known at run time: an output of another step."""

    step: str
    output: str


Argument = Json | Ref


@dataclass(frozen=True)
class Step:
    """One step: a component with its arguments.

    An argument is a `Ref` or plain data without nulls (KFP has none): what is absent is left out. Plain data such as
    a request may hold leaves ``{"$ref": argument}`` which the component fills in (`specimen_components.interface`).
    """

    id: str
    component: str
    arguments: Mapping[str, Argument]
    trials: frozenset[str]  # who shares it; outside the digest
    after: frozenset[str] = frozenset()  # order without data
    gates: tuple[str, ...] = ()  # the steps whose verdicts must all be "pass"; this step is skipped otherwise
    despite: bool = False  # done even if what it comes after failed or was skipped

    @property
    def needs(self) -> frozenset[str]:
        """The steps that must have ended before this one starts, and succeeded unless it is done despite them."""
        data = {value.step for value in self.arguments.values() if isinstance(value, Ref)}
        return self.after | data | frozenset(self.gates)


Plan = tuple[Step, ...]
