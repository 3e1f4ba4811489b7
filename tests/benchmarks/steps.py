"""Where the time of a run went, step by step: from run.json, the steps' records, and what AWS says of the jobs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
from specimen.emulator import control
from specimen.emulator.control import Server

BUCKET = "specimen-local"
_TIMES = {  # a job's kind: the operation's name without Describe, when its instance was ready, when it had ended
    "TrainingJob": ("TrainingStartTime", "TrainingEndTime"),
    "ProcessingJob": ("ProcessingStartTime", "ProcessingEndTime"),
    "TransformJob": ("TransformStartTime", "TransformEndTime"),
}


@dataclass(frozen=True)
class Row:
    """Seconds of a step: when it began, how long it took, until its component was at work, and in its job.

    `job` is from a job's creation to its end, `launch` the part of it before its worker was at work; what is left of
    `took` is the component's own work, requests, and waiting between two looks at the job.
    """

    step: str
    began: float
    took: float
    start: float
    launch: float
    job: float

    @property
    def own(self) -> float:
        """The component's own work."""
        return self.took - self.start - self.job


def server(state: Path) -> Server:
    """The server of a state folder, which must run."""
    found = control.status(state)
    assert found, "no server runs"
    return found


def table(state: Path, number: str) -> tuple[Row, ...]:
    """Give a row for each step of a state folder's run."""
    (folder,) = state.joinpath("runs").glob(f"*-{number}")
    journal = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    surroundings = server(state).environment()
    clients = {name: _client(name, surroundings) for name in ("s3", "sagemaker")}
    return tuple(_row(step, journal, clients) for step in journal["steps"] if step["started"])


def _client(service: str, surroundings: Mapping[str, str]) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=surroundings["AWS_ENDPOINT_URL"],
        aws_access_key_id=surroundings["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=surroundings["AWS_SECRET_ACCESS_KEY"],
        region_name=surroundings["AWS_DEFAULT_REGION"],
    )


def _row(step: Mapping[str, Any], journal: Mapping[str, Any], clients: Mapping[str, Any]) -> Row:
    key = f"runs/{journal['run']}/{step['id']}.json"
    record = json.loads(clients["s3"].get_object(Bucket=BUCKET, Key=key)["Body"].read())
    launch, job = _job(step["resource"] or {}, clients["sagemaker"])
    return Row(
        step=step["id"],
        began=_seconds(journal["started"], step["started"]),
        took=_seconds(step["started"], step["ended"]),
        start=_seconds(step["started"], record["started"]),
        launch=launch,
        job=job,
    )


def _job(resource: Mapping[str, Any], sagemaker: Any) -> tuple[float, float]:
    """Give the seconds from a job's creation to its worker's beginning, and to its end; 0 where there is no job."""
    kind = next((kind for kind in _TIMES if f"/{_dashed(kind)}/" in resource.get("arn", "").replace(":", "/")), None)
    if kind is None or resource["how"] == "reused":
        return 0.0, 0.0
    said = getattr(sagemaker, f"describe_{_dashed(kind, '_')}")(**{f"{kind}Name": resource["name"]})
    began, ended = (said[name] for name in _TIMES[kind])
    created = said["CreationTime"]
    return (began - created).total_seconds(), (ended - created).total_seconds()


def _dashed(kind: str, mark: str = "-") -> str:
    return f"{kind.removesuffix('Job').lower()}{mark}job"


def _seconds(first: str, last: str) -> float:
    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()


def shown(rows: tuple[Row, ...]) -> str:
    """Give the rows as a table of seconds."""
    lines = [f"  {'step, seconds':14}{'began':>8}{'took':>8}{'start-up':>10}{'job':>8}{'(launch)':>10}{'own':>8}"]
    for row in rows:
        job = f"{row.job:8.2f}{row.launch:10.2f}" if row.job else " " * 18
        lines.append(f"  {row.step:14}{row.began:8.2f}{row.took:8.2f}{row.start:10.2f}{job}{row.own:8.2f}")
    return "\n".join(lines)
