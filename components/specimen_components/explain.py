"""One Clarify processing job: what each feature contributes to a model's answers, and how they depend on it."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from specimen_components import outputs, storage
from specimen_components.clarify import analysed
from specimen_components.command import Call, Result, run
from specimen_components.interface import EXPLAIN
from specimen_components.jsondata import Json

_LOCAL = "explanations_shap/out.csv"


def work(call: Call) -> Result:
    """Explain, or use the job that has explained the same already; fetch its analysis and its report."""
    done = analysed(call)
    found = metrics(done.analysis)
    local = storage.joined(done.folder, _LOCAL)
    kept = call.ask(lambda: storage.find(call.aws, local)) is not None
    return Result(
        {"job": done.job, "analysis": done.analysis_uri, "report": done.report_uri, "metrics": found},
        artifacts={"report_view": done.report, "metrics_view": outputs.metrics(found)},
        details={
            "analysis": done.analysis,
            "seconds": done.seconds,
            "asked": _asked(call.mapping("config")),
            "baseline": call.text("baseline"),
            **({"local": local} if kept else {}),
        },
    )


def _asked(config: Mapping[str, Any]) -> Json:
    """Give what the configuration asks of SHAP values, which an analysis does not repeat."""
    shap = config["methods"]["shap"]
    return {key: shap[key] for key in ("agg_method", "use_logit", "num_samples")}


def metrics(analysis: Mapping[str, Any]) -> dict[str, Json]:
    """Give the global SHAP values by feature; a model with several answers has them by ``AGE (label1)``."""
    labels = analysis.get("explanations", {}).get("kernel_shap", {})
    return {
        name if len(labels) == 1 else f"{name} ({label})": value
        for label, found in labels.items()
        for name, value in found["global_shap_values"].items()
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(EXPLAIN, work, argv)


if __name__ == "__main__":
    sys.exit(main())
