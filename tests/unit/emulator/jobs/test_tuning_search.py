"""Suggestions lie within SageMaker's ranges on their scales, are drawn by the seed, and learn from what came before."""

import math
import statistics
from collections.abc import Mapping
from typing import Any

import pytest
from specimen.emulator.jobs.tuning_search import Sampled, Search, ranges, search


def config(strategy: str = "Random", kind: str = "Continuous", **more: Any) -> dict[str, Any]:
    """Form a tuning job's configuration with one range, of x from 0 to 1."""
    entry = {"Name": "x", "MinValue": "0", "MaxValue": "1", **more.pop("entry", {})}
    return {
        "Strategy": strategy,
        "HyperParameterTuningJobObjective": {"MetricName": "m", "Type": more.pop("goal", "Minimize")},
        "ParameterRanges": {f"{kind}ParameterRanges": [entry]},
        "RandomSeed": 3,
        **more,
    }


def drawn(found: Search, count: int) -> list[float]:
    """Ask so many times, without an answer."""
    return [float(tuned["x"]) for _ in range(count) if (tuned := found.ask()) is not None]


SCALES: Mapping[str, tuple[dict[str, str], float, float]] = {
    "linear": ({"MinValue": "0.001", "MaxValue": "1", "ScalingType": "Linear"}, 0.4, 0.6),
    "logarithmic": ({"MinValue": "0.001", "MaxValue": "1", "ScalingType": "Logarithmic"}, 0.01, 0.1),
    "auto over decades": ({"MinValue": "0.001", "MaxValue": "1"}, 0.01, 0.1),
    "auto": ({"MinValue": "0.5", "MaxValue": "1"}, 0.7, 0.8),
    "reverse": ({"MinValue": "0", "MaxValue": "0.999", "ScalingType": "ReverseLogarithmic"}, 0.9, 0.99),
}


@pytest.mark.parametrize("case", SCALES)
def test_a_scale_says_where_half_of_the_values_lie(case: str) -> None:
    entry, low, high = SCALES[case]
    values = drawn(search("job", config(entry=entry)), 400)
    assert float(entry["MinValue"]) <= min(values) <= max(values) <= float(entry["MaxValue"])
    assert low < statistics.median(values) < high


@pytest.mark.parametrize("scale", ["Auto", "Linear", "Logarithmic"])
def test_integers_are_whole_and_reach_both_ends(scale: str) -> None:
    found = search("job", config(kind="Integer", entry={"MinValue": "1", "MaxValue": "8", "ScalingType": scale}))
    texts = {tuned["x"] for _ in range(200) if (tuned := found.ask()) is not None}
    assert texts == {str(number) for number in range(1, 9)}


def test_categories_are_suggested_as_they_were_given() -> None:
    found = search("job", config(kind="Categorical", entry={"Values": ["hist", "exact", "hist"]}))
    assert {tuned["x"] for _ in range(50) if (tuned := found.ask()) is not None} == {"hist", "exact"}


@pytest.mark.parametrize("strategy", ["Random", "Bayesian", "Hyperband"])
def test_a_seed_decides(strategy: str) -> None:
    first, second = (drawn(search("job", config(strategy)), 8) for _ in range(2))
    assert first == second
    assert first != drawn(search("job", {**config(strategy), "RandomSeed": 4}), 8)


def test_a_grid_gives_each_combination_once() -> None:
    entries = [{"Name": "x", "Values": ["1", "2", "1"]}, {"Name": "y", "Values": ["a", "b"]}]
    found = search("job", {"Strategy": "Grid", "ParameterRanges": {"CategoricalParameterRanges": entries}})
    tried: list[tuple[str, str]] = []
    while (tuned := found.ask()) is not None:
        found.tell(len(tried), None)
        assert not found.lags(len(tried), [1.0])
        tried.append((tuned["x"], tuned["y"]))
    assert tried == [("1", "a"), ("1", "b"), ("2", "a"), ("2", "b")]


def loss(x: float) -> float:
    return (x - 0.3) ** 2


def test_bayesian_suggestions_come_closer_to_the_best() -> None:
    found = search("job", config("Bayesian"))
    losses = []
    for number in range(40):
        (value,) = drawn(found, 1)
        losses.append(loss(value))
        found.tell(number, None if number == 7 else losses[-1])
    assert statistics.median(losses[20:]) < statistics.median(losses[:10]) / 4


def test_what_an_earlier_job_found_is_where_a_warm_start_begins() -> None:
    known = [({"x": str(number / 40), "other": "1"}, loss(number / 40)) for number in range(40)]
    warm = drawn(search("job", config("Bayesian"), known), 8)
    cold = drawn(search("job", config("Bayesian")), 8)
    assert statistics.median(map(loss, warm)) < statistics.median(map(loss, cold))


@pytest.mark.parametrize("tried", [{"x": "2"}, {"x": "green"}, {"y": "0.5"}])
def test_what_lies_outside_of_the_ranges_teaches_nothing(tried: dict[str, str]) -> None:
    found = Sampled("job", config("Bayesian"))
    assert not found.learn(tried, 1.0)
    assert found.learn({"x": "0.5"}, 1.0)


def test_a_value_and_its_text_say_the_same() -> None:
    entries: dict[str, tuple[str, dict[str, Any], str]] = {
        "reverse": ("Continuous", {"MinValue": "0", "MaxValue": "0.9", "ScalingType": "ReverseLogarithmic"}, "0.75"),
        "integer": ("Integer", {"MinValue": "1", "MaxValue": "9"}, "4"),
        "category": ("Categorical", {"Values": ["a", "b"]}, "b"),
    }
    for kind, entry, text in entries.values():
        (known,) = ranges(config(kind=kind, entry=entry)).values()
        assert known.text(known.inner(text)) == text
    (whole,) = ranges(config(kind="Integer", entry={"MinValue": "1", "MaxValue": "9"})).values()
    assert whole.inner("4.5") is whole.inner("green") is None


def test_hyperband_spends_less_on_what_is_worse() -> None:
    """Each suggestion's curve stands at its x; the best ones of a bracket run on, the others end at a rung."""
    resources = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 27}}
    found = search("job", config("Hyperband", goal="Maximize", StrategyConfig=resources))
    spent: dict[float, int] = {}
    for number in range(60):
        (value,) = drawn(found, 1)
        steps = next((step for step in range(1, 28) if found.lags(number, [value] * step)), 27)
        found.tell(number, value, pruned=steps < 27)
        spent[value] = steps
    order = sorted(spent)
    best, worst = ([spent[value] for value in half] for half in (order[-20:], order[:20]))
    assert statistics.fmean(best) > 2 * statistics.fmean(worst)
    assert spent[order[-1]] == 27
    assert math.isclose(sum(spent.values()) / (60 * 27), 0.5, abs_tol=0.4)


def test_hyperband_without_resources_learns_them_from_the_first_job() -> None:
    found = search("job", config("Hyperband", goal="Maximize"))
    drawn(found, 1)
    assert not found.lags(0, [0.5])
    found.tell(0, 0.5)
    drawn(found, 1)
    found.tell(1, None)
