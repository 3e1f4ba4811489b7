"""Which trial is the best: among those whose gates hold, the one with the largest or smallest metric.

It is asked whatever has failed, so that it takes what it compares from the records of the run's steps.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from specimen_components import siblings
from specimen_components.command import Call, Result, run
from specimen_components.figures import short
from specimen_components.interface import SELECT
from specimen_components.markdown import cell
from specimen_components.progress import say
from specimen_components.verdicts import number


@dataclass(frozen=True)
class Candidate:
    """A trial with its figure; `reason` says why it cannot be selected, and is None where it can."""

    trial: str
    value: float | None
    reason: str | None

    def document(self, chosen: str) -> dict[str, Any]:
        """Give the candidate as JSON data."""
        return {
            "trial": self.trial,
            "value": self.value,
            "reason": self.reason,
            "selected": self.trial == chosen,
        }


def work(call: Call) -> Result:
    """Compare the trials; the output is the best one's name, or empty when none can be selected."""
    records = siblings.records(call)
    metric, goal = call.text("metric"), call.text("goal")
    asked = [candidate for candidate in call.items("candidates") if isinstance(candidate, Mapping)]
    candidates = [_candidate(candidate, records, metric) for candidate in asked]
    chosen = best(candidates, goal)
    for candidate in candidates:
        say(f"{candidate.trial}: {_told(candidate, chosen)}")
    return Result(
        {"trial": chosen, "verdict": "pass" if chosen else "fail"},
        artifacts={"selection_view": markdown(metric, goal, candidates, chosen)},
        details={
            "trial": chosen,
            "metric": metric,
            "goal": goal,
            "candidates": [candidate.document(chosen) for candidate in candidates],
        },
    )


def best(candidates: Sequence[Candidate], goal: str) -> str:
    """Give the name of the best candidate, the first of several equal ones; empty when there is none."""
    sign = 1 if goal == "maximize" else -1
    figures = {one.trial: sign * one.value for one in candidates if one.reason is None and one.value is not None}
    return max(figures, key=lambda trial: figures[trial], default="")


def markdown(metric: str, goal: str, candidates: Sequence[Candidate], chosen: str) -> str:
    """Give the comparison as a page of Markdown."""
    rows = [f"| {cell(one.trial)} | {_shown(one.value)} | {cell(_told(one, chosen))} |" for one in candidates]
    head = f"# Selected: {chosen or 'no trial'}"
    return "\n".join([head, "", f"| trial | {cell(metric)}, {goal} | |", "|---|---|---|", *rows, ""])


def _candidate(asked: Mapping[str, Any], records: Mapping[str, Mapping[str, Any]], metric: str) -> Candidate:
    trial, gate = str(asked["trial"]), asked.get("gate")
    found = siblings.output(records.get(asked["measured"]), "metrics")
    value = number(found.get(metric)) if isinstance(found, Mapping) else None
    debug = asked.get("debug")
    if debug and siblings.output(records.get(debug), "verdict") is None:
        return Candidate(trial, value, "Debugger's rules do not let its training pass")
    model = asked.get("model")
    if model and siblings.output(records.get(model), "model") is None:
        return Candidate(trial, value, "its model was not made")
    verdict = siblings.output(records.get(gate), "verdict") if gate else "pass"
    if verdict != "pass":
        return Candidate(trial, value, "its gates do not hold" if verdict else "its gates were not judged")
    return Candidate(trial, value, None if value is not None else f"it has no {metric}")


def _told(candidate: Candidate, chosen: str) -> str:
    if candidate.reason:
        return f"not selected: {candidate.reason}"
    return "selected" if candidate.trial == chosen else "not selected"


def _shown(value: float | None) -> str:
    return "" if value is None else short(value)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(SELECT, work, argv)


if __name__ == "__main__":
    sys.exit(main())
