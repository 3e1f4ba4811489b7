"""What several commands say."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from specimen.text import printable


def error(message: str, hint: str | None) -> None:
    """Say what went wrong and what to do; the words may come from data and jobs, hence without control characters."""
    lines = f"error: {message}".splitlines() + (f"hint: {hint}".splitlines() if hint else [])
    for line in lines:
        click.echo(printable(line), err=True)


def count(number: int, what: str) -> str:
    """So many of something: ``1 file``, ``2 files``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def stopped_by(state: Path) -> str:
    """How the embedded SageMaker of a state folder is ended."""
    return f"specimen local stop --state {state} ends it"


@contextmanager
def if_started(state: Path, *, aws: bool = False) -> Iterator[None]:
    """Say so when the embedded SageMaker was started within the block, since it stays up; AWS was up before."""
    from specimen.running import server

    if aws:
        yield
        return
    was_up = server.status(state) is not None
    yield
    if server.status(state) and not was_up:
        click.echo(f"started the embedded SageMaker, which stays up; {stopped_by(state)}", err=True)
