"""CreateXgboostReport: its chapters, sentences and figures for each task, and what it does without a collection."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from specimen_jobs.container import JobError
from specimen_jobs.debugger.reports import charts
from specimen_jobs.debugger.reports.xgboost import CreateXgboostReport

from tests.trials import Saved

EVIL = "<script>alert('x')</script>"
STEPS = (0, 5, 10)


def learned(trial: Saved, train: list[float], validation: list[float], metric: str = "logloss") -> Saved:
    for step, of_train, of_validation in zip(STEPS, train, validation, strict=True):
        trial.put(step, f"train-{metric}", of_train)
        trial.put(step, f"validation-{metric}", of_validation)
        for kind in ("weight", "total_gain"):
            trial.put(step, f"feature_importance/{kind}/age", 0.2)
            trial.put(step, f"feature_importance/{kind}/{EVIL}", 0.8)
        trial.put(step, "average_shap/age", 0.1 * step)
        trial.put(step, f"average_shap/{EVIL}", -0.5)
        trial.put(step, "average_shap/bias", 9.0)
    trial.put(0, "hyperparameters/eta", 0.3)
    return trial


def classified(trial: Saved, labels: Any, *predictions: Any, objective: str = "binary:logistic") -> Saved:
    trial.put(0, "hyperparameters/objective", objective)
    for step, guesses in zip(STEPS, predictions, strict=True):
        trial.put(step, "labels", np.asarray(labels, dtype=np.float32))
        trial.put(step, "predictions", np.asarray(guesses, dtype=np.float32))
    return trial


def written(trial: Saved, folder: Path) -> tuple[str, dict[str, Any]]:
    """The page and the figures."""
    report = CreateXgboostReport(trial, f"job {EVIL}")
    assert [report.invoke_at_step(step) for step in trial.steps()] == [False] * len(trial.steps())
    message = report.write(folder)
    assert message.startswith("The report xgboost_report.html was written: 3 steps")
    figures = {path.stem: json.loads(path.read_text()) for path in (folder / "xgboost-reports").iterdir()}
    return (folder / "xgboost_report.html").read_text(), figures


def titles(page: str) -> list[str]:
    return re.findall(r"<h2>([^<]*)</h2>", page)


LABELS = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1]
SCORES = [0.1, 0.2, 0.3, 0.1, 0.2, 0.7, 0.4, 0.8, 0.9, 0.6]


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    trial = learned(Saved(), [0.6, 0.3, 0.1], [0.6, 0.4, 0.5])
    return written(classified(trial, LABELS, [0.5] * 10, SCORES, SCORES), tmp_path_factory.mktemp("binary"))


def test_a_binary_classifier_has_every_chapter_but_residuals(binary: tuple[str, dict[str, Any]]) -> None:
    page, _ = binary
    assert titles(page) == [
        "Loss and metrics by step",
        "Balance of the classes",
        "Distribution of the predictions",
        "Confusion matrix and its course",
        "ROC curve",
        "Feature importance",
        "Average SHAP values",
        "Hyperparameters",
    ]
    assert "A binary classification (binary:logistic), seen at 3 saved steps, from 0 to 10." in page
    assert page.count("Labels and predictions are those of the validation data") == 1


def test_the_course_is_put_into_sentences(binary: tuple[str, dict[str, Any]]) -> None:
    page, _ = binary
    for sentence in (
        "Validation logloss was best at step 5 (0.4) and is 0.5 at step 10: the later rounds made the model worse.",
        "Validation logloss is 5.0 times training logloss at the end: the model overfits.",
        "The largest class has 1.5 times the rows of the smallest: 6 and 4.",
        "Accuracy at step 10 is 80.0 %; of class 1, 75 % of the rows are found.",
        "The AUC of the validation data is 0.917 at step 10.",
    ):
        assert sentence in page


def test_every_chart_says_what_to_do(binary: tuple[str, dict[str, Any]]) -> None:
    page, _ = binary
    sections = re.findall(r"<section id=.*?</section>", page, re.DOTALL)
    charted = [section for section in sections if "<svg" in section]
    assert len(charted) == 7
    assert all('class="advice"' in section for section in charted)


def test_the_figures_are_json(binary: tuple[str, dict[str, Any]]) -> None:
    _, figures = binary
    assert figures["summary"] == {
        "missing": [],
        "objective": "binary:logistic",
        "steps": [0, 5, 10],
        "task": "binary classification",
    }
    assert figures["metrics"]["validation-logloss"] == {"0": 0.6, "5": 0.4, "10": 0.5}
    assert figures["confusion"]["matrices"]["10"] == [[5, 1], [1, 3]]
    assert figures["roc"]["auc"] == figures["roc"]["auc_by_step"]["10"] == pytest.approx(22 / 24)
    assert figures["roc"]["thresholds"][0] is None, "no number is above every score"
    assert figures["feature_importance"]["total_gain"][EVIL]["10"] == 0.8
    assert figures["average_shap"]["age"]["10"] == 1.0
    assert sum(figures["labels"]["rows"]) == 10
    assert "residuals" not in figures


def test_nothing_comes_from_elsewhere_and_nothing_runs(binary: tuple[str, dict[str, Any]]) -> None:
    page, _ = binary
    assert "<script" not in page
    assert "&lt;script&gt;alert(" in page
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', page) == []
    assert set(re.findall(r"url\((?!#)", page)) == set()
    assert "default-src 'none'" in page
    ids = re.findall(r'\sid="([^"]*)"', page)
    assert len(ids) == len(set(ids)), "each picture's references are its own"


def test_equal_tensors_give_equal_bytes(binary: tuple[str, dict[str, Any]], tmp_path: Path) -> None:
    trial = learned(Saved(), [0.6, 0.3, 0.1], [0.6, 0.4, 0.5])
    assert written(classified(trial, LABELS, [0.5] * 10, SCORES, SCORES), tmp_path) == binary


@pytest.mark.parametrize("objective", ["multi:softmax", "multi:softprob"])
def test_several_classes(objective: str, tmp_path: Path) -> None:
    labels = [0, 1, 2, 2, 1, 0]
    right: Any = [0, 1, 2, 2, 1, 1]
    if objective == "multi:softprob":
        right = np.eye(3)[right]
    trial = learned(Saved(), [0.6, 0.3, 0.2], [0.6, 0.4, 0.21], "mlogloss")
    page, figures = written(classified(trial, labels, right, right, right, objective=objective), tmp_path)
    assert "ROC curve" not in titles(page)
    assert "Confusion matrix and its course" in titles(page)
    assert figures["confusion"]["matrices"]["10"] == [[1, 1, 0], [0, 2, 0], [0, 0, 2]]
    assert "Accuracy at step 10 is 83.3 %; of class 0, 50 % of the rows are found." in page


def test_a_regression(tmp_path: Path) -> None:
    labels = np.arange(100.0)
    trial = learned(Saved(), [3.0, 2.0, 1.0], [3.0, 2.0, 1.05], "rmse")
    classified(trial, labels, labels * 0, labels + 5, labels + 2, objective="reg:squarederror")
    page, figures = written(trial, tmp_path)
    assert titles(page)[1:4] == ["Distribution of the labels", "Distribution of the predictions", "Residuals"]
    assert not {"ROC curve", "Confusion matrix and its course"} & set(titles(page))
    assert "have mean 2 and standard deviation 0: predictions are off in one direction." in page
    assert figures["residuals"]["absolute_error_by_label"]["5"] == [5.0] * 10
    assert "Validation rmse ends at 1.05, which is its best value or close to it." in page
    assert "the model overfits" not in page, "5 % above is within a tenth"


def test_a_model_no_better_than_a_guess_is_called_so(tmp_path: Path) -> None:
    trial = classified(Saved(), LABELS, *[[0.1] * 9 + [0.4]] * 3)
    page, _ = written(trial, tmp_path)
    assert "Always guessing the commonest class would be right in 60.0 % of the rows: the model is no better." in page


def test_what_was_not_saved_is_named(tmp_path: Path) -> None:
    trial = Saved()
    for step in STEPS:
        trial.put(step, "train-rmse", 1.0)
        trial.put(step, "labels", [1.0, 2.0])
    page, figures = written(trial, tmp_path)
    assert titles(page) == ["Loss and metrics by step", "What is not shown"]
    assert "rmse: there is no validation data, so overfitting cannot be seen." in page
    assert "labels and predictions were not both saved at one step" in page
    assert "the collection feature_importance was not saved; collect it to see this." in page
    assert figures["summary"]["missing"] == [
        "Feature importance",
        "Hyperparameters",
        "Labels, predictions and what follows from them",
        "SHAP values",
    ]


def test_numbers_that_are_none_draw_and_are_null(tmp_path: Path) -> None:
    trial = learned(Saved(), [1.0, float("nan"), float("inf")], [float("nan")] * 3)
    page, figures = written(trial, tmp_path)
    assert figures["metrics"]["train-logloss"] == {"0": 1.0, "5": None, "10": None}
    assert "Loss and metrics by step" in titles(page)


def test_nothing_to_show_is_an_error(tmp_path: Path) -> None:
    trial = Saved()
    trial.put(0, "trees/Node", [0, 1])
    report = CreateXgboostReport(trial, "job")
    report.invoke_at_step(0)
    with pytest.raises(JobError, match="none of its collections was saved"):
        report.write(tmp_path)


def test_a_long_line_is_thinned_to_what_a_chart_can_show() -> None:
    shown = charts.thinned(list(range(50_001)))
    assert (len(shown), shown[0], shown[-1]) == (1000, 0, 50_000)
    assert charts.thinned([1.0, 2.0]) == [1.0, 2.0]


def test_several_predictions_a_row_of_a_regression_have_no_residuals(tmp_path: Path) -> None:
    """Quantile regression predicts a column for each quantile."""
    labels = np.arange(10.0)
    three = np.stack([labels, labels + 1, labels + 2], axis=1)
    trial = classified(Saved(), labels, three, three, three, objective="reg:quantileerror")
    page, figures = written(trial, tmp_path)
    assert titles(page)[:1] == ["Distribution of the labels"]
    assert "Residuals" not in titles(page)
    assert "residuals" not in figures
