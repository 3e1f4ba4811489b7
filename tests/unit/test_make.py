"""The Makefile says clearly what it lacks, and lists what it can do."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).resolve().parents[2] / "Makefile"
MAKE = shutil.which("make")

pytestmark = pytest.mark.skipif(MAKE is None, reason="needs make")


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Call the Makefile in an empty folder."""
    shutil.copy(MAKEFILE, folder)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}  # of `make test`
    return subprocess.run(
        [str(MAKE), *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("command", ["demo", "test"])
def test_an_unfit_python_is_refused(command: str, tmp_path: Path) -> None:
    """What is no Python 3.11 makes no environment, and the message names the way out."""
    (tmp_path / "setup.cfg").touch()
    (tmp_path / "pyproject.toml").touch()
    done = make(tmp_path, command, "PYTHON=no-such-python")
    assert done.returncode != 0
    assert "Specimen needs Python 3.11 or newer; 'no-such-python' is" in done.stderr
    assert f"make {command} PYTHON=python3.12" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_every_command_is_listed(tmp_path: Path) -> None:
    """`make` alone names each command with its meaning."""
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert phony is not None
    listed = re.findall(r"^  make (\w+) +\w", make(tmp_path).stdout, re.MULTILINE)
    assert listed == phony[1].split()
