"""A small run as its steps recorded it."""

import copy
from typing import Any

import pytest
from specimen_components.report.collect import collect
from specimen_components.report.page import page

ARN = "arn:aws:sagemaker:eu-west-1:111122223333"
MANIFEST = {
    "columns": ["y", "SEX", "x"],
    "rows": {"total": 200, "train": 140, "validation": 30, "test": 30},
    "label": {
        "name": "y",
        "counts": {"train": {"0": 105, "1": 35}, "validation": {"0": 22, "1": 8}, "test": {"0": 23, "1": 7}},
    },
    "facets": {"SEX": {"train": {"1": 56, "2": 84}, "validation": {"1": 12, "2": 18}, "test": {"1": 11, "2": 19}}},
    "medians": {"SEX": 2, "x": 1.5},
    "missing": {"x": 4},
    "dropped": ["ID"],
    "source": {"uri": "s3://b/sources/t.csv", "etag": "e"},
    "parts": {},
}
TRAINING = {
    "curves": {"train": {"logloss": [0.6, 0.5, 0.45]}, "validation": {"logloss": [0.62, 0.55, None]}},
    "hyperparameters": {"max_depth": "5"},
    "image": "111.dkr.ecr/sagemaker-xgboost:3.2-0",
    "seconds": 8,
    "billable_seconds": 8,
    "final_metrics": {"validation:logloss": 0.55},
    "importance": {"gain": {"SEX": 1.5, "x": 20.25}, "weight": {"SEX": 2, "x": 7}},
    "importance_reason": None,
    "started_line": "[2026-11-21:07:57:40:INFO] Training with the installed XGBoost 3.1.9",
}
EVALUATION = {
    "type": "binary",
    "threshold": 0.5,
    "rows": 30,
    "metrics": {"auc": 0.7712, "accuracy": 0.8, "logloss": None},
    "classes": ["0", "1"],
    "confusion": [[20, 3], [3, 4]],
    "roc": {"fpr": [0.0, 0.2, 1.0], "tpr": [0.0, 0.7, 1.0], "thresholds": [None, 0.5, 0.1]},
    "notes": ["Log loss is undefined."],
}


EXPLANATIONS: dict[str, Any] = {
    "analysis": {
        "version": "1.0",
        "explanations": {
            "kernel_shap": {"label0": {"global_shap_values": {"SEX": 0.01, "x": 0.25}, "expected_value": 0.2222}},
            "pdp": [
                {
                    "feature_name": "SEX",
                    "data_type": "categorical",
                    "feature_values": [1, 2],
                    "model_predictions": [[0.2, 0.3]],
                    "data_distribution": [0.4, 0.6],
                },
                {"feature_name": "empty", "data_type": "numerical", "error": "The feature has no values"},
            ],
        },
        "computation": {"answers": "trees", "shap": {"method": "estimated from coalitions", "coalitions": 100}},
    },
    "asked": {"agg_method": "mean_abs", "use_logit": False, "num_samples": 100},
    "baseline": "s3://b/data/baseline.csv",
    "local": "s3://b/explain/out.csv",
    "seconds": 3.0,
}


def analysis(stage: str, *metrics: tuple[str, Any]) -> dict[str, Any]:
    named = [{"name": name, "description": f"About {name}", "value": value} for name, value in metrics]
    facets = {"SEX": [{"value_or_threshold": "1", "metrics": named}]}
    return {"analysis": {"version": "1.0", stage: {"label": "y", "label_value_or_threshold": "0", "facets": facets}}}


STEPS: dict[str, tuple[str, list[str], dict[str, Any], dict[str, Any]]] = {
    "prepare": ("prepare", [], {"train": "s3://b/data/abc/train.csv"}, {"manifest": MANIFEST}),
    "bias-pre": ("bias", ["prepare"], {}, analysis("pre_training_bias_metrics", ("DPL", 0.2), ("CI", -0.1))),
    "train": ("train", ["prepare"], {"job": "demo-train-0123456789", "artifact": "s3://b/m.tar.gz"}, TRAINING),
    "bias-post": (
        "bias",
        ["train"],
        {},
        analysis("post_training_bias_metrics", ("DI", 0.5), ("TE", "Infinity"), ("GE", None)),
    ),
    "explain": (
        "explain",
        ["train"],
        {"job": "demo-explain-0123456789", "analysis": "s3://b/explain/analysis.json"},
        EXPLANATIONS,
    ),
    "evaluate": ("evaluate", ["train"], {"job": "demo-evaluate-0123456789"}, EVALUATION),
    "lineage": (
        "lineage",
        ["train"],
        {},
        {
            "nodes": [
                {"arn": "d", "name": "demo-data", "type": "Dataset"},
                {"arn": "t", "name": "demo-train-0123456789-aws-training-job", "type": "TrainingJob"},
                {"arn": "m", "name": "demo-model", "type": "Model"},
            ],
            "edges": [
                {"source": "d", "destination": "t", "type": "ContributedTo"},
                {"source": "t", "destination": "m", "type": "Produced"},
            ],
        },
    ),
    "gate": (
        "gate",
        ["evaluate"],
        {"verdict": "pass"},
        {"verdict": "pass", "gates": [{"gate": {}, "value": 0.77, "holds": True, "text": "test:auc is 0.77"}]},
    ),
    "register": (
        "register",
        ["gate"],
        {"arn": f"{ARN}:model-package/demo/3", "version": "3"},
        {"group": "demo", "version": 3, "approval": "PendingManualApproval", "status": "Completed", "arn": f"{ARN}:p"},
    ),
}


@pytest.fixture
def asked() -> dict[str, Any]:
    """What `finish` is told of the experiment."""
    return _asked()


@pytest.fixture
def records() -> dict[str, dict[str, Any]]:
    """The records of a run that went well, by step; a test changes them as it likes."""
    return _records()


@pytest.fixture(scope="session")
def well() -> str:
    """The page of that run as it stands."""
    return page(collect("demo-001", _asked(), _records(), versions={"Python": "3.11"}))


def _asked() -> dict[str, Any]:
    steps = [
        {"id": name, "component": component, "trials": ["default"], "needs": needs}
        for name, (component, needs, _, _) in STEPS.items()
    ]
    steps[-1]["gates"] = ["gate"]
    return {
        "name": "demo",
        "description": "Who pays?",
        "labels": {"team": "risk"},
        "document": {
            "dataset": {
                "source": "t.csv",
                "label": "y",
                "split": {"train": 0.7, "validation": 0.15, "test": 0.15, "seed": 42},
            },
            "training": {
                "algorithm": "xgboost",
                "version": "3.2-0",
                "hyperparameters": {"objective": "binary:logistic"},
            },
        },
        "digest": "abc123",
        "target": {"name": "local", "region": "eu-west-1"},
        "trials": ["default"],
        "steps": steps,
    }


def _records() -> dict[str, dict[str, Any]]:
    made = {
        name: {
            "step": name,
            "component": component,
            "run": "demo-001",
            "state": "Succeeded",
            "outputs": outputs,
            "details": details,
            "reason": None,
            "hint": None,
            "started": f"2026-01-02T03:04:{second:02d}.000+00:00",
            "ended": f"2026-01-02T03:04:{second + 2:02d}.500+00:00",
            "resource": None,
        }
        for second, (name, (component, _, outputs, details)) in enumerate(STEPS.items())
    }
    made["train"]["resource"] = {
        "type": "TrainingJob",
        "name": "demo-train-0123456789",
        "arn": f"{ARN}:training-job/demo-train-0123456789",
        "how": "created",
        "console": "https://eu-west-1.console.aws.amazon.com/sagemaker/home#/jobs/demo-train-0123456789",
    }
    return copy.deepcopy(made)
