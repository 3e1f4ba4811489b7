"""Points played through in one run: the harmed run, the next one, and what must hold then."""

import shutil
import tempfile
import traceback
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.faults import invariants, rooms
from tests.faults.calls import Call
from tests.faults.facts import Facts, Reader
from tests.faults.harms import Harm
from tests.faults.ledger import Ledger
from tests.faults.points import ABSORBED, Point
from tests.faults.proxy import Answer, Forward
from tests.faults.scene import SPEC, Ran, Scene

_SERVED = "Endpoint/"  # whoever asks an endpoint that was killed has failed, as on AWS
# what makes jobs fail, or a run that stops them
_FAILING = ("kill-component", "kill-worker", "kill-container", "kill-asker", "disk-full", "no-room")
_ORPHANS = {"kill-server": 2, "kill-worker": 2}  # a write each in flight of the server and of a worker


@dataclass(frozen=True)
class Reference:
    """A run that nothing happened to: its facts, every call that it made, and of which spec."""

    facts: Facts
    asked: frozenset[str]
    spec: Path = SPEC


@dataclass(frozen=True)
class Verdict:
    """What came of points: which were met at all, how the harmed run ended, every breach, and the state folder."""

    points: tuple[Point, ...]
    met: frozenset[Point]
    code: int | None
    breaches: tuple[str, ...]
    state: Path


def reference(folder: Path, spec: Path = SPEC) -> Reference:
    """Run the spec undisturbed; `AssertionError` if that alone breaks something."""
    with tempfile.TemporaryDirectory(prefix="reference-", dir=folder) as name:
        scene = Scene(Path(name), spec)
        ledger = _listening(scene, ())
        try:
            (ran,) = scene.run()
            _demand(invariants.ended_right(ran))
            facts = Reader(scene.server).facts(_runs(scene)[-1])
            _demand(_lasting(scene, ledger, 0))
            _demand(invariants.nothing_runs(scene))
        finally:
            scene.stop()
            scene.close()
    return Reference(facts, frozenset(name for call in ledger.asked for name in names(call)), spec)


def _demand(breaches: Iterator[str]) -> None:
    if found := list(breaches):
        raise AssertionError("\n".join(found))


def names(call: Call) -> tuple[str, ...]:
    """Give the names under which a point may speak of a call."""
    return call.operation, f"{call.operation}/{call.purpose}"


def play(points: tuple[Point, ...], folder: Path, undisturbed: Reference) -> Verdict:
    """Do the harm of some points to one run on a new state folder, run again, and check."""
    state = Path(tempfile.mkdtemp(prefix="state-", dir=folder))
    with rooms.own(state) if any(point.harm == "no-room" for point in points) else nullcontext():
        verdict = _played(points, state, undisturbed)
    if not verdict.breaches:
        shutil.rmtree(state)
    return verdict


def _played(points: tuple[Point, ...], state: Path, undisturbed: Reference) -> Verdict:
    scene = Scene(state, undisturbed.spec)
    harms = {point: Harm(scene, point) for point in points}
    ledger = _listening(scene, tuple(harms.values()))
    code: int | None = None
    breaches: list[str] = []
    try:
        harmed = scene.run(at_once=2 if points[0].harm == "twice" else 1)
        code = harmed[0].code
        _end(harms)
        breaches += _harmed(points, scene, harmed)
        breaches += _after(points, scene, ledger, undisturbed)
    except Exception:  # one point that nothing can be read of any more does not end all the others
        breaches.append(traceback.format_exc())
    finally:
        _end(harms)
        scene.stop()
        scene.close()
    met = frozenset(point for point, harm in harms.items() if harm.done.is_set() or point.harm == "twice")
    return Verdict(points, met, code, tuple(breaches), state)


def _end(harms: Mapping[Point, Harm]) -> None:
    for harm in harms.values():
        harm.end()


def _absorbed(points: tuple[Point, ...]) -> bool:
    """Tell whether the harmed run itself is to end right; otherwise the next one is."""
    return all(
        point.harm in ABSORBED and not (point.harm == "kill-worker" and point.what.startswith(_SERVED))
        for point in points
    )


def _harmed(points: tuple[Point, ...], scene: Scene, runs: tuple[Ran, ...]) -> Iterator[str]:
    for folder in _runs(scene):
        yield from invariants.clear_logs(folder)
    for ran in runs:
        yield from invariants.answered_clearly(ran)
        if _absorbed(points):
            yield from (f"harmed: {breach}" for breach in invariants.ended_right(ran))


def _after(points: tuple[Point, ...], scene: Scene, ledger: Ledger, undisturbed: Reference) -> Iterator[str]:
    next_ledger = Ledger(partial(_meddle, ()))
    scene.proxy.meddle = next_ledger.meddle
    (again,) = scene.run()
    ledger.asked += next_ledger.asked  # it may have deleted what the harmed run made
    yield from invariants.answered_clearly(again)
    yield from invariants.ended_right(again)
    yield from _checks(points, scene, ledger, undisturbed)


def _checks(points: tuple[Point, ...], scene: Scene, ledger: Ledger, undisturbed: Reference) -> Iterator[str]:
    reader = Reader(scene.server)
    runs = _runs(scene)
    for run in runs if _absorbed(points) else runs[-1:]:
        found = reader.facts(run)
        yield from invariants.same_figures(found, undisturbed.facts)
    yield from invariants.made_once(
        found, undisturbed.facts, replaced=any(point.harm.startswith(_FAILING) for point in points)
    )
    yield from invariants.nothing_serves(found)
    yield from _lasting(scene, ledger, sum(_ORPHANS.get(point.harm, 0) for point in points))
    yield from invariants.nothing_runs(scene)


def _lasting(scene: Scene, ledger: Ledger, orphans: int) -> Iterator[str]:
    reader = Reader(scene.server)
    yield from ledger.lost(reader.sagemaker, reader.s3)
    yield from invariants.whole_objects(scene.state, orphans)


def _listening(scene: Scene, harms: tuple[Harm, ...]) -> Ledger:
    ledger = Ledger(partial(_meddle, harms))
    scene.proxy.meddle = ledger.meddle
    return ledger


def _meddle(harms: tuple[Harm, ...], call: Call, forward: Forward) -> Answer:
    for harm in harms:
        forward = partial(harm.meddle, call, forward)
    return forward()


def _runs(scene: Scene) -> list[Path]:
    return sorted((scene.state / "runs").glob("*")) if (scene.state / "runs").exists() else []
