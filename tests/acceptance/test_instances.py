"""Given parts of text, encoded; and one model trained by three instances, however their data comes to them."""

import csv
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PARTS = {"train": 600, "validation": 150, "test": 150}
HEADER = ("id", "city", "education", "age", "answer")
SPEC = """apiVersion: specimen/v1
kind: Experiment
metadata: {name: cities}
dataset:
  source: {train: train.csv, validation: validation.csv, test: test.csv}
  label: answer
  drop: [id]
  encode: {city: onehot, education: ordinal, answer: ordinal}
  shards: 3
training:
  version: "3.0-5"
  hyperparameters: {objective: binary:logistic, num_round: 5}
  distribution: sharded
  encryptTraffic: true
  resources: {count: 3, spot: {maxWait: 2h}}
evaluate: {payload: 1, concurrent: 2}
gates: [{metric: "test:auc", min: 0.9}]
trials:
  - {name: streamed, set: {training: {input: {mode: pipe, compression: gzip}}}}
  - {name: read, set: {training: {input: {mode: fastFile}}}}
  - {name: columns, set: {training: {contentType: parquet}}}
"""


def rows(count: int, lots: random.Random) -> list[tuple[object, ...]]:
    """Rows whose answer is told by age and city."""
    found: list[tuple[object, ...]] = []
    for number in range(count):
        city, age = lots.choice(["Oslo", "Paris", "Rome"]), lots.randint(20, 70)
        answer = "yes" if (age > 45) != (city == "Rome") else "no"
        found.append((number, city, lots.choice("abcd"), age, answer))
    return found


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, run_spec: Callable[[Path, Path], Any]) -> Any:
    folder, lots = tmp_path_factory.mktemp("cities"), random.Random(7)
    for part, count in PARTS.items():
        with (folder / f"{part}.csv").open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([HEADER, *rows(count, lots)])
    (folder / "cities.yaml").write_text(SPEC, encoding="utf-8")
    return run_spec(folder / "cities.yaml", folder / "state")


def test_every_trial_is_good_enough(ran: Any) -> None:
    assert ran.called.code == 0, ran.called.err
    assert "the 3 instances of a training job are processes that share this machine" in ran.called.out


def test_what_comes_in_a_stream_trains_as_what_is_read(ran: Any) -> None:
    """The same rows, shared out the same way, in CSV or Parquet: the same model."""
    read = ran.output("evaluate-read", "metrics")
    assert ran.output("evaluate-streamed", "metrics") == read
    assert ran.output("evaluate-columns", "metrics") == pytest.approx(read, abs=1e-6)


def test_parts_are_taken_as_they_are_and_encoded(ran: Any) -> None:
    """Places are those of values in their order."""
    columns = ran.output("prepare-read", "columns")
    assert columns == ["answer", "city=Oslo", "city=Paris", "city=Rome", "education", "age"]
    statistics = (ran.folder / "report.html").read_text(encoding="utf-8")
    assert "<dt>Test rows</dt><dd>150</dd>" in statistics
