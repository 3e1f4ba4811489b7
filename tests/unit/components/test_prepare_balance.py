"""`prepare` where a spec asks for balance or for missing values to be filled in."""

import csv
import io
from typing import Any

import numpy as np
import pytest
from imblearn.over_sampling import SMOTENC
from specimen_components.clients import Aws
from specimen_components.command import Call, Result
from specimen_components.environment import Environment
from specimen_components.interface import PREPARE
from specimen_components.prepare import work
from specimen_components.problems import Failure
from specimen_components.records import Recorder
from specimen_components.waiting import LOCALLY, Clock

from tests.fakes import Buckets

SOURCE = "s3://b/sources/t.csv"
COLUMNS = ["ID", "SEX", "x", "n", "k", "y"]
DATASET: dict[str, Any] = {
    "format": "csv",
    "label": "y",
    "classes": 2,
    "drop": ["ID"],
    "split": {"train": 0.5, "validation": 0.25, "test": 0.25, "seed": 7, "stratify": True},
    "facets": {"SEX": {"values": [1]}},
    "favorable": {"values": [0]},
    "categorical": ["k"],
}
SMOTE_SEX = {"method": "smote", "facet": "SEX", "neighbors": 5}


def rows(number: int = 400) -> list[list[str]]:
    """A quarter has SEX 1, a third y 1; x is a fraction, n a whole number, and k a code."""
    random = np.random.default_rng(1)
    return [
        [
            str(row),
            str(1 + (row % 4 > 0)),
            f"{random.normal():.2f}",
            str(random.integers(0, 1_000)),
            str(random.choice([3, 5, 8])),
            str(int(row % 3 == 0)),
        ]
        for row in range(number)
    ]


def prepared(table: list[list[str]], buckets: Buckets | None = None, **changes: Any) -> tuple[Result, Buckets]:
    """The result of `prepare` on a table in an empty store."""
    buckets = buckets or Buckets()
    buckets.put(SOURCE, "\n".join(",".join(row) for row in [COLUMNS, *table]) + "\n")
    aws = Aws(Environment("eu-west-1", None, local=True), lambda _: buckets)
    arguments: dict[str, Any] = {"source": SOURCE, "dataset": {**DATASET, **changes}, "destination": "s3://b/data"}
    recorder = Recorder(aws, "s3://b/runs/r-1/prepare.json", "prepare", "r-1")
    return work(Call(PREPARE, "r-1", arguments, aws, recorder, Clock(), LOCALLY)), buckets


def manifest(result: Result) -> Any:
    return result.details["manifest"]


def part(found: tuple[Result, Buckets], name: str) -> list[list[str]]:
    result, buckets = found
    return list(csv.reader(io.StringIO(buckets.text(str(result.outputs[name])))))


def test_only_the_training_part_grows_and_its_own_rows_stay_as_they_were() -> None:
    plain, balanced = prepared(rows()), prepared(rows(), balance=SMOTE_SEX)
    for name in ("validation", "test"):
        assert plain[0].outputs[name] == balanced[0].outputs[name]
    before, after = part(plain, "train"), part(balanced, "train")
    assert after[: len(before)] == before
    assert part(balanced, "train_with_header") == [["y", "SEX", "x", "n", "k"], *after]
    sexes = [row[1] for row in after]
    assert sexes.count("1") == sexes.count("2") > len(before) / 2


def test_the_new_rows_are_those_of_imbalanced_learn() -> None:
    plain, balanced = prepared(rows()), prepared(rows(), balance=SMOTE_SEX)
    before = np.array(part(plain, "train"), dtype=float)
    added = np.array(part(balanced, "train"), dtype=float)[len(before) :]
    values, groups = np.delete(before, 1, axis=1), before[:, 1]
    theirs = SMOTENC([3, 0], random_state=7).fit_resample(values, groups)[0][len(before) :].astype(float)
    theirs[:, 2] = np.rint(theirs[:, 2])
    assert np.delete(added, 1, axis=1) == pytest.approx(theirs, abs=1e-12)


def test_codes_stay_codes_and_whole_numbers_whole() -> None:
    result, buckets = prepared(rows(), balance=SMOTE_SEX)
    for label, sex, _, whole, code in part((result, buckets), "train"):
        assert label in {"0", "1"}
        assert sex in {"1", "2"}
        assert whole.isdigit()
        assert code in {"3", "5", "8"}
    described = manifest(result)["balance"]
    assert described["method"] == "smotenc"
    assert (described["categorical"], described["whole"]) == (["k", "y"], ["n"])
    assert described["recall"] == 1


def test_what_was_there_before_and_after_is_counted() -> None:
    found = manifest(prepared(rows(), balance=SMOTE_SEX)[0])
    before, after = found["balance"]["before"], found["balance"]["after"]
    assert before["rows"] == found["rows"]["train"] == 200
    assert before["facets"] == {"SEX": found["facets"]["SEX"]["train"]}
    assert before["label"] == found["label"]["counts"]["train"]
    assert after["facets"]["SEX"]["1"] == after["facets"]["SEX"]["2"] == before["facets"]["SEX"]["2"]
    assert after["rows"] == before["rows"] + found["balance"]["added"] == 2 * before["facets"]["SEX"]["2"]
    for counts in (before, after):
        assert {value: sum(cells.values()) for value, cells in counts["cells"]["SEX"].items()} == counts["facets"][
            "SEX"
        ]


def test_the_summary_shows_it_too() -> None:
    result = prepared(rows(), balance=SMOTE_SEX)[0]
    before = manifest(result)["balance"]["before"]["facets"]["SEX"]
    head = "| SEX | 1 | 2 |\n| --- | --- | --- |\n"
    shown = f"{head}| before | {before['1']} | {before['2']} |\n| after | {before['2']} | {before['2']} |"
    assert shown in str(result.artifacts["summary"])


@pytest.mark.parametrize(
    ("balance", "by"),
    [
        ({"label": True}, ["y"]),
        ({"facet": "SEX", "cells": True}, ["SEX", "y"]),
        ({"facet": "k"}, ["k"]),
    ],
)
def test_each_way_of_balancing_makes_its_groups_equal(balance: dict[str, Any], by: list[str]) -> None:
    result, buckets = prepared(rows(), balance={"method": "smote", "neighbors": 3, **balance})
    places = [manifest(result)["columns"].index(column) for column in by]
    groups = [tuple(row[place] for place in places) for row in part((result, buckets), "train")]
    assert len({groups.count(group) for group in groups}) == 1
    assert manifest(result)["balance"]["by"] == by


def test_numbers_alone_take_smote() -> None:
    changed: dict[str, Any] = {"facets": {}, "categorical": [], "drop": ["ID", "SEX"]}
    found = prepared(rows(), balance={"method": "smote", "label": True, "neighbors": 5}, **changed)[0]
    assert manifest(found)["balance"]["method"] == "smote"
    assert manifest(found)["balance"]["whole"] == ["n", "k"]


def test_a_label_may_have_as_many_classes_as_the_objective_tells_apart() -> None:
    many = [[*row[:5], str(place % 24 if place < 480 else 0)] for place, row in enumerate(rows(600))]
    result, buckets = prepared(many, classes=24, balance={"method": "smote", "label": True, "neighbors": 5})
    labels = [row[0] for row in part((result, buckets), "train")]
    assert {labels.count(label) for label in set(labels)} == {labels.count("0")}
    assert manifest(result)["balance"]["before"]["label"] == {}


def test_a_label_that_is_a_number_is_one_in_new_rows_too() -> None:
    numbers = [[*row[:5], f"{place / 8}"] for place, row in enumerate(rows())]
    asked: dict[str, Any] = {"classes": None, "favorable": None, "split": {**DATASET["split"], "stratify": False}}
    result, buckets = prepared(numbers, balance=SMOTE_SEX, **asked)
    described = manifest(result)["balance"]
    assert described["categorical"] == ["k"]
    assert described["after"]["label"] == {}
    new = [float(row[0]) for row in part((result, buckets), "train")[described["before"]["rows"] :]]
    assert len(new) == described["added"] > 0
    assert not {value * 8 for value in new} <= set(range(400))


def test_groups_of_equal_size_need_no_rows() -> None:
    even = [[*row[:1], str(1 + place % 2), *row[2:5], str(place // 2 % 2)] for place, row in enumerate(rows())]
    plain, balanced = prepared(even), prepared(even, balance={"method": "smote", "label": True, "neighbors": 5})
    assert manifest(balanced[0])["balance"]["added"] == 0
    assert part(balanced, "train") == part(plain, "train")


def test_the_same_call_gives_the_same_rows() -> None:
    first, second = (prepared(rows(), balance=SMOTE_SEX)[0] for _ in range(2))
    assert first.outputs["train"] == second.outputs["train"]
    assert first.outputs["train"] != prepared(rows(), balance={**SMOTE_SEX, "neighbors": 4})[0].outputs["train"]


def changed(column: str, value: str, which: slice) -> list[list[str]]:
    """The rows, some with another value in a column."""
    table = rows()
    for row in table[which]:
        row[COLUMNS.index(column)] = value
    return table


@pytest.mark.parametrize(
    ("table", "changes", "message", "hint"),
    [
        (
            changed("x", "", slice(0, 400, 5)),
            {"balance": SMOTE_SEX},
            "dataset.balance: SMOTE makes new rows of whole ones, and values are missing in the training part: 'x' (",
            "Set dataset.impute to median or most_frequent",
        ),
        (
            rows(),
            {"balance": {**SMOTE_SEX, "facet": "n"}},
            "dataset.balance: column 'n' takes",
            "Balance on a column of few values",
        ),
        (
            changed("SEX", "3", slice(0, 6)),
            {"balance": SMOTE_SEX},
            "of SEX 3, and 5 neighbours of a row need at least 6",
            "Set dataset.balance.neighbors to at most",
        ),
        (
            changed("SEX", "3", slice(0, 1)),
            {"balance": SMOTE_SEX, "split": {**DATASET["split"], "train": 0.98, "validation": 0.01, "test": 0.01}},
            "dataset.balance.neighbors: the training part has 1 row of SEX 3, and 5",
            "Give the table more such rows, or balance on something else.",
        ),
        (
            changed("k", "5", slice(0, 400)),
            {"balance": {**SMOTE_SEX, "facet": "k"}},
            "dataset.balance: column 'k' is 5 in every row of the training part",
            "Balance on another column",
        ),
        (
            rows(2_000),
            {"balance": SMOTE_SEX, "categorical": ["n"]},
            "dataset.categorical[0]: column 'n' holds categories,",
            "Name a column of fewer values",
        ),
        (
            rows(),
            {"balance": SMOTE_SEX, "categorical": ["k"], "drop": ["ID", "x", "n"]},
            "dataset.balance: all columns are categories",
            "Take a column out of dataset.categorical",
        ),
        (
            changed("k", "", slice(3, 4)),
            {"balance": {**SMOTE_SEX, "facet": "k"}, "impute": "median"},
            "dataset.balance.facet: column 'k' has no value in 1 row, the first being row 4",
            "Fill these fields in",
        ),
        (
            rows(),
            {"balance": {**SMOTE_SEX, "facet": "SXE"}},
            "dataset.balance.facet: the table has no column 'SXE'",
            "Did you mean 'SEX'?",
        ),
        (rows(), {"categorical": ["K"]}, "dataset.categorical[0]: the table has no column 'K'", "Did you mean 'k'?"),
        (
            changed("x", "", slice(0, 400)),
            {"impute": "median"},
            "dataset.impute: column 'x' has no value in any of the training part's 200 rows",
            "Drop the column",
        ),
    ],
)
def test_what_cannot_be_balanced_or_imputed_is_refused(
    table: list[list[str]], changes: dict[str, Any], message: str, hint: str
) -> None:
    buckets = Buckets()
    with pytest.raises(Failure) as caught:
        prepared(table, buckets, **changes)
    assert message in str(caught.value)
    assert caught.value.hint
    assert hint in caught.value.hint
    assert buckets.writes == []


def gaps() -> list[list[str]]:
    """The rows with a tenth of x, of n and of k missing; the last rows of n are large."""
    table = rows()
    for place, row in enumerate(table):
        for offset, column in enumerate(("x", "n", "k")):
            if (place + offset) % 10 == 0:
                row[COLUMNS.index(column)] = ""
    return table


@pytest.mark.parametrize("method", ["median", "most_frequent"])
def test_every_part_is_filled_in_with_what_the_training_part_holds(method: str) -> None:
    without = prepared(gaps())
    found = prepared(gaps(), impute=method)
    known = [row for row in part(without, "train") if row[3]]
    numbers = [float(row[3]) for row in known]
    codes = [row[4] for row in part(without, "train") if row[4]]
    expected = float(np.median(numbers)) if method == "median" else max(sorted(set(numbers)), key=numbers.count)
    described = manifest(found[0])["impute"]
    assert described["method"] == method
    assert described["columns"]["n"] == {"value": expected, "rows": 40}
    assert described["columns"]["k"]["value"] == float(max(sorted(set(codes)), key=codes.count))
    for name in ("train", "validation", "test"):
        filled = part(found, name)
        for before, after in zip(part(without, name), filled, strict=True):
            assert [float(new) for old, new in zip(before, after, strict=True) if old] == [
                float(old) for old in before if old
            ]
            assert float(after[3]) == (float(before[3]) if before[3] else expected)
        assert all(len(row) == 5 and all(row) for row in filled)


def test_a_table_without_gaps_is_left_as_it_is() -> None:
    assert prepared(rows(), impute="median")[0].outputs["train"] == prepared(rows())[0].outputs["train"]


def test_gaps_that_are_filled_in_can_be_balanced() -> None:
    found = prepared(gaps(), impute="median", balance=SMOTE_SEX)
    assert manifest(found[0])["balance"]["added"] > 0
    assert all(all(row) for row in part(found, "train"))
