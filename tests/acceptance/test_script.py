"""The script that a run is measured against does the same work."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the script finds on the demo's spec."""
    folder = tmp_path_factory.mktemp("script")
    command = [sys.executable, "-m", "tests.benchmarks.script", str(ROOT / "specs/credit-default.yaml"), str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert "</svg>" in (folder / "report.html").read_text(encoding="utf-8")
    return json.loads((folder / "figures.json").read_text(encoding="utf-8"))


def output(run: Any, step: str) -> Any:
    return json.loads((run.folder / "outputs" / step / "metrics").read_text(encoding="utf-8"))


def test_its_model_is_as_good_as_the_runs(figures: Any, first_run: Any) -> None:
    """The log loss is summed over single precision in one and double precision in the other."""
    for name, value in output(first_run, "evaluate").items():
        assert figures[name.removeprefix("test:")] == pytest.approx(value, rel=1e-6), name


def test_its_bias_is_the_runs(figures: Any, first_run: Any) -> None:
    assert figures["before"]["SEX"]["1"] == pytest.approx(output(first_run, "bias-pre")["SEX"]["1"], abs=1e-12)
    assert figures["after"]["SEX"]["1"] == pytest.approx(output(first_run, "bias-post")["SEX"]["1"], abs=1e-12)


def test_its_gates_hold_as_the_runs_do(figures: Any, first_run: Any) -> None:
    assert figures["gates"]
    assert all(figures["gates"])
