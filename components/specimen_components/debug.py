"""Debugger's rules of one training job: awaited, their reports fetched, and the step failed where a rule says so."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from specimen_components import adopt, resources, storage
from specimen_components.cluster import features
from specimen_components.command import Call, Result, run
from specimen_components.debugging.saved import courses
from specimen_components.evaluations import Evaluation, recorded, settled
from specimen_components.interface import DEBUG
from specimen_components.jsondata import Json
from specimen_components.outputs import Content
from specimen_components.problems import Failure
from specimen_components.progress import say

_VERDICTS = ("fail", "warn")  # the worse first


def work(call: Call) -> Result:
    """Wait for the rules, and fetch what they and the training have left."""
    rules = [rule for rule in call.items("asked") if isinstance(rule, Mapping)]
    own = any("step" in rule for rule in rules)
    found = recorded(call, rules) if own else settled(call, call.text("job"), rules)
    pages, reports = _reports(call, rules)
    tensors = _tensors(call)
    outcome = verdict(found)
    say(f"verdict: {outcome}")
    judged: list[Json] = [one.document() for one in found]
    return Result(
        {"verdict": outcome, "tensors": tensors, "rules": judged},
        artifacts=pages,
        details={
            "verdict": outcome,
            "rules": judged,
            "tensors": tensors or None,
            "series": courses(call, tensors, _features(call)) if tensors else None,
            "reports": reports,
        },
        failure=failure(found),
    )


def verdict(found: Sequence[Evaluation]) -> str:
    """Give the worst that unsound rules lead to: fail, warn, or pass."""
    unsound = {one.on_issues for one in found if not one.sound}
    return next((worst for worst in _VERDICTS if worst in unsound), "pass")


def failure(found: Sequence[Evaluation]) -> Failure | None:
    """Say why the step fails; None when no rule lets it."""
    failing = [one for one in found if not one.sound and one.on_issues == "fail"]
    if not failing:
        return None
    told = "; ".join(one.text for one in failing)
    return Failure(
        f"Debugger's rules do not let this training pass: {told}",
        hint="Change the training, or write `onIssues: warn`. Why a rule could not judge stands in its job's log.",
    )


def _folder(call: Call) -> str:
    """Give the S3 prefix of all that Debugger has written of the job."""
    return storage.joined(call.text("prefix"), call.text("job"))


def _tensors(call: Call) -> str:
    """Give the S3 prefix of the tensors; empty where none were saved."""
    prefix = storage.joined(_folder(call), "debug-output")
    collections = storage.joined(prefix, "collections/")  # what the training writes with its first tensor
    found = call.ask(lambda: next(storage.listing(call.aws, collections), None))
    return "" if found is None else prefix


def _features(call: Call) -> list[str]:
    description = adopt.describe(call, resources.TRAINING_JOB, call.text("job")) or {}
    return features(description, call.items("columns"))


def _reports(call: Call, rules: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Content], list[Json]]:
    """Give the reports that rules have written, as pages, and where each is."""
    pages: dict[str, Content] = {}
    reports: list[Json] = []
    for rule in rules:
        if (report := rule.get("report")) is None:
            continue
        uri = storage.joined(_folder(call), "rule-output", str(rule["name"]), str(report["path"]))
        if (page := _page(call, uri)) is None:
            say(f"{rule['name']} has left no report at {uri}")
            continue
        pages[str(report["name"])] = page
        reports.append({"name": report["name"], "uri": uri})
    return pages, reports


def _page(call: Call, uri: str) -> str | None:
    if call.ask(lambda: storage.find(call.aws, uri)) is None:
        return None
    return call.ask(lambda: storage.read(call.aws, uri)).decode("utf-8", errors="replace")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(DEBUG, work, argv)


if __name__ == "__main__":
    sys.exit(main())
