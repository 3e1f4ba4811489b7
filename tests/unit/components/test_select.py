"""`select` compares what the other steps have recorded."""

from typing import Any

import pytest
from specimen_components import select
from specimen_components.interface import SELECT
from specimen_components.select import Candidate, best

CANDIDATES = [
    {"trial": "one", "measured": "evaluate-one", "gate": "gate-one"},
    {"trial": "two", "measured": "evaluate-two", "gate": "gate-two"},
]


def evaluated(trial: str, value: Any, state: str = "Succeeded") -> dict[str, Any]:
    return {
        "step": f"evaluate-{trial}",
        "component": "evaluate",
        "state": state,
        "outputs": {"metrics": {"test:auc": value}},
    }


def judged(trial: str, verdict: str) -> dict[str, Any]:
    return {"step": f"gate-{trial}", "component": "gate", "state": "Succeeded", "outputs": {"verdict": verdict}}


def selected(make_call: Any, goal: str = "maximize") -> Any:
    return select.work(make_call(SELECT, {"candidates": CANDIDATES, "metric": "test:auc", "goal": goal}))


def test_the_best_of_those_whose_gates_hold_is_selected(script: Any, make_call: Any) -> None:
    script.recorded(evaluated("one", 0.7), evaluated("two", 0.8), judged("one", "pass"), judged("two", "pass"))
    result = selected(make_call)
    assert result.outputs == {"trial": "two", "verdict": "pass"}
    assert result.artifacts["selection_view"] == (
        "# Selected: two\n\n| trial | test:auc, maximize | |\n|---|---|---|\n"
        "| one | 0.7 | not selected |\n| two | 0.8 | selected |\n"
    )


def test_the_smallest_can_be_the_best(script: Any, make_call: Any) -> None:
    script.recorded(evaluated("one", 0.7), evaluated("two", 0.8), judged("one", "pass"), judged("two", "pass"))
    assert selected(make_call, "minimize").outputs["trial"] == "one"


def test_a_trial_whose_gates_fail_is_left_out(script: Any, make_call: Any, capsys: Any) -> None:
    script.recorded(evaluated("one", 0.7), evaluated("two", 0.8), judged("one", "pass"), judged("two", "fail"))
    assert selected(make_call).outputs["trial"] == "one"
    assert "two: not selected: its gates do not hold" in capsys.readouterr().out


@pytest.mark.parametrize("value", [None, "NaN", "text"])
def test_without_a_figure_and_without_a_verdict_there_is_nothing_to_select(
    script: Any, make_call: Any, value: Any
) -> None:
    script.recorded(evaluated("one", value), judged("one", "pass"), evaluated("two", 0.9, "Failed"))
    result = selected(make_call)
    assert result.outputs == {"trial": "", "verdict": "fail"}
    details: Any = result.details
    assert [one["reason"] for one in details["candidates"]] == ["it has no test:auc", "its gates were not judged"]


def test_of_equals_the_first_is_taken() -> None:
    assert best([Candidate("b", 1.0, None), Candidate("a", 1.0, None)], "minimize") == "b"


def test_a_trial_that_debugger_fails_is_left_out(script: Any, make_call: Any) -> None:
    debug = {"step": "debug-two", "component": "debug", "state": "Failed", "outputs": {"verdict": "fail"}}
    script.recorded(evaluated("one", 0.7), evaluated("two", 0.8), debug)
    candidates = [
        {"trial": "one", "measured": "evaluate-one"},
        {"trial": "two", "measured": "evaluate-two", "debug": "debug-two"},
    ]
    result = select.work(make_call(SELECT, {"candidates": candidates, "metric": "test:auc", "goal": "maximize"}))
    details: Any = result.details
    assert result.outputs["trial"] == "one"
    assert details["candidates"][1]["reason"] == "Debugger's rules do not let its training pass"


def test_a_trial_without_a_model_cannot_be_hosted(script: Any, make_call: Any) -> None:
    made = {"step": "model-one", "component": "model", "state": "Succeeded", "outputs": {"model": "m"}}
    script.recorded(
        evaluated("one", 0.7), evaluated("two", 0.8), made, {**made, "step": "model-two", "state": "Failed"}
    )
    candidates = [{"trial": name, "measured": f"evaluate-{name}", "model": f"model-{name}"} for name in ("one", "two")]
    result = select.work(make_call(SELECT, {"candidates": candidates, "metric": "test:auc", "goal": "maximize"}))
    details: Any = result.details
    assert result.outputs == {"trial": "one", "verdict": "pass"}
    assert details["candidates"][1]["reason"] == "its model was not made"
