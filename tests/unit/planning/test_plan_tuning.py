"""Trials whose hyperparameters are searched: the tuning step in the training's place."""

from dataclasses import replace
from typing import Any

import botocore.loaders
import botocore.model
import botocore.validate
from specimen.planning.plan import plan
from specimen.planning.steps import Ref, Step
from specimen.spec.model import Experiment, Gate, Select, Target, Trial, Tuning

from tests.sent_requests import requests

SOURCES = {"data/loans.csv": "abc123"}


def by_id(experiment: Experiment, target: Target, *trials: Trial, select: Select | None = None) -> dict[str, Step]:
    return {step.id: step for step in plan(replace(experiment, trials=trials, select=select), target, SOURCES)}


def request(experiment: Experiment, target: Target, trial: Trial) -> Any:
    return by_id(experiment, target, trial)["tune"].arguments["request"]


def searched(trial: Trial) -> Tuning:
    assert trial.tuning is not None
    return trial.tuning


def test_the_request_says_all_of_the_search(experiment: Experiment, target: Target, tuned: Trial) -> None:
    found = request(experiment, target, tuned)
    assert found["HyperParameterTuningJobConfig"] == {
        "Strategy": "Bayesian",
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
        "ResourceLimits": {
            "MaxNumberOfTrainingJobs": 20,
            "MaxParallelTrainingJobs": 4,
            "MaxRuntimeInSeconds": 7200,
        },
        "ParameterRanges": {
            "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "10"}],
            "ContinuousParameterRanges": [
                {"Name": "eta", "MinValue": "0.01", "MaxValue": "0.5", "ScalingType": "Logarithmic"}
            ],
            "CategoricalParameterRanges": [{"Name": "gamma", "Values": ["0", "1.5"]}],
        },
        "TrainingJobEarlyStoppingType": "Auto",
        "TuningJobCompletionCriteria": {
            "TargetObjectiveMetricValue": 0.9,
            "BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 5},
            "ConvergenceDetected": {"CompleteOnConvergence": "Enabled"},
        },
        "RandomSeed": 7,
    }
    assert found["WarmStartConfig"] == {
        "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": "earlier-tune"}],
        "WarmStartType": "TransferLearning",
    }
    assert found["TrainingJobDefinition"]["StaticHyperParameters"] == {
        "objective": "binary:logistic",
        "num_round": "50",
    }


def test_a_training_job_is_defined_as_if_it_were_trained_alone(
    experiment: Experiment, target: Target, trial: Trial, tuned: Trial
) -> None:
    """But for its name, its hyperparameters and its trial, of which a tuning job knows nothing."""
    alone: Any = by_id(experiment, target, trial)["train"].arguments["request"]
    found = request(experiment, target, tuned)
    own = ("TrainingJobName", "HyperParameters", "ExperimentConfig", "Tags")
    assert {key: value for key, value in alone.items() if key not in own} == {
        key: value for key, value in found["TrainingJobDefinition"].items() if key != "StaticHyperParameters"
    }
    assert found.keys().isdisjoint({"ExperimentConfig"})
    assert found["Tags"] == alone["Tags"]
    assert "MetricDefinitions" not in found["TrainingJobDefinition"]["AlgorithmSpecification"]


def test_what_is_not_asked_for_is_not_sent(experiment: Experiment, target: Target, tuned: Trial) -> None:
    tuning = replace(
        searched(tuned), completion=None, warm_start=None, seed=None, max_runtime=None, early_stopping=False
    )
    found = request(experiment, target, replace(tuned, tuning=tuning))
    assert found["HyperParameterTuningJobConfig"].keys() == {
        "Strategy",
        "HyperParameterTuningJobObjective",
        "ResourceLimits",
        "ParameterRanges",
        "TrainingJobEarlyStoppingType",
    }
    assert found["HyperParameterTuningJobConfig"]["TrainingJobEarlyStoppingType"] == "Off"
    assert "WarmStartConfig" not in found


def test_botocore_takes_the_request(experiment: Experiment, target: Target, tuned: Trial) -> None:
    sagemaker = botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("sagemaker", "service-2"))
    steps = plan(replace(experiment, trials=(tuned,)), target, SOURCES)
    (sent,) = [sent for _, operation, sent in requests(steps) if operation == "CreateHyperParameterTuningJob"]
    shape = sagemaker.operation_model("CreateHyperParameterTuningJob").input_shape
    assert shape is not None
    report = botocore.validate.ParamValidator().validate(sent, shape)
    assert not report.has_errors(), report.generate_report()


def test_whatever_follows_goes_on_with_the_best_job(experiment: Experiment, target: Target, tuned: Trial) -> None:
    steps = by_id(experiment, target, tuned)
    assert "train" not in steps
    assert steps["model"].arguments["artifact"] == Ref("tune", "artifact")
    assert steps["register"].arguments["artifact"] == Ref("tune", "artifact")
    assert steps["gate"].arguments["training"] == Ref("tune", "metrics")
    lineage = steps["lineage"].arguments
    assert (lineage["job"], lineage["artifact"]) == (Ref("tune", "job"), Ref("tune", "artifact"))


def test_the_jobs_are_put_into_their_trial_afterwards(experiment: Experiment, target: Target, tuned: Trial) -> None:
    """A tuning job cannot name it."""
    tune = by_id(experiment, target, tuned)["tune"]
    assert tune.arguments["trials"] == ["loans-default"]
    assert tune.after == {"experiment"}


def test_a_trial_that_trains_stands_beside_one_that_tunes(
    experiment: Experiment, target: Target, trial: Trial, tuned: Trial
) -> None:
    against = Gate("validation:auc", None, None, -0.1, None, against="default")
    other = replace(tuned, name="tuned", gates=(against,))
    steps = by_id(experiment, target, trial, other, replace(other, name="too"), select=Select("train:auc", "maximize"))
    assert {"train-default", "tune"} <= steps.keys()
    assert steps["tune"].trials == {"tuned", "too"}
    assert steps["tune"].arguments["trials"] == ["loans-tuned", "loans-too"]
    gates: Any = steps["gate"].arguments["gates"]
    assert gates[0]["against"] == {"trial": "default", "steps": ["train-default"]}
    candidates: Any = steps["select"].arguments["candidates"]
    assert [one["measured"] for one in candidates] == ["train-default", "tune", "tune"]
