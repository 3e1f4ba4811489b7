"""What SageMaker refuses of a tuning job, before anything runs."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from specimen.emulator.jobs.containers import BUILT_IN
from specimen_jobs.xgboost.hyperparameters import KINDS
from specimen_jobs.xgboost.metrics import maximized
from specimen_jobs.xgboost.ranges import Integer, Real

from .conftest import Cloud

ROLE = "arn:aws:iam::111122223333:role/sagemaker"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
ETA = {"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}
DEPTH = {"Name": "max_depth", "MinValue": "1", "MaxValue": "8"}
TREES = {"Name": "booster", "Values": ["gbtree", "dart"]}


def request(config: Mapping[str, Any], definition: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Form a request that SageMaker would accept but for what is given."""
    return {
        "HyperParameterTuningJobName": "job",
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"MetricName": "validation:auc", "Type": "Maximize"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 10, "MaxParallelTrainingJobs": 2},
            "ParameterRanges": {"ContinuousParameterRanges": [ETA]},
            **config,
        },
        "TrainingJobDefinition": {
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "RoleArn": ROLE,
            "OutputDataConfig": {"S3OutputPath": "s3://models/output"},
            "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
            "StaticHyperParameters": {"num_round": "5"},
            **definition,
        },
        **more,
    }


def ranges(kind: str, *entries: Mapping[str, Any]) -> dict[str, Any]:
    return {"ParameterRanges": {f"{kind}ParameterRanges": list(entries)}}


def limits(number: int | None, parallel: int) -> dict[str, Any]:
    most = {} if number is None else {"MaxNumberOfTrainingJobs": number}
    return {"ResourceLimits": {**most, "MaxParallelTrainingJobs": parallel}}


WRONG: Mapping[str, tuple[dict[str, Any], str]] = {
    "no range": ({"ParameterRanges": {}}, "needs at least one hyperparameter range"),
    "no objective": ({"HyperParameterTuningJobObjective": None}, "HyperParameterTuningJobObjective is required"),
    "twice": (ranges("Continuous", ETA, ETA), r"one range only, but these have several: \[eta\]"),
    "both": (ranges("Integer", {**DEPTH, "Name": "num_round"}), r"both static and tunable: \[num_round\]"),
    "reversed": (ranges("Continuous", {**ETA, "MaxValue": "0.01"}), "MinValue 0.1 is above MaxValue 0.01"),
    "no number": (ranges("Continuous", {**ETA, "MinValue": "low"}), "'low' is no continuous value"),
    "infinite": (ranges("Continuous", {**ETA, "MaxValue": "inf"}), "'inf' is no continuous value"),
    "no integer": (ranges("Integer", {**DEPTH, "MinValue": "1.5"}), r"'1\.5' is no integer value"),
    "log of 0": (
        ranges("Continuous", {**ETA, "MinValue": "0", "ScalingType": "Logarithmic"}),
        "Logarithmic scaling of hyperparameter eta needs a range of values greater than 0",
    ),
    "reverse log of 1": (
        ranges("Continuous", {**ETA, "MaxValue": "1", "ScalingType": "ReverseLogarithmic"}),
        "ReverseLogarithmic scaling of hyperparameter eta needs a range within 0 <= x < 1",
    ),
    "reverse log of integers": (
        ranges("Integer", {**DEPTH, "ScalingType": "ReverseLogarithmic"}),
        "needs a continuous range",
    ),
    "early hyperband": (
        {"Strategy": "Hyperband", "TrainingJobEarlyStoppingType": "Auto"},
        "TrainingJobEarlyStoppingType must be OFF",
    ),
    "resources": (
        {"StrategyConfig": {"HyperbandStrategyConfig": {"MinResource": 1}}},
        "only with the Hyperband strategy",
    ),
    "resources reversed": (
        {"Strategy": "Hyperband", "StrategyConfig": {"HyperbandStrategyConfig": {"MinResource": 9, "MaxResource": 3}}},
        "MinResource of HyperbandStrategyConfig must not be above MaxResource",
    ),
    "grid of numbers": ({"Strategy": "Grid"}, "Grid strategy supports categorical hyperparameter ranges only"),
    "grid of 2": (
        {"Strategy": "Grid", **ranges("Categorical", {**TREES, "Name": "eta"})},
        "must equal the number of distinct combinations of the Grid strategy, 2",
    ),
    "parallel": (limits(2, 3), r"MaxParallelTrainingJobs \(3\) must not be above MaxNumberOfTrainingJobs \(2\)"),
    "no end": (limits(None, 2), "MaxNumberOfTrainingJobs is required"),
    "train metric": (
        {"HyperParameterTuningJobObjective": {"MetricName": "train:auc", "Type": "Maximize"}},
        r"tuning job, \[train:auc\], isn't valid for the \[.*xgboost:1\.7-1\] algorithm",
    ),
    "goal": (
        {"HyperParameterTuningJobObjective": {"MetricName": "validation:rmse", "Type": "Maximize"}},
        r"The objective metric type, \[Maximize\], that you specified for objective metric, \[validation:rmse\]",
    ),
    "untunable": (ranges("Categorical", TREES), r"untunable hyperparameters: \[booster\]\."),
    "continuous depth": (ranges("Continuous", {**DEPTH}), "max_depth of the algorithm, .*, needs an integer range"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_together_is_refused(cloud: Cloud, case: str) -> None:
    config, message = WRONG[case]
    asked = request(config, {})
    given = {name: value for name, value in asked["HyperParameterTuningJobConfig"].items() if value is not None}
    refused = cloud.refused("CreateHyperParameterTuningJob", **{**asked, "HyperParameterTuningJobConfig": given})
    assert refused.code == "ValidationException"
    assert re.search(message, refused.message)


def test_metric_definitions_belong_to_ones_own_images(cloud: Cloud) -> None:
    metrics = [{"Name": "validation:auc", "Regex": "auc: (.*)"}]
    algorithm = {"TrainingImage": IMAGE, "TrainingInputMode": "File", "MetricDefinitions": metrics}
    refused = cloud.refused("CreateHyperParameterTuningJob", **request({}, {"AlgorithmSpecification": algorithm}))
    assert re.search("You can't override the metric definitions for Amazon SageMaker algorithms", refused.message)
    own = {"TrainingImage": "repository/own:1", "TrainingInputMode": "File"}
    refused = cloud.refused("CreateHyperParameterTuningJob", **request({}, {"AlgorithmSpecification": own}))
    assert re.search("A metric is required for this hyperparameter tuning job objective", refused.message)


QUOTAS: Mapping[str, tuple[dict[str, Any], str]] = {
    "jobs": (limits(751, 2), "Maximum number of training jobs .* is 750 Jobs, .* request delta of 751 Jobs"),
    "random jobs": ({"Strategy": "Random", **limits(10_001, 2)}, "is 10000 Jobs"),
    "parallel": (limits(50, 11), "Maximum number of parallel training jobs .* is 10 Jobs"),
    "random parallel": ({"Strategy": "Random", **limits(500, 101)}, "is 100 Jobs"),
    "ranges": (
        {
            "ParameterRanges": {
                "ContinuousParameterRanges": [{**ETA, "Name": f"x{number}"} for number in range(20)],
                "IntegerParameterRanges": [{**DEPTH, "Name": f"y{number}"} for number in range(11)],
            }
        },
        "is 30 Hyperparameters",
    ),
}


@pytest.mark.parametrize("case", QUOTAS)
def test_an_accounts_quotas_are_held(cloud: Cloud, case: str) -> None:
    config, message = QUOTAS[case]
    refused = cloud.refused("CreateHyperParameterTuningJob", **request(config, {}))
    assert refused.code == "ResourceLimitExceeded"
    assert re.search(message, refused.message)


OTHERS: Mapping[str, dict[str, Any]] = {
    "Autotune": {"Autotune": {"Mode": "Enabled"}},
    "TrainingJobDefinitions": {"TrainingJobDefinitions": [request({}, {})["TrainingJobDefinition"]]},
}


@pytest.mark.parametrize("member", OTHERS)
def test_what_is_not_implemented_is_named(cloud: Cloud, member: str) -> None:
    refused = cloud.refused("CreateHyperParameterTuningJob", **{**request({}, {}), **OTHERS[member]})
    assert (refused.code, refused.status) == ("NotImplemented", 501)
    assert re.search(member, refused.message)


def test_a_name_has_32_characters_at_most(cloud: Cloud) -> None:
    asked = {**request({}, {}), "HyperParameterTuningJobName": "a" * 33}
    refused = cloud.refused("CreateHyperParameterTuningJob", **asked)
    assert "length less than or equal to 32" in refused.message


@pytest.mark.parametrize("operation", ["Describe", "Stop", "Delete", "ListTrainingJobsFor"])
def test_an_absent_job_is_named(cloud: Cloud, operation: str) -> None:
    refused = cloud.refused(f"{operation}HyperParameterTuningJob", HyperParameterTuningJobName="absent")
    assert refused.code == "ResourceNotFound"
    assert re.search("absent", refused.message)


def test_a_parent_must_be_there(cloud: Cloud) -> None:
    parents = [{"HyperParameterTuningJobName": "absent"}]
    start = {"ParentHyperParameterTuningJobs": parents, "WarmStartType": "TransferLearning"}
    refused = cloud.refused("CreateHyperParameterTuningJob", **request({}, {}, WarmStartConfig=start))
    assert refused.code == "ResourceNotFound"


def test_what_is_said_of_xgboost_is_what_its_container_does() -> None:
    image = BUILT_IN.find(IMAGE)
    assert image is not None
    for name, goal in image.objectives.items():
        assert (goal == "Maximize") == maximized(name.removeprefix("validation:")), name
        assert name in (image.metrics or {})
    for name, kind in image.tunable.items():
        assert isinstance(KINDS[name], Integer if kind == "Integer" else Real), name
