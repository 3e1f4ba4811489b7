"""What the training chapter says of instances, input and spot capacity."""

import re
from typing import Any

import pytest
from specimen_components.report.collect import collect
from specimen_components.report.sections.training import training

Records = dict[str, dict[str, Any]]
ONE: dict[str, Any] = {
    "instance": "ml.m5.xlarge",
    "count": 1,
    "distribution": "FullyReplicated",
    "input_mode": "File",
    "content_type": "text/csv",
    "spot": False,
    "interruptions": 0,
    "restarts": 0,
}
FILES = [{"uri": f"s3://b/part-{number}-of-5.libsvm"} for number in range(1, 6)]


def facts(asked: dict[str, Any], records: Records) -> dict[str, str]:
    text = training(collect("demo-001", asked, records, versions={}).trials[0])
    return dict(re.findall(r"<dt>([^<]*)</dt><dd>(.*?)</dd>", text))


def ran(records: Records, **cluster: Any) -> Records:
    records["train"]["details"] |= {"cluster": {**ONE, **cluster}, "seconds": 100, "billable_seconds": 65}
    return records


def test_a_record_from_before_says_nothing_of_it(asked: dict[str, Any], records: Records) -> None:
    assert list(facts(asked, records)) == ["Job", "Image", "What ran", "Training time", "Billable time"]


def test_one_instance(asked: dict[str, Any], records: Records) -> None:
    found = facts(asked, ran(records))
    assert found["Instances"] == "1 × ml.m5.xlarge"
    assert found["Read"] == "csv, as files, copied before the training"
    assert found["Billable time"] == "1 min 5 s"
    assert not {"Distribution", "Spot capacity", "Saved by spot", "Files of the training part"} & found.keys()


def test_several_instances_say_who_read_what(asked: dict[str, Any], records: Records) -> None:
    records["prepare"]["details"]["manifest"]["parts"] = {"train": {"uri": "s3://b/train/", "files": FILES}}
    found = facts(asked, ran(records, count=2, distribution="ShardedByS3Key", encrypted_traffic=True))
    assert found["Instances"] == "2 × ml.m5.xlarge"
    assert found["Distribution"] == "sharded: each instance read its own files of the training part"
    assert found["Files of the training part"] == "5"
    assert found["Between the instances"] == "encrypted"
    assert found["Billable time"] == "1 min 5 s, of each of 2 instances"


def test_what_ran_is_told_without_host_and_time(asked: dict[str, Any], records: Records) -> None:
    records["train"]["details"]["started_line"] = "[algo-1] [2026-11-29:07:38:07:INFO] Training with XGBoost 3.2.0"
    assert facts(asked, records)["What ran"] == "Training with XGBoost 3.2.0"


def test_the_way_of_the_input(asked: dict[str, Any], records: Records) -> None:
    piped = ran(records, input_mode="Pipe", compression="Gzip")
    assert facts(asked, piped)["Read"] == "csv, packed by gzip, through a pipe, never stored"
    assert facts(asked, ran(records, input_mode="New", content_type=None))["Read"] == "New"


@pytest.mark.parametrize(
    ("cluster", "said"),
    [
        ({}, "never interrupted"),
        ({"interruptions": 1, "checkpoints": "s3://b/c"}, "interrupted once; it went on from its checkpoints"),
        ({"interruptions": 2}, "interrupted 2 times; it began anew, as it kept no checkpoints"),
    ],
)
def test_spot_says_what_happened_and_what_was_saved(
    asked: dict[str, Any], records: Records, cluster: dict[str, Any], said: str
) -> None:
    found = facts(asked, ran(records, spot=True, **cluster))
    assert found["Spot capacity"] == said
    assert found["Saved by spot"] == "35% of the time"


def test_a_warm_pool_and_restarts(asked: dict[str, Any], records: Records) -> None:
    found = facts(asked, ran(records, keep_alive=600, warm_pool="Available", restarts=3))
    assert found["Instances kept afterwards"] == "for 10 min 0 s (warm pool: Available)"
    assert found["Started again"] == "3 times, after a failure of AWS&#x27;s"
    assert facts(asked, ran(records, keep_alive=600))["Instances kept afterwards"] == "for 10 min 0 s"
