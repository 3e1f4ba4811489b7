"""What must hold after any harm, once the spec has been run again; each breach is a sentence."""

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from tests.faults import processes
from tests.faults.facts import JOBS, LINEAGE, Facts
from tests.faults.scene import Ran, Scene

_ENDED = ("Completed", "Failed", "Stopped")
_QUIET_SECONDS = 120.0  # for processes that lost their run to end: they bear an outage of 30 s, and a busy machine
_BLAMES = ("Traceback (most recent call last)", "this is a bug")


def ended_right(ran: Ran) -> Iterator[str]:
    """The run succeeded."""
    if ran.code != 0:
        yield f"the run {_ending(ran)}:\n{ran.out}"


def answered_clearly(ran: Ran) -> Iterator[str]:
    """Whatever happened was said in sentences, and nothing hung."""
    if ran.code is None:
        yield f"the run {_ending(ran)}:\n{ran.out}"
    yield from _blamed("the output", ran.out)


def clear_logs(run: Path) -> Iterator[str]:
    """No step of a run, from which its folder is left, printed a traceback."""
    for log in sorted(run.glob("logs/*.log")):
        yield from _blamed(log.name, log.read_text(errors="replace"))


def _blamed(name: str, text: str) -> Iterator[str]:
    if any(blame in text for blame in _BLAMES):
        yield f"{name} has a traceback:\n{text[-3000:]}"


def same_figures(found: Facts, reference: Facts) -> Iterator[str]:
    """The figures are those of a run that nothing happened to.

    A job that failed has its own place in the lineage, and an endpoint that was deleted keeps its; a rule that failed
    has no verdict, and will have none.
    """
    for step in sorted(found.figures.keys() | reference.figures.keys()):
        ignored = LINEAGE if found.retried or "host" in found.figures else ()
        if step == "debug" and found.failed_rules:
            ignored = (*ignored, "verdict")
        one, other = (_without(facts.figures.get(step, {}), ignored) for facts in (found, reference))
        if one != other:
            yield f"{step} gave other figures: {one} instead of {other}"


def _without(figures: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: figure for name, figure in figures.items() if name not in names}


def made_once(found: Facts, reference: Facts, *, replaced: bool) -> Iterator[str]:
    """Each thing exists once; only where jobs were made to fail may one be `replaced` by another for the same step."""
    for kind in (*JOBS, "Model"):
        steps = found.steps(kind)
        if steps.keys() != reference.steps(kind).keys():
            yield f"there are {kind}s of {sorted(steps)} instead of {sorted(reference.steps(kind))}"
        for step, statuses in steps.items():
            if replaced and step in found.failed_rules:
                continue
            good = [status for status in statuses if status in ("Completed", "")]
            if len(good) != 1 or not set(statuses) <= {*_ENDED, ""} or (len(statuses) > 1 and not replaced):
                yield f"{kind}s of {step} are {', '.join(statuses)}"
    for kind in ("Experiment", "Trial", "ModelPackageGroup"):
        if found.things[kind].keys() != reference.things[kind].keys():
            yield f"there are {kind}s {sorted(found.things[kind])} instead of {sorted(reference.things[kind])}"
    if len(found.packages) != len(reference.packages):
        yield f"there are model packages {', '.join(found.packages)}"
    if len(set(found.artifacts)) != len(found.artifacts):
        yield f"an artifact was made twice: {found.artifacts}"


def nothing_serves(found: Facts) -> Iterator[str]:
    """No endpoint is left, and no configuration of one."""
    for kind in ("Endpoint", "EndpointConfig"):
        if found.things[kind]:
            yield f"left over: {kind} {', '.join(found.things[kind])}"


def whole_objects(state: Path, orphans: int) -> Iterator[str]:
    """Each object has the size and the content that its index names; at most `orphans` files belong to none.

    A process that is killed while it writes leaves its file; no object names it, and it is swept a day later.
    """
    root = state / "aws" / "objects"
    with closing(sqlite3.connect(root / "index.sqlite")) as index:
        rows = index.execute("SELECT key, blob, size, etag FROM object").fetchall()
        parts = [blob for (blob,) in index.execute("SELECT blob FROM part")]
    for key, blob, size, etag in rows:
        name = key.decode()
        path = root / "blobs" / blob[:2] / blob
        content = path.read_bytes() if path.exists() else b""
        if len(content) != size or ("-" not in etag and hashlib.md5(content).hexdigest() != etag):  # noqa: S324 - S3's
            yield f"{name} is half written: {len(content)} of {size} bytes"
        elif name.endswith(".json") and not _whole_json(content):
            yield f"{name} is cut off: {content[-100:]!r}"
    left = {path.name for path in root.glob("blobs/??/*")} - {blob for _, blob, _, _ in rows} - set(parts)
    if len(left) > orphans:
        yield f"{len(left)} files in objects/ belong to no object"
    if parts:
        yield f"{len(parts)} parts of uploads were left"


def _whole_json(content: bytes) -> bool:
    """Tell whether it is one value, or one a line, as a profiler writes them."""
    for text in ([content], content.splitlines()):
        with suppress(ValueError):
            for line in text:
                json.loads(line)
            return True
    return False


def nothing_runs(scene: Scene) -> Iterator[str]:
    """Besides the server and its own children nothing goes on, and after ``local stop`` nothing at all."""
    if left := _left(scene, but=scene.server.pid):
        yield f"still running beside the server: {left}"
    scene.stop()
    if left := _left(scene):
        yield f"still running after local stop: {left}"


def _left(scene: Scene, but: int | None = None) -> dict[int, str]:
    limit = time.monotonic() + _QUIET_SECONDS
    while left := {
        pid: line for pid, line in processes.of_scene(scene.mark).items() if but not in (pid, processes.parent(pid))
    }:
        if time.monotonic() > limit:
            return left
        time.sleep(0.05)
    return {}


def _ending(ran: Ran) -> str:
    return "hung" if ran.code is None else f"ended with {ran.code}"
