"""What a person sees of a run."""

import io
from pathlib import Path

from rich.console import Console
from specimen.planning.steps import Step
from specimen.running.folder import RunFolder
from specimen.running.outcome import Outcome, State
from specimen.running.progress import LivePicture, PlainLines

TRAIN = Step("train", "train", {}, frozenset({"default"}))


def console(*, terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=100, color_system=None)


def text(shown: Console) -> str:
    assert isinstance(shown.file, io.StringIO)
    return shown.file.getvalue()


def folder() -> RunFolder:
    return RunFolder(Path("runs/loans-001"))


def test_plain_lines_say_each_change_and_nothing_else() -> None:
    shown = console(terminal=False)
    lines = PlainLines(shown)
    lines.begun(folder(), (TRAIN,))
    lines.changed(TRAIN, Outcome(State.RUNNING))
    lines.said(TRAIN, "[0] train-auc:0.5")
    lines.noted("the server is back")
    lines.changed(TRAIN, Outcome(State.FAILED, reason="no data\nhint: bring some"))
    first, second, noted, third, fourth = text(shown).splitlines()
    assert (first, second, noted) == ("run loans-001: 1 steps", "train: running", "the server is back")
    assert third.startswith("train: failed in 0.")
    assert third.endswith(" s: no data")
    assert fourth == "hint: bring some"


def test_a_skipped_step_took_no_time() -> None:
    shown = console(terminal=False)
    PlainLines(shown).changed(TRAIN, Outcome(State.SKIPPED, reason="prepare failed"))
    assert text(shown) == "train: skipped: prepare failed\n"


def test_markup_and_terminal_sequences_of_a_job_are_shown_as_text() -> None:
    shown = console(terminal=False)
    PlainLines(shown).changed(TRAIN, Outcome(State.FAILED, reason="[red]\x1b[2Jx"))
    assert text(shown) == "train: failed: [red]\\x1b[2Jx\n"


def test_the_live_picture_shows_state_and_last_line() -> None:
    shown = console(terminal=True)
    picture = LivePicture(shown)
    picture.begun(folder(), (TRAIN,))
    picture.changed(TRAIN, Outcome(State.RUNNING))
    picture.noted("the server\x1b[2J is back")
    picture.said(TRAIN, "[3]\x1b[2J auc:0.7")
    picture.closed()
    last = text(shown)
    assert "running" in last
    assert "the server\\x1b[2J is back" in last
    assert "[3]\\x1b[2J auc:0.7" in last
    assert last.startswith("run loans-001: 1 steps")
