"""Spot instances taken away at somebody's word, which on AWS happens when it wants them back."""

import signal
from pathlib import Path

from specimen.emulator.errors import EmulatorError
from specimen.emulator.jobs.folder import Folder

_BUSY = frozenset({"Downloading", "Training"})


def interrupt(state: Path, job: str) -> None:
    """Take the spot instances of a training job away; it goes on from its checkpoints as soon as it has others.

    `state` is the state folder.

    Raises:
        EmulatorError: there is no such training job, it does not use spot instances, or it does not run.
    """
    jobs = state / "aws" / "jobs" / "TrainingJob"
    known = sorted(path.name for path in jobs.iterdir()) if jobs.is_dir() else []
    folder = Folder(jobs / job)
    told, worker = folder.read("job.json"), folder.process("worker.json")
    if job not in known or told is None:
        raise EmulatorError(f"there is no training job {job} in {state}", hint=_meant(job, known))
    if not told["body"].get("EnableManagedSpotTraining"):
        raise EmulatorError(
            f"the training job {job} does not use spot instances, which alone can be interrupted",
            hint="EnableManagedSpotTraining asks for them, in a spec `spot` among the resources",
        )
    entered = folder.transitions()
    if not entered or entered[-1].status not in _BUSY or worker is None or not worker.signal(signal.SIGUSR1):
        status = entered[-1].status if entered else "Starting"
        raise EmulatorError(
            f"the training job {job} has no instances to be taken away: it is {status}",
            hint="interrupt it while it is Downloading or Training",
        )


def _meant(job: str, known: list[str]) -> str:
    from difflib import get_close_matches  # slow to import, and only what is wrong needs it

    near = get_close_matches(job, known, 1)
    return f"did you mean {near[0]}?" if near else "a run's log and report name its training jobs"
