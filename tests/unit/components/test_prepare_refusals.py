"""Tables that are damaged, or do not fit the spec, are refused by `prepare` before anything is written."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specimen_components.clients import Aws
from specimen_components.command import Call
from specimen_components.environment import Environment
from specimen_components.interface import PREPARE
from specimen_components.prepare import work
from specimen_components.problems import Failure, Unusable
from specimen_components.records import Recorder
from specimen_components.tables.request import parse
from specimen_components.tables.sources import Source, read
from specimen_components.waiting import LOCALLY, Clock

from tests.fakes import Buckets
from tests.prepared import CUTS, GIVEN, SPLIT, X, Y, archive, csv, frame, given_arrays, npy, npz, parquet, prepare, put


class Programs:
    """What a pickle may hold: reading it would call `exit`."""

    def __reduce__(self) -> tuple[Callable[[int], None], tuple[int]]:
        return exit, (3,)


ONE: dict[str, Any] = {"split": SPLIT}
LACKING = {name: array for name, array in given_arrays().items() if name != "test_y"}
EMPTY = given_arrays() | {"test_x": X[:0], "test_y": Y[:0]}
NARROW = given_arrays() | {"test_x": X[40:, :5]}
BAD: dict[str, tuple[bytes, dict[str, Any], str]] = {
    "pickled": (npz(x=np.array([[Programs()]]), y=Y[:1]), ONE, "array x: it holds Python objects, stored as a pickle"),
    "a pickle": (b"\x80\x04K\x01.", ONE, "this is a pickle and not an npz"),
    "npy": (b"\x93NUMPY\x01\x00", ONE, "a single array"),
    "no zip": (b"x,y\n1,2\n", ONE, "this is not an npz"),
    "cut off": (npz(x=X, y=Y)[:-40], ONE, "this is not an npz"),
    "no arrays": (npz(images=X, labels=Y), ONE, "there is no array x, y among 'images', 'labels'"),
    "no parts": (npz(x=X, y=Y), {}, "there is no array train_x, train_y, validation_x"),
    "some parts": (npz(**LACKING), {}, "there is no array test_y"),
    "flat": (npz(x=X[:, 0], y=Y), ONE, r"array x: its shape is \(50,\), which is not rows × features"),
    "labels": (npz(x=X, y=Y[:9]), ONE, r"array y: its shape is \(9,\), and x has 50 rows"),
    "no rows": (npz(x=X[:0], y=Y[:0]), ONE, "array x: it has no rows"),
    "empty part": (npz(**EMPTY), {}, "array test_x: it has no rows"),
    "text": (npz(x=X.astype(str), y=Y), ONE, "array x: it holds <U3, and features are numbers"),
    "complex": (npz(x=X, y=Y.astype(complex)), ONE, "array y: it holds complex128"),
    "records": (archive(x=npy(np.zeros(3, dtype=[("日", "i4")]), (3, 0))), ONE, "array 'x' has records"),
    "widths": (npz(**NARROW), {}, "array test_x: a row has 5 numbers, and one of train_x has 6"),
    "features": (npz(x=X, y=Y), ONE | {"features": 7}, "a row has 6 numbers, and dataset.features declares 7 features"),
    "infinite": (npz(x=np.where(X == 16, np.inf, X), y=Y), ONE, "infinite value"),
    "text labels": (npz(x=X, y=np.array(["a", "b"])[Y % 2]), ONE, "column 'y', row 1: text 'a' where a number"),
    "names": (npz(x=X, y=Y), ONE | {"label": "1"}, "duplicate column '1'"),
    "cut short": (archive(x=npy(X, (1, 0))[:-3], y=npy(Y, (1, 0))), ONE, "array x: its header speaks of 300 bytes"),
    "num_class": (npz(x=X, y=Y), ONE | {"classes": 3}, "with training.hyperparameters.num_class: 3 a label is one of"),
    "below 0": (npz(x=X, y=Y - 1), ONE | {"classes": 5}, "and the objective needs the whole numbers from 0 to 4"),
    "shards": (npz(x=X, y=Y), ONE | {"shards": 31}, "dataset.shards: 31 part files for a training part of 30 rows"),
}


@pytest.mark.parametrize("case", BAD)
def test_arrays_that_are_no_table_are_refused(case: str) -> None:
    content, dataset, said = BAD[case]
    buckets, uri = put(content)
    with pytest.raises(Failure, match=said) as caught:
        prepare(buckets, uri, **{"format": "npz", **dataset})
    assert caught.value.hint
    assert buckets.writes == []


FILES = {
    "npz": npz(x=X, y=Y),
    "packed npz": npz(x=X / 2, y=np.array(["a", "b"])[Y % 2]),
    "parquet": parquet(frame().assign(kind="a")),
}


@settings(deadline=None, max_examples=200)
@given(form=st.sampled_from(list(FILES)), data=st.data())
def test_a_damaged_file_is_a_table_still_or_refused(
    tmp_path_factory: pytest.TempPathFactory, form: str, data: st.DataObject
) -> None:
    """Whatever bytes are changed, or wherever the file ends: nothing but one clear error."""
    content = bytearray(FILES[form])
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=3)):
        content[place] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("t") / "table"
    path.write_bytes(content[: data.draw(st.just(len(content)) | st.integers(0, len(content)))])
    encode = {"y": "ordinal"} | ({"kind": "onehot"} if form == "parquet" else {})
    request = parse({"format": form.split()[-1], "label": "y", "split": SPLIT, "encode": encode})
    try:
        table = read([Source("dataset.source", "table", path)], request, path.parent)
    except Failure as failure:
        assert str(failure).startswith("dataset.")
        assert failure.hint
    else:
        assert len(table.frame) > 0


def changed(part: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> dict[str, bytes]:
    return {name: csv(change(frame(cut)) if name == part else frame(cut)) for name, cut in CUTS.items()}


PARQUET = ONE | {"format": "parquet"}
NO_LABEL = changed("test", lambda table: table.assign(y=[np.nan, *table["y"][1:]]))
MIXED = csv(frame().assign(p1=[np.nan, *X[1:, 0]]))
DATES = parquet(frame().assign(when=pd.Timestamp("2026-01-01")))


@pytest.mark.parametrize(
    ("content", "dataset", "said"),
    [
        (
            changed("test", lambda table: table.drop(columns="p2")),
            {},
            r"dataset\.source\.test: it has no column 'p2'; .*7",
        ),
        (changed("validation", lambda table: table.assign(z=1)), {}, r"source\.validation: it has 'z' besides"),
        (changed("test", lambda table: table.iloc[:0]), {}, r"source\.test: the table has a header but no rows"),
        (changed("test", lambda table: table.assign(p3="x")), {}, r"source\.test: column 'p3', row 1: text 'x'"),
        (NO_LABEL, {}, r"'y' has no value in 1 row, the first being row 1 \(in the part test\)"),
        (changed("train", lambda table: table.assign(y=1)), {}, r"one class: every row is 1 \(in the part train\)"),
        (csv(frame()), {}, r"dataset\.split: 't' is one table, and nothing says how to divide it"),
        (csv(frame()), ONE | {"format": "xml"}, r"dataset\.format: 'xml' is not read"),
        (csv(frame()), PARQUET, r"dataset\.source: this is not a readable Parquet file"),
        (parquet(frame())[:-9], PARQUET, r"dataset\.source: this is not a readable Parquet file"),
        (parquet(frame().iloc[:0]), PARQUET, r"dataset\.source: the table has no rows"),
        (DATES, PARQUET, r"column 'when' holds timestamp.*, and no numbers"),
        (parquet(frame().assign(p1="a")), PARQUET, "column 'p1', row 1: text 'a'"),
        (
            MIXED,
            ONE | {"content_type": "libsvm"},
            r"contentType: column 'p1' holds zeros \(\d+ rows\) and misses values",
        ),
    ],
)
def test_tables_that_do_not_fit_are_refused(content: Any, dataset: dict[str, Any], said: str) -> None:
    buckets, uri = put(content)
    with pytest.raises(Failure, match=said) as caught:
        prepare(buckets, uri, **{"format": "csv", **dataset})
    assert caught.value.hint
    assert buckets.writes == []


def test_a_part_that_is_not_there_is_named() -> None:
    buckets, uri = put(GIVEN["csv"][1])
    del buckets.objects["s3://b/test"]
    with pytest.raises(Failure, match=r"dataset\.source\.test: there is no object s3://b/test"):
        prepare(buckets, uri, format="csv")


@pytest.mark.parametrize("arguments", [{}, {"source": "s3://b/t", "parts": {}}, {"parts": {"train": "s3://b/t"}}])
def test_a_source_or_all_parts_are_needed(arguments: dict[str, Any]) -> None:
    aws = Aws(Environment("eu-west-1", None, local=True), lambda _: Buckets())
    recorder = Recorder(aws, "s3://b/runs/r-1/prepare.json", "prepare", "r-1")
    given: dict[str, Any] = {**arguments, "dataset": {"label": "y"}, "destination": "s3://b/data"}
    with pytest.raises(Unusable, match="--parts"):
        work(Call(PREPARE, "r-1", given, aws, recorder, Clock(), LOCALLY))
