"""Three points of harm, of the many of ``make faults``: a run that dies, a lost answer, a server that is gone."""

from pathlib import Path
from typing import Any

import pytest

from tests.faults import points, trial
from tests.faults.facts import Reader
from tests.faults.trial import Reference

POINTS = {
    "after:CreateTrainingJob:kill-runner": -9,  # components and a job are left behind, and adopted
    "after:CreateProcessingJob:lost-answer": 0,  # what took effect is asked for again
    "after:CreateModel:kill-server": 0,  # three steps lose their server, and find it again
}


@pytest.fixture(scope="module")
def undisturbed(first_run: Any) -> Reference:
    """A run that nothing happened to."""
    from specimen.running import server

    found = server.status(first_run.state)
    assert found
    return Reference(Reader(found).facts(first_run.folder), frozenset())


@pytest.mark.parametrize("point", POINTS)
def test_the_next_run_ends_right_with_the_same_figures_and_nothing_done_twice(
    point: str, undisturbed: Reference, tmp_path: Path
) -> None:
    verdict = trial.play(points.parsed(point), tmp_path, undisturbed)
    assert not verdict.breaches, "\n".join(verdict.breaches)
    assert verdict.met == {*verdict.points}
    assert verdict.code == POINTS[point]
