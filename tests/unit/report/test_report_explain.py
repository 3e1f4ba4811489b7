"""The explanations' chapter: SHAP values as bars, partial dependence as curves, and how they were computed."""

import re
from typing import Any

import pytest
from specimen_components.report.collect import collect
from specimen_components.report.page import page

Records = dict[str, dict[str, Any]]


def chapter(asked: dict[str, Any], records: Records) -> str:
    text = page(collect("demo-001", asked, records, versions={}))
    found = re.search(r'<section id="explanations">(.*?)</section>', text, re.DOTALL)
    assert found
    return found[1]


def test_shap_values_are_ranked_bars_with_their_method(asked: dict[str, Any], records: Records) -> None:
    text = chapter(asked, records)
    assert "estimated from coalitions; 100 coalitions; answers of the model&#x27;s trees" in text
    assert ">0.2222<" in text
    assert "s3://b/data/baseline.csv" in text
    assert "s3://b/explain/out.csv" in text
    assert ">mean absolute SHAP value</text>" in text
    table = text[text.index("All features") :]
    assert table.index("<code>x</code>") < table.index("<code>SEX</code>")


def test_partial_dependence_is_drawn_and_what_cannot_be_is_said(asked: dict[str, Any], records: Records) -> None:
    text = chapter(asked, records)
    assert 'aria-label="Partial dependence on SEX: from 0.2 to 0.3"' in text
    assert "empty: The feature has no values" in text


@pytest.mark.parametrize(
    ("aggregate", "said"),
    [("median", "median SHAP value"), ("mean_sq", "mean squared SHAP value"), ("mean_abs", "mean absolute SHAP value")],
)
def test_the_axis_says_how_rows_were_aggregated(
    asked: dict[str, Any], records: Records, aggregate: str, said: str
) -> None:
    records["explain"]["details"]["asked"] = {"agg_method": aggregate, "use_logit": True}
    text = chapter(asked, records)
    assert f">{said}</text>" in text
    assert "Values are log-odds." in text


def test_several_answers_have_a_chart_each(asked: dict[str, Any], records: Records) -> None:
    explanations = records["explain"]["details"]["analysis"]["explanations"]
    explanations["kernel_shap"] = {
        f"label{number}": {"global_shap_values": {"SEX": -0.1, "x": 0.2}, "expected_value": 0.3} for number in range(3)
    }
    explanations["pdp"] = [{**explanations["pdp"][0], "model_predictions": [[0.1, 0.2], [0.3, 0.1], [0.6, 0.7]]}]
    text = chapter(asked, records)
    for number in range(3):
        assert f">mean absolute SHAP value, label{number}</text>" in text
        assert f">label{number}</text>" in text
    assert "\u22120.1000" in text


def test_managed_clarify_says_neither_method_nor_curves(asked: dict[str, Any], records: Records) -> None:
    analysis = records["explain"]["details"]["analysis"]
    del analysis["computation"], analysis["explanations"]["pdp"]
    text = chapter(asked, records)
    assert "answers of the model" not in text
    assert "Partial dependence" not in text
    analysis["explanations"] = {}
    assert "The analysis holds no SHAP values." in chapter(asked, records)


def test_no_explanations_were_asked_for(asked: dict[str, Any], records: Records) -> None:
    asked["steps"] = [step for step in asked["steps"] if step["component"] != "explain"]
    assert "the spec has no <code>explain</code> section" in chapter(asked, records)
