"""`specimen compile` beside `kfp dsl compile` of an equal pipeline written by hand, each a cold process."""

import os
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.commands import SPEC, specimen
from tests.benchmarks.measuring import ROOT, Cost, compare, paired, spend

PIPELINE = ROOT / "tests/benchmarks/credit_default_pipeline.py"


def main() -> None:
    """Measure and print, and say whether the two pipelines are one."""
    with tempfile.TemporaryDirectory() as scratch:
        ours, theirs = Path(scratch) / "ours.yaml", Path(scratch) / "theirs.yaml"
        costs = paired(lambda: specimen("compile", SPEC, "-o", str(ours)), lambda: kfp_compile(theirs))
        compare("compile", "kfp dsl compile", *costs, "0.67")
        same = ours.read_bytes() == theirs.read_bytes()
        print(f"  the two pipelines are {'the same to the byte' if same else 'not the same'}")


def kfp_compile(output: Path) -> Cost:
    """What KFP's own command costs on the pipeline written by hand."""
    kfp = str(Path(sys.executable).with_name("kfp"))
    arguments = ["dsl", "compile", "--py", str(PIPELINE), "--function", "credit_default", "--output", str(output)]
    return spend([kfp, *arguments], {**os.environ, "PYTHONPATH": str(ROOT)})
