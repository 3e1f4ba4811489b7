"""What an endpoint's worker does: it keeps a serving container up until it is told to end."""

import time

from specimen.emulator.jobs import serving
from specimen.emulator.jobs.folder import Folder
from specimen.emulator.jobs.instance import Instance
from specimen.emulator.jobs.job import Job, JobFailed, JobStopped, Result, Stop
from specimen.emulator.jobs.log import Log

READY_SECONDS = 8 * 60  # for which AWS pings an endpoint's container
RESTART_PAUSE = 1.0
END_SECONDS = 10.0
NO_PING = (
    "The primary container for production variant {variant} did not pass the ping health check. Please check "
    "CloudWatch logs for this endpoint."
)


def run(job: Job, folder: Folder, stop: Stop, instance: Instance) -> Result | None:
    """Serve a model until SIGTERM, which leaves no result; a failure before the first ping does."""
    started = time.time()
    try:
        _serve(job, folder, stop, instance)
    except JobStopped:
        return None
    except JobFailed as failed:
        instance.clear()
        return Result("Failed", started, time.time(), reason=str(failed))
    return None


def _serve(job: Job, folder: Folder, stop: Stop, instance: Instance) -> None:
    """Start the container, and again whenever it ends: AWS replaces one that has died."""
    log = Log(job.log_path)
    variant = job.body["ProductionVariants"][0]
    seconds = variant.get("ContainerStartupHealthCheckTimeoutInSeconds", READY_SECONDS)
    instance.clear()
    serving.fetch_model(job, instance)
    ready = False
    while True:
        stop.check()
        model = serving.start(job, instance, {}, log.write)
        try:
            if model.await_ready(stop, seconds):
                ready = True
                folder.write("serving.json", {"port": model.port})
                model.container.wait(stop, END_SECONDS)
            elif not ready:
                raise JobFailed(NO_PING.format(variant=variant["VariantName"]))
        finally:
            folder.remove("serving.json")
            model.container.end(END_SECONDS)
        time.sleep(RESTART_PAUSE)
