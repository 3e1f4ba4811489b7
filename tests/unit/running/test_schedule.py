"""The walk over a plan."""

import threading
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specimen.planning.steps import Plan, Step
from specimen.running.outcome import Outcome, State
from specimen.running.schedule import obstacle, walk

DONE = Outcome(State.SUCCEEDED)


def step(name: str, *after: str, gates: tuple[str, ...] = ()) -> Step:
    return Step(name, "gate", {}, frozenset({"default"}), frozenset(after), gates)


class Walked:
    """Walks with the outcomes given, and remembers what it was told."""

    def __init__(self, ends: Mapping[str, Outcome] | None = None) -> None:
        self.ends = ends or {}
        self.told: list[tuple[str, State]] = []
        self.executed: list[str] = []

    def execute(self, step: Step, outcomes: Mapping[str, Outcome]) -> Outcome:
        assert step.needs <= outcomes.keys()
        self.executed.append(step.id)
        return self.ends.get(step.id, DONE)

    def observe(self, step: Step, outcome: Outcome) -> None:
        self.told.append((step.id, outcome.state))

    def stop(self) -> None:
        raise AssertionError("nothing interrupts this walk")

    def walk(self, *steps: Step) -> Mapping[str, Outcome]:
        return walk(steps, self.execute, self.observe, self.stop, at_once=2)


def test_a_step_is_seen_running_and_then_ended() -> None:
    walked = Walked()
    walked.walk(step("a"))
    assert walked.told == [("a", State.RUNNING), ("a", State.SUCCEEDED)]


def test_what_needs_a_failed_step_is_skipped_and_says_why() -> None:
    walked = Walked({"a": Outcome(State.FAILED, reason="no")})
    outcomes = walked.walk(step("a"), step("b", "a"), step("c", "b"), step("d"))
    assert {name: outcome.state for name, outcome in outcomes.items()} == {
        "a": State.FAILED,
        "b": State.SKIPPED,
        "c": State.SKIPPED,
        "d": State.SUCCEEDED,
    }
    assert outcomes["b"].reason == outcomes["c"].reason == "a failed"


def test_what_is_done_despite_all_waits_and_then_happens() -> None:
    walked = Walked({"a": Outcome(State.FAILED, reason="no")})
    select = replace(step("select", "b", "c"), despite=True)
    outcomes = walked.walk(step("a"), step("b", "a"), step("c"), select, step("register", "select"))
    assert outcomes["b"].state is State.SKIPPED
    assert outcomes["select"].state is outcomes["register"].state is State.SUCCEEDED
    assert walked.executed.index("select") > walked.executed.index("c")


@pytest.mark.parametrize(("verdict", "state"), [("pass", State.SUCCEEDED), ("fail", State.SKIPPED)])
def test_a_gate_lets_through_or_keeps_back(verdict: str, state: State) -> None:
    walked = Walked({"gate": Outcome(State.SUCCEEDED, {"verdict": verdict})})
    outcomes = walked.walk(step("gate"), step("register", gates=("gate",)), step("lineage"))
    assert outcomes["register"].state is state
    assert outcomes["lineage"].state is State.SUCCEEDED


@pytest.mark.parametrize(("verdict", "state"), [("pass", State.SUCCEEDED), ("fail", State.SKIPPED)])
def test_every_gate_must_pass(verdict: str, state: State) -> None:
    verdicts = {"a": "pass", "b": verdict}
    ends = {name: Outcome(State.SUCCEEDED, {"verdict": given}) for name, given in verdicts.items()}
    outcomes = Walked(ends).walk(step("a"), step("b"), step("host", gates=("a", "b")))
    assert outcomes["host"].state is state
    assert outcomes["host"].reason == (None if state is State.SUCCEEDED else "b did not pass")


def test_independent_steps_run_side_by_side() -> None:
    """Each of the two waits for the other to have begun: one after the other would never end."""
    both = threading.Barrier(2, timeout=30)

    def execute(step: Step, outcomes: Mapping[str, Outcome]) -> Outcome:
        both.wait()
        return DONE

    walk((step("a"), step("b")), execute, lambda step, outcome: None, lambda: None, at_once=2)


def test_no_more_steps_run_at_once_than_allowed() -> None:
    running, most, lock = set[str](), list[int](), threading.Lock()

    def execute(step: Step, outcomes: Mapping[str, Outcome]) -> Outcome:
        with lock:
            running.add(step.id)
            most.append(len(running))
        with lock:
            running.discard(step.id)
        return DONE

    walk(tuple(step(str(n)) for n in range(8)), execute, lambda step, outcome: None, lambda: None, at_once=2)
    assert max(most) <= 2


def test_an_interruption_stops_what_runs_sees_it_end_and_is_passed_on() -> None:
    stopped = threading.Event()
    told: list[tuple[str, State]] = []

    def execute(step: Step, outcomes: Mapping[str, Outcome]) -> Outcome:
        if step.id == "interrupted":
            raise KeyboardInterrupt
        assert stopped.wait(30)
        return Outcome(State.STOPPED)

    with pytest.raises(KeyboardInterrupt):
        walk(
            (step("long"), step("interrupted"), step("later", "long")),
            execute,
            lambda step, outcome: told.append((step.id, outcome.state)),
            stopped.set,
            at_once=2,
        )
    assert ("long", State.STOPPED) in told
    assert "later" not in {name for name, _ in told}


def test_a_bug_in_a_step_is_passed_on() -> None:
    def execute(step: Step, outcomes: Mapping[str, Outcome]) -> Outcome:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        walk((step("a"),), execute, lambda step, outcome: None, lambda: None, at_once=2)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Plans in which a step needs any of those before it."""
    count = draw(st.integers(0, 8))
    return tuple(
        step(str(n), *draw(st.sets(st.sampled_from([str(m) for m in range(n)]))) if n else ()) for n in range(count)
    )


@given(plans(), st.data())
def test_every_step_ends_once_and_only_what_can_happens(steps: Plan, data: st.DataObject) -> None:
    failing = data.draw(st.sets(st.sampled_from([step.id for step in steps]))) if steps else set()
    walked = Walked({name: Outcome(State.FAILED) for name in failing})
    outcomes = walked.walk(*steps)
    assert outcomes.keys() == {step.id for step in steps}
    assert len(walked.executed) == len(set(walked.executed))
    for each in steps:
        blocked = obstacle(each, outcomes) is not None
        assert (each.id not in walked.executed) == blocked
        assert (outcomes[each.id].state is State.SKIPPED) == blocked
