"""What the data chapter says of given parts, encodings and files."""

from typing import Any

import pytest
from specimen_components.report.collect import collect
from specimen_components.report.numbers import size
from specimen_components.report.sections.asked import asked as what_was_asked
from specimen_components.report.sections.data import data

Records = dict[str, dict[str, Any]]
PARTS = ("train", "validation", "test")


@pytest.fixture
def manifest(records: Records) -> dict[str, Any]:
    """The manifest in the run's record."""
    found: dict[str, Any] = records["prepare"]["details"]["manifest"]
    return found


def chapter(asked: dict[str, Any], records: Records) -> str:
    return data(collect("demo-001", asked, records, versions={}).trials[0])


def test_given_parts_are_named_with_their_tables(
    asked: dict[str, Any], records: Records, manifest: dict[str, Any]
) -> None:
    manifest["source"] = {"uri": "all", "parts": {part: {"uri": f"s3://b/{part}.parquet"} for part in PARTS}}
    text = chapter(asked, records)
    assert "<h3>Parts, as they were given</h3>" in text
    assert '<th scope="row">test</th><td>30</td><td>15.0%</td><td><code>s3://b/test.parquet</code></td>' in text
    assert "<dt>Source</dt>" not in text


def test_what_was_asked_names_given_parts_too(asked: dict[str, Any], records: Records) -> None:
    asked["document"]["dataset"] = {"source": {part: f"{part}.csv" for part in PARTS}, "label": "y"}
    text = what_was_asked(collect("demo-001", asked, records, versions={}))
    assert "<dt>Data</dt><dd><div>train: <code>train.csv</code></div><div>validation: " in text
    assert "<dt>Split</dt><dd>as the source gives it</dd>" in text


@pytest.mark.parametrize(
    ("sizes", "said"),
    [
        ([], "libsvm"),
        ([41_200], "libsvm"),
        ([41_200, 41_210], "libsvm; the training part in 2 files of 41.2 KB"),
        ([41_200, 3_500_000, 812], "libsvm; the training part in 3 files of 812 bytes to 3.5 MB"),
    ],
)
def test_the_files_of_the_training_part_are_counted_and_weighed(
    asked: dict[str, Any], records: Records, manifest: dict[str, Any], sizes: list[int], said: str
) -> None:
    files = [{"uri": f"s3://b/train/{index}", "bytes": count} for index, count in enumerate(sizes)]
    manifest |= {"content_type": "libsvm", "parts": {"train": {"uri": "s3://b/train/", "files": files}}}
    assert f"<dt>Written as</dt><dd>{said}</dd>" in chapter(asked, records)


def test_zeros_that_are_left_out_are_said(asked: dict[str, Any], records: Records, manifest: dict[str, Any]) -> None:
    assert "<dt>Zeros</dt>" not in chapter(asked, records)
    manifest["zeros_are_missing"] = True
    assert "left out of the files, so that the model takes a zero for a missing value" in chapter(asked, records)


def test_encodings_and_classes(asked: dict[str, Any], records: Records, manifest: dict[str, Any]) -> None:
    assert "Encoded columns" not in chapter(asked, records)
    manifest["encoding"] = {
        "classes": ["no", "<yes>"],
        "encode": {"town": {"method": "onehot", "values": [f"t{index}" for index in range(14)]}},
    }
    manifest["unseen"] = {"town": {"rows": 3, "values": ["x", "z"], "method": "onehot"}}
    text = chapter(asked, records)
    assert "<code>y</code></th><td>numbers from 0, in this order</td><td>2</td><td>no, &lt;yes&gt;</td>" in text
    assert "<code>town</code></th><td>a column for each value</td><td>14</td><td>t0, t1, t2, t3, " in text
    assert "t11, and 2 more</td>" in text
    assert (
        "<code>town</code>: 3 rows of validation and test hold values that no training row has, such as x, z: "
        "all its columns are 0 there." in text
    )
    assert "<code>&lt;yes&gt;</code><small>1</small></th>" in text


def test_many_columns_with_missing_values_are_folded(
    asked: dict[str, Any], records: Records, manifest: dict[str, Any]
) -> None:
    manifest["missing"] = {f"c{index}": 1 for index in range(20)}
    assert "<summary>" not in chapter(asked, records)
    manifest["missing"]["more"] = 1
    assert "<summary>21 columns with missing values</summary>" in chapter(asked, records)


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 KB"), (999_960, "1.0 MB"), (2.5e9, "2.5 GB"), (3e15, "3000.0 TB")],
)
def test_sizes_read_well(count: float, said: str) -> None:
    assert size(int(count)) == said
