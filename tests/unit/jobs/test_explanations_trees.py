"""A model's trees: read from what XGBoost saves, and answering as XGBoost does, whatever is changed in a row."""

from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import xgboost
from specimen_jobs.clarify.explanations import substitution, ubjson
from specimen_jobs.clarify.explanations.forest import OUTPUTS, Forest, Output, UnreadableModelError, read
from specimen_jobs.clarify.explanations.substitution import Substitution

Doubles = npt.NDArray[np.float64]
FEATURES = 5


def rows(count: int = 300, gaps: bool = False) -> Doubles:
    rng = np.random.default_rng(3)
    found = rng.normal(size=(count, FEATURES)).round(1)  # rounded: rows meet thresholds exactly
    found[:, 1] = rng.integers(0, 4, count)
    if gaps:
        found[rng.random(found.shape) < 0.2] = np.nan
    return found


def trained(objective: str, gaps: bool = False, **parameters: Any) -> xgboost.Booster:
    features = rows(gaps=gaps)
    known = np.nan_to_num(features)
    signal = known[:, 0] * known[:, 1] + known[:, 2] ** 2 - known[:, 3]
    match objective.partition(":")[0], objective:
        case "binary", _:
            label = (signal > 0).astype(float)
        case "multi", _:
            label, parameters = np.digitize(signal, [-1, 1]).astype(float), {**parameters, "num_class": 3}
        case _, "reg:logistic":
            label = 1 / (1 + np.exp(-signal))
        case _:
            label = np.exp(signal / 4)
    data = xgboost.DMatrix(features, label)
    shape = {} if parameters.get("booster") == "gblinear" else {"max_depth": 4}
    return xgboost.train({"objective": objective, "eta": 0.3, **shape, **parameters}, data, 12)


def forest(booster: xgboost.Booster, form: str = "ubj") -> Forest:
    return read(bytes(booster.save_raw(form)))


def asked(of: Forest, features: Doubles) -> npt.NDArray[np.float32]:
    as_they_are = Substitution(np.ones((1, FEATURES), dtype=np.bool_), np.zeros((1, FEATURES), dtype=np.float32))
    return substitution.answers(of, features.astype(np.float32), as_they_are)[:, 0]


@pytest.mark.parametrize("objective", [name for name in OUTPUTS if name != "reg:linear"])
@pytest.mark.parametrize("form", ["ubj", "json"])
def test_a_forest_answers_as_xgboost_does(objective: str, form: str) -> None:
    booster = trained(objective)
    expected = booster.predict(xgboost.DMatrix(rows())).reshape(300, -1)
    assert asked(forest(booster, form), rows()) == pytest.approx(expected, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize(
    "parameters",
    [
        {"booster": "dart", "rate_drop": 0.4, "seed": 7},
        {"num_parallel_tree": 3, "subsample": 0.5},
        {"grow_policy": "lossguide", "max_leaves": 40, "max_depth": 0},
        {"max_depth": 9, "min_child_weight": 0},
        {"base_score": 0.2},
    ],
)
def test_every_kind_of_forest_is_summed_alike(parameters: dict[str, Any]) -> None:
    booster = trained("binary:logistic", gaps=True, **parameters)
    features = rows(gaps=True)
    assert asked(forest(booster), features)[:, 0] == pytest.approx(booster.predict(xgboost.DMatrix(features)), abs=1e-5)


@pytest.mark.parametrize("objective", ["binary:logistic", "multi:softprob"])
def test_changed_rows_are_answered_as_if_they_were_written_out(objective: str) -> None:
    """Each way keeps some of a row's features and takes the others from a line of its own, gaps included."""
    rng = np.random.default_rng(1)
    ways = Substitution(rng.random((90, FEATURES)) < 0.5, rows(90, gaps=True))
    booster, features = trained(objective, gaps=True), rows(40, gaps=True)
    written = ways.applied(features)
    expected = booster.predict(xgboost.DMatrix(written.reshape(-1, FEATURES))).reshape(90, 40, -1).transpose(1, 0, 2)
    found = substitution.answers(
        forest(booster), features.astype(np.float32), Substitution(ways.own, ways.other.astype(np.float32))
    )
    assert found == pytest.approx(expected, abs=1e-5)


def test_a_tree_with_more_turns_than_one_word_holds() -> None:
    rng = np.random.default_rng(2)
    features = rng.normal(size=(2000, FEATURES))
    parameters = {"objective": "reg:squarederror", "max_depth": 8, "min_child_weight": 0}
    booster = xgboost.train(parameters, xgboost.DMatrix(features, rng.normal(size=2000)), 2)
    assert max(tree.count("leaf") for tree in booster.get_dump()) > 100
    assert asked(forest(booster), features)[:, 0] == pytest.approx(booster.inplace_predict(features), abs=1e-5)


def test_a_single_leaf_is_a_tree_too() -> None:
    booster = trained("reg:squarederror", gamma=1e9)
    assert asked(forest(booster), rows())[:, 0] == pytest.approx(booster.predict(xgboost.DMatrix(rows())))


def test_a_models_output_is_read() -> None:
    assert {forest(trained(name)).output for name in ("binary:logistic", "reg:logistic")} == {Output.LOGISTIC}


ARRAYS = ("left_children", "right_children", "split_indices", "split_conditions", "split_type", "default_left")


def broken(**changed: Any) -> bytes:
    found = json.loads(bytes(trained("reg:squarederror").save_raw("json")))
    found["learner"]["gradient_booster"]["model"]["trees"][0].update(changed)
    return json.dumps(found).encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (pickle.dumps({"a": 1}), "pickle"),
        (b"", "no model"),
        (b"binf" * 100, "no model"),
        (b"{}", "no model"),
        (b'{"learner": []}', "no model"),
        (bytes(trained("reg:squarederror").save_raw("ubj"))[:-50], "no model"),
        (bytes(trained("binary:hinge").save_raw("ubj")), "binary:hinge are not a known function"),
        (bytes(trained("reg:squarederror", booster="gblinear").save_raw("ubj")), "gblinear has no trees"),
        (broken(left_children=[0, 0]), "no model"),
        (broken(left_children=[0] * 3, right_children=[0] * 3, split_indices=[0] * 3), "no"),
        (broken(split_indices=[99] * 31), "no"),
        (broken(**{name: [] for name in ARRAYS}), "no"),
    ],
)
def test_what_cannot_be_read_says_why(content: bytes, said: str) -> None:
    with pytest.raises(UnreadableModelError, match=said):
        read(content)


def test_categorical_splits_are_refused() -> None:
    data = xgboost.DMatrix(
        np.arange(40.0)[:, None] % 4, np.arange(40.0) % 4 == 2, feature_types=["c"], enable_categorical=True
    )
    booster = xgboost.train({"objective": "binary:logistic"}, data, 2)
    with pytest.raises(UnreadableModelError, match="splits by category"):
        read(bytes(booster.save_raw("ubj")))


def same(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | np.ndarray):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return bool(one == other) or (isinstance(other, float) and float(one) == pytest.approx(other))


def test_ubjson_holds_what_json_holds() -> None:
    booster = trained("multi:softprob")
    booster.set_attr(about="größer")
    assert same(ubjson.read(bytes(booster.save_raw("ubj"))), json.loads(bytes(booster.save_raw("json"))))


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"[i\x01Si\x02abTFZCx]", [1, "ab", True, False, None, "x"]),
        (b"[#i\x02i\xffU\xff", [-1, 255]),
        (b"{i\x01aI\x01\x00}", {"a": 256}),
        (b"{#i\x01i\x01aD\x3f\xf0\x00\x00\x00\x00\x00\x00", {"a": 1.0}),
        (b"{$U#i\x02i\x01a\x01i\x01b\x02", {"a": 1, "b": 2}),
    ],
)
def test_ubjson_of_every_kind(content: bytes, value: Any) -> None:
    assert ubjson.read(content) == value


@pytest.mark.parametrize(
    "content",
    [
        b"[",
        b"Q",
        b"[$i",
        b"[$ii\x01",
        b"Si\xff",
        b"SU\x05abc",
        b"Si\x01\xff",
        b"[$d#L\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"[#L\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"{#l\x7f\xff\xff\xff",
        b"[#Si\x01a",
        b"[" * 1000,
        b"i\x01i\x01",
    ],
)
def test_what_is_not_ubjson_is_refused(content: bytes) -> None:
    """Lengths that are not there cost nothing, and depth is bounded."""
    with pytest.raises(ubjson.MalformedError):
        ubjson.read(content)
