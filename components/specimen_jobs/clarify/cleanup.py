"""Deletes a shadow endpoint whose job was killed: ``python -m specimen_jobs.clarify.cleanup NAME``.

It has a session of its own, so that it outlives the container's other processes, and reads from the job until that
ends; a line says that the job has deleted the endpoint itself.
"""

from __future__ import annotations

import sys

from specimen_jobs.clarify.guard import DELETED


def main(name: str) -> int:
    """Wait for the job, and delete what it has left."""
    if sys.stdin.buffer.read() == DELETED:
        return 0
    from specimen_jobs.aws import connect  # they take their time, and are hardly ever needed
    from specimen_jobs.clarify import endpoint

    endpoint.delete(connect("sagemaker"), name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
