"""Categories become numbers, in the parts and in rows that are asked later alike."""

import gzip
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specimen_components.tables import encoding
from specimen_components.tables.errors import TableError
from specimen_components.tables.request import PARTS, parse
from specimen_components.tables.sources import Source
from specimen_components.tables.summary import markdown
from specimen_components.tables.transforming import transform

SPLIT = {"train": 0.5, "validation": 0.25, "test": 0.25, "seed": 3, "stratify": False}
ENCODE = {"city": "onehot", "grade": "ordinal", "y": "ordinal"}


def prepared(folder: Path, text: str, **members: Any) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """The manifest, and the parts as frames of text with their columns' names."""
    (folder / "t.csv").write_text(text, encoding="utf-8")
    asked = {"label": "y", "split": SPLIT, "encode": ENCODE, **members}
    told, files = transform([Source("dataset.source", "t.csv", folder / "t.csv")], parse(asked), folder)
    names = told["columns"]
    return told, {part: pd.read_csv(files[part][0], names=names) for part in PARTS}


def made(folder: Path) -> Path:
    """A folder for the parts."""
    (folder / "parts").mkdir()
    return folder / "parts"


def table(*rows: str) -> str:
    return "\n".join(["id,city,grade,x,y", *rows]) + "\n"


ROWS = [f"{row},{('Rome', 'Oslo', '')[row % 3]},{10 * (row % 4)},{row}.5,{('no', 'yes')[row % 2]}" for row in range(40)]


def test_columns_are_encoded_in_their_places(tmp_path: Path) -> None:
    told, parts = prepared(tmp_path, table(*ROWS), drop=["id"])
    assert told["columns"] == ["y", "city=Oslo", "city=Rome", "grade", "x"]
    whole = pd.concat(parts.values()).sort_values("x")
    assert whole["y"].tolist() == [row % 2 for row in range(40)]
    assert whole["city=Rome"].tolist() == [int(row % 3 == 0) for row in range(40)]
    assert whole["city=Oslo"].tolist() == [int(row % 3 == 1) for row in range(40)]
    assert whole["grade"].tolist() == [row % 4 for row in range(40)]
    assert told["encoding"] == {
        "source_columns": ["id", "city", "grade", "x", "y"],
        "label": "y",
        "drop": ["id"],
        "encode": {
            "city": {"method": "onehot", "values": ["Oslo", "Rome"]},
            "grade": {"method": "ordinal", "values": [0, 10, 20, 30]},
        },
        "classes": ["no", "yes"],
        "impute": {},
    }


def test_what_training_never_holds_is_missing_and_said(tmp_path: Path) -> None:
    """Only the training part decides; here the parts are given, so that it is known what is in which."""
    for part, city in {"train": "Rome", "validation": "Oslo", "test": "Bern"}.items():
        rows = [
            f"{row},{city if row == 3 else 'Rome'},{5 if city == 'Rome' or row else 6},1,{'ab'[row % 2]}"
            for row in range(6)
        ]
        (tmp_path / f"{part}.csv").write_text(table(*rows))
    sources = [Source(f"dataset.source.{part}", f"{part}.csv", tmp_path / f"{part}.csv") for part in PARTS]
    told, files = transform(sources, parse({"label": "y", "encode": ENCODE}), made(tmp_path))
    assert told["columns"] == ["y", "id", "city=Rome", "grade", "x"]
    assert told["unseen"] == {
        "city": {"rows": 2, "values": ["Bern", "Oslo"], "method": "onehot"},
        "grade": {"rows": 2, "values": [6], "method": "ordinal"},
    }
    assert files["test"][0].read_text().splitlines()[0] == "0,0,1,,1"
    assert files["test"][0].read_text().splitlines()[3] == "1,3,0,0,1"
    text = markdown(told)
    assert (
        "city: validation and test hold values in 2 rows that training never holds (Bern, Oslo): all its columns"
        in text
    )
    assert "(6): it is missing there." in text


texts = st.sampled_from(["Oslo", "Rome", "a, b", 'say "x"', "é", "7", " "])
numbers = st.one_of(st.integers(-(2**40), 2**40), st.floats(-1e12, 1e12), st.none())
rows = st.lists(st.tuples(st.none() | texts, st.none() | st.integers(0, 3), numbers), min_size=12, max_size=40)


@settings(deadline=None, max_examples=60)
@given(rows=rows, impute=st.sampled_from([None, "median", "most_frequent"]), as_text=st.booleans())
def test_rows_asked_later_are_encoded_as_those_of_the_parts(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], impute: str | None, as_text: bool
) -> None:
    """For each row of each part: its raw row, encoded by the manifest, is what `prepare` wrote."""
    learnable = [("Oslo", 1, 1.0)] * 6  # whatever the split
    frame = pd.DataFrame([*learnable, *rows], columns=["city", "grade", "x"])
    frame["id"], frame["y"] = np.arange(len(frame)), ["ab"[row % 2] for row in range(len(frame))]
    raw = frame.to_csv(index=False)
    try:
        told, parts = prepared(tmp_path_factory.mktemp("t"), raw, impute=impute)
    except TableError as error:  # a training part without any value of a column
        assert "has no value in" in str(error)
        return
    options: dict[str, Any] = {"dtype": str} if as_text else {}
    given = pd.read_csv(io.StringIO(raw), keep_default_na=False, na_values=[""], **options)
    found = encoding.encoded(given, told)
    written = pd.concat(parts.values()).sort_values("id")
    assert list(found) == told["columns"][1:]
    assert np.array_equal(found.to_numpy(float), written[list(found)].to_numpy(float), equal_nan=True)


def test_rows_are_written_as_a_request(tmp_path: Path) -> None:
    told, _ = prepared(tmp_path, table(*ROWS), drop=["id"])
    given = pd.DataFrame({"city": ["Rome", "Bern"], "grade": ["20", ""], "x": ["0.5", "0"]})
    found = encoding.encoded(given, told)
    assert encoding.written(found, "text/csv") == b"0,1,2,0.5\n0,0,,0\n"
    assert encoding.written(found, "text/libsvm") == b"0 0:0 2:1 3:2 4:0.5 5:0\n0 0:0 5:0\n"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"city": ["Rome"], "grade": [1]}, "the rows have no column 'x'"),
        ({"city": ["Rome"], "grade": [1], "x": [1], "Y": [1]}, "a column 'Y', and the table that .* has none"),
        ({"city": ["Rome"], "grade": [1], "x": ["1", "two"]}, "column 'x', row 2: text 'two'"),
        ({"city": ["Rome"], "grade": [1], "x": [float("inf")]}, "column 'x', row 1: infinite value"),
    ],
)
def test_rows_that_are_not_the_table_s_are_refused(tmp_path: Path, given: dict[str, Any], said: str) -> None:
    told, _ = prepared(tmp_path, table(*ROWS), drop=["id"])
    length = max(map(len, given.values()))
    with pytest.raises(TableError, match=said) as caught:
        encoding.encoded(pd.DataFrame({name: values * (length // len(values)) for name, values in given.items()}), told)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"encode": {"city": "hash"}}, "dataset.encode.city: 'hash' is no way to encode"),
        ({"encode": {"town": "onehot"}}, "dataset.encode.town: the table has no column 'town'"),
        ({"encode": {"city": "onehot"}, "drop": ["city"]}, "dataset.encode.city: column 'city' is dropped"),
        ({"encode": {"y": "onehot"}}, "dataset.encode.y: column 'y' is the label"),
        (
            {"encode": {"city": "onehot"}, "facets": {"city": {"values": [0]}}},
            r"'city' is a facet \(bias.facets.city\)",
        ),
        ({"encode": {"city": "onehot"}, "group": "city"}, "'city' is the group of bias"),
        ({"encode": {"city": "onehot"}, "categorical": ["city"]}, "'city' is categorical"),
        ({"encode": {"city": "onehot"}, "balance": {"label": True, "neighbors": 5}}, "dataset.balance: SMOTE would"),
        ({"encode": {"y": "ordinal"}}, "column 'city', row 1: text 'Rome' where a number is expected"),
        ({"encode": {"city": "ordinal"}}, "column 'y', row 1: text 'no' where a number is expected"),
        ({"encode": ENCODE, "facets": {"city": {"values": ["Rome"]}}}, "bias.facets.city: 'Rome' is no number"),
    ],
)
def test_what_cannot_be_encoded_so_is_refused(tmp_path: Path, members: dict[str, Any], said: str) -> None:
    with pytest.raises(TableError, match=said) as caught:
        prepared(tmp_path, table(*ROWS), **members)
    assert caught.value.hint


def test_a_facet_may_be_numbered(tmp_path: Path) -> None:
    city = [row.replace(",,", ",Bern,") for row in ROWS]
    members: dict[str, Any] = {"facets": {"city": {"values": [2]}}, "favorable": {"values": [1]}}
    told, parts = prepared(tmp_path, table(*city), encode=ENCODE | {"city": "ordinal"}, **members)
    assert sum(told["facets"]["city"]["train"].values()) == 20
    assert parts["train"]["city"].isin([0, 1, 2]).all()


def test_a_facet_that_training_does_not_know_is_refused(tmp_path: Path) -> None:
    for part in PARTS:
        rows = [f"{row},{'Bern' if part == 'test' else 'Rome' if row else 'Oslo'},1,1,{row % 2}" for row in range(6)]
        (tmp_path / f"{part}.csv").write_text(table(*rows))
    sources = [Source(f"dataset.source.{part}", f"{part}.csv", tmp_path / f"{part}.csv") for part in PARTS]
    request = parse({"label": "y", "encode": {"city": "ordinal"}, "facets": {"city": {"values": [0]}}})
    with pytest.raises(
        TableError, match=r"bias.facets.city: column 'city' holds 'Bern' in 6 rows of validation and test"
    ):
        transform(sources, request, made(tmp_path))


def test_too_many_columns_of_one_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "MOST", 1)
    with pytest.raises(TableError, match=r"dataset.encode.city: column 'city' takes 2 values"):
        prepared(tmp_path, table(*ROWS))


def test_a_name_that_there_is_already_is_refused(tmp_path: Path) -> None:
    text = table(*ROWS).replace("id,city", "city=Rome,city")
    with pytest.raises(TableError, match="its column 'city=Rome' has the name of another"):
        prepared(tmp_path, text)


ADULT = [
    *("age", "workclass", "weight", "education", "years", "marital", "occupation", "relationship", "race", "sex"),
    *("gain", "loss", "hours", "country", "y"),
]


def test_real_text_is_encoded(tmp_path: Path, shared_data: Any) -> None:
    """UCI's census: blanks after commas belong to the fields, and its question marks are values as any other."""
    with gzip.open(shared_data("data/adult.data.gz"), "rt") as file:
        lines = [line for line in file.read().splitlines() if line]
    texts = ("workclass", "education", "marital", "occupation", "relationship", "race", "sex", "country")
    encode = dict.fromkeys(texts, "onehot") | {"sex": "ordinal", "y": "ordinal"}
    told, parts = prepared(tmp_path, "\n".join([",".join(ADULT), *lines]), encode=encode)
    known = told["encoding"]
    assert known["classes"] == [" <=50K", " >50K"]
    assert known["encode"]["sex"]["values"] == [" Female", " Male"]
    assert " ?" in known["encode"]["occupation"]["values"]
    education = [f"education={value}" for value in known["encode"]["education"]["values"]]
    assert len(education) == 16
    whole = pd.concat(parts.values())
    assert len(whole) == len(lines)
    assert (whole[education].sum(axis=1) == 1).all()
    assert whole["sex"].sum() == sum(", Male," in line for line in lines)
