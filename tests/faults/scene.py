"""A state folder of its own with the embedded SageMaker behind the proxy, and the real command run on it."""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from specimen.emulator import control

from tests.faults.proxy import Proxy

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "specs" / "credit-default.yaml"
LONGEST = 600.0  # seconds for one call of the command line, on a busy machine too; one that takes longer hangs
_MARK = "FAULTS_SCENE"


@dataclass(frozen=True)
class Ran:
    """What a call of the command line came to; `code` is negative for the signal that ended it, None if it hung."""

    code: int | None
    out: str


class Command:
    """The command line in a process of its own; its output goes to a file, which outlives it with its children."""

    def __init__(self, *arguments: str | Path, mark: str) -> None:
        name, _, value = mark.partition("=")
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `ended`
        self._process = subprocess.Popen(
            [sys.executable, "-m", "specimen.cli", *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, name: value},
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        self.pid = self._process.pid

    def kill(self) -> None:
        """End it as the kernel ends what has used up the memory."""
        self._process.kill()

    def ended(self) -> Ran:
        """Wait until it has ended."""
        try:
            code: int | None = self._process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            code = None
        with self._output:
            self._output.seek(0)
            return Ran(code, self._output.read().decode(errors="replace"))


class Scene:
    """One state folder, from its first run until everything is stopped."""

    def __init__(self, state: Path, spec: Path = SPEC) -> None:
        self.state = state.resolve()
        self.spec = spec
        self.mark = f"{_MARK}={self.state}"
        self.proxy = Proxy(lambda: self.server.port)
        self.runners: tuple[Command, ...] = ()

    @property
    def server(self) -> control.Server:
        """The embedded SageMaker as it was last recorded, running or not."""
        found = control.recorded(self.state)
        if found is None:
            raise LookupError(f"no server has run on {self.state}")
        return found

    def run(self, at_once: int = 1) -> tuple[Ran, ...]:
        """Run the spec, several times at once if asked, with every request led through the proxy."""
        self._lead()
        self.runners = tuple(self._command("run", self.spec) for _ in range(at_once))
        return tuple(runner.ended() for runner in self.runners)

    def stop(self) -> None:
        """Stop the server."""
        self._command("local", "stop").ended()

    def close(self) -> None:
        """Take the proxy down."""
        self.proxy.close()

    def _lead(self) -> None:
        """Start the server, and have server.json name the proxy to whoever asks where it is."""
        started = self._command("local", "start").ended()
        if started.code != 0:
            raise RuntimeError(f"the server did not start: {started.out}")
        control.record(self.state, replace(self.server, endpoint=self.proxy.endpoint))

    def _command(self, *arguments: str | Path) -> Command:
        return Command(*arguments, "--state", self.state, mark=self.mark)
