"""A spec that validates plans and compiles, whatever it says, and AWS's own model takes every request of it."""

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from specimen import schemas
from specimen.compiling.pipeline import compile_plan
from specimen.emulator.shapes import service_model
from specimen.planning import data as tables
from specimen.planning.images import saves_tensors
from specimen.planning.plan import plan
from specimen.planning.steps import Plan, Ref
from specimen.spec.build import builtin_target
from specimen.spec.check import check
from specimen.spec.gates import TESTED
from specimen.spec.load import document
from specimen.spec.model import Experiment, Target

from tests.generated_specs import documents, values
from tests.sent_requests import requests

ROUNDS = 8
SCHEMA = schemas.schema("Experiment")
EVERYWHERE = set.intersection(
    *(
        set(json.loads((Path(str(tables.__path__[0])) / f"{name}.json").read_text(encoding="utf-8"))["registries"])
        for name in ("clarify", "debugger", "debugger-custom")
    )
)
DEBUGGERS: list[Any] = [
    {"rules": ["create_xgboost_report"], "profiler": True},
    {
        "collect": {"metrics": 5},
        "rules": [{"loss_not_decreasing": {"collection_names": "metrics", "onIssues": "fail"}}],
    },
]
MACHINES: list[Any] = [{}, {"spot": {"maxWait": "2d"}, "maxPending": "2h"}, {"keepAlive": "10m", "volume": "1Ti"}]
ENDPOINTS: list[Any] = [
    {"autoscaling": {"max": 4, "invocations": 100, "scaleOut": "1m"}, "capture": {"percentage": 20}},
    {"deployment": {"type": "linear", "size": 20, "wait": "5m", "terminateAfter": "10m", "maxRuntime": "1h"}},
    {"deployment": {"type": "canary", "size": 20, "wait": "5m", "alarms": ["a", "b"]}, "verify": {}},
    {"deployment": {"type": "rolling", "size": 50, "wait": "5m"}, "variants": [{}], "keep": False},
    {"serverless": {"memory": 4096, "concurrency": 10, "provisioned": 3}, "variants": [{}]},
]
NEEDED = [(), ("metadata",), ("dataset",), ("training",), ("training", "hyperparameters")]
ALONE = {"name": "default"}  # the trial of an experiment without `trials`
GIVEN = ("algorithm", "version", "hyperparameters")
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def checked(data: Any) -> tuple[Any, tuple[Any, ...]]:
    """Check data written as JSON, which is YAML."""
    return check(document(json.dumps(data, ensure_ascii=False).encode(), "f.yaml"))


def without_findings(data: Any) -> Any:
    """The model of a document that the schema accepts, after taking out whatever the rules find in it."""
    for _ in range(ROUNDS):
        model, findings = checked(data)
        if model is not None:
            return model
        for finding in sorted(findings, key=lambda one: len(one.path), reverse=True):
            lacks = finding.rule == "missing-key" and finding.path[:-1] not in NEEDED
            _take_out(data, finding.path[:-1] if lacks else finding.path)
        data["training"]["hyperparameters"].setdefault("num_round", 50)
    return None


def _take_out(data: Any, path: tuple[str | int, ...]) -> None:
    """Remove what stands at a path; in a list its neighbour takes the place, so that other paths stay right."""
    for step in path[:-1]:
        inner = dict(enumerate(data)) if isinstance(data, list) else data
        data = inner.get(step) if isinstance(inner, dict) else None  # another finding may have taken it out already
    match data, path[-1]:
        case dict(), key:
            data.pop(key, None)
        case list(), int(place) if len(data) > max(place, 1):
            data[place] = data[place - 1 if place else 1]
        case list(), _:
            data.clear()


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    """Experiments of the schema whose parts fit together; all that `debugger` may say is said in `watched`."""
    data = copy.deepcopy(draw(documents("Experiment", without="debugger")))
    if draw(st.booleans()):
        data["debugger"] = copy.deepcopy(draw(st.sampled_from(DEBUGGERS)))
    hyperparameters = data["training"]["hyperparameters"]
    if str(hyperparameters["objective"]).startswith("multi:"):
        hyperparameters.setdefault("num_class", draw(st.integers(2, 2**31 - 1)))
    elif not str(hyperparameters["objective"]).startswith("binary:") and isinstance(data["dataset"]["source"], str):
        data["dataset"].setdefault("split", {})["stratify"] = False
    if "tuning" in data:
        data["tuning"]["metric"] = "validation:merror" if "num_class" in hyperparameters else "validation:rmse"
        hyperparameters["eta"] = draw(values(SCHEMA["$defs"]["eta"]["then"], SCHEMA))
        hyperparameters.setdefault("gamma", {"min": 0, "max": 5})
    if isinstance(data["dataset"]["source"], dict):
        data["dataset"]["source"] = dict.fromkeys(data["dataset"]["source"], data["dataset"]["source"]["train"])
    for variant in data.get("hosting", {}).get("variants", []):
        variant["trial"] = draw(st.sampled_from([trial["name"] for trial in data.get("trials") or [ALONE]]))
    for gate in data.get("gates", []):
        if "facet" in gate and "bias" in data:
            gate["facet"] = draw(st.sampled_from(list(data["bias"]["facets"])))
        elif str(gate.get("metric", "")).startswith("test:"):
            gate["metric"] = f"test:{draw(st.sampled_from(TESTED))}"
    model = without_findings(data)
    assume(isinstance(model, Experiment))
    assert isinstance(model, Experiment)
    return model


@st.composite
def targets(draw: st.DrawFn) -> Target:
    """Targets of the schema, in regions that have all images."""
    model, findings = checked(draw(documents("Target")))
    assume(not any(finding.rule == "kubeflow-placeholder" for finding in findings))  # hypothesis knows the code's own
    assert isinstance(model, Target), findings
    assume(model.region in EVERYWHERE)  # without bias and rules the other regions would do, too
    assume(len(model.prefix) < 50)  # in a longer one no rule's file has its place
    return model


def planned(experiment: Experiment, target: Target) -> Plan:
    if not all(saves_tensors(trial.training.version) for trial in experiment.trials if trial.debugger):
        target = replace(target, debugger="off" if target.debugger == "managed" else target.debugger)
    if experiment.hosting and experiment.hosting.serverless:
        target = replace(target, vpc=None, network_isolation=False)
    rules = [rule for trial in experiment.trials if trial.debugger for rule in trial.debugger.rules if rule.custom]
    named = [source for trial in experiment.trials for source in trial.dataset.sources]
    return plan(
        experiment, target, dict.fromkeys([*named, *(rule.custom.source for rule in rules if rule.custom)], "0" * 64)
    )


@settings(max_examples=12, deadline=None, suppress_health_check=SLOW)
@given(experiments(), targets())
def test_what_validates_gives_requests_that_aws_takes(experiment: Experiment, target: Target) -> None:
    """Its lists of instance types are left out: the language takes every type that is written like one."""
    model = service_model("sagemaker")
    for step, operation, request in requests(planned(experiment, target)):
        violations = model.check(model.input_shape(operation))(request)
        assert [one for one in violations if "nstanceType" not in one.path] == [], step


@st.composite
def watched(draw: st.DrawFn) -> Experiment:
    """The least experiment with whatever its section `debugger` may say, as far as the rules let it."""
    data: Any = {
        "apiVersion": "specimen/v1",
        "kind": "Experiment",
        "metadata": {"name": "example"},
        "dataset": {"source": "table.csv", "label": "answer"},
        "training": {"version": "3.2-0", "hyperparameters": {"objective": "binary:logistic", "num_round": 50}},
        "debugger": draw(values(SCHEMA["properties"]["debugger"], SCHEMA)),
    }
    data["debugger"].setdefault("collect", {})["all"] = 5
    model = without_findings(data)
    assume(isinstance(model, Experiment) and model.trials[0].debugger)
    assert isinstance(model, Experiment)
    return model


@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
@given(watched())
def test_what_validates_of_debugger_gives_requests_that_aws_takes(experiment: Experiment) -> None:
    model = service_model("sagemaker")
    for step, operation, request in requests(planned(experiment, builtin_target())):
        violations = model.check(model.input_shape(operation))(request)
        assert [one for one in violations if "nstanceType" not in one.path] == [], step


@st.composite
def equipped(draw: st.DrawFn) -> Experiment:
    """A small experiment of two trials with whatever may be said of instances, networks and endpoints."""
    declared = SCHEMA["properties"]
    told = {key: inner for key, inner in declared["training"]["properties"].items() if key not in GIVEN}
    data: Any = {
        "apiVersion": "specimen/v1",
        "kind": "Experiment",
        "metadata": {"name": "example"},
        "dataset": {"source": "table.csv", "label": "answer", "shards": draw(st.integers(1, 5))},
        "training": {
            **draw(values({"type": "object", "properties": told}, SCHEMA)),
            "version": draw(st.sampled_from(["1.7-1", "3.2-0"])),
            "hyperparameters": {"objective": "binary:logistic", "num_round": 50},
        },
        "evaluate": draw(values(declared["evaluate"], SCHEMA)),
        "hosting": draw(values(declared["hosting"], SCHEMA)),
        "trials": [{"name": "one"}, {"name": "two", "set": {"training": {"hyperparameters": {"eta": 0.1}}}}],
        "select": {"metric": "test:auc"},
    }
    _fit(draw, data["dataset"], data["training"])
    if draw(st.booleans()):
        data["hosting"] = {"name": "example", "variants": [{}, {"name": "b"}], **draw(st.sampled_from(ENDPOINTS))}
    for variant in data["hosting"].get("variants", []):
        variant["trial"] = draw(st.sampled_from(["one", "two"]))
    model = without_findings(data)
    assume(isinstance(model, Experiment))
    assert isinstance(model, Experiment)
    return model


def _fit(draw: st.DrawFn, dataset: dict[str, Any], training: dict[str, Any]) -> None:
    """Make some of what hardly goes together by chance."""
    resources = training["resources"] = {**draw(st.sampled_from(MACHINES)), "instance": "ml.m5.xlarge"}
    if dataset["shards"] > 1 and draw(st.booleans()):
        training["distribution"] = "sharded"
        resources["count"] = draw(st.integers(2, dataset["shards"]))
    if draw(st.booleans()):
        training |= {"version": "1.7-1", "contentType": "csv", "input": {"mode": "pipe", "compression": "gzip"}}


@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@given(equipped(), targets())
def test_what_validates_of_instances_gives_requests_that_aws_takes(experiment: Experiment, target: Target) -> None:
    model = service_model("sagemaker")
    for step, operation, request in requests(planned(experiment, target)):
        violations = model.check(model.input_shape(operation))(request)
        assert [one for one in violations if "nstanceType" not in one.path] == [], step


@settings(max_examples=12, deadline=None, suppress_health_check=SLOW)
@given(experiments(), targets())
def test_a_plan_is_whole_and_the_same_each_time(experiment: Experiment, target: Target) -> None:
    """Each step needs earlier ones alone, and no argument is absent."""
    steps = planned(experiment, target)
    assert steps == planned(experiment, target)
    for place, step in enumerate(steps):
        assert step.needs <= {earlier.id for earlier in steps[:place]}
        assert not any(absent(argument) for argument in step.arguments.values() if not isinstance(argument, Ref))


def absent(data: Any) -> bool:
    """Whether there is a null anywhere in the data."""
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return data is None or any(absent(one) for one in inner)


@settings(max_examples=6, deadline=None, suppress_health_check=SLOW)
@given(experiments(), targets())
def test_what_validates_compiles_to_the_same_bytes_each_time(experiment: Experiment, target: Target) -> None:
    steps = planned(experiment, target)
    compiled = compile_plan(steps, experiment, target)
    assert compile_plan(steps, experiment, target) == compiled
    (pipeline, *_) = yaml.load_all(compiled, Loader=yaml.CSafeLoader)
    assert "finish" in pipeline["root"]["dag"]["tasks"]
