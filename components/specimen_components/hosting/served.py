"""Which model each variant of an endpoint serves, from what the run's other steps have recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from specimen_components import siblings
from specimen_components.command import Call
from specimen_components.problems import Failure

Records = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Variant:
    """A variant, its trial, and the steps that have made the trial's model and data."""

    name: str
    trial: str
    steps: Mapping[str, Any]  # `model` and `prepare` name steps; the rest is what the plan says of the trial

    def output(self, records: Records, step: str, name: str) -> Any:
        """Give what a step of the variant's trial has recorded; raise `Failure` where it has not."""
        found = siblings.output(records.get(str(self.steps[step])), name)
        if found is None:
            raise Failure(
                f"variant {self.name}: step {self.steps[step]} has recorded no {name} for trial {self.trial}",
                hint="Look at that step's record and log, mend what failed, and run again.",
            )
        return found


def variants(call: Call) -> tuple[Variant, ...]:
    """Give the endpoint's variants; one without a trial of its own serves the one that was selected."""
    return tuple(_variant(call, one) for one in call.items("variants") if isinstance(one, Mapping))


def _variant(call: Call, asked: Mapping[str, Any]) -> Variant:
    trial = asked.get("trial") or call.optional_text("selected")
    if not trial:
        raise Failure(f"variant {asked['name']}: no trial was selected", hint="See what `select` says of the trials.")
    return Variant(str(asked["name"]), str(trial), asked["candidates"][str(trial)])
