"""Trials that ask for Debugger: what the training job is told, who waits for its rules, and what comes after."""

import json
import re
from dataclasses import replace
from typing import Any

import botocore.loaders
import botocore.model
import botocore.validate
import pytest
from specimen.errors import SpecimenError
from specimen.planning.debugger import action_json
from specimen.planning.plan import plan
from specimen.planning.steps import Plan, Ref, Step
from specimen.spec.model import Actions, CustomRule, Debugger, Experiment, Profiler, Rule, Select, Target, Trial
from specimen.spec.rulebook import brought, built_in, of_xgboost

from tests.sent_requests import requests

SOURCES = {"data/loans.csv": "abc123", "rules/own.py": "def456"}
PREFIX = "s3://risk-ml/experiments/loans/debugger"
DEBUGGER = ("DebugHookConfig", "DebugRuleConfigurations", "ProfilerConfig", "ProfilerRuleConfigurations")


def rule(rule: str, on_issues: str = "warn", **more: Any) -> Rule:
    absent: dict[str, Any] = {"name": None, "parameters": {}, "other_trials": (), "actions": None, "custom": None}
    return Rule(rule=rule, on_issues=on_issues, **{**absent, **more})


WATCHED = Debugger(
    collections={"metrics": {"save_interval": "10"}, "average_shap": {"save_interval": "5", "start_step": "2"}},
    hook={"save_interval": "50"},
    rules=(
        rule("create_xgboost_report"),
        rule("loss_not_decreasing", "fail", parameters={"collection_names": "metrics", "num_steps": "10"}),
        rule("stalled_training_rule", parameters={"stop_training_on_fire": "True"}),
        rule("similar_across_runs", name="Alike", other_trials=("s3://b/1", "s3://b/2")),
        rule("custom", custom=CustomRule("rules/own.py", "Own", "ml.t3.medium", 5), parameters={"threshold": "0.2"}),
    ),
    profiler=Profiler(1000, "ignore"),
)


def by_id(steps: Plan) -> dict[str, Step]:
    return {step.id: step for step in steps}


def planned(experiment: Experiment, target: Target, *trials: Trial, select: Select | None = None) -> dict[str, Step]:
    return by_id(plan(replace(experiment, trials=trials, select=select), target, SOURCES))


def test_an_image_that_saves_no_tensors_is_refused(experiment: Experiment, target: Target, watched: Trial) -> None:
    """SageMaker's XGBoost from 3.0-5 on knows no Debugger; ours does, and so does what stands in for AWS's."""
    newer = replace(watched, training=replace(watched.training, version="3.2-0"))
    with pytest.raises(SpecimenError) as raised:
        planned(experiment, target, newer)
    assert str(raised.value) == "trial default: SageMaker's image of XGBoost 3.2-0 saves no tensors for Debugger"
    assert raised.value.hint == "set the target's `aws.debugger` to own or off, or take version 1.7-1"
    assert planned(experiment, replace(target, embedded=True), newer)
    assert planned(experiment, replace(target, debugger="own"), newer)
    profiled = replace(newer, debugger=replace(WATCHED, collections={}, rules=()))
    assert planned(experiment, target, profiled)


@pytest.fixture
def watched(trial: Trial) -> Trial:
    return replace(trial, debugger=WATCHED)


@pytest.fixture
def request_(experiment: Experiment, target: Target, watched: Trial) -> Any:
    return planned(experiment, target, watched)["train"].arguments["request"]


def test_what_is_asked_for_wins_over_what_rules_bring(request_: Any) -> None:
    assert request_["DebugHookConfig"] == {
        "S3OutputPath": PREFIX,
        "HookParameters": {"save_interval": "50"},
        "CollectionConfigurations": [
            {"CollectionName": "average_shap", "CollectionParameters": {"save_interval": "5", "start_step": "2"}},
            {"CollectionName": "feature_importance", "CollectionParameters": {"save_interval": "5"}},
            {"CollectionName": "hyperparameters", "CollectionParameters": {"save_steps": "0"}},
            {"CollectionName": "labels", "CollectionParameters": {"save_interval": "5"}},
            {"CollectionName": "losses", "CollectionParameters": {"save_interval": "500"}},
            {"CollectionName": "metrics", "CollectionParameters": {"save_interval": "10"}},
            {"CollectionName": "predictions", "CollectionParameters": {"save_interval": "5"}},
        ],
    }


def test_each_rule_is_configured_as_the_sdk_does_it(request_: Any) -> None:
    image = "929884845733.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-debugger-rules:latest"
    common = {"RuleEvaluatorImage": image, "S3OutputPath": PREFIX}
    report, loss, stalled, alike, own = request_["DebugRuleConfigurations"]
    assert report == {
        "RuleConfigurationName": "CreateXgboostReport",
        **common,
        "RuleParameters": {"rule_to_invoke": "CreateXgboostReport"},
    }
    assert loss["RuleParameters"] == {
        "rule_to_invoke": "LossNotDecreasing",
        "collection_names": "metrics",
        "num_steps": "10",
    }
    assert stalled["RuleParameters"]["training_job_name_prefix"] == {"$ref": "name"}
    assert (alike["RuleConfigurationName"], alike["RuleParameters"]["rule_to_invoke"]) == ("Alike", "SimilarAcrossRuns")
    assert (alike["RuleParameters"]["other_trial_0"], alike["RuleParameters"]["other_trial_1"]) == (
        "s3://b/1",
        "s3://b/2",
    )
    assert own == {
        "RuleConfigurationName": "Own",
        "RuleEvaluatorImage": "606966180310.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-debugger-rule-evaluator:latest",
        "S3OutputPath": PREFIX,
        "RuleParameters": {
            "source_s3_uri": "s3://risk-ml/experiments/sources/def456/own.py",
            "rule_to_invoke": "Own",
            "threshold": "0.2",
        },
        "InstanceType": "ml.t3.medium",
        "VolumeSizeInGB": 5,
    }


def test_the_profiler_has_its_report(request_: Any) -> None:
    assert request_["ProfilerConfig"] == {
        "S3OutputPath": PREFIX,
        "DisableProfiler": False,
        "ProfilingIntervalInMilliseconds": 1000,
    }
    (report,) = request_["ProfilerRuleConfigurations"]
    assert report["RuleConfigurationName"] == "ProfilerReport"
    assert report["RuleParameters"] == {"rule_to_invoke": "ProfilerReport"}


def test_botocore_takes_every_request(experiment: Experiment, target: Target, watched: Trial, tuned: Trial) -> None:
    loader = botocore.loaders.Loader()
    model = botocore.model.ServiceModel(loader.load_service_model("sagemaker", "service-2"))
    for one in (watched, replace(tuned, debugger=WATCHED)):
        for step, operation, request in requests(plan(replace(experiment, trials=(one,)), target, SOURCES)):
            shape = model.operation_model(operation).input_shape
            assert shape is not None
            report = botocore.validate.ParamValidator().validate(request, shape)
            assert not report.has_errors(), (step, report.generate_report())


def test_actions_are_written_as_awss_container_reads_them() -> None:
    """`smdebug_rulesconfig` writes the same; its quotes have backslashes, since a program is made of the text."""
    assert action_json(Actions(stop_training=True, email="me@example.com", sms="+12065550123"), {"$ref": "name"}) == {
        "$join": [
            r"[{\"name\": \"stoptraining\", \"training_job_prefix\": \"",
            {"$ref": "name"},
            r"\"}, {\"endpoint\": \"me@example.com\", \"name\": \"email\"}"
            r", {\"endpoint\": \"+12065550123\", \"name\": \"sms\"}]",
        ]
    }
    assert (
        action_json(Actions(stop_training=False, email=None, sms="+1"), "unused")
        == r"[{\"endpoint\": \"+1\", \"name\": \"sms\"}]"
    )


def test_the_rules_are_awaited_before_gate_and_registration(
    experiment: Experiment, target: Target, watched: Trial
) -> None:
    steps = planned(experiment, target, watched)
    debug = steps["debug"]
    assert (debug.arguments["job"], debug.arguments["prefix"]) == (Ref("train", "job"), PREFIX)
    assert debug.arguments["asked"] == [
        {
            "name": "CreateXgboostReport",
            "rule": "CreateXgboostReport",
            "on_issues": "warn",
            "report": {"name": "xgboost_report", "path": "xgboost_report.html"},
        },
        {"name": "LossNotDecreasing", "rule": "LossNotDecreasing", "on_issues": "fail"},
        {"name": "StalledTrainingRule", "rule": "StalledTrainingRule", "on_issues": "warn"},
        {"name": "Alike", "rule": "SimilarAcrossRuns", "on_issues": "warn"},
        {"name": "Own", "rule": "Own", "on_issues": "warn"},
        {
            "name": "ProfilerReport",
            "rule": "ProfilerReport",
            "on_issues": "ignore",
            "report": {"name": "profiler_report", "path": "profiler-output/profiler-report.html"},
        },
    ]
    assert "debug" in steps["gate"].after
    ungated = planned(experiment, target, replace(watched, gates=()))
    assert "debug" in ungated["register"].after


def test_off_sends_no_member_of_debugger(experiment: Experiment, target: Target, watched: Trial) -> None:
    steps = planned(experiment, replace(target, debugger="off"), watched)
    request: Any = steps["train"].arguments["request"]
    assert not request.keys() & set(DEBUGGER)
    assert "debug" not in steps


def test_the_best_of_a_tuning_is_trained_once_more(experiment: Experiment, target: Target, tuned: Trial) -> None:
    """Tuning jobs take no Debugger; all that follows goes on with the repeated training."""
    steps = planned(experiment, target, replace(tuned, debugger=WATCHED))
    refit, sent = steps["refit"], steps["refit"].arguments["request"]
    assert isinstance(sent, dict)
    assert (refit.component, refit.arguments["hyperparameters"]) == ("train", Ref("tune", "hyperparameters"))
    assert sent["HyperParameters"] == {"$ref": "hyperparameters"}
    assert sent.keys() > set(DEBUGGER)
    tune: Any = steps["tune"].arguments["request"]
    assert not tune["TrainingJobDefinition"].keys() & set(DEBUGGER)
    for step, argument, output in (
        ("debug", "job", "job"),
        ("model", "artifact", "artifact"),
        ("gate", "training", "metrics"),
        ("register", "artifact", "artifact"),
        ("lineage", "job", "job"),
    ):
        assert steps[step].arguments[argument] == Ref("refit", output), step


def test_a_tuning_without_debugger_is_not_repeated(experiment: Experiment, target: Target, tuned: Trial) -> None:
    assert not planned(experiment, target, tuned).keys() & {"refit", "debug"}
    off = planned(experiment, replace(target, debugger="off"), replace(tuned, debugger=WATCHED))
    assert not off.keys() & {"refit", "debug"}


def test_trials_that_train_alike_are_judged_once(experiment: Experiment, target: Target, watched: Trial) -> None:
    one, other = replace(watched, name="one"), replace(watched, name="other", gates=())
    lenient = replace(watched, name="lenient", debugger=replace(WATCHED, rules=WATCHED.rules[:1]))
    steps = planned(experiment, target, one, other, lenient, select=Select("validation:auc", "maximize"))
    assert steps["debug"].trials == {"one", "other"}
    assert steps["debug-lenient"].arguments["job"] == Ref("train-lenient", "job")
    candidates: Any = steps["select"].arguments["candidates"]
    assert [one["debug"] for one in candidates] == ["debug", "debug", "debug-lenient"]
    assert {"debug", "debug-lenient"} <= steps["select"].after


def test_the_language_has_every_rule_but_those_of_networks() -> None:
    networks = {
        *("check_input_images", "dead_relu", "exploding_tensor", "nlp_sequence_ratio", "poor_weight_initialization"),
        *("saturated_activation", "vanishing_gradient", "weight_update_ratio"),
    }
    assert set(built_in()) == {*of_xgboost(), *networks}
    assert len(of_xgboost()) == 13


def test_what_rules_bring_is_what_the_table_says() -> None:
    assert brought(["feature_importance_overweight", "create_xgboost_report", "custom"]) == {
        "feature_importance": {"save_interval": "500"},  # the first rule that brings one decides
        "metrics": {"save_interval": "5"},
        "hyperparameters": {"save_steps": "0"},
        "predictions": {"save_interval": "5"},
        "labels": {"save_interval": "5"},
    }


@pytest.fixture
def own(experiment: Experiment, target: Target, watched: Trial) -> dict[str, Step]:
    stopping = rule("overfit", actions=Actions(stop_training=True, email=None, sms=None))
    trial = replace(watched, debugger=replace(WATCHED, rules=(*WATCHED.rules, stopping)))
    return planned(experiment, replace(target, debugger="own"), trial)


def test_an_image_of_ones_own_takes_the_place_of_awss_debugger(own: dict[str, Step]) -> None:
    request: Any = own["train"].arguments["request"]
    assert not request.keys() & set(DEBUGGER)
    specification = request["AlgorithmSpecification"]
    assert specification["TrainingImage"] == "registry.example.com/jobs:1"
    names = [one["Name"] for one in specification["MetricDefinitions"]]
    assert names == ["train:logloss", "train:error", "validation:logloss", "validation:error"]
    regex = specification["MetricDefinitions"][2]["Regex"]
    assert re.findall(regex, "[3]#011train-logloss:0.7#011validation-logloss:6.1e-05") == ["6.1e-05"]
    assert request["CheckpointConfig"] == {
        "S3Uri": {"$join": [f"{PREFIX}/", {"$ref": "name"}]},
        "LocalPath": "/opt/ml/checkpoints",
    }


def test_what_awss_debugger_writes_as_files_comes_in_the_environment(own: dict[str, Step]) -> None:
    """In pieces: a value has 512 characters at most."""
    request: Any = own["train"].arguments["request"]
    environment = request["Environment"]
    assert max(map(len, environment.values())) == 512
    pieces = ["SPECIMEN_DEBUG_HOOK", *(f"SPECIMEN_DEBUG_HOOK_{place}" for place in range(1, len(environment) - 1))]
    hook = json.loads("".join(environment[name] for name in pieces))
    assert hook["LocalPath"] == "/opt/ml/checkpoints/debug-output"
    assert len(hook["CollectionConfigurations"]) == 7
    profiler = json.loads(environment["SPECIMEN_PROFILER"])
    assert (profiler["LocalPath"], profiler["ProfilingIntervalInMilliseconds"]) == (
        "/opt/ml/checkpoints/profiler-output",
        1000,
    )


def test_each_rule_is_a_step_of_its_own_beside_the_training(own: dict[str, Step]) -> None:
    rules = [step for step in own if step.startswith("rule-")]
    assert rules == [
        *("rule-CreateXgboostReport", "rule-LossNotDecreasing", "rule-StalledTrainingRule", "rule-Alike", "rule-Own"),
        *("rule-Overfit", "rule-ProfilerReport"),
    ]
    assert own["rule-Own"].needs == {"experiment", "prepare"}  # as the training, which it must not pass
    assert own["debug"].after == set(rules)
    asked: Any = own["debug"].arguments["asked"]
    assert [one["step"] for one in asked] == rules
    config: Any = own["rule-Own"].arguments["config"]
    assert config == {
        "rule": "Own",
        "name": "Own",
        "parameters": {
            "source_s3_uri": "s3://risk-ml/experiments/sources/def456/own.py",
            "rule_to_invoke": "Own",
            "threshold": "0.2",
        },
        "training_job": {"$ref": "training_job"},
        "tensors": {"$join": [f"{PREFIX}/", {"$ref": "training_job"}, "/debug-output"]},
        "source": "s3://risk-ml/experiments/sources/def456/own.py",
    }
    request: Any = own["rule-Own"].arguments["request"]
    assert request["AppSpecification"] == {
        "ImageUri": "registry.example.com/jobs:1",
        "ContainerEntrypoint": ["python", "-m", "specimen_jobs.debugger"],
    }
    assert request["ProcessingResources"]["ClusterConfig"]["InstanceType"] == "ml.t3.medium"
    (output,) = request["ProcessingOutputConfig"]["Outputs"]
    assert output["S3Output"]["S3Uri"] == {"$join": [f"{PREFIX}/", {"$ref": "training_job"}, "/rule-output/Own"]}


def test_a_rule_that_may_stop_the_training_is_known_to_it(own: dict[str, Step]) -> None:
    assert own["train"].arguments["stoppers"] == ["StalledTrainingRule", "Overfit"]
    config: Any = own["rule-Overfit"].arguments["config"]
    assert {"$ref": "training_job"} in config["parameters"]["action_json"]["$join"]
    config = own["rule-StalledTrainingRule"].arguments["config"]
    assert config["parameters"]["training_job_name_prefix"] == {"$ref": "training_job"}


def test_botocore_takes_the_requests_with_an_image_of_ones_own(own: dict[str, Step]) -> None:
    loader = botocore.loaders.Loader()
    model = botocore.model.ServiceModel(loader.load_service_model("sagemaker", "service-2"))
    for step, operation, request in requests(tuple(own.values())):
        shape = model.operation_model(operation).input_shape
        assert shape is not None
        report = botocore.validate.ParamValidator().validate(request, shape)
        assert not report.has_errors(), (step, report.generate_report())


def test_rules_of_a_repeated_training_wait_for_the_tuning(experiment: Experiment, target: Target, tuned: Trial) -> None:
    steps = planned(experiment, replace(target, debugger="own"), replace(tuned, debugger=WATCHED))
    assert steps["rule-Own"].needs == {"experiment", "prepare", "tune"}
    assert steps["rule-Own"].arguments["train"] == "refit"
    specification: Any = steps["refit"].arguments["request"]
    names = [one["Name"] for one in specification["AlgorithmSpecification"]["MetricDefinitions"]]
    assert names == ["train:auc", "validation:auc"]
