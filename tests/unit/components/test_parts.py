"""A prefix of part files is whole, or no job is created from it."""

from typing import Any

import pytest
from specimen_components import parts
from specimen_components.clients import Aws
from specimen_components.command import Call
from specimen_components.environment import Environment
from specimen_components.interface import TRAIN
from specimen_components.problems import Failure
from specimen_components.records import Recorder
from specimen_components.train import work as train
from specimen_components.tune import work as tune
from specimen_components.waiting import LOCALLY, Clock

from tests.fakes import Buckets

PREFIX = "s3://b/d/train/"


def call(*names: str, **arguments: Any) -> Call:
    """A call over a store that holds these objects of the training part."""
    buckets = Buckets()
    for name in names:
        buckets.put(PREFIX + name, "1,2\n")
    aws = Aws(Environment("eu-west-1", None, local=True), lambda _: buckets)
    given = {"train": PREFIX, "validation": "s3://b/d/validation.csv", **arguments}
    return Call(TRAIN, "r-1", given, aws, Recorder(aws, "s3://b/r.json", "train", "r-1"), Clock(), LOCALLY)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["part-1-of-3.csv", "part-3-of-3.csv"], r"s3://b/d/train/: part-2-of-3 is not there \(1 such part file\)"),
        ([], "part-1-of-1 is not there"),
        (["part-1-of-1.csv", "notes.txt"], "s3://b/d/train/ holds notes.txt, which is no part file of it"),
    ],
)
def test_a_prefix_without_all_its_part_files_is_refused(names: list[str], said: str) -> None:
    with pytest.raises(Failure, match=said) as caught:
        parts.refuse_incomplete(call(*names), "train", "validation")
    assert "un again" in str(caught.value.hint)


def test_a_whole_prefix_and_a_single_file_are_as_they_should_be() -> None:
    parts.refuse_incomplete(call(*(f"part-{number}-of-12.csv.gz" for number in range(1, 13))), "train", "validation")


@pytest.mark.parametrize("work", [train, tune])
def test_no_job_is_asked_for_before_all_is_there(work: Any) -> None:
    """The store knows no SageMaker, so that anything asked of it would be another error."""
    with pytest.raises(Failure, match="part-1-of-2 is not there"):
        work(call("part-2-of-2.libsvm", request={}, prefix="p"))
