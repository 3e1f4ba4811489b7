"""Tensors as text: every kind of value, in each form."""

import csv
import io
import json
import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from specimen.reporting.tensors import Listing, as_csv, as_json, as_table
from specimen.tensors import Tensor

Array = npt.NDArray[Any]


def listing(*values: Array, name: str = "t", collections: tuple[str, ...] = ()) -> Listing:
    steps = tuple(range(len(values)))
    return Listing("here", True, (), (), (Tensor(name, None, collections, steps, values),))


def in_json(value: Array) -> Any:
    return json.loads(as_json(listing(value)), parse_constant=pytest.fail)["tensors"][0]["values"][0]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (np.array([0.1], "f4"), 0.1),
        (np.array(0.1, "f2"), 0.1),
        (np.array([1 / 3]), 1 / 3),
        (np.array([7]), 7),
        (np.array([True]), True),
        (np.array(["a\n"]), "a\n"),
        (np.array([math.nan, math.inf, -math.inf], "f4"), [None, "Infinity", "-Infinity"]),
        (np.array([[1, 2], [3, 4]], "u1"), [[1, 2], [3, 4]]),
        (np.array([[0.3]], "f4"), [[0.3]]),
        (np.array([2 + 1j]), "(2+1j)"),
        (np.array([], "f4"), []),
    ],
)
def test_json_keeps_values_and_shapes(value: Array, found: Any) -> None:
    assert in_json(value) == found


def test_csv_says_where_in_its_array_a_value_stands() -> None:
    text = as_csv(listing(np.array([["a,b", "c"], ["d", 'e"']]), np.array([math.nan])))
    assert list(csv.reader(io.StringIO(text))) == [
        ["tensor", "feature", "step", "index", "value"],
        ["t", "", "0", "0 0", "a,b"],
        ["t", "", "0", "0 1", "c"],
        ["t", "", "0", "1 0", "d"],
        ["t", "", "0", "1 1", 'e"'],
        ["t", "", "1", "", "nan"],
    ]


def test_a_tensor_whose_shape_changes_is_summed_up() -> None:
    text = as_table(
        listing(np.array([1.5]), np.array([[1, 2, 3]] * 2000), np.array(["a", "b"]), np.array([math.nan, 1, 4], "f4"))
    )
    assert text == (
        """\
t
  step  shape      type     least   mean    largest
  0     1          float64  1.5000  1.5000  1.5000
  1     2,000 × 3  int64    1.0000  2.0000  3.0000
  2     2          <U1      -       -       -
  3     3          float32  1.0000  2.5000  4.0000
"""
    )


def test_what_is_in_no_collection_is_said_to_be() -> None:
    assert as_table(listing(np.array([12345]), name="x\x1b")) == "in no collection\n  step  x\\x1b\n  0     12,345\n"
    assert as_table(listing(np.array([1e-9]), collections=("a", "b"))) == "a, b\n  step  t\n  0     1e-09\n"
    assert "nan" in as_table(listing(np.array([math.nan])))


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((), "t"),
        ((4,), "t       4"),
        ((4, 1000), "t       4 and 1,000"),
        ((0, 2, 4), "t       0 to 4, every 2"),
        ((0, 2, 3, 4000), "t       0 to 4,000, 4 of them"),
    ],
)
def test_steps_are_told_in_few_words(steps: tuple[int, ...], said: str) -> None:
    tensor = Tensor("t", None, (), steps)
    lines = as_table(Listing("here", False, (), (), (tensor,))).splitlines()
    assert " ".join(lines[-1].split()) == " ".join(said.split())
    assert lines[0].startswith("here: 1 tensor, ")
