"""`prepare` of tables in other formats than CSV, of given parts, and into other files than CSV."""

import gzip
import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import dump_svmlight_file

from tests.prepared import (
    CUTS,
    GIVEN,
    NAMES,
    PARTS,
    READERS,
    SOURCES,
    SPLIT,
    X,
    Y,
    archive,
    csv,
    frame,
    from_csv,
    from_libsvm,
    npy,
    npz,
    objects,
    parquet,
    prepare,
    put,
    rows,
)


def test_arrays_may_be_stored_in_other_ways() -> None:
    """Column by column, in another byte order, as booleans, in the second version of the format."""
    x = np.asfortranarray(X.astype(">i4"))
    for content in (archive(x=npy(x, (2, 0)), y=npy(Y.astype(">f8"), (1, 0))), npz(x=X > 8, y=Y), npz(x=X / 16, y=Y)):
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            expected = pd.DataFrame(arrays["x"].astype(float), columns=NAMES).assign(y=arrays["y"].astype(float))
        buckets, uri = put(content)
        result = prepare(buckets, uri, format="npz", features=NAMES, split=SPLIT)
        assert rows([from_csv(buckets.objects[str(result.outputs[part])]) for part in PARTS]) == rows([expected])


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


def test_a_code_of_digits_is_the_same_text_in_every_part() -> None:
    """Though one part holds no other codes, and could be read as numbers."""
    codes = {"train": ["01", "A1", "01", "1.50"], "validation": ["01", "A1"], "test": ["1.50", "01"]}
    tables = {part: pd.DataFrame({"code": own, "y": np.arange(len(own)) % 2}) for part, own in codes.items()}
    buckets, uri = put({part: csv(table) for part, table in tables.items()})
    result = prepare(buckets, uri, format="csv", encode={"code": "ordinal"})
    test = pd.read_csv(io.BytesIO(buckets.objects[str(result.outputs["test"])]), header=None, names=["y", "code"])
    assert test["code"].tolist() == [1, 0]
