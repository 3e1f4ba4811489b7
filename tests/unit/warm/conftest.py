"""A template, and processes that it starts for a test's own modules."""

import os
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from specimen.warm.template import Call, Process, Template

T = TypeVar("T")
PATIENCE = 60.0


def until(look: Callable[[], T]) -> T:
    """Look until there is something to see; the test fails if that takes too long."""
    limit = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not (seen := look()):
        assert time.monotonic() < limit, "waited in vain"
        pause.wait(0.01)
    return seen


@dataclass(frozen=True)
class Begun:
    """A process under way, and the file that it prints to."""

    process: Process
    path: Path

    def out(self) -> str:
        """What it has printed so far."""
        return self.path.read_text(encoding="utf-8")

    def says(self, text: str) -> None:
        """Wait until it has printed something."""
        until(lambda: text in self.out())


@dataclass
class Bench:
    """Starts modules made of a test's source."""

    folder: Path
    template: Template
    begun: list[Begun] = field(default_factory=list)

    def start(
        self, source: str, *arguments: str, environment: Mapping[str, str] | None = None, **more: object
    ) -> Begun:
        """Start a process that runs the source."""
        module = f"made_{len(self.begun)}"
        self.folder.joinpath(f"{module}.py").write_text(textwrap.dedent(source), encoding="utf-8")
        return self.run(Call(module, arguments, environment or dict(os.environ), **more))  # type: ignore[arg-type]

    def run(self, call: Call) -> Begun:
        """Start a process."""
        path = self.folder / f"out-{len(self.begun)}"
        with path.open("wb") as output:
            self.begun.append(Begun(self.template.start(call, output.fileno()), path))
        return self.begun[-1]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A template that finds the test's modules and has imported nothing else."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Template() as template:
        made = Bench(tmp_path, template)
        yield made
        for each in made.begun:
            each.process.kill()
            each.process.wait()
