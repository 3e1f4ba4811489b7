"""The process of one job: ``python -m specimen.emulator.jobs.worker FOLDER``, forked from the server's template.

It reads job.json, says in status.jsonl how far it is, and renames result.json into place. SIGTERM asks it to stop. It
needs no server: while the server is away it goes on.
"""

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from specimen.emulator.jobs import hosting, processing, training, transform
from specimen.emulator.jobs.containers import RULES
from specimen.emulator.jobs.folder import Folder
from specimen.emulator.jobs.instance import Instance
from specimen.emulator.jobs.job import Job, Result, Stop
from specimen.emulator.jobs.processes import identify
from specimen.warm.template import Template

ACKNOWLEDGED_SECONDS = 30.0
YIELDING = 5  # niceness of a rule's evaluation, which on AWS has a machine of its own and takes nothing from training


def _tune(job: Job, folder: Folder, stop: Stop, instance: Instance) -> Result:
    from specimen.emulator.jobs import tuning  # brings the server's operations along, which other jobs can do without

    return tuning.run(job, folder, stop, instance)


RUN: Mapping[str, Callable[[Job, Folder, Stop, Instance], Result | None]] = {
    "TrainingJob": training.run,
    "ProcessingJob": processing.run,
    "TransformJob": transform.run,
    "Endpoint": hosting.run,
    "HyperParameterTuningJob": _tune,
}


def main(arguments: list[str]) -> int:
    """Run the job of a folder."""
    folder = Folder(Path(arguments[0]))
    stop = Stop()
    stop.listen()
    content = folder.read("job.json")
    if content is None or not _acknowledged(folder):
        return 1
    job = Job(**content)
    if job.rule is not None or job.module == RULES:
        os.nice(YIELDING)
    with Template.here() as template:  # from now on there may be threads, which a fork would not bear
        result = RUN[job.kind](job, folder, stop, Instance(folder, job, template))
    if result is not None:
        folder.write("result.json", asdict(result))
    return 0


def _acknowledged(folder: Folder) -> bool:
    """Wait until the server has written down who we are; a worker that no server knows could never be stopped.

    A worker that was lost before us may still stand there.
    """
    limit = time.monotonic() + ACKNOWLEDGED_SECONDS
    own = identify(os.getpid())
    while folder.process("worker.json") != own:
        if time.monotonic() > limit:
            return False
        time.sleep(0.01)
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
