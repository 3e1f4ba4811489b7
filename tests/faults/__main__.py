"""Harm to a run at named points, and what must hold after it: ``make faults``, ``python -m tests.faults POINT …``."""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.faults import points, trial
from tests.faults.points import Point
from tests.faults.scene import SPEC

Points = tuple[Point, ...]  # of one run


def main(arguments: list[str] | None = None) -> int:
    """Play the named points, or all of them; 1 if anything was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument(
        "points", nargs="*", metavar="POINT", help="such as after:CreateTrainingJob:kill-runner; joined by + in one run"
    )
    parser.add_argument("--list", action="store_true", help="name all points, and do nothing")
    parser.add_argument("--minutes", type=float, help="begin no point after so long; the points are drawn by lot then")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the lot; it is said")
    parser.add_argument(
        "--spec", type=Path, default=SPEC, help="what is run; only points at calls that it makes are met"
    )
    options = parser.parse_args(arguments)
    if options.list:
        print(*points.points(), sep="\n")
        return 0
    try:
        chosen = [points.parsed(name) for name in options.points] or points.together(points.points())
    except ValueError:
        parser.error("a point has three parts: when:what:harm; --list names all")
    if options.minutes and not options.points:
        print(f"drawn with --seed {options.seed}", flush=True)
        random.Random(options.seed).shuffle(chosen)
    limit = time.monotonic() + 60 * options.minutes if options.minutes else None
    return _play(chosen, options.spec.resolve(), limit)


def _play(chosen: list[Points], spec: Path, limit: float | None) -> int:
    folder = Path(tempfile.mkdtemp(prefix="specimen-faults-"))
    undisturbed = trial.reference(folder, spec)
    left = [called for group in chosen if (called := _called(group, undisturbed))]
    if uncalled := sorted({point.what for group in chosen for point in group if not _called((point,), undisturbed)}):
        print(f"this spec's run never calls {', '.join(uncalled)}")
    broken = 0
    while left:
        if limit is not None and time.monotonic() > limit:
            print(f"time is up: {sum(map(len, left))} points were not played")
            break
        verdict = _told(left.pop(0), folder, undisturbed, sum(map(len, left)))
        broken += bool(verdict.breaches)
        left[:0] = _alone(verdict)
    print(f"{broken} runs broken" + (f"; their state folders are in {folder}" if broken else ""))
    return 1 if broken else 0


def _called(group: Points, undisturbed: trial.Reference) -> Points:
    """Leave out the points at calls that the spec's run does not make."""
    return tuple(point for point in group if not point.at_call or point.what in undisturbed.asked)


def _alone(verdict: trial.Verdict) -> list[Points]:
    """Give the points that are to be played again by themselves: what was broken together, or not met."""
    if len(verdict.points) == 1:
        return []
    return [(point,) for point in verdict.points if verdict.breaches or point not in verdict.met]


def _told(group: Points, folder: Path, undisturbed: trial.Reference, left: int) -> trial.Verdict:
    began = time.monotonic()
    verdict = trial.play(group, folder, undisturbed)
    took = time.monotonic() - began
    for point in group:
        state = "BROKEN" if verdict.breaches else "holds" if point in verdict.met else "came too late"
        print(f"{point}: {state}{f', with {len(group) - 1} more in one run' if len(group) > 1 else ''}")
    print(f"    harmed run ended with {verdict.code}, {took:.0f} s; {left} points left", flush=True)
    if verdict.breaches:
        print(f"    in {verdict.state}", flush=True)
    for breach in verdict.breaches:
        print("    " + breach.replace("\n", "\n    "), flush=True)
    return verdict


if __name__ == "__main__":
    sys.exit(main())
