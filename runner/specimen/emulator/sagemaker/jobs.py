"""What training, processing and transform jobs have in common: creating, following, stopping and listing them."""

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from specimen.emulator.context import Context, Request, Response
from specimen.emulator.errors import AwsError, validation
from specimen.emulator.jobs import channels
from specimen.emulator.jobs.job import REASON_LENGTH, Job
from specimen.emulator.jobs.launch import LOST, Progress
from specimen.emulator.jobs.log import stream_file
from specimen.emulator.sagemaker import answers
from specimen.emulator.sagemaker.listing import page
from specimen.emulator.sagemaker.recording import record_job

FINAL = frozenset({"Completed", "Failed", "Stopped"})


def _nothing(folded: dict[str, Any], progress: Progress) -> None:
    """Add nothing to what all kinds of jobs have."""


def _no_more(context: Context, body: Mapping[str, Any]) -> None:
    """Do nothing for a worker that was lost."""


def _never(context: Context, body: Mapping[str, Any]) -> bool:
    """Start no worker again."""
    return False


def _as_it_is(context: Context, body: Mapping[str, Any]) -> dict[str, Any]:
    """Add nothing to a description."""
    return {}


@dataclass(frozen=True)
class Kind:
    """A kind of job; `prefix` begins the names of its members, `noun` is what AWS calls it in a sentence.

    `fold` adds to a description what this kind alone has, `shown` what changes by itself as time goes by. `lost` does
    what is left to do of a worker that was lost; `retried` starts it again and tells so, if the job asks for that.
    """

    name: str
    prefix: str
    noun: str
    fold: Callable[[dict[str, Any], Progress], None] = field(default=_nothing)
    lost: Callable[[Context, Mapping[str, Any]], None] = field(default=_no_more)
    retried: Callable[[Context, Mapping[str, Any]], bool] = field(default=_never)
    shown: Callable[[Context, Mapping[str, Any]], dict[str, Any]] = field(default=_as_it_is)

    @property
    def status(self) -> str:
        """Return the member that holds the job's status."""
        return f"{self.name}Status"

    @property
    def group(self) -> str:
        """Return the log group of these jobs."""
        return f"/aws/sagemaker/{self.name}s"

    def arn(self, context: Context, name: str) -> str:
        """Form the ARN of a job."""
        return context.arn(f"{self.prefix.lower()}-job/{name}")


def refuse(request: Mapping[str, Any], *members: str) -> None:
    """Answer that a member of a request is not implemented, if it is there and not empty."""
    for member in members:
        if request.get(member):
            raise unsupported(member)


def unsupported(what: str) -> AwsError:
    """Name something that this server does not implement; a job that went on without it would not be AWS's."""
    return AwsError("NotImplemented", f"The embedded SageMaker does not implement {what}.", 501)


def need_objects(context: Context, uri: str, role: str) -> None:
    """Refuse an input under which there is nothing, as SageMaker does before it creates a job."""
    if next(channels.matches(context.objects, uri), None) is None:
        raise validation(channels.missing(uri, context.region, role))


def need_new(context: Context, kind: Kind, name: str) -> str:
    """Return the ARN for a new job, unless its name is taken."""
    arn = kind.arn(context, name)
    if context.tx.get(kind.name, name) is not None:
        raise answers.exists(kind.name, name, arn)
    return arn


def log_file(context: Context, group: str, stream: str) -> str:
    """Return the file of a log stream."""
    return str(stream_file(context.state, group, stream))


def brief(context: Context, kind: str, name: str, arn: str, body: Mapping[str, Any], image: str, log: str) -> Job:
    """Write down all that a worker needs to run a job in a container of an image; `log` is the log stream's file."""
    found = context.launcher.images.find(image)
    return Job(
        kind=kind,
        name=name,
        arn=arn,
        body=body,
        image=image,
        module=None if found is None else found.module,
        environment=_environment(context),
        objects=str(context.state / "objects"),
        log=log,
        region=context.region,
        grace=context.launcher.grace,
    )


def _environment(context: Context) -> dict[str, str]:
    """Lead the AWS clients of a container to this server, past any configuration or proxy of this machine."""
    return {
        "AWS_REGION": context.region,
        "AWS_DEFAULT_REGION": context.region,
        "AWS_ENDPOINT_URL": context.endpoint,
        "AWS_ACCESS_KEY_ID": context.credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": context.credentials.secret_key,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def begin(context: Context, kind: Kind, job: Job) -> Response:
    """Store a new job and start its worker."""
    now = context.now()
    times = {"CreationTime": now, "LastModifiedTime": now}
    body = {**job.body, f"{kind.name}Arn": job.arn, kind.status: "InProgress", **times}
    context.tx.insert(kind.name, job.name, body)
    record_job(context, kind.name, body)
    launch(context, job)
    return {f"{kind.name}Arn": job.arn}


def launch(context: Context, job: Job) -> None:
    """Start a job's worker; should the request fail after all, it ends again."""
    context.tx.on_rollback(lambda: context.launcher.discard(job.kind, job.name))
    context.launcher.launch(job.kind, job.name, asdict(job))


def current(context: Context, kind: Kind, name: str) -> dict[str, Any]:
    """Return a job as it is now, or AWS's answer to a name that is not there."""
    body = context.tx.get(kind.name, name)
    if body is None:
        raise answers.absent(kind.name, name, kind.arn(context, name))
    return refresh(context, kind, body)


def refresh(context: Context, kind: Kind, body: dict[str, Any]) -> dict[str, Any]:
    """Fold what a job's worker has come to into its description."""
    if body[kind.status] in FINAL:
        return body
    name = body[f"{kind.name}Name"]
    progress = context.launcher.progress(kind.name, name)
    if progress.lost and kind.retried(context, body):
        progress = context.launcher.progress(kind.name, name)
    now = fold(kind, body, progress, context.now())
    kind.fold(now, progress)
    if now != body:
        now["LastModifiedTime"] = context.now()
        context.tx.put(kind.name, name, now)
        record_job(context, kind.name, now)
        if progress.lost:
            kind.lost(context, now)
    return now


def fold(kind: Kind, body: Mapping[str, Any], progress: Progress, now: float) -> dict[str, Any]:
    """Return a job's description with what all kinds of jobs come to."""
    folded = dict(body)
    entered = [step for step in progress.transitions if step.status not in ("Starting", "Restarting", "Stopping")]
    if entered:
        folded[f"{kind.prefix}StartTime"] = entered[0].time
    result = progress.result or _lost(body, kind, now) if progress.lost or progress.result else None
    if result is None:
        return folded
    folded[kind.status] = result["status"]
    folded.setdefault(f"{kind.prefix}StartTime", result["started"])
    folded[f"{kind.prefix}EndTime"] = result["ended"]
    for member, key in (("FailureReason", "reason"), ("ExitMessage", "message")):
        if result.get(key):
            folded[member] = result[key][:REASON_LENGTH]
    return folded


def _lost(body: Mapping[str, Any], kind: Kind, now: float) -> dict[str, Any]:
    """Form the result of a worker that left none: stopped, if that was asked for, else failed."""
    if body[kind.status] == "Stopping":
        return {"status": "Stopped", "started": body["CreationTime"], "ended": now}
    return {"status": "Failed", "reason": LOST, "started": body["CreationTime"], "ended": now}


def stop(context: Context, kind: Kind, name: str, message: str = "") -> Response:
    """Ask a job to stop; one that is stopping already is left to it."""
    body = current(context, kind, name)
    if body[kind.status] in FINAL:
        raise validation(f"The request was rejected because the {kind.noun} is in status {body[kind.status]}.")
    if body[kind.status] != "Stopping":
        context.launcher.folder(kind.name, name).enter("Stopping", message)
        context.launcher.stop(kind.name, name)
        stopping = {**body, kind.status: "Stopping", "LastModifiedTime": context.now()}
        context.tx.put(kind.name, name, stopping)
        record_job(context, kind.name, stopping)
    return {}


def described(context: Context, kind: Kind, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a job with what changes by itself as time goes by."""
    return {**body, **kind.shown(context, body)}


def without(body: Mapping[str, Any], *members: str) -> Response:
    """Return a description without members that AWS does not describe."""
    return {name: value for name, value in body.items() if name not in ("Tags", *members)}


def listing(context: Context, kind: Kind, request: Request, *members: str) -> Response:
    """List jobs as they are now."""
    bodies = [described(context, kind, refresh(context, kind, body)) for body in context.tx.list(kind.name)]
    if "WarmPoolStatusEquals" in request:
        wanted = request["WarmPoolStatusEquals"]
        bodies = [body for body in bodies if body.get("WarmPoolStatus", {}).get("Status") == wanted]
    members = (f"{kind.prefix}EndTime", "LastModifiedTime", *members)
    return page(request, bodies, kind.name, f"{kind.name}Summaries", *members)
