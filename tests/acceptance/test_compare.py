"""Runs that have really run are compared from their folders alone."""

import json
from typing import Any

import pytest
from specimen.cli import execute


def test_two_runs_of_one_spec_differ_in_nothing(
    first_run: Any, second_run: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [first_run.folder.name, second_run.folder.name]
    assert execute(["compare", *names, "--state", str(first_run.state), "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["compared"] == names
    kinds = {section["kind"] for section in document["sections"]}
    assert {"outcome", "data", "hyperparameters", "evaluation", "training", "bias"} <= kinds
    rows = {row["name"]: row for section in document["sections"] for row in section["rows"]}
    assert rows["test:auc"]["values"][0] > 0.65
    assert rows["DPPL"]["ideal"] == 0
    assert {row["differences"][1] for row in rows.values()} == {0, None}
    assert all(first == second for first, second in (row["values"] for row in rows.values()))
