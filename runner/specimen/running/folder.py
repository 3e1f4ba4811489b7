"""The folder of a run: a record for people and programs, which never decides what is reused."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from specimen_components.interface import Artifact

from specimen.errors import UsageError
from specimen.spec.model import Json

ENDINGS = {Artifact.HTML: ".html", Artifact.MARKDOWN: ".md"}


@dataclass(frozen=True)
class RunFolder:
    """``<state>/runs/<experiment>-<NNN>/`` with ``run.json``, ``report.html``, a log a step, outputs and artifacts."""

    path: Path

    @property
    def name(self) -> str:
        """The run's name."""
        return self.path.name

    @property
    def report(self) -> Path:
        """The HTML report."""
        return self.path / "report.html"

    def log(self, step: str) -> Path:
        """All that the step printed."""
        path = self.path / "logs" / f"{step}.log"
        path.parent.mkdir(exist_ok=True)
        return path

    def output(self, step: str, name: str) -> Path:
        """The file that the step writes an output to, in a folder that it makes."""
        return self.path / "outputs" / step / name

    def artifact(self, step: str, name: str, kind: Artifact) -> Path:
        """The file that the step writes an artifact to, by whose ending programs know how to show it.

        The report stands beside ``run.json``.
        """
        return self.report if name == "report" else self.path / "artifacts" / step / f"{name}{ENDINGS.get(kind, '')}"

    def write(self, run: Mapping[str, Json]) -> None:
        """Replace ``run.json`` as a whole.

        Raises:
            UsageError: the folder cannot be written to any more.
        """
        aside = self.path / "run.json.new"
        try:
            aside.write_text(json.dumps(run, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
            aside.replace(self.path / "run.json")
        except OSError as error:
            raise UsageError(
                f"cannot write {self.path / 'run.json'}: {error.strerror}",
                hint="make room on its disk; then run again, and what is done already is used",
            ) from error


def new_run(state: Path, experiment: str) -> RunFolder:
    """Make the folder of a new run, numbered after the last one of the experiment.

    Raises:
        UsageError: the state folder cannot be written to.
    """
    runs = state / "runs"
    try:
        runs.mkdir(parents=True, exist_ok=True)
        while True:
            path = runs / f"{experiment}-{_last(runs, experiment) + 1:03d}"
            try:
                path.mkdir()
            except FileExistsError:
                continue  # another run took the number meanwhile
            return RunFolder(path)
    except OSError as error:
        raise UsageError(
            f"cannot make a run's folder in {runs}: {error.strerror}",
            hint="name a folder that can be written to with --state",
        ) from error


def _last(runs: Path, experiment: str) -> int:
    numbered = re.compile(re.escape(experiment) + r"-(\d{3,})")
    numbers = (numbered.fullmatch(path.name) for path in runs.iterdir())
    return max((int(match[1]) for match in numbers if match), default=0)
