"""`prepare` over S3: what it writes, that it reads nothing twice, and what it refuses."""

import errno
import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from specimen_components.clients import Aws
from specimen_components.command import Call, Result
from specimen_components.environment import Environment
from specimen_components.interface import PREPARE
from specimen_components.prepare import main, work
from specimen_components.problems import Failure
from specimen_components.records import Recorder
from specimen_components.waiting import LOCALLY, Clock

from tests.fakes import Buckets

ROOT = Path(__file__).resolve().parents[3]
SOURCE, DESTINATION = "s3://b/sources/t.csv", "s3://b/data"
DATASET: dict[str, Any] = {
    "format": "csv",
    "label": "y",
    "drop": ["ID"],
    "split": {"train": 0.5, "validation": 0.25, "test": 0.25, "seed": 7, "stratify": True},
    "facets": {"SEX": {"values": [1]}},
    "group": None,
    "favorable": {"values": [0]},
}
NUMBERS: dict[str, Any] = {**DATASET["split"], "stratify": False}
TABLE = "ID,SEX,x,y\n" + "".join(f"{row},{1 + row // 2 % 2},{row}.50,{row % 2}\n" for row in range(40))


@pytest.fixture
def buckets() -> Buckets:
    made = Buckets()
    made.put(SOURCE, TABLE)
    return made


def call(buckets: Buckets, **changes: Any) -> Call:
    aws = Aws(Environment("eu-west-1", None, local=True), lambda _: buckets)
    recorder = Recorder(aws, "s3://b/runs/r-1/prepare.json", "prepare", "r-1")
    arguments: dict[str, Any] = {"source": SOURCE, "dataset": {**DATASET, **changes}, "destination": DESTINATION}
    return Call(PREPARE, "r-1", arguments, aws, recorder, Clock(), LOCALLY)


def lines(buckets: Buckets, result: Result, part: str) -> list[str]:
    return buckets.text(str(result.outputs[part])).splitlines()


def test_the_parts_are_disjoint_and_together_the_table(buckets: Buckets) -> None:
    result = work(call(buckets))
    parts = [lines(buckets, result, part) for part in ("train", "validation", "test")]
    assert [len(part) for part in parts] == [20, 10, 10]
    expected = {f"{row % 2},{1 + row // 2 % 2},{row}.50" for row in range(40)}
    assert {line for part in parts for line in part} == expected
    assert result.outputs["columns"] == ["y", "SEX", "x"]
    assert lines(buckets, result, "train_with_header") == ["y,SEX,x", *parts[0]]


def test_a_baseline_is_a_file_of_features_where_one_is_asked_for(buckets: Buckets) -> None:
    assert work(call(buckets)).outputs["baseline"] == ""
    result = work(call(buckets, baseline="median"))
    train = [list(map(float, line.split(","))) for line in lines(buckets, result, "train")]
    expected = [median(row[column] for row in train) for column in (1, 2)]
    assert [float(value) for value in lines(buckets, result, "baseline")[0].split(",")] == expected
    manifest: Any = result.details["manifest"]
    assert manifest["parts"]["baseline"]["sha256"][:16] in str(result.outputs["baseline"])
    assert work(call(buckets, baseline="median")).outputs == result.outputs


def test_everything_is_named_by_its_content_and_the_manifest_comes_last(buckets: Buckets) -> None:
    result = work(call(buckets))
    manifest: Any = result.details["manifest"]
    train = manifest["parts"]["train"]
    assert result.outputs["train"] == f"{DESTINATION}/{train['sha256'][:16]}/train.csv"
    assert train["bytes"] == len(buckets.objects[train["uri"]])
    assert manifest["label"]["counts"]["train"] == {"0": 10, "1": 10}
    assert buckets.writes[-1] == result.outputs["manifest"]
    assert json.loads(buckets.text(str(result.outputs["manifest"]))) == manifest
    assert "| train | 20 |" in str(result.artifacts["summary"])


def test_an_equal_call_reads_nothing_but_the_manifest(buckets: Buckets) -> None:
    first = work(call(buckets))
    buckets.writes.clear()
    buckets.reads.clear()
    assert work(call(buckets)) == first
    assert buckets.writes == []
    assert buckets.reads == [first.outputs["manifest"]]


def test_a_changed_source_or_argument_is_new_work(buckets: Buckets) -> None:
    first = work(call(buckets))
    other = work(call(buckets, split={**DATASET["split"], "seed": 8}))
    buckets.put(SOURCE, TABLE + "40,1,40.50,0\n41,2,41.50,1\n")
    third = work(call(buckets))
    assert len({str(result.outputs["manifest"]) for result in (first, other, third)}) == 3


def test_a_part_that_was_deleted_is_written_again(buckets: Buckets) -> None:
    first = work(call(buckets))
    buckets.writes.clear()
    del buckets.objects[str(first.outputs["test"])]
    assert work(call(buckets)) == first
    assert buckets.writes == [first.outputs["test"], first.outputs["manifest"]]


class Restless(Buckets):
    """A store in which the source is replaced while it is read."""

    def download_file(self, bucket: str, key: str, path: str) -> None:
        super().download_file(bucket, key, path)
        self.put(SOURCE, TABLE + "99,1,1,1\n")


def test_a_source_that_changes_while_it_is_read_is_refused() -> None:
    """What was read would otherwise be filed under the digest of what was there before."""
    restless = Restless()
    restless.put(SOURCE, TABLE)
    with pytest.raises(Failure, match="was changed while it was read"):
        work(call(restless))
    assert restless.writes == []


class Full(Buckets):
    """A store beside which the disk is full."""

    def download_file(self, bucket: str, key: str, path: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_disk_that_is_full_before_the_table_is_there_is_one_message() -> None:
    full = Full()
    full.put(SOURCE, TABLE)
    with pytest.raises(Failure, match="source cannot be written: No space left on device") as caught:
        work(call(full))
    assert "Free space" in str(caught.value.hint)
    assert full.writes == []


# in a process of its own: the limit would also hold for the file that takes this one's output
LIMITED = """
import resource
from specimen_components.problems import Failure
from tests.unit.components.test_prepare import SOURCE, TABLE, Buckets, call, work

class Filling(Buckets):
    def download_file(self, bucket, key, path):
        super().download_file(bucket, key, path)
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))

filling = Filling()
filling.put(SOURCE, TABLE)
try:
    work(call(filling))
except Failure as failure:
    print(failure, failure.hint, len(filling.writes), sep="\\n")
"""


def test_a_disk_that_fills_up_while_parts_are_written_is_one_message() -> None:
    done = subprocess.run([sys.executable, "-c", LIMITED], cwd=ROOT, capture_output=True, text=True, check=False)
    *_, message, hint, writes = done.stdout.splitlines()
    assert re.search("a file in /.*/prepare-.* cannot be written: File too", message), done
    assert "Free space" in hint
    assert writes == "0"


def test_a_packed_table_gives_the_same_parts(buckets: Buckets) -> None:
    plain = work(call(buckets))
    buckets.put(SOURCE, gzip.compress(TABLE.encode()))
    packed = work(call(buckets))
    assert packed.outputs["train"] == plain.outputs["train"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, f"dataset.source: there is no object {SOURCE}"),
        (b"", f"dataset.source: {SOURCE} is empty"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:-6], "the gzip file is damaged"),
        (gzip.compress(b"", mtime=0), "the table is empty"),
        (b"SEX,x,y\n1,2,3\n", "dataset.drop[0]: the table has no column 'ID'"),
    ],
)
def test_a_bad_source_is_refused_and_nothing_is_written(buckets: Buckets, content: bytes | None, message: str) -> None:
    del buckets.objects[SOURCE]
    if content is not None:
        buckets.put(SOURCE, content)
    with pytest.raises(Failure) as caught:
        work(call(buckets))
    assert message in str(caught.value)
    assert caught.value.hint
    assert buckets.writes == []


@pytest.mark.parametrize(
    ("classes", "labels", "wanted"),
    [
        (2, ("1", "2"), "column 'y' holds 1, 2, and the objective needs 0 and 1"),
        (2, ("0", "0.5"), "column 'y' holds 0, 0.5, and the objective needs 0 and 1"),
        (3, ("0", "3"), "column 'y' holds 0, 3, and with training.hyperparameters.num_class: 3 a label is one of"),
    ],
)
def test_labels_that_are_not_the_objectives_classes_are_refused(
    buckets: Buckets, classes: int, labels: tuple[str, str], wanted: str
) -> None:
    buckets.put(SOURCE, "ID,SEX,x,y\n" + "".join(f"{n},{1 + n // 2 % 2},{n},{labels[n % 2]}\n" for n in range(40)))
    with pytest.raises(Failure) as caught:
        work(call(buckets, classes=classes))
    assert wanted in str(caught.value)


@pytest.mark.parametrize(
    ("classes", "first", "encode", "hint"),
    [
        (2, 0, {}, "There are 3 classes: take a multi: objective, set its num_class to 3."),
        (2, 1, {}, "set its num_class to 3, and dataset.encode: {y: ordinal}."),
        (2, 1, {"y": "ordinal"}, "set its num_class to 3."),
        (3, 1, {}, "Set num_class to 4, or dataset.encode: {y: ordinal}, which numbers the 3 classes from 0."),
    ],
)
def test_too_few_classes_are_told_with_what_mends_them(
    buckets: Buckets, classes: int, first: int, encode: dict[str, str], hint: str
) -> None:
    rows = "".join(f"{n},{1 + n // 2 % 2},{n},{first + n % 3}\n" for n in range(60))
    buckets.put(SOURCE, "ID,SEX,x,y\n" + rows)
    with pytest.raises(Failure) as caught:
        work(call(buckets, classes=classes, encode=encode))
    assert str(caught.value.hint).endswith(hint)


def test_a_class_too_rare_for_a_stratified_split_has_the_name_that_the_table_gives_it(buckets: Buckets) -> None:
    rows = "".join(f"{n},{1 + n // 2 % 2},{n},{('no', 'yes')[n % 2]}\n" for n in range(40))
    buckets.put(SOURCE, f"ID,SEX,x,y\n{rows}40,1,40,maybe\n")
    split = {"train": 0.7, "validation": 0.15, "test": 0.15, "seed": 42, "stratify": True}
    with pytest.raises(Failure, match="the label's class 'maybe' has 1 row"):
        work(call(buckets, classes=3, encode={"y": "ordinal"}, split=split))


def test_labels_that_are_some_of_the_objectives_classes_are_taken(buckets: Buckets) -> None:
    assert work(call(buckets, classes=3)).outputs["columns"] == ["y", "SEX", "x"]


def test_real_data_is_split_and_counted(buckets: Buckets, shared_data: Any) -> None:
    table: Path = shared_data("data/default_of_credit_card_clients.csv.gz")
    buckets.put(SOURCE, table.read_bytes())
    label = "default payment next month"
    split = {"train": 0.7, "validation": 0.15, "test": 0.15, "seed": 42, "stratify": True}
    manifest: Any = work(call(buckets, label=label, split=split, group="AGE")).details["manifest"]
    assert manifest["rows"] == {"total": 30_000, "train": 21_000, "validation": 4_500, "test": 4_500}
    ones = [counts["1"] for counts in manifest["label"]["counts"].values()]
    assert sum(ones) == 6_636
    assert abs(ones[0] - 0.7 * 6_636) <= 2
    assert manifest["columns"][:3] == [label, "LIMIT_BAL", "SEX"]


def test_a_call_without_its_arguments_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--run", "r-1"])
    assert caught.value.code == 2
    assert "--source" in capsys.readouterr().err


LINES = "".join(f"{row % 2} 1:{1 + row // 2 % 2} {f'2:{row}.50' if row else ''} 3:{row}\n" for row in range(40))
LIBSVM: dict[str, Any] = {"format": "libsvm", "features": ["SEX", "x", "ID"]}


@pytest.mark.parametrize("pack", [str.encode, lambda text: gzip.compress(text.encode())])
def test_a_libsvm_table_is_prepared_as_the_same_table_in_csv_is(buckets: Buckets, pack: Callable[[str], bytes]) -> None:
    """Label first, the rest in the order of the indices; what a line leaves out is missing."""
    expected = work(call(buckets))
    buckets.put(SOURCE, pack(LINES))
    result = work(call(buckets, **LIBSVM))
    for part in ("train", "validation", "test"):
        assert lines(buckets, result, part) == [line.replace(",0.50", ",") for line in lines(buckets, expected, part)]
    assert result.outputs["columns"] == ["y", "SEX", "x"]
    manifest: Any = (result.details or {})["manifest"]
    assert manifest["missing"] == {"x": 1}


def test_features_of_a_number_are_called_by_their_indices(buckets: Buckets) -> None:
    buckets.put(SOURCE, LINES)
    result = work(call(buckets, **LIBSVM | {"features": 3, "drop": ["2"], "facets": {"1": {"values": [1]}}}))
    assert result.outputs["columns"] == ["y", "1", "3"]


def test_a_line_that_is_not_libsvm_is_named_with_the_source(buckets: Buckets) -> None:
    buckets.put(SOURCE, LINES + "1 1:1 4:2\n")
    with pytest.raises(Failure, match=r"dataset\.source: t\.csv, line 41: '4:2' has the index 4"):
        work(call(buckets, **LIBSVM))


def test_integers_that_bias_divides_at_a_bound_are_written_with_a_point(buckets: Buckets) -> None:
    """Few distinct integers are categories for Clarify, and a bound would be one of them; floats never are."""
    plain = work(call(buckets))
    result = work(call(buckets, facets={"SEX": {"above": 1}}, favorable={"above": 0}))
    for part in ("train", "validation", "test", "train_with_header"):
        fields = [line.split(",") for line in lines(buckets, plain, part)]
        assert lines(buckets, result, part) == [f"{y}.0,{sex}.0,{x}" if y != "y" else "y,SEX,x" for y, sex, x in fields]


def test_a_class_stays_a_whole_number(buckets: Buckets) -> None:
    """The classes above a bound are named one by one, so that nothing is to be told of them."""
    result = work(call(buckets, classes=2, favorable={"above": 0}))
    assert {line.split(",")[0] for line in lines(buckets, result, "train")} == {"0", "1"}


@pytest.mark.parametrize(
    ("labels", "label", "said"),
    [
        ({"objective": "count:poisson", "min": 0}, "-1", "row 2: -1, and count:poisson learns what is at least 0"),
        ({"objective": "reg:gamma", "above": 0}, "0", "row 2: 0, and reg:gamma learns what is above 0"),
        ({"objective": "reg:logistic", "min": 0, "max": 1}, "1.5", "row 2: 1.5, .* is at least 0 and at most 1"),
    ],
)
def test_a_label_that_the_objective_cannot_learn_is_named(
    buckets: Buckets, labels: dict[str, Any], label: str, said: str
) -> None:
    plain: dict[str, Any] = {"facets": {}, "favorable": None}
    buckets.put(SOURCE, "ID,x,y\n" + "".join(f"{row},{row},{1 / (2 + row)}\n" for row in range(20)))
    assert work(call(buckets, **plain, split=NUMBERS, labels=labels)).outputs
    buckets.put(SOURCE, "ID,x,y\n1,2,0.5\n2,3," + f"{label}\n" + "3,4,0.25\n")
    with pytest.raises(Failure, match=said) as caught:
        work(call(buckets, **plain, split=NUMBERS, labels=labels))
    assert "(1 such row)" in str(caught.value)
