"""One point played through: the harmed run, the next one, and what must hold then."""

import shutil
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults import invariants
from tests.faults.calls import Call
from tests.faults.facts import Facts, Reader
from tests.faults.harms import Harm
from tests.faults.ledger import Ledger
from tests.faults.points import Point
from tests.faults.scene import Ran, Scene

ABSORBED = frozenset(  # harms that a run is to survive by itself
    {
        "ThrottlingException",
        "InternalServerError",
        "reset",
        "lost-answer",
        "slow",
        "twice",
        "kill-server",
        "kill-worker",
    }
)
_SERVED = "Endpoint/"  # whoever asks an endpoint that was killed has failed, as on AWS
_FAILING = ("kill-component", "kill-worker", "kill-container", "kill-asker", "disk-full")  # jobs fail or are stopped
_ORPHANS = {"kill-server": 2, "kill-worker": 2}  # a write each in flight of the server and of a worker


@dataclass(frozen=True)
class Reference:
    """A run that nothing happened to: its facts, and every call that it made."""

    facts: Facts
    asked: frozenset[str]


@dataclass(frozen=True)
class Verdict:
    """What came of a point: whether it was met at all, how the harmed run ended, every breach, and its state folder."""

    point: Point
    met: bool
    code: int | None
    breaches: tuple[str, ...]
    state: Path


def reference(folder: Path) -> Reference:
    """Run the spec undisturbed; `AssertionError` if that alone breaks something."""
    with tempfile.TemporaryDirectory(prefix="reference-", dir=folder) as name:
        scene = Scene(Path(name))
        ledger = _listening(scene, None)
        try:
            (ran,) = scene.run()
            _demand(invariants.ended_right(ran))
            facts = Reader(scene.server).facts(_runs(scene)[-1])
            _demand(_lasting(scene, ledger, 0))
            _demand(invariants.nothing_runs(scene))
        finally:
            scene.stop()
            scene.close()
    return Reference(facts, frozenset(name for call in ledger.asked for name in names(call)))


def _demand(breaches: Iterator[str]) -> None:
    if found := list(breaches):
        raise AssertionError("\n".join(found))


def names(call: Call) -> tuple[str, ...]:
    """Give the names under which a point may speak of a call."""
    return call.operation, f"{call.operation}/{call.purpose}"


def play(point: Point, folder: Path, undisturbed: Reference) -> Verdict:
    """Do a point's harm to a run on a new state folder, run again, and check."""
    state = Path(tempfile.mkdtemp(prefix="state-", dir=folder))
    scene = Scene(state)
    harm = Harm(scene, point)
    ledger = _listening(scene, harm)
    code: int | None = None
    breaches: list[str] = []
    try:
        harmed = scene.run(at_once=2 if point.harm == "twice" else 1)
        code = harmed[0].code
        harm.end()
        breaches += _harmed(point, scene, harmed)
        breaches += _after(point, scene, ledger, undisturbed)
    except Exception:  # one point that nothing can be read of any more does not end all the others
        breaches.append(traceback.format_exc())
    finally:
        harm.end()
        scene.stop()
        scene.close()
    if not breaches:
        shutil.rmtree(state)
    return Verdict(point, harm.done.is_set() or point.harm == "twice", code, tuple(breaches), state)


def _absorbed(point: Point) -> bool:
    """Tell whether the harmed run itself is to end right; otherwise the next one is."""
    return point.harm in ABSORBED and not (point.harm == "kill-worker" and point.what.startswith(_SERVED))


def _harmed(point: Point, scene: Scene, runs: tuple[Ran, ...]) -> Iterator[str]:
    for folder in _runs(scene):
        yield from invariants.clear_logs(folder)
    for ran in runs:
        yield from invariants.answered_clearly(ran)
        if _absorbed(point):
            yield from (f"harmed: {breach}" for breach in invariants.ended_right(ran))


def _after(point: Point, scene: Scene, ledger: Ledger, undisturbed: Reference) -> Iterator[str]:
    scene.proxy.meddle = Ledger(lambda _, forward: forward()).meddle
    (again,) = scene.run()
    yield from invariants.answered_clearly(again)
    yield from invariants.ended_right(again)
    yield from _checks(point, scene, ledger, undisturbed)


def _checks(point: Point, scene: Scene, ledger: Ledger, undisturbed: Reference) -> Iterator[str]:
    reader = Reader(scene.server)
    runs = _runs(scene)
    for run in runs if _absorbed(point) else runs[-1:]:
        found = reader.facts(run)
        yield from invariants.same_figures(found, undisturbed.facts)
    yield from invariants.made_once(found, undisturbed.facts, replaced=point.harm.startswith(_FAILING))
    yield from invariants.nothing_serves(found)
    yield from _lasting(scene, ledger, _ORPHANS.get(point.harm, 0))
    yield from invariants.nothing_runs(scene)


def _lasting(scene: Scene, ledger: Ledger, orphans: int) -> Iterator[str]:
    reader = Reader(scene.server)
    yield from ledger.lost(reader.sagemaker, reader.s3)
    yield from invariants.whole_objects(scene.state, orphans)


def _listening(scene: Scene, harm: Harm | None) -> Ledger:
    ledger = Ledger(harm.meddle if harm else lambda _, forward: forward())
    scene.proxy.meddle = ledger.meddle
    return ledger


def _runs(scene: Scene) -> list[Path]:
    return sorted((scene.state / "runs").glob("*")) if (scene.state / "runs").exists() else []
