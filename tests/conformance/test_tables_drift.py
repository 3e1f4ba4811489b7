"""The committed AWS tables say what the SageMaker SDK's own functions say today."""

import subprocess
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLES = ROOT / "runner/specimen/planning/data"


def test_tables_have_not_drifted(oracle: Callable[[str], Path], tmp_path: Path) -> None:
    """Writing the tables anew changes none of them; ``make tables`` mends a difference."""
    subprocess.run([oracle("sagemaker3"), ROOT / "tests/oracles/aws_tables.py", tmp_path], check=True, timeout=300)
    fresh = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert fresh == {path.name: path.read_text(encoding="utf-8") for path in TABLES.glob("*.json")}
