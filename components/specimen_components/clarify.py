"""One Clarify processing job, as the components `bias` and `explain` both run it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from specimen_components import adopt, configurations, resources, storage
from specimen_components.command import Call
from specimen_components.problems import Failure


@dataclass(frozen=True)
class Analysed:
    """A job that has ended, and what it left."""

    job: str
    folder: str  # the S3 prefix of all that it left
    analysis: dict[str, Any]
    report: str  # HTML
    seconds: float | None

    @property
    def analysis_uri(self) -> str:
        """Give the URI of analysis.json."""
        return _analysis(self.folder)

    @property
    def report_uri(self) -> str:
        """Give the URI of the job's own report."""
        return storage.joined(self.folder, "report.html")


def analysed(call: Call) -> Analysed:
    """Run the job, or use one that has analysed the same already; fetch its analysis and its report."""
    values = {**call.arguments, "config": configurations.written(call, call.arguments, "analysis_config.json")}
    job = adopt.job(
        call,
        resources.PROCESSING_JOB,
        call.text("prefix"),
        call.mapping("request"),
        values,
        lambda description: _analysis(_output(description)),
    )
    folder = _output(job.description)
    return Analysed(
        job=job.resource.name,
        folder=folder,
        analysis=_parsed(_analysis(folder), _fetched(call, _analysis(folder))),
        report=_fetched(call, storage.joined(folder, "report.html")).decode("utf-8", errors="replace"),
        seconds=_seconds(job.description),
    )


def _output(description: Mapping[str, Any]) -> str:
    uri: str = description["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    return uri


def _analysis(folder: str) -> str:
    return storage.joined(folder, "analysis.json")


def _fetched(call: Call, uri: str) -> bytes:
    return call.ask(lambda: storage.read(call.aws, uri))


def _parsed(uri: str, content: bytes) -> dict[str, Any]:
    try:
        analysis = json.loads(content)
    except ValueError as error:
        raise Failure(f"{uri} is no JSON: {error}", hint="Look at the job's log, and run again.") from error
    if not isinstance(analysis, dict):
        raise Failure(f"{uri} holds no analysis", hint="Look at the job's log, and run again.")
    return analysis


def _seconds(description: Mapping[str, Any]) -> float | None:
    began, ended = description.get("ProcessingStartTime"), description.get("ProcessingEndTime")
    return None if began is None or ended is None else float((ended - began).total_seconds())
