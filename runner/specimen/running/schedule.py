"""Walks a plan: independent steps side by side, and a step skipped when something it needs did not succeed.

Knows nothing of processes: `execute` does a step, `observe` is told of each change (from several threads), `stop`
ends what is under way.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from specimen.planning.steps import Plan, Step
from specimen.running.outcome import Outcome, State

PASS = "pass"  # noqa: S105 - the verdict of a gate

Execute = Callable[[Step, Mapping[str, Outcome]], Outcome]
Observe = Callable[[Step, Outcome], None]
Stop = Callable[[], None]


def walk(steps: Plan, execute: Execute, observe: Observe, stop: Stop, *, at_once: int) -> Mapping[str, Outcome]:
    """Do the steps, each as soon as what it needs is done, and give every step's outcome.

    An interruption calls `stop`, waits for the steps under way to end, and is passed on.
    """
    outcomes: dict[str, Outcome] = {}
    waiting = {step.id: step for step in steps}
    running: dict[Future[Outcome], Step] = {}

    def settle(step: Step, outcome: Outcome) -> None:
        outcomes[step.id] = outcome
        observe(step, outcome)

    with ThreadPoolExecutor(at_once, thread_name_prefix="step") as pool:
        try:
            while waiting or running:
                for step in _ready(waiting, outcomes):
                    del waiting[step.id]
                    if reason := obstacle(step, outcomes):
                        settle(step, Outcome(State.SKIPPED, reason=reason))
                    else:
                        running[pool.submit(_begin, step, dict(outcomes), execute, observe)] = step
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    settle(running.pop(future), future.result())
        except BaseException:
            stop()
            for future, step in running.items():
                if not future.cancel():
                    observe(step, future.result())
            raise
    return outcomes


def _ready(waiting: Mapping[str, Step], outcomes: Mapping[str, Outcome]) -> list[Step]:
    return [step for step in waiting.values() if step.needs <= outcomes.keys()]


def _begin(step: Step, outcomes: Mapping[str, Outcome], execute: Execute, observe: Observe) -> Outcome:
    """Do one step, once one of the pool's threads is free for it."""
    observe(step, Outcome(State.RUNNING))
    return execute(step, outcomes)


def obstacle(step: Step, outcomes: Mapping[str, Outcome]) -> str | None:
    """Why a step cannot happen, given the outcomes of all that it needs; None when it can."""
    if step.despite:
        return None
    for name in sorted(step.needs):
        match outcomes[name].state:
            case State.SUCCEEDED:
                pass
            case State.SKIPPED:
                return outcomes[name].reason
            case state:
                return f"{name} {state.value}"
    held = [gate for gate in step.gates if outcomes[gate].outputs.get("verdict") != PASS]
    return f"{held[0]} did not pass" if held else None
