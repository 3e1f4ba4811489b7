"""The experiment as asked and the records that its steps left → what the report shows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from specimen_components.report.model import Outcome, Report, Section, Step, Trial, Trouble

Record = Mapping[str, Any]
_LOCAL = "local"  # the built-in target
_WHOLE = frozenset({"host", "verify"})  # components whose steps belong to the experiment, and to no trial
_STATES = {
    "Succeeded": Outcome.SUCCEEDED,
    "Failed": Outcome.FAILED,
    "Stopped": Outcome.STOPPED,
    "Running": Outcome.CUT_OFF,  # the report is written when everything has ended
}


def collect(
    run: str,
    asked: Mapping[str, Any],
    records: Mapping[str, Record],
    *,
    versions: Mapping[str, str],
    notes: Sequence[str] = (),
    deleted: Sequence[str] = (),
    undeleted: Sequence[str] = (),
) -> Report:
    """Put the report together; a step without a record did not start, or a gate held it back."""
    steps = tuple(_step(step, records) for step in asked["steps"])
    starts = [when for record in records.values() if (when := _time(record.get("started")))]
    ends = [when for record in records.values() if (when := _time(record.get("ended")))]
    return Report(
        run=run,
        experiment=asked["name"],
        description=asked.get("description"),
        labels=asked.get("labels") or {},
        target=asked.get("target") or {},
        digest=asked.get("digest") or "",
        document=asked.get("document") or {},
        steps=steps,
        trials=tuple(_trial(name, asked, steps, records) for name in asked["trials"]),
        hosting=_hosting(asked, steps, records),
        troubles=(*_troubles(asked, steps, records), *_left(undeleted)),
        notes=tuple(notes),
        deleted=tuple(deleted),
        undeleted=tuple(undeleted),
        versions=versions,
        started=min(starts).strftime("%Y-%m-%d %H:%M:%S UTC") if starts else None,
        seconds=(max(ends) - min(starts)).total_seconds() if starts and ends else None,
    )


def _step(asked: Mapping[str, Any], records: Mapping[str, Record]) -> Step:
    record = records.get(asked["id"])
    trials = tuple(asked.get("trials") or ())
    if record is None:
        outcome = Outcome.SKIPPED if _held_back(asked, records) else Outcome.NOT_STARTED
        return Step(asked["id"], asked["component"], trials, outcome)
    began, ended = _time(record.get("started")), _time(record.get("ended"))
    outcome = _STATES.get(str(record.get("state")), Outcome.CUT_OFF)
    reason = record.get("reason")
    if outcome is Outcome.CUT_OFF and not reason:
        reason = "it was interrupted, or ended from outside, before it could say how"
    return Step(
        id=asked["id"],
        component=asked["component"],
        trials=trials,
        outcome=outcome,
        seconds=(ended - began).total_seconds() if began and ended else None,
        resource=record.get("resource"),
        reason=reason,
        hint=record.get("hint"),
    )


def _held_back(asked: Mapping[str, Any], records: Mapping[str, Record]) -> bool:
    gates = [records.get(gate, {}) for gate in asked.get("gates") or ()]
    return any((gate.get("outputs") or {}).get("verdict") == "fail" for gate in gates)


def _failed(steps: Sequence[Step]) -> list[Trouble]:
    """Give the steps that failed, in the plan's order."""
    return [
        Trouble(f"step {step.id} {step.outcome.value}", step.reason or "No reason was recorded.", step.hint)
        for step in steps
        if step.outcome.bad
    ]


def _missed(steps: Sequence[Step], asked: Sequence[Mapping[str, Any]]) -> list[Trouble]:
    """Give the steps that did not start although all that they need had succeeded: nothing else explains them."""
    done = {step.id for step in steps if step.outcome is Outcome.SUCCEEDED}
    return [
        Trouble(
            f"step {step.id} did not start",
            "All that it needs was done, and it left no record.",
            "Look at the run in Kubeflow or at the step's log: it may not have been scheduled, or was stopped at once.",
        )
        for step, described in zip(steps, asked, strict=True)
        if step.outcome is Outcome.NOT_STARTED and done.issuperset(described.get("needs") or ())
    ]


def _gates(asked: Sequence[Mapping[str, Any]], records: Mapping[str, Record]) -> list[Trouble]:
    return [
        Trouble(
            f"gate of trial {', '.join(step.get('trials') or ())} failed",
            verdict["text"],
            "Nothing behind the gate was done for this trial. Improve the model, or change the bound under `gates`.",
        )
        for step in asked
        if step["component"] == "gate"
        for verdict in _details(records.get(step["id"], {})).get("gates", ())
        if not verdict["holds"]
    ]


def _troubles(asked: Mapping[str, Any], steps: Sequence[Step], records: Mapping[str, Record]) -> list[Trouble]:
    found = [*_failed(steps), *_missed(steps, asked["steps"]), *_gates(asked["steps"], records)]
    return found or _unselected(asked["steps"], records)


def _left(undeleted: Sequence[str]) -> list[Trouble]:
    hint = "Delete it by hand: `specimen endpoint delete NAME`."
    return [Trouble("the endpoint was not deleted", what, hint) for what in undeleted]


def _unselected(asked: Sequence[Mapping[str, Any]], records: Mapping[str, Record]) -> list[Trouble]:
    """Say that steps had no selected trial to be done for, of which nothing else is the cause."""
    select = {step["id"] for step in asked if step["component"] == "select"}
    held = [step["id"] for step in asked if select.intersection(step.get("gates") or ()) and _held_back(step, records)]
    hint = "The selection says why of each trial; their figures and gates decide."
    return [Trouble(f"step {held[0]} {Outcome.SKIPPED.value}", "No trial could be selected.", hint)] if held else []


def _trial(name: str, asked: Mapping[str, Any], steps: Sequence[Step], records: Mapping[str, Record]) -> Trial:
    own = [step for step in steps if name in step.trials and step.component not in _WHOLE]
    sections = list(_sections(own, asked, steps, records))
    found = {component: section for component, section in sections if component != "bias"}
    return Trial(
        name=name,
        sections=found,
        bias=tuple(section for component, section in sections if component == "bias"),
        manifest=(found["prepare"].details or {}).get("manifest") or {} if "prepare" in found else {},
    )


def _hosting(asked: Mapping[str, Any], steps: Sequence[Step], records: Mapping[str, Record]) -> dict[str, Section]:
    """Give the sections of the endpoint, which one of the trials or several of them stand behind."""
    return dict(_sections([step for step in steps if step.component in _WHOLE], asked, steps, records))


def _sections(
    own: Sequence[Step], asked: Mapping[str, Any], steps: Sequence[Step], records: Mapping[str, Record]
) -> Iterator[tuple[str, Section]]:
    """Yield the component and the section of some of the steps."""
    needs = {step["id"]: tuple(step.get("needs") or ()) for step in asked["steps"]}
    local = (asked.get("target") or {}).get("name") == _LOCAL
    for step in own:
        yield step.component, _placed(_section(step, steps, needs, records), local=local)


def _section(
    step: Step, steps: Sequence[Step], needs: Mapping[str, tuple[str, ...]], records: Mapping[str, Record]
) -> Section:
    record = records.get(step.id, {})
    if step.outcome is Outcome.SUCCEEDED:
        return Section(step.id, record.get("outputs") or {}, _details(record))
    why = f"Step {step.id} {step.outcome.value}"
    blocked = [other for other in steps if other.id in needs[step.id] and other.outcome is not Outcome.SUCCEEDED]
    if step.outcome is Outcome.NOT_STARTED and blocked:
        why += f", because {' and '.join(f'{other.id} {other.outcome.value}' for other in blocked)}"
    said = f"{why}{f': {step.reason}' if step.reason else '.'}"
    return Section(step.id, {}, None, said, before=_details(record) or None)


def _placed(section: Section, *, local: bool) -> Section:
    """Say where the step's artifacts are, which lie beside the page of a local run alone."""
    return replace(section, folder=f"artifacts/{section.step}") if local else section


def _details(record: Record) -> Mapping[str, Any]:
    details: Mapping[str, Any] = record.get("details") or {}
    return details


def _time(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
