"""The committed AWS tables say what the SageMaker SDK's own functions say today."""

import subprocess
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLES = ROOT / "runner/specimen/planning/data"
RULES = ROOT / "runner/specimen/spec/data/rules.json"


def test_tables_have_not_drifted(oracle: Callable[[str], Path], tmp_path: Path) -> None:
    """Writing the tables anew changes none of them; ``make tables`` mends a difference."""
    subprocess.run([oracle("sagemaker3"), ROOT / "tests/oracles/aws_tables.py", tmp_path], check=True, timeout=300)
    fresh = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert fresh == {path.name: path.read_text(encoding="utf-8") for path in TABLES.glob("*.json")}


def test_the_rules_have_not_drifted(oracle: Callable[[str], Path], tmp_path: Path) -> None:
    """Debugger's built-in rules, with the collections that each brings."""
    fresh = tmp_path / "rules.json"
    subprocess.run([oracle("sagemaker2"), ROOT / "tests/oracles/debugger_rules.py", fresh], check=True, timeout=300)
    assert fresh.read_text(encoding="utf-8") == RULES.read_text(encoding="utf-8")
