"""`prepare` of tables in other formats than CSV, of given parts, and into other files than CSV."""

import gzip
import io
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import dump_svmlight_file, load_svmlight_file
from specimen_components.clients import Aws
from specimen_components.command import Call, Result
from specimen_components.environment import Environment
from specimen_components.interface import PREPARE
from specimen_components.prepare import work
from specimen_components.problems import Failure, Unusable
from specimen_components.records import Recorder
from specimen_components.tables.request import parse
from specimen_components.tables.sources import Source, read
from specimen_components.waiting import LOCALLY, Clock

from tests.fakes import Buckets

PARTS = ("train", "validation", "test")
SPLIT = {"train": 0.6, "validation": 0.2, "test": 0.2, "seed": 7, "stratify": True}
ROWS = 50
RANDOM = np.random.default_rng(4)
X = RANDOM.integers(0, 17, (ROWS, 6), dtype=np.uint8) * RANDOM.integers(0, 2, (ROWS, 6), dtype=np.uint8)
Y = np.arange(ROWS) % 5
CUTS = {"train": slice(0, 30), "validation": slice(30, 40), "test": slice(40, 50)}
NAMES = [f"p{index}" for index in range(1, 7)]


def npz(**arrays: Any) -> bytes:
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    return packed.getvalue()


def npy(array: Any, version: tuple[int, int]) -> bytes:
    """An array in this version of NumPy's format; the third is for names that are no Latin."""
    written = io.BytesIO()
    np.lib.format.write_array(written, array, version)
    return written.getvalue()


def archive(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return packed.getvalue()


def given_arrays() -> dict[str, Any]:
    return {f"{part}_{name}": array[cut] for part, cut in CUTS.items() for name, array in (("x", X), ("y", Y))}


def frame(cut: slice = slice(None)) -> pd.DataFrame:
    return pd.DataFrame(X[cut], columns=NAMES).assign(y=Y[cut])


def parquet(table: pd.DataFrame) -> bytes:
    packed = io.BytesIO()
    table.to_parquet(packed)
    return packed.getvalue()


def csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False).encode()


def prepare(buckets: Buckets, source: str | dict[str, str], **dataset: Any) -> Result:
    aws = Aws(Environment("eu-west-1", None, local=True), lambda _: buckets)
    recorder = Recorder(aws, "s3://b/runs/r-1/prepare.json", "prepare", "r-1")
    given = {"source": source} if isinstance(source, str) else {"parts": source}
    arguments: dict[str, Any] = {**given, "dataset": {"label": "y", **dataset}, "destination": "s3://b/data"}
    return work(Call(PREPARE, "r-1", arguments, aws, recorder, Clock(), LOCALLY))


def put(content: bytes | dict[str, bytes]) -> tuple[Buckets, Any]:
    """A store with a source, or with one for each part."""
    buckets = Buckets()
    if isinstance(content, bytes):
        buckets.put("s3://b/t", content)
        return buckets, "s3://b/t"
    for part, own in content.items():
        buckets.put(f"s3://b/{part}", own)
    return buckets, {part: f"s3://b/{part}" for part in content}


def objects(buckets: Buckets, uri: Any) -> list[bytes]:
    """A part's objects: that one, or all under its prefix."""
    if not uri.endswith("/"):
        return [buckets.objects[uri]]
    return [content for name, content in sorted(buckets.objects.items()) if name.startswith(uri)]


def from_csv(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content), header=None, names=["y", *NAMES])


def from_libsvm(content: bytes) -> pd.DataFrame:
    values, labels = load_svmlight_file(io.BytesIO(content), n_features=len(NAMES))
    return pd.DataFrame(values.toarray(), columns=NAMES).assign(y=labels)


def from_parquet(content: bytes) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(content))


READERS = {"csv": from_csv, "libsvm": from_libsvm, "parquet": from_parquet}


def rows(tables: list[pd.DataFrame]) -> list[tuple[float, ...]]:
    """The rows of several tables, label first, in the order of their values."""
    return sorted(tuple(map(float, row)) for table in tables for row in table[["y", *NAMES]].to_numpy())


def test_arrays_may_be_stored_in_other_ways() -> None:
    """Column by column, in another byte order, as booleans, in the second version of the format."""
    x = np.asfortranarray(X.astype(">i4"))
    for content in (archive(x=npy(x, (2, 0)), y=npy(Y.astype(">f8"), (1, 0))), npz(x=X > 8, y=Y), npz(x=X / 16, y=Y)):
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            expected = pd.DataFrame(arrays["x"].astype(float), columns=NAMES).assign(y=arrays["y"].astype(float))
        buckets, uri = put(content)
        result = prepare(buckets, uri, format="npz", features=NAMES, split=SPLIT)
        assert rows([from_csv(buckets.objects[str(result.outputs[part])]) for part in PARTS]) == rows([expected])


SOURCES: dict[str, tuple[str, Any]] = {
    "npz": ("npz", npz(x=X.reshape(ROWS, 2, 3), y=Y.reshape(-1, 1))),
    "parquet": ("parquet", parquet(frame())),
    "csv": ("csv", csv(frame())),
}
LAST = {"test": csv(frame(CUTS["test"]).iloc[:, ::-1])}
GIVEN: dict[str, tuple[str, Any]] = {
    "npz": ("npz", npz(**given_arrays())),
    "npz, one a part": ("npz", {part: npz(x=X[cut], y=Y[cut]) for part, cut in CUTS.items()}),
    "parquet": ("parquet", {part: parquet(frame(cut)) for part, cut in CUTS.items()}),
    "csv": ("csv", {part: csv(frame(cut)) for part, cut in CUTS.items()}),
    "csv, packed": ("csv", {part: gzip.compress(csv(frame(cut))) for part, cut in CUTS.items()}),
    "csv, in another order": (
        "csv",
        {p: csv(frame(cut).iloc[:, :: -1 if p == "test" else 1]) for p, cut in CUTS.items()},
    ),
}


@pytest.mark.parametrize("shards", [1, 4])
@pytest.mark.parametrize("content_type", READERS)
@pytest.mark.parametrize("source", SOURCES)
def test_the_parts_are_together_the_table(source: str, content_type: str, shards: int) -> None:
    format_, content = SOURCES[source]
    more = {"features": NAMES} if format_ == "npz" else {}
    buckets, uri = put(content)
    result = prepare(buckets, uri, format=format_, split=SPLIT, content_type=content_type, shards=shards, **more)
    test_type = "libsvm" if content_type == "libsvm" else "csv"
    train = [READERS[content_type](one) for one in objects(buckets, result.outputs["train"])]
    validation = READERS[content_type](*objects(buckets, result.outputs["validation"]))
    test = READERS[test_type](*objects(buckets, result.outputs["test"]))
    assert rows([*train, validation, test]) == rows([frame()])
    assert [len(train), len(validation), len(test)] == [shards, 10, 10]
    for table in (*train, validation, test):  # stratified: each is like the whole
        assert set(table["y"]) == {0, 1, 2, 3, 4}
    assert str(result.outputs["validation"]).endswith(f"/validation.{content_type}")
    assert str(result.outputs["test"]).endswith(f"/test.{test_type}")
    assert result.outputs["train_with_header"] == ""
    assert result.outputs["columns"] == ["y", *NAMES]


@pytest.mark.parametrize("content_type", READERS)
@pytest.mark.parametrize("source", GIVEN)
def test_parts_that_are_given_stay_what_they_are(source: str, content_type: str) -> None:
    format_, content = GIVEN[source]
    more = {"features": NAMES} if format_ == "npz" else {}
    buckets, uri = put(content)
    result = prepare(buckets, uri, format=format_, content_type=content_type, **more)
    for part, cut in CUTS.items():
        read = READERS["csv" if part == "test" and content_type == "parquet" else content_type]
        found = read(*objects(buckets, result.outputs[part]))
        assert np.array_equal(found[["y", *NAMES]].to_numpy(), frame(cut)[["y", *NAMES]].to_numpy())
    manifest: Any = result.details["manifest"]
    assert manifest["rows"] == {"total": 50, "train": 30, "validation": 10, "test": 10}
    assert "s3://b/" in manifest["source"]["uri"]


def test_libsvm_may_be_given_in_parts() -> None:
    lines = {
        part: "".join(f"{row % 2} 1:{row} 2:0.{row}\n" for row in range(cut.start, cut.stop))
        for part, cut in CUTS.items()
    }
    buckets, uri = put({part: text.encode() for part, text in lines.items()})
    result = prepare(buckets, uri, format="libsvm", features=2)
    for part, text in lines.items():
        expected = text.replace(" 1:", ",").replace(" 2:", ",")
        assert buckets.text(str(result.outputs[part])) == expected


def test_libsvm_stays_what_it_is() -> None:
    """What a line leaves out is missing, and left out again."""
    text = io.BytesIO()
    dump_svmlight_file(X.astype(float), Y, text, zero_based=False)
    buckets, uri = put(text.getvalue())
    asked: dict[str, Any] = {"content_type": "libsvm", "shards": 3}
    result = prepare(buckets, uri, format="libsvm", features=NAMES, split=SPLIT, **asked)
    written = [one for part in PARTS for one in objects(buckets, result.outputs[part])]
    assert rows([from_libsvm(one) for one in written]) == rows([frame()])
    manifest: Any = result.details["manifest"]
    assert manifest["missing"] == {name: int((X[:, place] == 0).sum()) for place, name in enumerate(NAMES)}


def test_part_files_are_named_by_their_number_under_the_digest_of_all() -> None:
    buckets, uri = put(SOURCES["csv"][1])
    asked: dict[str, Any] = {"format": "csv", "split": SPLIT, "content_type": "libsvm", "shards": 3}
    result = prepare(buckets, uri, **asked)
    manifest: Any = result.details["manifest"]
    part = manifest["parts"]["train"]
    assert result.outputs["train"] == f"s3://b/data/{part['sha256'][:16]}/train/"
    assert [one["uri"] for one in part["files"]] == [f"{part['uri']}part-{n}-of-3.libsvm" for n in (1, 2, 3)]
    assert part["bytes"] == sum(len(buckets.objects[one["uri"]]) for one in part["files"])
    assert manifest["content_type"] == "libsvm"
    assert manifest["zeros_are_missing"] is True
    buckets.writes.clear()
    del buckets.objects[part["files"][1]["uri"]]
    assert prepare(buckets, uri, **asked) == result
    assert buckets.writes == [part["files"][1]["uri"], result.outputs["manifest"]]


def test_shards_of_moved_text_hold_the_fields_as_they_stood() -> None:
    table = "y,x\n" + "".join(f"{row % 2},{row}.50\n" for row in range(40))
    buckets, uri = put(table.encode())
    result = prepare(buckets, uri, format="csv", split=SPLIT, shards=5)
    shards = [one.decode().splitlines() for one in objects(buckets, result.outputs["train"])]
    rest = [buckets.text(str(result.outputs[part])).splitlines() for part in PARTS[1:]]
    assert sorted(line for lines in (*shards, *rest) for line in lines) == sorted(table.splitlines()[1:])
    assert {len(lines) for lines in shards} == {4, 5}
    assert all({line[0] for line in lines} == {"0", "1"} for lines in shards)


def test_a_table_in_turns_is_dealt_out_as_any_other() -> None:
    """Dealt out in the table's order, each of five shards would hold one of the five classes."""
    buckets, uri = put({part: csv(frame(cut)) for part, cut in CUTS.items()})
    result = prepare(buckets, uri, format="csv", shards=5)
    for shard in objects(buckets, result.outputs["train"]):
        assert set(from_csv(shard)["y"]) == {0, 1, 2, 3, 4}


def test_training_and_validation_are_packed_where_that_is_asked_for() -> None:
    buckets, uri = put(SOURCES["csv"][1])
    plain = prepare(buckets, uri, format="csv", split=SPLIT, shards=2)
    packed = prepare(buckets, uri, format="csv", split=SPLIT, shards=2, compression="gzip")
    assert packed.outputs["test"] == plain.outputs["test"]
    assert str(packed.outputs["validation"]).endswith("/validation.csv.gz")
    for part in PARTS[:2]:
        pairs = zip(objects(buckets, packed.outputs[part]), objects(buckets, plain.outputs[part]), strict=True)
        assert all(gzip.decompress(one) == other for one, other in pairs)


@pytest.mark.parametrize("content_type", READERS)
def test_bias_finds_the_training_part_with_a_header(content_type: str) -> None:
    buckets, uri = put(SOURCES["parquet"][1])
    facets = {"p1": {"above": 8}}
    asked: dict[str, Any] = {"favorable": {"values": [1]}, "facets": facets, "shards": 3, "content_type": content_type}
    result = prepare(buckets, uri, format="parquet", split=SPLIT, **asked)
    header, *lines = buckets.text(str(result.outputs["train_with_header"])).splitlines()
    assert header == ",".join(["y", *NAMES])
    train = [READERS[content_type](one) for one in objects(buckets, result.outputs["train"])]
    assert rows(train) == rows([from_csv("\n".join(lines).encode())])
    assert all(line.split(",")[1].endswith(".0") for line in lines)  # or Clarify would take it for a few categories


def test_labels_of_text_become_classes() -> None:
    names = np.array(["ant", "bee", "cat", "dog", "eel"])
    for content in (npz(x=X, y=names[Y]), npz(x=X, y=names[Y].astype("S"))):
        buckets, uri = put(content)
        result = prepare(buckets, uri, format="npz", split=SPLIT, classes=5, encode={"y": "ordinal"})
        manifest: Any = result.details["manifest"]
        assert manifest["encoding"]["classes"] == list(names)
        assert rows([from_csv(buckets.objects[str(result.outputs[part])]) for part in PARTS]) == rows([frame()])


def test_a_baseline_is_made_of_any_content_type() -> None:
    buckets, uri = put(SOURCES["npz"][1])
    asked: dict[str, Any] = {"format": "npz", "split": SPLIT, "baseline": "median"}
    found = {
        t: prepare(buckets, uri, **asked, content_type=t, shards=2).outputs["baseline"] for t in ("csv", "parquet")
    }
    assert found["csv"] == found["parquet"] != ""


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


def test_a_column_of_nulls_and_text_in_parquet_is_encoded() -> None:
    table = frame().assign(kind=pd.Series(["a", "b", None, "a", "b"] * 10), flag=[True, False] * 25)
    buckets, uri = put(parquet(table.astype({"kind": "category"})))
    result = prepare(buckets, uri, format="parquet", split=SPLIT, encode={"kind": "onehot"})
    assert result.outputs["columns"] == ["y", *NAMES, "kind=a", "kind=b", "flag"]
    sums = sum(
        np.loadtxt(io.BytesIO(buckets.objects[str(result.outputs[part])]), delimiter=",")[:, -3:].sum(axis=0)
        for part in PARTS
    )
    assert list(sums) == [20, 20, 25]
