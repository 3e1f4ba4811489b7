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
    if "/" in job or job in ("", ".", ".."):
        raise EmulatorError(f"{job!r} is no name of a training job", hint="give the name that `specimen status` shows")
    folder = Folder(state / "aws" / "jobs" / "TrainingJob" / job)
    told, worker = folder.read("job.json"), folder.process("worker.json")
    if told is None:
        raise EmulatorError(f"there is no training job {job} in {state}", hint="give the name that its log begins with")
    if not told["body"].get("EnableManagedSpotTraining"):
        raise EmulatorError(
            f"the training job {job} does not use spot instances, which alone can be interrupted",
            hint="ask for them in the spec: training.resources.spot: {maxWait: 2h}",
        )
    entered = folder.transitions()
    if not entered or entered[-1].status not in _BUSY or worker is None or not worker.signal(signal.SIGUSR1):
        status = entered[-1].status if entered else "Starting"
        raise EmulatorError(
            f"the training job {job} has no instances to be taken away: it is {status}",
            hint="interrupt it while it is Downloading or Training",
        )
