"""One Clarify processing job: bias metrics of a dataset, and of a model's answers to it."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from specimen_components import adopt, outputs, requests, resources, storage
from specimen_components.command import Call, Result, run
from specimen_components.interface import BIAS
from specimen_components.jsondata import Json, canonical, digest, integral
from specimen_components.problems import Failure

_STAGES = ("pre_training_bias_metrics", "post_training_bias_metrics")
_DIGITS = 16


def work(call: Call) -> Result:
    """Measure, or use the job that has measured the same already; fetch its analysis and its report."""
    values = {**call.arguments, "config": _written_config(call)}
    job = adopt.job(call, resources.PROCESSING_JOB, call.text("prefix"), call.mapping("request"), values, _analysis)
    analysis_uri = _analysis(job.description)
    report_uri = storage.joined(_output(job.description), "report.html")
    analysis = _parsed(analysis_uri, _fetched(call, analysis_uri))
    found = metrics(analysis)
    return Result(
        {"job": job.resource.name, "analysis": analysis_uri, "report": report_uri, "metrics": found},
        artifacts={
            "report_view": _fetched(call, report_uri).decode("utf-8", errors="replace"),
            "metrics_view": outputs.metrics(flat(found)),
        },
        details={"analysis": analysis, "seconds": _seconds(job.description)},
    )


def metrics(analysis: Mapping[str, Any]) -> dict[str, dict[str, dict[str, Json]]]:
    """Give Clarify's metrics as column, sensitive value, metric's name: value; both stages together."""
    found: dict[str, dict[str, dict[str, Json]]] = {}
    for stage in _STAGES:
        for column, facets in analysis.get(stage, {}).get("facets", {}).items():
            for facet in facets:
                named = found.setdefault(column, {}).setdefault(str(facet["value_or_threshold"]), {})
                named.update({metric["name"]: metric.get("value") for metric in facet["metrics"]})
    return found


def flat(found: Mapping[str, Mapping[str, Mapping[str, Json]]]) -> dict[str, Json]:
    """Give the metrics under one name each, such as ``SEX=1 DPL``."""
    return {
        f"{column}={value} {name}": number
        for column, facets in found.items()
        for value, named in facets.items()
        for name, number in named.items()
    }


def _written_config(call: Call) -> str:
    """Write the analysis configuration under its content's digest, and give its URI."""
    config = integral(requests.filled(call.mapping("config"), call.arguments))
    uri = storage.joined(call.text("destination"), digest(config)[:_DIGITS], "analysis_config.json")
    if call.ask(lambda: storage.find(call.aws, uri)) is None:
        call.ask(lambda: storage.write(call.aws, uri, canonical(config), "application/json"))
    return uri


def _output(description: Mapping[str, Any]) -> str:
    uri: str = description["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    return uri


def _analysis(description: Mapping[str, Any]) -> str:
    return storage.joined(_output(description), "analysis.json")


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


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(BIAS, work, argv)


if __name__ == "__main__":
    sys.exit(main())
