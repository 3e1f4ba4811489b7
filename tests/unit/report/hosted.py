"""An endpoint as the steps `host` and `verify` recorded it, put into a run."""

import copy
from typing import Any

Records = dict[str, dict[str, Any]]
HOST: dict[str, Any] = {
    "endpoint": "digits",
    "config": "digits-0123456789",
    "previous": None,
    "outcome": "created",
    "status": "InService",
    "keep": True,
    "variants": [
        {
            "name": "main",
            "trial": "default",
            "model": "digits-model-0123456789",
            "weight": 1.0,
            "instance": "ml.m5.large",
            "count": 2,
        }
    ],
}
EXAMPLES = [{"row": 7, "features": [float(value) for value in range(25)]}, {"row": 1234, "features": [24.0] * 25}]
VERIFY: dict[str, Any] = {
    "endpoint": "digits",
    "rows": 30,
    "batch": 20,
    "requests": 2,
    "concurrency": 4,
    "retries": 1,
    "seconds": 0.5,
    "rows_per_second": 60.0,
    "latency_ms": {"p50": 11.0, "p90": 12.0, "p95": 12.5, "p99": 20.0, "max": 21.0, "mean": 11.5},
    "type": "multiclass",
    "threshold": 0.5,
    "metrics": {"accuracy": 0.9, "f1": 0.88},
    "classes": ["0", "1", "2"],
    "confusion": [[10, 0, 0], [0, 9, 1], [2, 0, 8]],
    "variants": {"main": 30},
    "confused": [
        {"actual": "2", "predicted": "0", "count": 2, "examples": EXAMPLES},
        {"actual": "1", "predicted": "2", "count": 1, "examples": EXAMPLES[:1]},
    ],
}
OUTPUTS: dict[str, dict[str, Any]] = {
    "host": {"endpoint": "digits", "arn": "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/digits"},
    "verify": {
        "report": "s3://b/verify/report.json",
        "metrics": {"endpoint:error": 0.1, "endpoint:accuracy": 0.9, "endpoint:latency_p50": 11.0},
    },
}


def hosted(asked: dict[str, Any], records: Records) -> None:
    """Add the two steps, and have the batch transform job judge the same three classes alike."""
    for step, details in (("host", HOST), ("verify", VERIFY)):
        asked["steps"].append({"id": step, "component": step, "trials": list(asked["trials"]), "needs": []})
        records[step] = copy.deepcopy(
            {**records["prepare"], "step": step, "component": step, "outputs": OUTPUTS[step], "details": details}
        )
    asked["document"]["hosting"] = {"name": "digits", "keep": True}
    for name in records:
        if name.partition("-")[0] == "evaluate":
            shown = {key: VERIFY[key] for key in ("type", "rows", "metrics", "classes", "confusion")}
            records[name]["details"] |= copy.deepcopy({**shown, "roc": None, "notes": []})
