"""The requests that a plan carries are requests that AWS takes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import botocore.loaders
import botocore.model
import botocore.validate
import pytest
from specimen.planning.analyses import analysis, explanation
from specimen.planning.plan import plan
from specimen.planning.problem import problem
from specimen.planning.requests import Requests
from specimen.planning.steps import Plan, Step
from specimen.spec.model import Dependence, Evaluate, Experiment, Scalar, Target, Trial

from tests.sent_requests import requests

SOURCES = {"data/loans.csv": "abc123"}


@pytest.fixture(scope="module")
def sagemaker() -> botocore.model.ServiceModel:
    """Botocore's own description of SageMaker."""
    return botocore.model.ServiceModel(botocore.loaders.Loader().load_service_model("sagemaker", "service-2"))


def test_every_request_is_one_that_botocore_takes(steps: Plan, sagemaker: botocore.model.ServiceModel) -> None:
    checked = 0
    for step, operation, request in requests(steps):
        report = validated(sagemaker, operation, request)
        assert not report.has_errors(), (step, report.generate_report())
        checked += 1
    assert checked == 10


def test_a_trial_is_created_in_its_experiment(steps: Plan, sagemaker: botocore.model.ServiceModel) -> None:
    (created,) = argument(named(steps, "experiment"), "trials")
    report = validated(sagemaker, "CreateTrial", created)
    assert not report.has_errors(), report.generate_report()
    assert (created["TrialName"], created["ExperimentName"]) == ("loans-default", "loans")


def test_hyperparameters_are_strings_as_sagemaker_takes_them(steps: Plan) -> None:
    request = argument(named(steps, "train"), "request")
    expected = {"objective": "binary:logistic", "num_round": "50", "eta": "0.2", "gamma": "4"}
    assert request["HyperParameters"] == expected


def test_training_carries_no_metric_definitions(steps: Plan) -> None:
    """SageMaker refuses them with a built-in image."""
    specification = argument(named(steps, "train"), "request")["AlgorithmSpecification"]
    assert specification.keys() == {"TrainingImage", "TrainingInputMode"}


def test_spot_training_says_how_long_it_may_wait(experiment: Experiment, target: Target, trial: Trial) -> None:
    resources = replace(trial.training.resources, max_wait=7200)
    request = Requests(experiment, target, ("loans-default",)).training(replace(trial.training, resources=resources))
    assert request["EnableManagedSpotTraining"] is True
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 1800, "MaxWaitTimeInSeconds": 7200}


def test_without_spot_nothing_speaks_of_it(steps: Plan) -> None:
    request = argument(named(steps, "train"), "request")
    assert "EnableManagedSpotTraining" not in request
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 1800}


def test_the_images_are_those_of_the_targets_region(steps: Plan) -> None:
    train, bias = argument(named(steps, "train"), "request"), argument(named(steps, "bias-pre"), "request")
    assert (
        ".dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1" in train["AlgorithmSpecification"]["TrainingImage"]
    )
    assert ".dkr.ecr.eu-west-1.amazonaws.com/sagemaker-clarify-processing:" in bias["AppSpecification"]["ImageUri"]


def test_what_a_job_writes_has_the_jobs_name_in_its_place(steps: Plan) -> None:
    output = argument(named(steps, "evaluate"), "request")["TransformOutput"]
    place = "s3://risk-ml/experiments/loans/evaluation/"
    assert output["S3OutputPath"] == {"$join": [place, {"$ref": "name"}]}


def test_rows_are_transformed_without_their_label_and_come_back_with_it(steps: Plan) -> None:
    processing = argument(named(steps, "evaluate"), "request")["DataProcessing"]
    assert processing == {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}


def test_every_probability_of_a_softprob_model_comes_back(experiment: Experiment, target: Target, trial: Trial) -> None:
    evaluate = asked(trial.evaluate)
    hyperparameters: dict[str, Scalar] = {"objective": "multi:softprob", "num_class": 3, "num_round": 5}
    multi = replace(trial, training=replace(trial.training, hyperparameters=hyperparameters))
    request = Requests(experiment, target, ("t",)).transform(evaluate, multi.training, problem(multi))
    assert isinstance(request["DataProcessing"], Mapping)
    assert request["DataProcessing"]["OutputFilter"] == "$[0,-3,-2,-1]"


def test_many_probabilities_come_back_as_a_range(experiment: Experiment, target: Target, trial: Trial) -> None:
    """AWS takes a path of 63 characters, and no number of classes may fill the memory."""
    evaluate = asked(trial.evaluate)
    for classes, path in ((15, "$[0,-15,-14,"), (16, "$[0,-16:]"), (2**31 - 1, "$[0,-2147483647:]")):
        hyperparameters: dict[str, Scalar] = {"objective": "multi:softprob", "num_class": classes, "num_round": 5}
        multi = replace(trial, training=replace(trial.training, hyperparameters=hyperparameters))
        request = Requests(experiment, target, ("t",)).transform(evaluate, multi.training, problem(multi))
        assert isinstance(request["DataProcessing"], Mapping)
        assert str(request["DataProcessing"]["OutputFilter"]).startswith(path)
        assert len(str(request["DataProcessing"]["OutputFilter"])) <= 63


def test_labels_and_tags_of_the_target_are_tags_of_the_jobs(steps: Plan) -> None:
    tags = {tag["Key"]: tag["Value"] for tag in argument(named(steps, "train"), "request")["Tags"]}
    assert tags == {"cost-center": "42", "specimen:experiment": "loans", "team": "risk"}


def test_a_package_version_carries_no_tags(steps: Plan) -> None:
    """AWS takes tags on the group alone."""
    assert "Tags" not in argument(named(steps, "register"), "request")


def test_metrics_are_registered_as_far_as_they_are_computed(
    experiment: Experiment, target: Target, trial: Trial
) -> None:
    alone = replace(trial, bias=None, explain=None, gates=(), evaluate=None)
    steps = plan(replace(experiment, trials=(alone,)), target, SOURCES)
    assert "ModelMetrics" not in argument(named(steps, "register"), "request")


def test_the_analysis_speaks_clarifys_language(trial: Trial) -> None:
    assert trial.bias
    config = analysis("late", trial.bias, problem(trial), trained=True)
    assert config == {
        "dataset_type": "text/csv",
        "headers": {"$ref": "columns"},
        "label": "late",
        "label_values_or_threshold": [0],
        "facet": [
            {"name_or_index": "sex", "value_or_threshold": [1]},
            {"name_or_index": "age", "value_or_threshold": [40.0]},
        ],
        "group_variable": "region",
        "probability_threshold": 0.5,
        "predictor": {
            "model_name": {"$ref": "model"},
            "instance_type": "ml.m5.xlarge",
            "initial_instance_count": 1,
            "content_type": "text/csv",
            "accept_type": "text/csv",
        },
        "methods": {
            "post_training_bias": {"methods": "all"},
            "report": {"name": "report", "title": "Analysis Report"},
        },
    }


def test_a_regressions_answer_is_the_predicted_label(trial: Trial) -> None:
    """A threshold would make a class of it."""
    assert trial.bias
    numbers = replace(trial, training=replace(trial.training, hyperparameters={"objective": "reg:squarederror"}))
    bias = replace(trial.bias, favorable=None, favorable_above=2.5)
    config = analysis("late", bias, problem(numbers), trained=True)
    assert "probability_threshold" not in config
    assert config["predictor"]["label"] == 0  # type: ignore[index, call-overload]  # it is a mapping
    assert config["label_values_or_threshold"] == [2.5]


@pytest.mark.parametrize(
    ("classes", "above", "values"), [(3, 0, [1, 2]), (3, 0.5, [1, 2]), (3, 1, [2]), (2**31 - 1, 7.5, [7.5])]
)
def test_classes_above_a_bound_are_named_one_by_one(
    trial: Trial, classes: int, above: float, values: list[float]
) -> None:
    """Clarify takes a single number for a class that is equal to it, and very many classes for numbers."""
    assert trial.bias
    parameters: dict[str, Scalar] = {"objective": "multi:softprob", "num_class": classes}
    multi = replace(trial, training=replace(trial.training, hyperparameters=parameters))
    bias = replace(trial.bias, favorable=None, favorable_above=above)
    assert analysis("late", bias, problem(multi), trained=False)["label_values_or_threshold"] == values


def test_before_training_no_model_is_asked(trial: Trial) -> None:
    assert trial.bias
    config = analysis("late", trial.bias, problem(trial), trained=False)
    assert config.keys() == {"dataset_type", "label", "label_values_or_threshold", "facet", "group_variable", "methods"}


def test_explanations_speak_clarifys_language(trial: Trial) -> None:
    assert trial.explain
    config = explanation("late", trial.explain, seed=42)
    assert config["methods"] == {
        "shap": {
            "baseline": {"$ref": "baseline"},
            "num_samples": 100,
            "agg_method": "mean_abs",
            "use_logit": False,
            "save_local_shap_values": True,
            "seed": 42,
        },
        "pdp": {"features": ["age"], "grid_resolution": 10, "top_k_features": 10},
        "report": {"name": "report", "title": "Analysis Report"},
    }
    assert (config["headers"], config["label"]) == ({"$ref": "columns"}, "late")
    assert config.keys() == {"dataset_type", "headers", "label", "methods", "predictor"}


def test_without_names_the_features_that_matter_most_are_plotted(trial: Trial) -> None:
    assert trial.explain
    methods = explanation("late", replace(trial.explain, pdp=Dependence(None, 5)), seed=0)["methods"]
    assert isinstance(methods, Mapping)
    assert methods["pdp"] == {"grid_resolution": 5, "top_k_features": 10}
    methods = explanation("late", replace(trial.explain, pdp=None), seed=0)["methods"]
    assert isinstance(methods, Mapping)
    assert "pdp" not in methods


def test_explanations_are_registered(steps: Plan) -> None:
    metrics = argument(named(steps, "register"), "request")["ModelMetrics"]
    assert metrics["Explainability"] == {
        "Report": {"ContentType": "application/json", "S3Uri": {"$ref": "explanations"}}
    }


def validated(sagemaker: botocore.model.ServiceModel, operation: str, request: Any) -> Any:
    """Botocore's report on a request."""
    shape = sagemaker.operation_model(operation).input_shape
    assert shape
    return botocore.validate.ParamValidator().validate(request, shape)


def asked(evaluate: Evaluate | None) -> Evaluate:
    assert evaluate
    return evaluate


def named(steps: Plan, name: str) -> Step:
    return next(step for step in steps if step.id == name)


def argument(step: Step, name: str) -> Any:
    return step.arguments[name]
