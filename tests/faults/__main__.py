"""Harm to a run at named points, and what must hold after it: ``make faults``, ``python -m tests.faults POINT …``."""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.faults import points, trial
from tests.faults.points import Point


def main(arguments: list[str] | None = None) -> int:
    """Play the named points, or all of them; 1 if anything was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("points", nargs="*", metavar="POINT", help="such as after:CreateTrainingJob:kill-runner")
    parser.add_argument("--list", action="store_true", help="name all points, and do nothing")
    parser.add_argument("--minutes", type=float, help="begin no point after so long; the points are drawn by lot then")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the lot; it is said")
    options = parser.parse_args(arguments)
    try:
        chosen = [points.parsed(name) for name in options.points] or list(points.points())
    except ValueError:
        parser.error("a point has three parts: when:what:harm; --list names all")
    if options.list:
        print(*chosen, sep="\n")
        return 0
    if options.minutes and not options.points:
        print(f"drawn with --seed {options.seed}", flush=True)
        random.Random(options.seed).shuffle(chosen)
    return _play(chosen, time.monotonic() + 60 * options.minutes if options.minutes else None)


def _play(chosen: list[Point], limit: float | None) -> int:
    folder = Path(tempfile.mkdtemp(prefix="specimen-faults-"))
    undisturbed = trial.reference(folder)
    called = [point for point in chosen if not point.at_call or point.what in undisturbed.asked]
    if uncalled := sorted({point.what for point in chosen} - {point.what for point in called}):
        print(f"this spec's run never calls {', '.join(uncalled)}")
    broken = 0
    for number, point in enumerate(called, 1):
        if limit is not None and time.monotonic() > limit:
            print(f"time is up: {len(called) - number + 1} of {len(called)} points were not played")
            break
        broken += _told(point, folder, undisturbed, f"{number}/{len(called)}")
    print(f"{broken} points broken" + (f"; their state folders are in {folder}" if broken else ""))
    return 1 if broken else 0


def _told(point: Point, folder: Path, undisturbed: trial.Reference, place: str) -> bool:
    began = time.monotonic()
    verdict = trial.play(point, folder, undisturbed)
    state = "BROKEN" if verdict.breaches else "holds" if verdict.met else "came too late"
    took = time.monotonic() - began
    print(f"{place} {point}: {state}, harmed run ended with {verdict.code}, {took:.0f} s", flush=True)
    if verdict.breaches:
        print(f"    in {verdict.state}", flush=True)
    for breach in verdict.breaches:
        print("    " + breach.replace("\n", "\n    "), flush=True)
    return bool(verdict.breaches)


if __name__ == "__main__":
    sys.exit(main())
