"""`gate` gives a verdict and never fails by it."""

from typing import Any

from specimen_components.gate import work
from specimen_components.interface import GATE


def test_all_gates_must_hold(make_call: Any) -> None:
    gates = [{"metric": "test:auc", "min": 0.75}, {"metric": "validation:logloss", "max": 0.5}]
    arguments = {"gates": gates, "evaluation": {"test:auc": 0.8}, "training": {"validation:logloss": 0.4}}
    result = work(make_call(GATE, arguments))
    assert result.outputs == {"verdict": "pass"}
    worse = work(make_call(GATE, {**arguments, "training": {"validation:logloss": 0.6}}))
    assert worse.outputs == {"verdict": "fail"}
    assert worse.failure is None
    assert worse.artifacts["verdict_view"] == (
        "# Gates: fail\n\n| | |\n|---|---|\n"
        "| holds | test:auc is 0.8 (asked: at least 0.75) |\n"
        "| **fails** | validation:logloss is 0.6, 0.1 too high (asked: at most 0.5) |\n"
    )


def test_bias_before_and_after_training_is_looked_at(make_call: Any) -> None:
    gates = [{"bias": "DPL", "facet": "SEX", "max": 0.1}, {"bias": "DPPL", "facet": "SEX", "max": 0.1}]
    pre, post = {"SEX": {"1": {"DPL": 0.05}}}, {"SEX": {"1": {"DPPL": 0.15}}}
    result = work(make_call(GATE, {"gates": gates, "bias_pre": pre, "bias_post": post}))
    details: Any = result.details
    assert [gate["holds"] for gate in details["gates"]] == [True, False]


def test_a_figure_that_nobody_measured_fails(make_call: Any, capsys: Any) -> None:
    result = work(make_call(GATE, {"gates": [{"metric": "a|<b>", "min": 0}]}))
    assert result.outputs == {"verdict": "fail"}
    assert "a\\|&lt;b> has no figure" in str(result.artifacts["verdict_view"])
    assert "FAILS: a|<b> has no figure" in capsys.readouterr().out


def test_a_gate_against_another_trial_judges_the_difference(make_call: Any, script: Any) -> None:
    gates = [
        {"metric": "test:auc", "min": 0, "against": {"trial": "baseline", "steps": ["evaluate-baseline"]}},
        {"bias": "DPPL", "facet": "SEX", "max": 0, "against": {"trial": "baseline", "steps": ["bias-post-baseline"]}},
        {"bias": "DI", "facet": "SEX", "max": 0, "against": {"trial": "baseline", "steps": ["bias-post-baseline"]}},
    ]
    script.recorded(
        {"step": "evaluate-baseline", "component": "evaluate", **done({"test:auc": 0.75})},
        {"step": "bias-post-baseline", "component": "bias", **done({"SEX": {"1": {"DPPL": 0.05, "DI": 0.8}}})},
    )
    bias = {"SEX": {"1": {"DPPL": -0.1, "DI": 1.1}}}
    arguments = {"gates": gates, "evaluation": {"test:auc": 0.78}, "bias_post": bias}
    details: Any = work(make_call(GATE, arguments)).details
    assert [(gate["holds"], round(gate["value"], 6)) for gate in details["gates"]] == [
        (True, 0.03),
        (False, 0.05),
        (True, -0.1),
    ]
    assert details["gates"][0]["text"] == (
        "test:auc less that of baseline (0.78, of baseline 0.75) is 0.03 (asked: at least 0)"
    )


def test_a_trial_that_measured_nothing_cannot_be_compared_with(make_call: Any, script: Any) -> None:
    gates = [{"metric": "test:auc", "min": 0, "against": {"trial": "baseline", "steps": ["evaluate-baseline"]}}]
    script.recorded({"step": "evaluate-baseline", "component": "evaluate", "state": "Failed"})
    details: Any = work(make_call(GATE, {"gates": gates, "evaluation": {"test:auc": 0.78}})).details
    assert details["gates"][0]["text"].startswith("test:auc of baseline has no figure")


def done(metrics: dict[str, Any]) -> dict[str, Any]:
    return {"state": "Succeeded", "outputs": {"metrics": metrics}}
