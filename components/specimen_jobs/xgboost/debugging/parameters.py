"""The parameters of a hook and of its collections: their names, and their values out of text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from specimen_tensors.modes import Mode

from specimen_jobs.container import JobError

SCHEDULE: Final = ("save_interval", "save_steps", "start_step", "end_step")
SCHEDULES: Final = (*SCHEDULE, *(f"{mode.lower()}.{name}" for mode in Mode for name in SCHEDULE))
OF_COLLECTION: Final = (*SCHEDULES, "include_regex", "save_histogram")
OF_HOOK: Final = (*SCHEDULES, "include_regex", "save_all", "include_workers", "export_tensorboard", "tensorboard_dir")
REDUCTIONS: Final = ("reductions", "save_raw_tensor", "save_shape")
Given = Mapping[Mode, Mapping[str, Any]]  # what of a schedule is said, by mode


def check_names(where: str, parameters: Iterable[str], known: tuple[str, ...]) -> None:
    """Raise JobError unless all parameters are among those known."""
    for name in parameters:
        if name in REDUCTIONS:
            raise JobError(f"Debugger, {where}: {name} is not available for XGBoost, whose tensors are saved whole")
        if name not in known:
            close = get_close_matches(name, known, 1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
            raise JobError(f"Debugger, {where}: there is no parameter {name}; {hint}")


def words(text: str) -> tuple[str, ...]:
    """Return the words of a list with commas."""
    return tuple(word.strip() for word in str(text).split(","))


def patterns(where: str, text: str) -> tuple[str, ...]:
    """Return regular expressions of a list with commas; raise JobError for one that is none."""
    for pattern in words(text):
        try:
            re.compile(pattern)
        except re.error as error:
            raise JobError(f"Debugger, {where}: include_regex {pattern!r} is no regular expression: {error}") from None
    return words(text)


def flag(where: str, name: str, text: object) -> bool:
    """Return a truth value out of text; raise JobError for anything else."""
    match str(text).lower():
        case "true" | "1":
            return True
        case "false" | "0":
            return False
    raise JobError(f"Debugger, {where}: {name} is true or false, not {text!r}")


def given(where: str, parameters: Mapping[str, object]) -> Given:
    """Return what is said of the steps to save, by mode: a mode's own parameter counts before the common one."""
    found: dict[Mode, dict[str, Any]] = {}
    for mode in Mode:
        own = {name: f"{mode.lower()}.{name}" for name in SCHEDULE}
        full = {name: own[name] if own[name] in parameters else name for name in SCHEDULE}
        found[mode] = {name: _value(where, said, parameters[said]) for name, said in full.items() if said in parameters}
    return found


def _value(where: str, name: str, text: object) -> int | tuple[int, ...]:
    if name.endswith("save_steps"):
        return tuple(_number(where, name, word, 0) for word in words(str(text)) if word)
    return _number(where, name, text, 1 if name.endswith("save_interval") else 0)


def _number(where: str, name: str, text: object, least: int) -> int:
    try:
        number = int(str(text))
    except ValueError:
        raise JobError(f"Debugger, {where}: {name} is a whole number, not {text!r}") from None
    if number < least:
        raise JobError(f"Debugger, {where}: {name} is {least} or more, not {number}")
    return number
