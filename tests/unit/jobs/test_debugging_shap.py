"""Average SHAP values by counting are XGBoost's own contributions, averaged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import xgboost
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from specimen_jobs.xgboost.debugging import counting, rows, shap, trees

Array = npt.NDArray[Any]
PARAMETERS = {"objective": "reg:squarederror", "max_depth": 4, "eta": 0.4, "nthread": 1, "verbosity": 0}


def matrix(count: int = 300, classes: int = 0, gaps: float = 0.0, features: int = 6) -> xgboost.DMatrix:
    """Return rows whose label follows from all features; `gaps` is the part of values that is missing."""
    rng = np.random.default_rng(5)
    table = rng.normal(size=(count, features)).round(1)  # rounded: rows meet thresholds exactly
    score = table.sum(axis=1) + table[:, 1] * table[:, 2] + rng.normal(size=count) / 3
    table[rng.random(table.shape) < gaps] = np.nan
    return xgboost.DMatrix(table, label=np.digitize(score, np.linspace(-1, 1, classes - 1)) if classes else score)


def train(parameters: Mapping[str, Any], data: xgboost.DMatrix, count: int) -> xgboost.Booster:
    return xgboost.train({**PARAMETERS, **parameters}, data, count)


def averages(model: xgboost.Booster, data: xgboost.DMatrix) -> Array:
    found = model.predict(data, pred_contribs=True).astype(np.float64)
    return np.asarray(found.mean(axis=tuple(range(found.ndim - 1))))


CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "regression": ({}, {}),
    "a feature asked again and again": ({"max_depth": 8}, {"features": 3}),
    "one leaf": ({"gamma": 1e9}, {}),
    "gaps": ({}, {"gaps": 0.3}),
    "classes": ({"objective": "multi:softprob", "num_class": 3}, {"classes": 3}),
    "logistic": ({"objective": "binary:logistic", "scale_pos_weight": 3}, {"classes": 2}),
    "forest of forests": ({"num_parallel_tree": 3, "subsample": 0.6, "seed": 1}, {}),
    "grown by loss": ({"grow_policy": "lossguide", "max_leaves": 12, "max_depth": 0}, {}),
    "wide ways": ({"max_depth": 12, "min_child_weight": 0}, {"features": 14, "count": 1000}),
    "dropped trees": ({"booster": "dart", "rate_drop": 0.5}, {}),
    "linear": ({"booster": "gblinear", "max_depth": 0}, {}),
}


@pytest.mark.parametrize("case", CASES)
def test_averages_are_those_of_all_contributions_as_the_model_grows(case: str) -> None:
    parameters, shape = CASES[case]
    data = matrix(**shape)
    average = shap.AverageShap(data, str(parameters.get("booster", "gbtree")))
    for count in (1, 2, 7):  # with a seed, the rounds are those of the model before
        model = train(parameters, data, count)
        np.testing.assert_allclose(average.of(model), averages(model, data), rtol=1e-5, atol=2e-6)
    again = average.of(model)
    assert again.tolist() == average.of(model).tolist()


def test_rows_are_counted_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "BLOCK", 128)
    data = matrix(count=300, gaps=0.1)
    model = train({}, data, 3)
    np.testing.assert_allclose(shap.AverageShap(data, "gbtree").of(model), averages(model, data), rtol=1e-5, atol=1e-6)


def test_what_libsvm_leaves_out_is_missing() -> None:
    table = csr_matrix(np.random.default_rng(2).integers(0, 3, size=(200, 5)).astype(np.float32))
    data = xgboost.DMatrix(table, label=np.asarray(table.sum(axis=1)).reshape(-1))
    model = train({}, data, 3)
    np.testing.assert_allclose(shap.AverageShap(data, "gbtree").of(model), averages(model, data), rtol=1e-5, atol=1e-6)


def test_trees_of_few_features_are_counted_and_others_are_not() -> None:
    """Both ways are exact; which is taken is a matter of speed."""
    data = matrix(count=1000, features=14)

    def ways(depth: int) -> list[bool]:
        added = trees.added(train({"max_depth": depth, "min_child_weight": 0}, data, 2), 0, 2)
        return [counting.countable(tree, trees.leaves(tree)) for tree in added]

    assert ways(5) == [True, True]
    assert ways(12) == [False, False]


def test_a_node_without_weight_is_left_to_xgboost() -> None:
    tree = trees.Tree([1, -1, -1], [2, -1, -1], [0, 0, 0], np.zeros(3, np.float32), [True] * 3, [1.0, 1.0, 0.0])
    assert not counting.countable(tree, trees.leaves(tree))


@settings(deadline=None, max_examples=30)
@given(
    count=st.integers(1, 200),
    depth=st.integers(1, 6),
    gaps=st.sampled_from([0.0, 0.2, 0.9]),
    features=st.integers(3, 9),
    shrink=st.sampled_from([0, 0.5, 3]),
)
def test_whatever_the_rows_and_the_trees(count: int, depth: int, gaps: float, features: int, shrink: float) -> None:
    data = matrix(count, 0, gaps, features)
    model = train({"max_depth": depth, "lambda": shrink}, data, 2)
    found = shap.AverageShap(data, "gbtree").of(model)
    np.testing.assert_allclose(found, averages(model, data), rtol=1e-4, atol=1e-5)
    margins = model.predict(data, output_margin=True).astype(np.float64).mean()
    np.testing.assert_allclose(found.sum(), margins, rtol=1e-4, atol=1e-4)
