"""`specimen run`."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from specimen.commands import saying
from specimen.commands.ending import End
from specimen.commands.options import SPEC, STATE
from specimen.commands.planned import planned
from specimen.errors import RunFailed

if TYPE_CHECKING:
    from specimen.running.local import Finished, Watcher


@click.command()
@SPEC
@STATE
def run(spec: Path, state: Path) -> End:
    """Run an experiment on this machine, against the embedded SageMaker."""
    from specimen.running import local
    from specimen.running.circumstances import differences

    inputs, steps = planned(spec, None)
    request = local.Request(spec, inputs, steps, state)
    for difference in differences(inputs.experiment):
        click.echo(f"differs from AWS: {difference}")
    with _watching() as watcher:
        finished = local.run(request, watcher)
    return _say_end(finished, state)


@contextmanager
def _watching() -> Iterator["Watcher"]:
    """Show a run as it goes on; a request to end is an interruption, as Ctrl-C is."""
    from specimen.running.progress import LivePicture, PlainLines, Screen

    screen = Screen()
    picture = LivePicture(screen) if screen.is_terminal else PlainLines(screen)
    for ending in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(ending) is not signal.SIG_IGN:  # as nohup leaves it
            signal.signal(ending, _interrupt)
    try:
        yield picture
    finally:
        picture.closed()


def _interrupt(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _say_end(finished: "Finished", state: Path) -> End:
    from specimen.running import server

    for step, outcome in finished.causes.items():
        saying.error(f"{step}: {outcome.reason}", f"its log: {finished.folder.log(step)}")
    if finished.folder.report.exists():
        click.echo(f"report: {finished.folder.report}")
    if server.status(state):
        click.echo(f"the embedded SageMaker stays up for the next run; {saying.stopped_by(state)}")
    if finished.failures:
        raise RunFailed(f"run {finished.folder.name} failed")
    return End.CLEAN
