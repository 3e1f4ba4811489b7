"""What can be wrong with a table."""

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from specimen_components.problems import Failure


class TableError(Failure):
    """The table does not fit the spec; the text says where, `hint` says what to do."""


SOURCE = "dataset.source"


@contextmanager
def located(key: str) -> Iterator[None]:
    """Have an error about the source say which of several it was."""
    try:
        yield
    except TableError as error:
        text = str(error)
        if key == SOURCE or not text.startswith(f"{SOURCE}:"):
            raise
        raise TableError(f"{key}{text.removeprefix(SOURCE)}", hint=error.hint) from error


@contextmanager
def within(part: str) -> Iterator[None]:
    """Have an error say which part its rows are counted in."""
    try:
        yield
    except TableError as error:
        raise TableError(f"{error} (in the part {part})", hint=error.hint) from error


def closest(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that `name` was most likely meant to be, if one is near; case does not count."""
    folded = {candidate.casefold(): candidate for candidate in candidates}
    matches = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[matches[0]] if matches else None


def shown(value: object, limit: int = 60) -> str:
    """Return a value from a table as one short printable line, quoted."""
    text = repr(str(value))
    return text if len(text) <= limit else f"{text[: limit - 2]}…'"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return ``1 row``, ``2 rows``, ``3,000 rows``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
