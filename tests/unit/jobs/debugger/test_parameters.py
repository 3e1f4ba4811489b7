"""A rule's parameters come as text, and are read by type."""

from typing import Any

import pytest
from specimen_jobs.container import JobError
from specimen_jobs.debugger.parameters import Parameter, read
from specimen_jobs.debugger.table import RULES, find

LOSS = RULES["LossNotDecreasing"].parameters


def test_texts_become_values() -> None:
    given = {
        "collection_names": "metrics, losses",
        "tensor_regex": '["x{1,2}", "y"]',
        "use_losses_collection": "False",
        "num_steps": "20",
        "diff_percent": "1.5",
        "mode": "GLOBAL",
    }
    assert read("LossNotDecreasing", LOSS, given) == {
        "collection_names": ("metrics", "losses"),
        "tensor_regex": ("x{1,2}", "y"),
        "use_losses_collection": False,
        "num_steps": 20,
        "diff_percent": 1.5,
        "mode": "GLOBAL",
    }
    assert read("AllZero", RULES["AllZero"].parameters, {"tensor_regex": "[a-z]+"}) == {"tensor_regex": ("[a-z]+",)}


@pytest.mark.parametrize(
    ("rule", "name", "text", "message"),
    [
        ("LossNotDecreasing", "num_step", "5", "has no parameter num_step; did you mean num_steps?"),
        ("TreeDepth", "colour", "5", "TreeDepth has no parameter colour; it takes depth"),
        ("LossNotDecreasing", "num_steps", "5.0", "num_steps must be a whole number, not '5.0'"),
        ("LossNotDecreasing", "num_steps", "0", "num_steps must be a whole number at least 1, not '0'"),
        ("LossNotDecreasing", "diff_percent", "100", "must be a number above 0 and below 100, not '100'"),
        ("LossNotDecreasing", "diff_percent", "nan", "must be a number, not 'nan'"),
        ("LossNotDecreasing", "use_losses_collection", "yes", "must be true or false, not 'yes'"),
        ("AllZero", "collection_names", " ,", "must be texts with commas between them"),
        ("AllZero", "threshold", "100.1", "must be a number at least 0 and at most 100"),
        ("ClassImbalance", "labels_regex", "", "must be text, not ''"),
        ("Confusion", "category_no", "1", "a whole number at least 2 and at most 1000"),
        ("UnchangedTensor", "equal_nan", "2", "true or false"),
    ],
)
def test_what_is_wrong_is_said(rule: str, name: str, text: str, message: str) -> None:
    with pytest.raises(JobError) as raised:
        read(rule, RULES[rule].parameters, {name: text})
    assert message in str(raised.value)


def test_a_rule_knows_its_defaults() -> None:
    """Those of "List of Debugger built-in rules" in SageMaker's guide."""
    expected: dict[str, dict[str, Any]] = {
        "AllZero": {"collection_names": (), "tensor_regex": (), "threshold": 100.0},
        "ClassImbalance": {
            "threshold_imbalance": 10.0,
            "threshold_misprediction": 0.7,
            "samples": 500,
            "argmax": False,
            "labels_regex": ".*labels",
            "predictions_regex": ".*predictions",
        },
        "Confusion": {
            "category_no": None,
            "labels": "labels",
            "predictions": "predictions",
            "labels_collection": "labels",
            "predictions_collection": "predictions",
            "min_diag": 0.9,
            "max_off_diag": 0.1,
        },
        "FeatureImportanceOverweight": {
            "threshold": 0.8,
            "nfeatures": 3,
            "tensor_regex": (".*feature_importance/weight",),
        },
        "LossNotDecreasing": {
            "collection_names": (),
            "tensor_regex": (),
            "use_losses_collection": True,
            "num_steps": 10,
            "diff_percent": 0.1,
            "increase_threshold_percent": 5.0,
            "mode": "GLOBAL",
        },
        "Overfit": {"tensor_regex": (), "start_step": 0, "patience": 1, "ratio_threshold": 0.1},
        "Overtraining": {"patience_train": 5, "patience_validation": 10, "delta": 0.01},
        "SimilarAcrossRuns": {"collection_names": (), "tensor_regex": ()},
        "StalledTrainingRule": {
            "threshold": 1800,
            "stop_training_on_fire": False,
            "training_job_name_prefix": "",
        },
        "TensorVariance": {
            "collection_names": (),
            "tensor_regex": (),
            "max_threshold": None,
            "min_threshold": None,
        },
        "TreeDepth": {"depth": 4.0},
        "UnchangedTensor": {
            "collection_names": (),
            "tensor_regex": (),
            "num_steps": 3,
            "rtol": 1e-5,
            "atol": 1e-8,
            "equal_nan": False,
        },
    }
    found = {name: {given.name: given.default for given in RULES[name].parameters} for name in expected}
    assert found == expected


def test_every_parameter_has_a_type() -> None:
    kinds: dict[str, list[Parameter]] = {name: list(rule.parameters) for name, rule in RULES.items()}
    assert {given.kind for given in kinds["LossNotDecreasing"]} == {"tuple[str, ...]", "bool", "int", "float", "str"}
    assert [given.kind for given in kinds["TensorVariance"]][2:] == ["float", "float"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [("LossNotDecreesing", "did you mean LossNotDecreasing?"), ("VanishingGradient", "the rules are AllZero")],
)
def test_a_name_that_is_no_rule_is_refused(name: str, hint: str) -> None:
    with pytest.raises(JobError, match=f"There is no rule {name} for XGBoost; {hint[:-1]}"):
        find(name)
