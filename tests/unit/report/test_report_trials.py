"""A run of several trials: what they came to beside each other, what they share once, and what is each one's own."""

import copy
import re
from typing import Any

import pytest
from specimen_components.report.collect import collect
from specimen_components.report.page import page
from specimen_components.report.results import ideal, results

Records = dict[str, dict[str, Any]]
SHARED = {"prepare", "bias-pre"}
LONG = "a-name-that-goes-on-and-on-and-on-and-on-and-on-and-on-and-on"
CANDIDATES: list[dict[str, Any]] = [
    {"trial": "one", "value": 0.7712, "reason": None, "selected": False},
    {"trial": LONG, "value": 0.8, "reason": None, "selected": True},
    {"trial": "three", "value": None, "reason": "it has no test:auc", "selected": False},
]


@pytest.fixture
def asked(asked: dict[str, Any]) -> dict[str, Any]:
    """The same experiment with three trials that share their data; the third has no other step."""
    names = ["one", LONG, "three"]
    steps = [{**step, "trials": sorted(names)} for step in asked["steps"] if step["id"] in SHARED]
    for step in asked["steps"]:
        if step["id"] not in SHARED:
            for name in names[:2]:
                needs = [need if need in SHARED else f"{need}-{name}" for need in step["needs"]]
                steps.append({**step, "id": f"{step['id']}-{name}", "trials": [name], "needs": needs})
                steps[-1].pop("gates", None)
    steps.append({"id": "select", "component": "select", "trials": sorted(names), "needs": []})
    patches = [{"name": "one"}, {"name": LONG, "set": {"dataset": {"balance": {"facet": "SEX"}}}}, {"name": "three"}]
    document = {**asked["document"], "trials": patches, "select": {"metric": "test:auc", "goal": "maximize"}}
    return {**asked, "document": document, "steps": steps, "trials": names}


@pytest.fixture
def records(records: Records) -> Records:
    """What their steps recorded: the second is a little better."""
    found: Records = {}
    for step, record in records.items():
        for name in [step] if step in SHARED else [f"{step}-one", f"{step}-{LONG}"]:
            found[name] = {**copy.deepcopy(record), "step": name}
    for name, auc, depth in (("one", 0.7712, "5"), (LONG, 0.8, "7")):
        found[f"evaluate-{name}"]["outputs"]["metrics"] = {"test:logloss": 0.5, "test:auc": auc}
        found[f"train-{name}"]["outputs"]["metrics"] = {"validation:rmse": 1234.5}
        found[f"train-{name}"]["details"]["hyperparameters"] = {"max_depth": depth, "eta": "0.2"}
        found[f"explain-{name}"]["outputs"]["metrics"] = {"SEX": 0.01, "x": auc}
    chosen = {"trial": LONG, "metric": "test:auc", "goal": "maximize", "candidates": CANDIDATES}
    found["select"] = {**records["gate"], "step": "select", "component": "select", "outputs": {}, "details": chosen}
    found[f"register-{LONG}"]["details"]["selected"] = True
    return found


def written(asked: dict[str, Any], records: Records) -> str:
    return page(collect("demo-001", asked, records, versions={}))


def chapter(text: str, anchor: str) -> str:
    found = re.search(rf'<section id="{anchor}">(.*?)</section>', text, re.DOTALL)
    assert found, anchor
    return found[1]


def rows(text: str) -> dict[str, str]:
    """The table of the comparison: each row's words under its name, the spaces between cells shown as bars."""
    table = text[text.index('<table class="compared">') :]
    found = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', table)
    return {re.sub("<[^>]*>", "", name): plain(cells) for name, cells in found}


def plain(cells: str) -> str:
    return "|".join(re.sub("<[^>]*>", " ", cell).strip() for cell in cells.split("</td>")[:-1]).replace("  ", " ")


def test_the_comparison_comes_first_and_names_the_selected_trial(asked: dict[str, Any], records: Records) -> None:
    text = written(asked, records)
    assert re.findall(r'<section id="([^"]+)"', text)[:3] == ["comparison", "asked", "steps"]
    assert "<dt>Selected</dt><dd>" + LONG in text
    compared = chapter(text, "comparison")
    assert f"<strong>{LONG}</strong>: its test:auc, 0.8000, is the largest of the 2 that could be selected." in compared
    assert "<strong>three</strong> could not be selected: it has no test:auc." in compared


def test_the_table_counts_differences_from_the_first_trial(asked: dict[str, Any], records: Records) -> None:
    found = rows(chapter(written(asked, records), "comparison"))
    assert found["selected"] == "not selected|selected|not selected it has no test:auc"
    assert found["gates"] == "hold|hold|\u2013"
    assert found["registered"] == "demo 3|demo 3|\u2013"
    assert found["dataset.balance.facet"] == "\u2013|SEX|\u2013"
    assert found["max_depth"] == "5|7|\u2013"
    assert found["test:auc"] == "0.7712|0.8000 +0.0288|\u2013"
    assert found["DPL"] == "0.2000|0.2000 \u00b10|0.2000 \u00b10"
    assert found["TE"] == "∞|∞|\u2013"
    assert found["GE"] == "\u2013|\u2013|\u2013"


def test_what_is_nearer_to_its_ideal_is_better(asked: dict[str, Any], records: Records) -> None:
    records[f"evaluate-{LONG}"]["outputs"]["metrics"]["test:logloss"] = 0.6
    text = chapter(written(asked, records), "comparison")
    assert 'class="change better"> +0.0288' in text
    assert 'class="change worse"> +0.1000' in text


def test_what_all_have_alike_is_left_out_of_settings(asked: dict[str, Any], records: Records) -> None:
    del asked["steps"][2:]  # the trials' own
    found = rows(chapter(written(asked, records), "comparison"))
    assert not {"eta", "source", "training rows"} & found.keys()


def test_of_a_trial_that_was_not_trained_nothing_is_known(asked: dict[str, Any], records: Records) -> None:
    records[f"train-{LONG}"]["details"]["hyperparameters"]["max_depth"] = "5"
    found = rows(chapter(written(asked, records), "comparison"))
    assert not {"eta", "max_depth"} & found.keys()


def test_many_trials_have_narrow_columns(asked: dict[str, Any], records: Records) -> None:
    assert '<table class="compared">' in written(asked, records)
    asked["trials"] = [*asked["trials"], "four", "five"]
    assert '<table class="compared many">' in written(asked, records)


def test_charts_stand_side_by_side(asked: dict[str, Any], records: Records) -> None:
    text = chapter(written(asked, records), "comparison")
    assert 'aria-label="Metrics of the test part: test:auc 0.7712, 0.8, none; test:logloss 0.5, 0.5, none"' in text
    assert text.count(f"</i>{LONG}</li>") == 2
    bias = text[text.index("Bias before and after training: SEX = 1") :]
    assert bias.index("<h4>Bias of the training data</h4>") < bias.index("<h4>Bias of the predictions</h4>")
    assert "0 is even; DI is shown as DI \u2212 1" in bias
    assert 'aria-label="SHAP values, mean absolute: x 0.7712, 0.8, none; SEX 0.01, 0.01, none"' in text


def test_metrics_of_another_scale_have_a_chart_of_their_own(asked: dict[str, Any], records: Records) -> None:
    """Or in the label's unit, however small that makes them."""
    records["evaluate-one"]["outputs"]["metrics"] = {"test:mape": 12.5, "test:rmse": 0.5}
    text = written(asked, records)
    assert 'aria-label="test:mape: test:mape 12.5, none, none"' in text
    assert 'aria-label="test:rmse: test:rmse 0.5, none, none"' in text


def test_a_bias_metric_that_dwarfs_the_others_is_named_and_not_drawn(asked: dict[str, Any], records: Records) -> None:
    text = chapter(written(asked, records), "comparison")
    assert "too large to be drawn: TE" in text


def test_a_shared_step_stands_once_under_no_trials_name(asked: dict[str, Any], records: Records) -> None:
    text = written(asked, records)
    assert text.count(">Data and its balance</h2>") == 1
    assert '<p class="eyebrow">All trials</p><h2>Data and its balance</h2>' in text
    assert text.count("In the training data, before training") == 1
    assert text.count("<h2>Training</h2>") == 2
    assert f'<h2>Trial {LONG} <span class="badge good">selected</span></h2>' in text
    assert 'Shared with others: <a href="#part-1">Data and its balance, Bias</a> (All trials)' in text
    assert "Not asked for" not in text
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)


def test_what_some_share_names_them(asked: dict[str, Any], records: Records) -> None:
    asked["steps"][0]["trials"] = [LONG, "one"]
    text = written(asked, records)
    assert f"<h2>Trials one, {LONG} </h2>" in text
    assert f"prepare<small>for {LONG}, one</small>" in text


def test_the_navigation_is_short(asked: dict[str, Any], records: Records) -> None:
    text = written(asked, records)
    contents = re.search(r'<nav aria-label="Contents">(.*?)</nav>', text)
    assert contents
    assert contents[1].count("<a ") == 7


def test_a_selection_that_did_not_end_or_found_none_is_said(asked: dict[str, Any], records: Records) -> None:
    none = [{**one, "selected": False, "reason": "its gates do not hold"} for one in CANDIDATES]
    records["select"]["details"]["candidates"] = none
    assert "<p>No trial is selected.</p>" in written(asked, records)
    del records["select"]
    assert "No trial was selected, as the step <code>select</code> did not come to an end." in written(asked, records)
    del asked["document"]["select"]
    assert "No trial" not in written(asked, records)


def test_one_that_alone_could_be_selected_is_said_to_be(asked: dict[str, Any], records: Records) -> None:
    records["select"]["details"]["candidates"] = CANDIDATES[1:]
    assert "it alone could be selected. Its test:auc is 0.8000." in written(asked, records)


def test_nothing_breaks_out_of_the_comparison(asked: dict[str, Any], records: Records) -> None:
    nasty = "<script>alert(1)</script>\x1b"
    records["evaluate-one"]["outputs"]["metrics"] = {nasty: 0.5}
    records["explain-one"]["outputs"]["metrics"] = {nasty: 0.5}
    records["train-one"]["details"]["hyperparameters"] = {nasty: nasty}
    records["register-one"]["details"]["group"] = nasty
    stage = records["bias-pre"]["details"]["analysis"]["pre_training_bias_metrics"]
    stage["facets"] = {nasty: stage["facets"]["SEX"]}
    text = written(asked, records)
    assert "<script" not in text
    assert "\x1b" not in text


def test_results_are_data_for_every_trial(asked: dict[str, Any], records: Records) -> None:
    one, long, three = results(collect("demo-001", asked, records, versions={}))
    assert [found["trial"] for found in (one, long, three)] == ["one", LONG, "three"]
    assert [found["selected"] for found in (one, long, three)] == [False, True, False]
    groups = {group["title"]: group["rows"] for group in one["groups"]}
    assert groups["Test part"] == [
        {"name": "test:auc", "value": 0.7712, "ideal": 1.0},
        {"name": "test:logloss", "value": 0.5, "ideal": 0.0},
    ]
    assert groups["Training"] == [{"name": "validation:rmse", "value": 1234.5, "ideal": 0.0}]
    assert groups["Bias of the predictions: SEX = 1"][0] == {"name": "DI", "value": 0.5, "ideal": 1}
    assert groups["SHAP values, mean absolute"][0] == {"name": "x", "value": 0.7712}
    assert {"name": "training rows, SEX = 1", "value": 56} in groups["Data"]
    assert {group["title"] for group in three["groups"] if group["kind"] == "training" and group["rows"]} == set()


def test_a_tuned_trial_has_the_figures_of_its_best_job(asked: dict[str, Any], records: Records) -> None:
    for step in asked["steps"]:
        if step["id"] == "train-one":
            step["component"] = "tune"
    records["train-one"]["component"] = "tune"
    records["train-one"]["details"]["hyperparameters"]["_tuning_objective_metric"] = "validation:rmse"
    one, *_ = results(collect("demo-001", asked, records, versions={}))
    groups = {group["kind"]: group["rows"] for group in one["groups"]}
    assert groups["training"][0]["value"] == 1234.5
    assert [row["name"] for row in groups["hyperparameters"]] == ["eta", "max_depth"]
    assert {"name": "max_depth", "value": "5"} in groups["hyperparameters"]


def test_rows_after_balancing_count(asked: dict[str, Any], records: Records) -> None:
    after = {"rows": 168, "facets": {"SEX": {"1": 84, "2": 84}}}
    records["prepare"]["details"]["manifest"]["balance"] = {"after": after}
    *_, three = results(collect("demo-001", {**asked, "steps": asked["steps"][:1]}, records, versions={}))
    data = {row["name"]: row["value"] for group in three["groups"] if group["kind"] == "data" for row in group["rows"]}
    assert (data["training rows"], data["training rows, SEX = 1"], data["test rows"]) == (168, 84, 30)


@pytest.mark.parametrize(
    ("metric", "perfect"), [("validation:ndcg@10", 1), ("test:r2", 1), ("train:error@0.7", 0), ("test:odd", None)]
)
def test_some_metrics_have_an_ideal(metric: str, perfect: float | None) -> None:
    assert ideal(metric) == perfect
