"""What the command line prints holds nothing that a terminal would obey."""

from pathlib import Path

import pytest
from specimen.cli import execute
from specimen.planning.steps import Step
from specimen.reporting.plans import as_table

CLEAR = "\x1b[2J"


@pytest.mark.parametrize("command", ["validate", "plan", "run"])
def test_a_files_name_is_shown_and_not_obeyed(capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str) -> None:
    assert execute([command, str(tmp_path / f"{CLEAR}absent.yaml")]) == 2
    printed = capsys.readouterr()
    assert "\x1b" not in printed.out + printed.err
    assert "\\x1b[2Jabsent.yaml" in printed.err


def test_a_specs_text_is_shown_and_not_obeyed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """YAML can spell what no text file may hold."""
    spec = tmp_path / "spec.yaml"
    spec.write_text('kind: "\\e[2J\\u202e"\n"\\x07key": 1\n', encoding="utf-8")
    assert execute(["validate", str(spec)]) == 1
    printed = capsys.readouterr()
    assert not {"\x1b", "\x07", "\u202e"} & set(printed.out + printed.err)


def test_a_plans_names_are_shown_and_not_obeyed() -> None:
    """In every column, the last one too."""
    step = Step(f"{CLEAR}a", "gate", {}, frozenset(), after=frozenset({f"{CLEAR}b"}))
    table = as_table((step,))
    assert "\x1b" not in table
    assert table.count("\\x1b[2J") == 2
