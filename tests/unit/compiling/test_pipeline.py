"""What is compiled is what kfp accepts, and it is the plan."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import yaml
from kfp import components
from specimen.compiling.pipeline import compile_plan
from specimen.planning.plan import plan
from specimen.planning.steps import Plan, Ref, Step
from specimen.spec.model import Experiment, Select, Target, Trial
from specimen_components.interface import COMPONENTS


@pytest.fixture
def compiled(steps: Plan, experiment: Experiment, target: Target) -> str:
    """The pipeline's text."""
    return compile_plan(steps, experiment, target)


@pytest.fixture
def pipeline(compiled: str) -> dict[str, Any]:
    """The pipeline as data."""
    loaded: dict[str, Any] = yaml.safe_load(compiled)
    return loaded


@pytest.fixture
def tasks(pipeline: dict[str, Any]) -> Mapping[str, Any]:
    """Every task of ours, wherever it stands."""
    return {name: task for dag in dags(pipeline) for name, task in dag["tasks"].items() if name != "importer"}


def test_kfp_loads_it_back(compiled: str) -> None:
    loaded = components.load_component_from_text(compiled)
    assert loaded.name == "loans"
    assert loaded.pipeline_spec.schema_version == "2.1.0"


def test_the_same_plan_gives_the_same_bytes(compiled: str, steps: Plan, experiment: Experiment, target: Target) -> None:
    assert compile_plan(steps, experiment, target) == compiled


def test_every_step_is_a_task_that_runs_its_component(
    steps: Plan, pipeline: dict[str, Any], tasks: Mapping[str, Any]
) -> None:
    for step in steps:
        container = container_of(pipeline, tasks[step.id])
        assert container["command"] == ["python", "-m", f"specimen_components.{step.component}"]
        assert container["image"] == "registry.example.com/components:1"
        assert container["env"] == [{"name": "AWS_DEFAULT_REGION", "value": "eu-west-1"}]


def test_selecting_goes_on_whatever_has_failed(experiment: Experiment, target: Target) -> None:
    trials = tuple(replace(experiment.trials[0], name=name) for name in ("one", "two"))
    two = replace(experiment, trials=trials, select=Select("test:auc", "maximize"))
    text = compile_plan(plan(two, target, {"data/loans.csv": "abc123"}), two, target)
    pipeline = yaml.safe_load(text)
    tasks = {name: task for dag in dags(pipeline) for name, task in dag["tasks"].items()}
    assert tasks["select"]["triggerPolicy"]["strategy"] == "ALL_UPSTREAM_TASKS_COMPLETED"
    assert set(tasks["select"]["dependentTasks"]) == {"evaluate", "gate"}


def test_what_flows_between_tasks_is_what_flows_between_steps(steps: Plan, tasks: Mapping[str, Any]) -> None:
    for step in steps:
        given = tasks[step.id]["inputs"]["parameters"]
        for name, argument in step.arguments.items():
            if isinstance(argument, Ref):
                assert source_of(given[name], argument) == (argument.step, argument.output), (step.id, name)


def test_requests_are_constants_that_can_be_read(steps: Plan, tasks: Mapping[str, Any]) -> None:
    for step in steps:
        if "request" in step.arguments:
            constant = tasks[step.id]["inputs"]["parameters"]["request"]["runtimeValue"]["constant"]
            assert constant == step.arguments["request"], step.id


def test_order_without_data_is_kept(steps: Plan, tasks: Mapping[str, Any]) -> None:
    for step in steps:
        for before in step.after:
            assert before in tasks[step.id]["dependentTasks"], step.id


def test_caching_is_off_everywhere(pipeline: dict[str, Any]) -> None:
    for dag in dags(pipeline):
        for name, task in dag["tasks"].items():
            if task["componentRef"]["name"].removeprefix("comp-") not in pipeline_parts(pipeline):
                assert not task.get("cachingOptions", {}).get("enableCache", False), name


def test_what_is_gated_stands_under_the_verdict(pipeline: dict[str, Any]) -> None:
    (condition,) = [
        task for dag in dags(pipeline) for task in dag["tasks"].values() if "condition" in task.get("triggerPolicy", {})
    ]
    assert (
        condition["triggerPolicy"]["condition"] == "inputs.parameter_values['pipelinechannel--gate-verdict'] == 'pass'"
    )
    inside = pipeline["components"][condition["componentRef"]["name"]]["dag"]["tasks"]
    assert list(inside) == ["register"]


def test_what_several_gates_hold_back_stands_under_each_verdict(
    steps: Plan, experiment: Experiment, target: Target
) -> None:
    select = Step("select", "select", {"candidates": [], "metric": "test:auc", "goal": "maximize"}, frozenset())
    host = Step("host", "lineage", {"job": Ref("train", "job")}, frozenset(), frozenset({"model"}), ("gate", "select"))
    *others, finish = steps
    pipeline = yaml.safe_load(compile_plan((*others, select, host, finish), experiment, target))
    task, asked = pipeline["root"]["dag"]["tasks"]["exit-handler-1"], []
    while "host" not in (inside := pipeline["components"][task["componentRef"]["name"]]["dag"]["tasks"]):
        task = [one for one in inside.values() if "condition" in one.get("triggerPolicy", {})][-1]
        asked.append(task["triggerPolicy"]["condition"].partition("--")[2])
    assert asked == ["gate-verdict'] == 'pass'", "select-verdict'] == 'pass'"]
    assert list(inside) == ["host"]


def test_finish_is_the_one_exit_task_and_takes_no_outputs(pipeline: dict[str, Any]) -> None:
    root = pipeline["root"]["dag"]["tasks"]
    assert root["finish"]["triggerPolicy"] == {"strategy": "ALL_UPSTREAM_TASKS_COMPLETED"}
    assert set(root) == {"exit-handler-1", "finish"}
    for value in root["finish"]["inputs"]["parameters"].values():
        assert value.keys() == {"runtimeValue"}


def test_artifacts_are_typed(pipeline: dict[str, Any], steps: Plan) -> None:
    for step in steps:
        outputs = pipeline["components"][f"comp-{step.id}"].get("outputDefinitions", {}).get("artifacts", {})
        found = {name: artifact["artifactType"]["schemaTitle"] for name, artifact in outputs.items()}
        expected = {name: kind.value for name, kind in COMPONENTS[step.component].artifacts.items()}
        assert found == expected, step.id


def test_the_model_is_an_artifact(pipeline: dict[str, Any]) -> None:
    artifact = pipeline["components"]["comp-importer"]["outputDefinitions"]["artifacts"]["artifact"]
    assert artifact["artifactType"]["schemaTitle"] == "system.Model"


def test_each_run_writes_records_of_its_own(tasks: Mapping[str, Any]) -> None:
    constants = {name: value["runtimeValue"]["constant"] for name, value in common(tasks["train"]).items()}
    assert constants == {
        "run": "{{$.pipeline_job_name}}",
        "record": "s3://risk-ml/experiments/runs/{{$.pipeline_job_name}}/train.json",
    }


def common(task: Mapping[str, Any]) -> dict[str, Any]:
    return {name: task["inputs"]["parameters"][name] for name in ("run", "record")}


def dags(pipeline: dict[str, Any]) -> list[dict[str, Any]]:
    return [pipeline["root"]["dag"], *(part["dag"] for part in pipeline["components"].values() if "dag" in part)]


def pipeline_parts(pipeline: dict[str, Any]) -> set[str]:
    """Names of the components that are groups of tasks."""
    return {name.removeprefix("comp-") for name, part in pipeline["components"].items() if "dag" in part}


def container_of(pipeline: dict[str, Any], task: Mapping[str, Any]) -> dict[str, Any]:
    label = pipeline["components"][task["componentRef"]["name"]]["executorLabel"]
    container: dict[str, Any] = pipeline["deploymentSpec"]["executors"][label]["container"]
    return container


def source_of(parameter: Mapping[str, Any], argument: Ref) -> tuple[str, str]:
    """Where a parameter comes from; inside a condition KFP passes it through a channel named after its source."""
    if channel := parameter.get("componentInputParameter"):
        assert channel == f"pipelinechannel--{argument.step}-{argument.output}"
        return argument.step, argument.output
    output = parameter["taskOutputParameter"]
    return output["producerTask"], output["outputParameterKey"]


def test_a_step_that_gives_an_optional_input_has_the_option(steps: Plan, pipeline: dict[str, Any]) -> None:
    def options(step: Step) -> set[str]:
        arguments = pipeline["deploymentSpec"]["executors"][f"exec-{step.id}"]["container"]["args"]
        return {argument for argument in arguments if argument.startswith("--")}

    pre, post = (next(step for step in steps if step.id == name) for name in ("bias-pre", "bias-post"))
    assert options(post) - options(pre) == {"--model", "--columns"}


def test_the_best_model_of_a_search_is_shown_as_one_that_was_trained(
    experiment: Experiment, target: Target, tuned: Trial
) -> None:
    steps = plan(replace(experiment, trials=(tuned,)), target, {"data/loans.csv": "abc123"})
    pipeline = yaml.safe_load(compile_plan(steps, experiment, target))
    tasks = {name: task for dag in dags(pipeline) for name, task in dag["tasks"].items()}
    assert tasks["importer"]["dependentTasks"] == ["tune"]
    limits = {"MaxNumberOfTrainingJobs": 20.0, "MaxParallelTrainingJobs": 4.0, "MaxRuntimeInSeconds": 7200.0}
    request = tasks["tune"]["inputs"]["parameters"]["request"]["runtimeValue"]["constant"]
    assert request["HyperParameterTuningJobConfig"]["ResourceLimits"] == limits


def test_a_number_is_one_for_kfp_whole_or_not(experiment: Experiment, target: Target) -> None:
    """KFP refuses an integer where a number is taken."""
    step = Step("verify", "verify", {"endpoint": "e", "variants": [], "batch": 100}, frozenset())
    pipeline = yaml.safe_load(compile_plan((step,), experiment, target))
    (task,) = [task for dag in dags(pipeline) for name, task in dag["tasks"].items() if name == "verify"]
    assert task["inputs"]["parameters"]["batch"]["runtimeValue"]["constant"] == 100.0
