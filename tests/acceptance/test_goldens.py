"""Every spec under ``specs/`` validates, plans and compiles to the text that is committed.

Rewrite the goldens with ``make goldens``, and review their difference as what the change does to a user's pipeline.
"""

import os
import re
from pathlib import Path

import pytest
from specimen.compiling.pipeline import compile_plan
from specimen.inputs import read_inputs
from specimen.planning.plan import plan
from specimen.reporting.plans import as_table
from specimen.spec.check import check_file

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
SPECS = sorted((ROOT / "specs").glob("*.yaml"))
TARGETS = sorted((ROOT / "specs" / "targets").glob("*.yaml"))


def held_against(name: str, text: str) -> None:
    golden = GOLDEN / name
    committed = golden.read_text(encoding="utf-8") if golden.exists() else ""
    if os.environ.get("SPECIMEN_REWRITE_GOLDENS") and ours(text) != ours(committed):
        golden.write_text(text, encoding="utf-8")
        committed = text
    assert ours(text) == ours(committed), f"{name} differs; `make goldens` rewrites it"


def ours(text: str) -> str:
    """A pipeline without the line in which KFP's compiler names its own release."""
    return re.sub(r"^sdkVersion: kfp-2\.\d+\.\d+$", "", text, flags=re.MULTILINE)


def test_there_are_specs() -> None:
    assert SPECS


@pytest.mark.parametrize("path", [*SPECS, *TARGETS], ids=lambda path: path.stem)
def test_it_validates(path: Path) -> None:
    document, findings = check_file(path)
    assert document is not None
    assert findings == ()


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_its_plan_is_as_committed(path: Path) -> None:
    inputs = read_inputs(path, None)
    held_against(f"{path.stem}.plan.txt", as_table(plan(inputs.experiment, inputs.target, inputs.digests)))


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_its_pipeline_is_as_committed(path: Path) -> None:
    inputs = read_inputs(path, None)
    steps = plan(inputs.experiment, inputs.target, inputs.digests)
    held_against(f"{path.stem}.pipeline.yaml", compile_plan(steps, inputs.experiment, inputs.target))
