"""A training job's metrics over its whole log, as its trial component shows them."""

import re
import statistics
from collections.abc import Mapping
from typing import Any

from specimen.emulator.context import Context
from specimen.emulator.jobs.log import stream_file
from specimen.emulator.log_files import after
from specimen.emulator.sagemaker.paging import Body

GROUP = "/aws/sagemaker/TrainingJobs"

Points = dict[str, list[tuple[int, float]]]


def summaries(context: Context, body: Mapping[str, Any]) -> list[Body]:
    """Return the summary of every metric of a job that stands in its log."""
    found = _read(context, body)
    return [_summary(name, points, body["TrainingJobArn"]) for name, points in found.items()]


def _read(context: Context, body: Mapping[str, Any]) -> Points:
    definitions = body["AlgorithmSpecification"].get("MetricDefinitions", [])
    patterns = [(item["Name"], re.compile(item["Regex"].removeprefix(".*"))) for item in definitions]
    folder = stream_file(context.state, GROUP, body["TrainingJobName"]).parent
    points: Points = {}
    for path in sorted(folder.glob(f"{body['TrainingJobName']}%2F*")) if patterns else ():
        for event in after(path, 0):
            for name, pattern in patterns:
                value = _number(pattern.search(event.message))
                if value is not None:
                    points.setdefault(name, []).append((event.time, value))
    return points


def _number(match: re.Match[str] | None) -> float | None:
    try:
        return None if match is None else float(match[1])
    except (ValueError, IndexError):
        return None


def _summary(name: str, points: list[tuple[int, float]], source: str) -> Body:
    values = [value for _, value in points]
    return {
        "MetricName": name,
        "SourceArn": source,
        "TimeStamp": points[-1][0] / 1000,
        "Max": max(values),
        "Min": min(values),
        "Last": values[-1],
        "Count": len(values),
        "Avg": statistics.fmean(values),
        "StdDev": statistics.pstdev(values),
    }
