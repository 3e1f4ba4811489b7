"""The command line as a user calls it, and one whole run that several tests look at."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from specimen.running import server

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Called:
    """What a call of the command line came to."""

    code: int
    out: str
    err: str


def specimen(*arguments: str | Path, cwd: Path = ROOT) -> Called:
    """Call the command line in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "specimen.cli", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    return Called(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Ran:
    """A run of a spec: the call, and the folder that it left."""

    called: Called
    state: Path
    folder: Path

    @property
    def journal(self) -> dict[str, Any]:
        """``run.json``."""
        loaded: dict[str, Any] = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
        return loaded

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        """The AWS resource of each step that has one."""
        return {step["id"]: step["resource"] for step in self.journal["steps"] if step["resource"]}

    def output(self, step: str, name: str) -> Any:
        """An output of a step: text, or what its JSON holds."""
        text = (self.folder / "outputs" / step / name).read_text(encoding="utf-8")
        return json.loads(text) if text.startswith(("{", "[")) else text

    def client(self, service: str) -> Any:
        """A client of the embedded AWS that the run left up."""
        found = server.status(self.state)
        assert found
        untyped: Any = boto3.session.Session(found.access_key, found.secret_key, region_name=found.region)
        return untyped.client(service, endpoint_url=found.endpoint)


def run(spec: Path, state: Path) -> Ran:
    """Run a spec on a state folder, and find the run's folder."""
    called = specimen("run", spec, "--state", state)
    folders = sorted((state / "runs").iterdir())
    return Ran(called, state, folders[-1])


@pytest.fixture(scope="session")
def run_spec() -> Iterator[Callable[[Path, Path], Ran]]:
    """Runs a spec on a state folder; what was started there is stopped at the end."""
    states: set[Path] = set()

    def running(spec: Path, state: Path) -> Ran:
        states.add(state)
        return run(spec, state)

    yield running
    for state in states:
        specimen("local", "stop", "--state", state)


@pytest.fixture(scope="session")
def local_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder that the runs of the demo's spec share."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="session")
def first_run(local_state: Path, run_spec: Callable[[Path, Path], Ran]) -> Ran:
    """The demo's spec, run to its end."""
    return run_spec(ROOT / "specs" / "credit-default.yaml", local_state)


@pytest.fixture(scope="session")
def second_run(first_run: Ran, run_spec: Callable[[Path, Path], Ran]) -> Ran:
    """The same spec, unchanged, run once more on the same state."""
    return run_spec(ROOT / "specs" / "credit-default.yaml", first_run.state)
