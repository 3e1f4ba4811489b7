"""Gates: whether they hold, and by how much they fail."""

from typing import Any

import pytest
from specimen_components.verdicts import Measured, judge

AUC = {"metric": "test:auc"}


@pytest.mark.parametrize(
    ("gate", "value", "holds", "text"),
    [
        ({**AUC, "min": 0.75}, 0.7712, True, "test:auc is 0.7712 (asked: at least 0.75)"),
        ({**AUC, "min": 0.75}, 0.75, True, "test:auc is 0.75 (asked: at least 0.75)"),
        ({**AUC, "min": 0.8}, 0.75, False, "test:auc is 0.75, 0.05 too low (asked: at least 0.8)"),
        ({**AUC, "max": 0.5}, 0.75, False, "test:auc is 0.75, 0.25 too high (asked: at most 0.5)"),
        ({**AUC, "max": 12_000.5}, 12_345.6, False, "test:auc is 12,346, 345.1 too high (asked: at most 12,000)"),
        ({**AUC, "min": -0.1, "max": 0.1}, -0.3, False, "-0.3, 0.2 too low (asked: between -0.1 and 0.1)"),
        ({**AUC, "min": None, "max": 0.1}, 0, True, "test:auc is 0 (asked: at most 0.1)"),
        ({**AUC, "max": 2}, "Infinity", False, "test:auc is infinite, infinite too high (asked: at most 2)"),
        ({**AUC, "min": 2}, "Infinity", True, "test:auc is infinite (asked: at least 2)"),
        ({**AUC, "min": 0}, "-Infinity", False, "test:auc is minus infinite, infinite too low"),
        ({**AUC, "min": 0}, None, False, "test:auc has no figure, so that the gate cannot hold (asked: at least 0)"),
        ({**AUC, "min": 0}, "NaN", False, "test:auc has no figure"),
    ],
)
def test_a_bound_on_a_metric(gate: dict[str, Any], value: Any, holds: bool, text: str) -> None:
    (verdict,) = judge([gate], Measured({"test:auc": value}, ()))
    assert verdict.holds is holds
    assert text in verdict.text


def test_an_absent_metric_fails() -> None:
    (verdict,) = judge([{**AUC, "min": 0}], Measured({}, ()))
    assert (verdict.holds, verdict.value) == (False, None)


def test_a_bias_gate_is_judged_for_every_value_of_its_facet() -> None:
    bias = {"SEX": {"1": {"DPPL": 0.05}, "2": {"DPPL": -0.3}}}
    found = judge([{"bias": "DPPL", "facet": "SEX", "min": -0.1, "max": 0.1}], Measured({}, ({}, bias)))
    assert [verdict.holds for verdict in found] == [True, False]
    assert found[1].text == "DPPL of SEX = 2 is -0.3, 0.2 too low (asked: between -0.1 and 0.1)"


def test_a_bias_gate_without_a_figure_fails() -> None:
    (verdict,) = judge([{"bias": "DPL", "facet": "SEX", "max": 1}], Measured({}, ({"AGE": {"1": {"DPL": 0}}},)))
    assert verdict.text == "DPL of SEX has no figure, so that the gate cannot hold (asked: at most 1)"


def test_an_infinite_figure_is_written_as_clarify_writes_it() -> None:
    gate = {**AUC, "min": 0}
    verdicts = judge([gate], Measured({"test:auc": float("-inf")}, ()))
    assert verdicts[0].document() == {
        "gate": gate,
        "value": "-Infinity",
        "holds": False,
        "text": "test:auc is minus infinite, infinite too low (asked: at least 0)",
    }
