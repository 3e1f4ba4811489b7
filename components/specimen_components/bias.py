"""One Clarify processing job: bias metrics of a dataset, and of a model's answers to it."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from specimen_components import outputs
from specimen_components.clarify import analysed
from specimen_components.command import Call, Result, run
from specimen_components.interface import BIAS
from specimen_components.jsondata import Json

_STAGES = ("pre_training_bias_metrics", "post_training_bias_metrics")


def work(call: Call) -> Result:
    """Measure, or use the job that has measured the same already; fetch its analysis and its report."""
    done = analysed(call)
    found = metrics(done.analysis)
    return Result(
        {"job": done.job, "analysis": done.analysis_uri, "report": done.report_uri, "metrics": found},
        artifacts={"report_view": done.report, "metrics_view": outputs.metrics(flat(found))},
        details={"analysis": done.analysis, "seconds": done.seconds},
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


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(BIAS, work, argv)


if __name__ == "__main__":
    sys.exit(main())
