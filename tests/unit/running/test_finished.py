"""Which failures of a run are told: each cause once."""

from pathlib import Path

import pytest
from specimen.running.folder import RunFolder
from specimen.running.local import Finished
from specimen.running.outcome import Outcome, State

FAILED, SUCCEEDED, SKIPPED = Outcome(State.FAILED), Outcome(State.SUCCEEDED), Outcome(State.SKIPPED)


@pytest.mark.parametrize(
    ("outcomes", "told"),
    [
        ({"prepare": SUCCEEDED, "finish": SUCCEEDED}, []),
        ({"prepare": FAILED, "train": SKIPPED, "finish": FAILED}, ["prepare"]),
        ({"bias": FAILED, "evaluate": FAILED, "finish": FAILED}, ["bias", "evaluate"]),
        ({"gate": SUCCEEDED, "register": SKIPPED, "finish": FAILED}, ["finish"]),
    ],
)
def test_the_exit_step_is_told_only_where_no_other_failed(
    outcomes: dict[str, Outcome], told: list[str], tmp_path: Path
) -> None:
    assert list(Finished(RunFolder(tmp_path), outcomes).causes) == told
