"""The pipeline that `compile` is measured by is equal to the one that it compiles, and no easier one."""

from pathlib import Path
from typing import Any

import yaml
from kfp import compiler
from specimen.cli import execute

from tests.benchmarks.credit_default_pipeline import credit_default

SPEC = Path(__file__).resolve().parents[3] / "specs/credit-default.yaml"


def shape(node: Any) -> Any:
    """All of a pipeline but what its constants hold, of which the kind is left."""
    match node:
        case {"constant": value}:
            return type(value).__name__
        case dict():
            return {key: shape(inner) for key, inner in node.items()}
        case list():
            return [shape(inner) for inner in node]
    return node


def test_the_baseline_of_compile_is_the_same_pipeline(tmp_path: Path) -> None:
    """Components, tasks, inputs, outputs, order, conditions, exit handler and containers; constants of like size.

    Where it is not, mend `tests/benchmarks/credit_default_pipeline.py` by hand.
    """
    compiler.Compiler().compile(credit_default, str(tmp_path / "by-hand.yaml"))
    assert execute(["compile", str(SPEC), "-o", str(tmp_path / "ours.yaml")]) == 0
    by_hand, ours = ((tmp_path / f"{name}.yaml").read_text(encoding="utf-8") for name in ("by-hand", "ours"))
    assert shape(yaml.safe_load(by_hand)) == shape(yaml.safe_load(ours))
    assert 0.9 < len(by_hand) / len(ours) < 1.1
