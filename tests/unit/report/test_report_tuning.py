"""The search's chapter: its course, its jobs on parallel axes, what mattered, and every job."""

import re
from typing import Any

import numpy as np
import pytest
from specimen_components.report import influence, search
from specimen_components.report.collect import collect
from specimen_components.report.page import page

Records = dict[str, dict[str, Any]]
RANGES = {
    "IntegerParameterRanges": [{"Name": "depth", "MinValue": "1", "MaxValue": "9", "ScalingType": "Auto"}],
    "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.01", "MaxValue": "1", "ScalingType": "Logarithmic"}],
    "CategoricalParameterRanges": [{"Name": "kind", "Values": ["<a>", "b"]}],
}


def job(number: int, objective: float | None, best: float | None, **more: Any) -> dict[str, Any]:
    return {
        "name": f"search-{number}",
        "status": "Failed" if objective is None else "Completed",
        "hyperparameters": {"depth": str(number), "eta": f"{0.01 * number:g}", "kind": "<a>" if number % 2 else "b"},
        "objective": objective,
        "best_so_far": best,
        "started": "2026-01-01T00:00:00+00:00",
        "ended": "2026-01-01T00:00:05+00:00",
        "reason": None,
        **more,
    }


JOBS = [
    job(1, 0.5, 0.5),
    job(2, None, 0.5, reason="AlgorithmError: <no>", ended=None),
    job(3, 0.7, 0.7),
    job(4, 0.9, 0.9),
    job(5, 0.8, 0.9),
    job(6, 0.6, 0.9),
]


@pytest.fixture
def tuned(asked: dict[str, Any], records: Records) -> tuple[dict[str, Any], Records]:
    """The same run, had it searched in the place of training once."""
    for step in asked["steps"]:
        step["needs"] = ["tune" if name == "train" else name for name in step["needs"]]
        if step["id"] == "train":
            step |= {"id": "tune", "component": "tune"}
    record = records.pop("train")
    record |= {"step": "tune", "component": "tune"}
    record["outputs"] = {**record["outputs"], "job": "search-4", "tuning_job": "search"}
    record["details"]["tuning"] = {
        "job": "search",
        "best": "search-4",
        "metric": "validation:auc",
        "goal": "maximize",
        "strategy": "Bayesian",
        "limits": {"MaxNumberOfTrainingJobs": 6, "MaxParallelTrainingJobs": 2},
        "ranges": RANGES,
        "jobs": JOBS,
    }
    return asked, {**records, "tune": record}


def chapter(tuned: tuple[dict[str, Any], Records], name: str = "tuning") -> str:
    text = page(collect("demo-001", *tuned, versions={}))
    found = re.search(rf'<section id="{name}">(.*?)</section>', text, re.DOTALL)
    assert found
    return found[1]


def told(tuned: tuple[dict[str, Any], Records]) -> dict[str, Any]:
    found: dict[str, Any] = tuned[1]["tune"]["details"]["tuning"]
    return found


def test_the_search_is_told_with_its_best_job(tuned: tuple[dict[str, Any], Records]) -> None:
    text = chapter(tuned)
    assert "<code>validation:auc</code>, the larger the better" in text
    assert "5 completed, 1 failed" in text
    assert "0.9000, job 4" in text
    assert 'aria-label="validation:auc of 6 training jobs; the best: 0.9"' in text
    assert 'aria-label="Hyperparameters of 5 training jobs: depth, eta, kind; validation:auc"' in text


def test_every_job_has_its_row(tuned: tuple[dict[str, Any], Records]) -> None:
    text = chapter(tuned)
    assert "All 6 training jobs" in text
    assert "<small>AlgorithmError: &lt;no&gt;</small>" in text
    assert text.count(">best</span>") == 1
    assert text.count("<td>5.0 s</td>") == 5


def test_the_trainings_chapter_is_that_of_the_best_job(tuned: tuple[dict[str, Any], Records]) -> None:
    text = chapter(tuned, "training")
    assert "Best training job" in text
    assert "<code>search-4</code>" in text
    assert "Learning curves" in text


def test_the_best_job_may_have_been_repeated(tuned: tuple[dict[str, Any], Records]) -> None:
    asked, records = tuned
    place = next(place for place, step in enumerate(asked["steps"]) if step["id"] == "tune")
    asked["steps"].insert(place + 1, {**asked["steps"][place], "id": "refit", "component": "train"})
    repeated = {**records["tune"], "step": "refit", "component": "train"}
    repeated["outputs"] = {**repeated["outputs"], "job": "again"}
    repeated["details"] = {**repeated["details"], "status": "Stopped"}
    text = chapter((asked, {**records, "refit": repeated}), "training")
    assert "The best training job of the tuning, done once more with Debugger" in text
    assert "<code>again</code>" in text
    assert "stopped by a rule of Debugger&#x27;s, with the model of its last round saved" in text
    assert "search-4" not in text


def test_a_run_without_a_search_says_so(asked: dict[str, Any], records: Records) -> None:
    assert "the spec has no <code>tuning</code> section" in chapter((asked, records))


def test_few_jobs_tell_no_importance_and_none_no_course(tuned: tuple[dict[str, Any], Records]) -> None:
    told(tuned)["jobs"] = JOBS[:4]
    assert "3 training jobs with a value are too few to tell." in chapter(tuned)
    told(tuned)["jobs"] = [JOBS[1]]
    assert "No training job measured its metric." in chapter(tuned)


def test_a_search_through_one_choice_and_equal_values_is_drawn(tuned: tuple[dict[str, Any], Records]) -> None:
    told(tuned)["jobs"] = [job(1, 0.5, 0.5, hyperparameters={"n": "3"}) for _ in range(6)]
    told(tuned)["ranges"] = {"CategoricalParameterRanges": [{"Name": "n", "Values": ["3"]}]}
    assert "Importance of the hyperparameters" in chapter(tuned)


def test_influence_is_the_variance_that_a_hyperparameter_explains() -> None:
    """A parabola explains a line and a hump wholly; noise explains what chance gives."""
    line = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    assert influence.of_numbers(line, [value**3 for value in line]) == pytest.approx(1)
    assert influence.of_numbers(line, [-value for value in line]) == pytest.approx(1)
    assert influence.of_numbers(line, [-((value - 4) ** 2) for value in line]) > 0.9
    assert influence.of_numbers([1.0] * 7, line) == pytest.approx(0)
    assert influence.of_numbers(line, [3.0] * 7) == 0
    assert influence.of_choices(["a", "a", "b", "b"], [1.0, 1.0, 5.0, 5.0]) == pytest.approx(1)
    assert influence.of_choices(["a", "b", "a", "b"], [1.0, 1.0, 5.0, 5.0]) == pytest.approx(0)


def test_chance_is_what_noise_explains_on_average() -> None:
    """With n jobs a parabola takes two of n - 1 degrees of freedom, k listed values k - 1 of them."""
    noise = np.random.default_rng(5)
    shares = [influence.of_numbers(list(noise.random(12)), list(noise.random(12))) for _ in range(400)]
    assert float(np.mean(shares)) == pytest.approx(influence.by_chance(12), abs=0.02)
    chosen = [
        influence.of_choices([str(one) for one in noise.integers(0, 3, 30)], list(noise.random(30))) for _ in range(400)
    ]
    assert float(np.mean(chosen)) == pytest.approx(influence.by_chance(30, 3), abs=0.02)


def test_axes_know_their_scale() -> None:
    depth, eta, kind = search.axes(RANGES)
    assert (depth.place("3"), eta.place("0.01"), kind.place("b")) == (3.0, -2.0, 1.0)
    assert (depth.whole, eta.logarithmic, kind.choices) == (True, True, ("<a>", "b"))
