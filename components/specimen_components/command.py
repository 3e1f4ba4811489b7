"""What every component's `main` is: arguments parsed as its `Component` says, work done, outputs and record written.

Exit codes: 0 done; 1 failed, with one clear message on standard error; 2 the command line or the environment cannot be
used; 143 on SIGTERM, at once: a pod may be moved, and its next life adopts the job that is left running.
"""

import argparse
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from specimen_components import disk, environment
from specimen_components.clients import Aws
from specimen_components.interface import Component, Kind, option
from specimen_components.jsondata import Json
from specimen_components.outputs import Content, write
from specimen_components.problems import Failure, Stopped, Unreachable, Unusable
from specimen_components.progress import complain
from specimen_components.records import Recorder, Resource, State
from specimen_components.waiting import LOCALLY, ON_AWS, Answer, Clock, Pace, patiently

_COMMON = frozenset({"run", "record", "executor_input"})
_TERMINATED = 128 + signal.SIGTERM
_INTERRUPTED = 128 + signal.SIGINT


@dataclass(frozen=True)
class Call:
    """One call of a component: its arguments, and all that it needs to reach the world."""

    component: Component
    run: str
    arguments: Mapping[str, Json]  # by the input's name; an optional input that was not given is absent
    aws: Aws
    recorder: Recorder
    clock: Clock
    pace: Pace

    def text(self, name: str) -> str:
        """Give a STRING input."""
        return str(self.arguments[name])

    def optional_text(self, name: str) -> str | None:
        """Give an optional STRING input; None when it was not given."""
        return str(self.arguments[name]) if name in self.arguments else None

    def mapping(self, name: str) -> Mapping[str, Json]:
        """Give a JSON input that is an object."""
        value = self.arguments[name]
        if not isinstance(value, Mapping):
            raise Unusable(f"{option(name)}: a JSON object is needed")
        return value

    def items(self, name: str) -> Sequence[Json]:
        """Give a JSON input that is a list."""
        value = self.arguments[name]
        if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
            raise Unusable(f"{option(name)}: a JSON list is needed")
        return value

    def ask(self, question: Callable[[], Answer]) -> Answer:
        """Ask AWS something, and again while it does not answer, as long as the pace bears an outage."""
        return patiently(self.clock, self.pace, question)

    def announce(self, resource: Resource) -> None:
        """Write the resource into the step's record as soon as it is known."""
        self.ask(lambda: self.recorder.announce(resource))


@dataclass(frozen=True)
class Result:
    """What a component gives back: every output, its artifacts by name, and details for the record.

    With a `failure` the step fails, and what it has written is kept.
    """

    outputs: Mapping[str, Json]
    artifacts: Mapping[str, Content] = field(default_factory=dict)
    details: Mapping[str, Json] = field(default_factory=dict)
    failure: Failure | None = None


Work = Callable[[Call], Result]


def run(component: Component, work: Work, argv: Sequence[str] | None = None, clock: Clock | None = None) -> int:
    """Run a component on a command line (the process's own by default) and give its exit code."""
    with _terminable():
        options = parser(component).parse_args(argv)
        try:
            _carry_out(component, work, options, clock or Clock())
        except Failure as failure:
            complain(f"error: {failure}")
            if failure.hint:
                complain(f"hint: {failure.hint}")
            return 2 if isinstance(failure, Unusable) else 1
        except KeyboardInterrupt:
            complain("interrupted: the job, if there is one, goes on, and the next start adopts it")
            return _INTERRUPTED
    return 0


def parser(component: Component) -> argparse.ArgumentParser:
    """Give the component's argument parser: an option for each input, and those that every component takes."""
    found = argparse.ArgumentParser(prog=f"python -m specimen_components.{component.name}", allow_abbrev=False)
    found.add_argument("--run", required=True, help="the run's name")
    found.add_argument("--record", required=True, help="S3 URI of this step's record")
    found.add_argument("--executor-input", type=_object, default={}, help="KFP's ExecutorInput: where outputs go")
    for name, kind in component.inputs.items():
        found.add_argument(option(name), type=_PARSERS[kind], required=name not in component.optional)
    return found


def arguments(component: Component, options: argparse.Namespace) -> dict[str, Json]:
    """Give the inputs by name; an optional one that is absent or empty is left out."""
    given = {name: value for name, value in vars(options).items() if name not in _COMMON and value is not None}
    return {name: value for name, value in given.items() if name not in component.optional or value != ""}


def _carry_out(component: Component, work: Work, options: argparse.Namespace, clock: Clock) -> None:
    place = environment.read(os.environ)
    aws = Aws(place)
    recorder = Recorder(aws, options.record, component.name, options.run)
    pace = LOCALLY if place.local else ON_AWS
    call = Call(component, options.run, arguments(component, options), aws, recorder, clock, pace)
    call.ask(recorder.start)
    with Ending(call), disk.translated():
        result = work(call)
        _check(component, result)
        write(component, options.executor_input, result.outputs, result.artifacts)
        recorder.give(result.outputs, result.details)
        if result.failure:
            raise result.failure
        call.ask(recorder.succeed)


class Ending:
    """Records how a step failed, whatever was raised; a record that cannot be written hides no error."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is None:
            return
        state = State.STOPPED if isinstance(error, (Stopped, KeyboardInterrupt)) else State.FAILED
        hint = error.hint if isinstance(error, Failure) else None
        reason = str(error) if isinstance(error, Failure) else f"{type(error).__name__}: {error}"
        try:
            if isinstance(error, Unreachable):  # after an outage that has been borne already
                self._call.recorder.fail(state, reason, hint)
            else:
                self._call.ask(lambda: self._call.recorder.fail(state, reason, hint))
        except Failure as second:
            complain(f"warning: the record of this failure could not be written: {second}")


def _check(component: Component, result: Result) -> None:
    if result.outputs.keys() != component.outputs.keys() or result.artifacts.keys() - component.artifacts.keys():
        raise ValueError(f"{component.name} gave {sorted(result.outputs)} and {sorted(result.artifacts)}")


@contextmanager
def _terminable() -> Iterator[None]:
    """Exit on SIGTERM at once: nothing is cleaned up, because whatever runs in AWS is adopted by the next life."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _exit_at_once)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _exit_at_once(*_: Any) -> None:
    os.write(2, b"terminated: the job, if there is one, goes on, and the next start adopts it\n")
    os._exit(_TERMINATED)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not JSON: {error}") from error


def _object(text: str) -> Any:
    if not isinstance(value := _json(text), dict):
        raise argparse.ArgumentTypeError("not a JSON object")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not a number: {text!r}") from error


_PARSERS: Mapping[Kind, Callable[[str], Any]] = {
    Kind.STRING: str,
    Kind.NUMBER: _number,
    Kind.JSON: _json,
    Kind.LIST: _json,
}
