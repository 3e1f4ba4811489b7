"""A run as a person watches it: a live table on a terminal, plain lines elsewhere."""

import os
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from specimen.planning.steps import Plan, Step
from specimen.running.folder import RunFolder
from specimen.running.outcome import Outcome, State
from specimen.text import printable

STYLES: Mapping[State, str] = {
    State.WAITING: "dim",
    State.RUNNING: "cyan",
    State.SUCCEEDED: "green",
    State.FAILED: "bold red",
    State.SKIPPED: "yellow",
    State.STOPPED: "yellow",
}


@dataclass
class _Row:
    state: State = State.WAITING
    started: float | None = None
    ended: float | None = None
    line: str = ""

    def seconds(self) -> str:
        if self.started is None:
            return ""
        return f"{(self.ended or time.monotonic()) - self.started:.1f} s"

    def change(self, outcome: Outcome) -> None:
        self.state = outcome.state
        if outcome.state is State.RUNNING:
            self.started = time.monotonic()
        else:
            self.ended = time.monotonic()
        if outcome.reason:
            self.line = outcome.reason.splitlines()[0]


class Screen(Console):
    """Standard output; once nobody reads it any more, the run goes on and nothing is said."""

    def on_broken_pipe(self) -> None:
        """Fall silent, also for whatever is printed elsewhere."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class LivePicture:
    """A table that is drawn anew a few times a second."""

    def __init__(self, console: Console) -> None:
        self._rows: dict[str, _Row] = {}
        self._lock = threading.Lock()
        self._live = Live(console=console, get_renderable=self._table, refresh_per_second=4)

    def begun(self, folder: RunFolder, plan: Plan) -> None:
        """Say which run it is, show every step, and go on drawing until `closed`."""
        self._rows = {step.id: _Row() for step in plan}
        self._live.console.print(Text(f"run {folder.name}: {len(plan)} steps"))
        self._live.start()

    def changed(self, step: Step, outcome: Outcome) -> None:
        """Show a step's new state."""
        with self._lock:
            self._rows[step.id].change(outcome)

    def said(self, step: Step, line: str) -> None:
        """Show a step's last line."""
        with self._lock:
            self._rows[step.id].line = line

    def noted(self, line: str) -> None:
        """Say a line above the picture."""
        self._live.console.print(Text(printable(line)))

    def closed(self) -> None:
        """Leave the last picture standing."""
        self._live.stop()

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, expand=True)
        table.add_column("step", no_wrap=True)
        table.add_column("state", no_wrap=True)
        table.add_column("time", justify="right", no_wrap=True)
        table.add_column("last line", ratio=1, no_wrap=True, overflow="ellipsis")
        with self._lock:
            for name, row in self._rows.items():
                state = Text(row.state.value, style=STYLES[row.state])
                table.add_row(Text(name), state, row.seconds(), Text(printable(row.line), style="dim"))
        return table


class PlainLines:
    """A line for each change; what the steps print stays in their logs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started: dict[str, float] = {}

    def begun(self, folder: RunFolder, plan: Plan) -> None:
        """Say which run it is."""
        self._say(f"run {folder.name}: {len(plan)} steps")

    def changed(self, step: Step, outcome: Outcome) -> None:
        """Say a step's new state, with its time once it has ended and the reason if it went wrong."""
        took = ""
        if outcome.state is State.RUNNING:
            self._started[step.id] = time.monotonic()
        elif step.id in self._started:
            took = f" in {time.monotonic() - self._started[step.id]:.1f} s"
        reason = f": {outcome.reason}" if outcome.reason else ""
        self._say(f"{step.id}: {outcome.state.value}{took}{reason}")

    def said(self, step: Step, line: str) -> None:
        """Leave the line to the step's log."""

    def noted(self, line: str) -> None:
        """Say a line."""
        self._say(line)

    def closed(self) -> None:
        """Nothing is left open."""

    def _say(self, text: str) -> None:
        for line in text.splitlines():
            self._console.print(Text(printable(line)), soft_wrap=True)
