"""What ``run.json`` says."""

import json
import os
from pathlib import Path
from typing import Any

from specimen.emulator.jobs.processes import Process
from specimen.planning.steps import Step
from specimen.running.folder import RunFolder, new_run
from specimen.running.journal import Journal
from specimen.running.outcome import Outcome, State

TRAIN = Step("train", "train", {}, frozenset({"default"}))


def told(folder: RunFolder) -> Any:
    return json.loads((folder.path / "run.json").read_text(encoding="utf-8"))


def test_a_run_is_written_before_anything_happens(tmp_path: Path) -> None:
    folder = new_run(tmp_path, "loans")
    Journal(folder, (TRAIN,), {"experiment": "loans"})
    run = told(folder)
    assert (run["run"], run["experiment"], run["state"], run["ended"]) == ("loans-001", "loans", "running", None)
    assert run["steps"] == [
        {
            "id": "train",
            "component": "train",
            "trials": ["default"],
            "saves": None,
            "state": "waiting",
            "started": None,
            "ended": None,
            "reason": None,
            "resource": None,
            "log": "logs/train.log",
        }
    ]


def test_a_run_names_its_process_so_that_a_killed_one_is_told_from_one_that_goes_on(tmp_path: Path) -> None:
    folder = new_run(tmp_path, "loans")
    Journal(folder, (), {})
    process = Process(**told(folder)["process"])
    assert process.pid == os.getpid()
    assert process.alive()


def test_a_step_that_ends_brings_its_resource_and_reason(tmp_path: Path) -> None:
    folder = new_run(tmp_path, "loans")
    journal = Journal(folder, (TRAIN,), {})
    journal.note(TRAIN, Outcome(State.RUNNING), None)
    journal.note(TRAIN, Outcome(State.FAILED, reason="out of luck"), {"resource": {"name": "job-1"}})
    (step,) = told(folder)["steps"]
    assert (step["state"], step["reason"], step["resource"]) == ("failed", "out of luck", {"name": "job-1"})
    assert step["started"] <= step["ended"]


def test_what_the_trials_came_to_is_kept_for_later_comparisons(tmp_path: Path) -> None:
    folder = new_run(tmp_path, "loans")
    journal = Journal(folder, (TRAIN,), {})
    journal.note(TRAIN, Outcome(State.FAILED), {"details": {"results": [{"trial": "default"}], "stopped": []}})
    journal.end(State.FAILED)
    assert told(folder)["results"] == [{"trial": "default"}]


def test_the_end_is_written(tmp_path: Path) -> None:
    folder = new_run(tmp_path, "loans")
    Journal(folder, (), {}).end(State.STOPPED)
    run = told(folder)
    assert run["state"] == "stopped"
    assert run["started"] <= run["ended"]
