"""SHAP values against their definition: every coalition of features enumerated, and Shapley's sum written out."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import xgboost
from specimen_jobs.clarify.explanations import additive
from specimen_jobs.clarify.explanations.coalitions import Regression, design
from specimen_jobs.clarify.explanations.forest import Forest, read
from specimen_jobs.clarify.explanations.models import Endpoint, Model, Trees
from specimen_jobs.clarify.explanations.shap import Explained, Method, explain

Doubles = npt.NDArray[np.float64]
FEATURES, ROWS, ALL = 6, 25, 2**6


def rows(count: int = 400) -> Doubles:
    rng = np.random.default_rng(11)
    found = rng.normal(size=(count, FEATURES)).round(2)
    found[:, 4] = rng.integers(0, 3, count)
    return found


def booster(objective: str, **parameters: Any) -> xgboost.Booster:
    features = rows()
    signal = features[:, 0] * features[:, 1] - features[:, 2] + (features[:, 4] == 1)
    label = signal if objective.startswith("reg") else (signal > 0).astype(float)
    if objective.startswith("multi"):
        label, parameters = np.digitize(signal, [-1, 1]).astype(float), {"num_class": 3}
    if objective == "count:poisson":
        label = np.exp(signal / 2)
    data = xgboost.DMatrix(features, label)
    return xgboost.train({"objective": objective, "max_depth": 4, "eta": 0.4, **parameters}, data, 15)


def forest(of: xgboost.Booster) -> Forest:
    return read(bytes(of.save_raw("ubj")))


def enumerated(ask: Callable[[Doubles], Doubles], features: Doubles, baseline: Doubles, logit: bool = False) -> Doubles:
    """The Shapley values of the game that SHAP defines: row, feature, answer."""
    width, worth = features.shape[1], {}
    for size in range(width + 1):
        for chosen in combinations(range(width), size):
            own = np.zeros(width, dtype=bool)
            own[list(chosen)] = True
            mean = np.mean([ask(np.where(own, features, row)) for row in baseline], axis=0)
            worth[chosen] = np.log(mean / (1 - mean)) if logit else mean
    found = np.zeros((len(features), width, next(iter(worth.values())).shape[1]))
    for feature in range(width):
        for chosen in worth:
            if feature not in chosen:
                weight = factorial(len(chosen)) * factorial(width - len(chosen) - 1) / factorial(width)
                found[:, feature] += weight * (worth[tuple(sorted((*chosen, feature)))] - worth[chosen])
    return found


def answering(of: xgboost.Booster, margin: bool = False) -> Callable[[Doubles], Doubles]:
    return lambda asked: of.predict(xgboost.DMatrix(asked), output_margin=margin).reshape(len(asked), -1).astype(float)


def baseline(count: int) -> Doubles:
    return np.median(rows(), axis=0)[None] if count == 1 else rows()[-count:]


CASES = [
    ("binary:logistic", 1, False, Method.COMPLETE),
    ("binary:logistic", 3, False, Method.COMPLETE),
    ("binary:logistic", 1, True, Method.ADDITIVE),
    ("binary:logistic", 3, True, Method.COMPLETE),
    ("reg:squarederror", 1, False, Method.ADDITIVE),
    ("reg:squarederror", 3, False, Method.ADDITIVE),
    ("count:poisson", 1, False, Method.COMPLETE),
    ("multi:softprob", 2, False, Method.COMPLETE),
    ("multi:softprob", 1, True, Method.COMPLETE),
]


@pytest.mark.parametrize(("objective", "count", "logit", "method"), CASES)
@pytest.mark.parametrize("through", ["trees", "endpoint"])
def test_shap_values_are_shapleys(objective: str, count: int, logit: bool, method: Method, through: str) -> None:
    """Whoever answers, and whichever way they are computed, they are the values that the definition gives."""
    model = booster(objective)
    features = rows()[:ROWS]
    asked: Model = Trees(forest(model)) if through == "trees" else Endpoint(answering(model))
    found = explain(asked, features, baseline(count), ALL, 0, logit)
    assert found.method is (method if through == "trees" else Method.COMPLETE)
    expected = enumerated(answering(model), features, baseline(count), logit)
    assert found.values == pytest.approx(expected, abs=2e-4 if logit else 2e-5)


def test_the_margins_values_are_no_probabilitys() -> None:
    """Why probabilities are not taken from the trees' exact values, however these are rescaled to add up."""
    model = booster("binary:logistic")
    features, start = rows()[:ROWS], baseline(1)
    truth = enumerated(answering(model), features, start)[:, :, 0]
    margins = additive.values(forest(model), features.astype(np.float32), start[0].astype(np.float32))[:, :, 0]
    assert margins == pytest.approx(enumerated(answering(model, margin=True), features, start)[:, :, 0], abs=1e-5)
    gain = answering(model)(features) - answering(model)(start)
    rescaled = margins / margins.sum(axis=1, keepdims=True) * gain
    assert rescaled.sum(axis=1) == pytest.approx(truth.sum(axis=1), abs=1e-5)
    assert np.abs(rescaled - truth).max() > 0.02


def test_gaps_are_explained_like_any_value() -> None:
    features = rows()
    features[::3, 2] = np.nan
    label = (np.nan_to_num(features[:, 2], nan=1.0) > 0).astype(float)
    model = xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(features, label), 5)
    start = np.full((1, FEATURES), np.nan)
    found = explain(Trees(forest(model)), features[:ROWS], start, ALL, 0, True)
    assert found.values == pytest.approx(enumerated(answering(model), features[:ROWS], start, True), abs=1e-4)


def estimated(samples: int, seed: int = 0) -> Explained:
    return explain(Trees(forest(booster("binary:logistic"))), rows()[:ROWS], baseline(1), samples, seed, False)


def test_sampled_values_add_up_and_near_the_exact_ones() -> None:
    exact, model = estimated(ALL), Trees(forest(booster("binary:logistic")))
    few, more = estimated(20), estimated(50)
    for found in (few, more):
        assert found.method is Method.SAMPLED
        total = found.values.sum(axis=1) + found.expected
        assert total == pytest.approx(model.answers(rows()[:ROWS]), abs=1e-6)
    errors = [np.abs(found.values - exact.values).mean() for found in (few, more)]
    assert errors[1] < errors[0] < 0.25 * np.abs(exact.values).mean()


def test_the_same_seed_draws_the_same_coalitions() -> None:
    assert (estimated(20).values == estimated(20).values).all()
    assert (estimated(20).values != estimated(20, seed=1).values).any()


def test_a_feature_at_the_baselines_own_value_contributes_nothing() -> None:
    """As in the shap library, though the coalitions are shared by rows in which other features are idle."""
    features, start = rows()[:ROWS].copy(), baseline(1)
    features[:5, :2], features[5:9, 4], features[9] = start[0, :2], start[0, 4], start[0]
    features[10, 1:] = start[0, 1:]
    model = Trees(forest(booster("binary:logistic")))
    found = explain(model, features, start, 30, 0, False)
    assert found.method is Method.SAMPLED
    assert (found.values[features == start] == 0).all()
    assert found.values.sum(axis=1) + found.expected == pytest.approx(model.answers(features), abs=1e-6)


def test_values_without_idle_features_are_those_of_a_smaller_regression() -> None:
    """Leaving features out afterwards is the regression in which they never were."""
    made = design(6, 40, 3)
    rng = np.random.default_rng(0)
    worth, gain = rng.normal(size=(2, len(made.members), 1)), rng.normal(size=(2, 1))
    idle = np.array([[False, True, False, False, True, False], [False] * 6])
    found = Regression.of(made).values(worth, gain, idle)
    kept = made.members[:, ~idle[0]].astype(float)
    weights = made.weights
    system = np.block([[2 * kept.T @ (weights[:, None] * kept), np.ones((4, 1))], [np.ones((1, 4)), np.zeros((1, 1))]])
    right = np.append(2 * kept.T @ (weights * worth[0, :, 0]), gain[0, 0])
    assert found[0, ~idle[0], 0] == pytest.approx(np.linalg.solve(system, right)[:4])
    assert (found[0, idle[0]] == 0).all()


@pytest.mark.parametrize(
    ("features", "samples", "count", "complete"),
    [
        (1, 100, 0, True),
        (2, 100, 2, True),
        (6, 62, 62, True),
        (6, 12, 12, False),
        (23, 100, 100, False),
        (4, 1, 0, False),
    ],
)
def test_a_design_has_no_more_coalitions_than_asked_for(
    features: int, samples: int, count: int, complete: bool
) -> None:
    made = design(features, samples, 0)
    assert (len(made.members), made.complete) == (count, complete)
    assert len({line.tobytes() for line in made.members}) == count
    assert not made.members.all(axis=1).any()
    assert made.members.any(axis=1).all()


def test_a_designs_weights_are_the_kernels() -> None:
    """Every size has its kernel's mass, whether its coalitions are all there or drawn."""
    made = design(23, 100, 0)
    sizes = made.members.sum(axis=1)
    masses = {size: 22 / (size * (23 - size)) for size in range(1, 23)}
    total = sum(masses.values())
    assert made.weights.sum() == pytest.approx(1)
    assert made.weights[sizes == 1].sum() == pytest.approx(masses[1] / total)
    assert made.weights[(sizes > 1) & (sizes < 22)].sum() == pytest.approx(1 - 2 * masses[1] / total)
    lines = {line.tobytes() for line in made.members}
    assert all((~line).tobytes() in lines for line in made.members)


def test_one_feature_gets_the_whole_gain() -> None:
    found = explain(Endpoint(lambda asked: asked**2), np.array([[3.0]]), np.array([[1.0]]), 10, 0, False)
    assert found.values.tolist() == [[[8.0]]]
    assert found.expected.tolist() == [1.0]


def test_an_endpoint_is_asked_for_no_row_twice() -> None:
    asked: list[Doubles] = []

    def ask(changed: Doubles) -> Doubles:
        asked.append(changed)
        return np.asarray(changed.sum(axis=1, keepdims=True))

    features = np.zeros((200, 3))
    features[:, 0] = np.arange(200) % 2
    found = explain(Endpoint(ask), features, np.array([[0.0, 1.0, 2.0]]), 6, 0, False)
    assert found.values[:, :, 0] == pytest.approx(features - [0.0, 1.0, 2.0])
    assert sum(map(len, asked)) <= 1 + 2 * 8
