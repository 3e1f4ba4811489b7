"""Where things lie in S3."""

from dataclasses import replace

import pytest
from specimen.planning.locations import Locations
from specimen.spec.model import Target


@pytest.mark.parametrize(("prefix", "root"), [("", "s3://risk-ml"), ("a/b", "s3://risk-ml/a/b")])
def test_the_root_is_the_bucket_with_the_prefix_if_there_is_one(target: Target, prefix: str, root: str) -> None:
    assert Locations.of(replace(target, prefix=prefix), "loans").root == root


def test_a_source_keeps_its_name_and_loses_its_folder() -> None:
    assert Locations("s3://b", "e").source("abc", "../data/loans.csv.gz") == "s3://b/sources/abc/loans.csv.gz"


def test_kinds_of_objects_lie_under_the_experiment() -> None:
    assert Locations("s3://b", "e").under("data") == "s3://b/e/data"


def test_records_lie_under_the_run() -> None:
    assert Locations("s3://b", "e").record("e-001", "train") == "s3://b/runs/e-001/train.json"
