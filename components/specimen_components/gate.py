"""The gates of a trial: a verdict on each, and on all together. It succeeds whatever the verdict is."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from specimen_components import siblings
from specimen_components.command import Call, Result, run
from specimen_components.interface import BIAS, GATE
from specimen_components.markdown import cell
from specimen_components.progress import say
from specimen_components.verdicts import Measured, Verdict, judge


def work(call: Call) -> Result:
    """Judge every gate against the metrics given; later steps of the trial run only if the output is ``pass``."""
    gates: list[Mapping[str, Any]] = [gate for gate in call.items("gates") if isinstance(gate, Mapping)]
    verdicts = judge(gates, _measured(call), _others(call, gates))
    for verdict in verdicts:
        say(f"{'holds' if verdict.holds else 'FAILS'}: {verdict.text}")
    outcome = "pass" if all(verdict.holds for verdict in verdicts) else "fail"
    say(f"verdict: {outcome}")
    return Result(
        {"verdict": outcome},
        artifacts={"verdict_view": markdown(outcome, verdicts)},
        details={"verdict": outcome, "gates": [verdict.document() for verdict in verdicts]},
    )


def markdown(outcome: str, verdicts: Sequence[Verdict]) -> str:
    """Give the verdicts as a page of Markdown."""
    rows = [f"| {'holds' if verdict.holds else '**fails**'} | {cell(verdict.text)} |" for verdict in verdicts]
    return "\n".join([f"# Gates: {outcome}", "", "| | |", "|---|---|", *rows, ""])


def _measured(call: Call) -> Measured:
    """Put together what the steps before have measured; a step that was not asked for gave nothing."""
    return Measured(
        metrics={**_optional(call, "training"), **_optional(call, "evaluation")},
        bias=(_optional(call, "bias_pre"), _optional(call, "bias_post")),
    )


def _others(call: Call, gates: Sequence[Mapping[str, Any]]) -> dict[str, Measured]:
    """Put together what the other trials that gates compare with have measured, from the records of their steps."""
    compared = [gate["against"] for gate in gates if "against" in gate]
    records = siblings.records(call) if compared else {}
    steps: dict[str, set[str]] = {}
    for against in compared:
        steps.setdefault(str(against["trial"]), set()).update(map(str, against["steps"]))
    return {trial: _recorded([records.get(step) for step in sorted(names)]) for trial, names in steps.items()}


def _recorded(records: Sequence[Mapping[str, Any] | None]) -> Measured:
    metrics: dict[str, Any] = {}
    bias: list[Mapping[str, Any]] = []
    for record in records:
        found = siblings.output(record, "metrics")
        if record is None or not isinstance(found, Mapping):
            continue
        if record["component"] == BIAS.name:
            bias.append(found)
        else:
            metrics |= found
    return Measured(metrics, tuple(bias))


def _optional(call: Call, name: str) -> Mapping[str, Any]:
    return call.mapping(name) if name in call.arguments else {}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(GATE, work, argv)


if __name__ == "__main__":
    sys.exit(main())
