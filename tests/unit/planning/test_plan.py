"""What steps an experiment has, and what flows between them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from specimen.planning.plan import plan
from specimen.planning.steps import Argument, Plan, Ref, Step
from specimen.spec.model import Balance, Experiment, Json, Target, Trial
from specimen_components.interface import COMPONENTS, Kind

SOURCES = {"data/loans.csv": "abc123"}


def test_every_section_of_the_spec_has_its_step(steps: Plan) -> None:
    assert [step.id for step in steps] == [
        "experiment",
        "prepare",
        "bias-pre",
        "train",
        "model",
        "bias-post",
        "explain",
        "evaluate",
        "lineage",
        "gate",
        "register",
        "finish",
    ]


def test_a_section_that_is_absent_has_no_step(bare: Experiment, target: Target) -> None:
    ids = [step.id for step in plan(bare, target, SOURCES)]
    assert ids == ["experiment", "prepare", "train", "model", "lineage", "finish"]


def test_a_step_comes_after_all_that_it_needs(steps: Plan) -> None:
    seen: set[str] = set()
    for step in steps:
        assert step.needs <= seen, step.id
        seen.add(step.id)


def test_a_job_waits_for_the_trial_that_it_names(steps: Plan) -> None:
    tracked = {step.id for step in steps if "experiment" in step.after}
    assert tracked == {"train", "bias-pre", "bias-post", "explain", "evaluate"}


def test_bias_before_training_does_not_wait_for_it(steps: Plan) -> None:
    assert step_named(steps, "bias-pre").needs == {"experiment", "prepare"}


def test_registration_stands_under_the_gate(steps: Plan) -> None:
    assert {step.id: step.gates for step in steps if step.gates} == {"register": ("gate",)}


def test_registration_without_gates_needs_none(experiment: Experiment, target: Target) -> None:
    ungated = replace(experiment, trials=(replace(experiment.trials[0], gates=()),))
    register = step_named(plan(ungated, target, SOURCES), "register")
    assert register.gates == ()


def test_a_local_source_is_read_from_where_its_content_is_uploaded(steps: Plan) -> None:
    source = step_named(steps, "prepare").arguments["source"]
    assert source == "s3://risk-ml/experiments/sources/abc123/loans.csv"


def test_a_source_in_s3_is_read_where_it_is(experiment: Experiment, target: Target) -> None:
    trial = experiment.trials[0]
    remote = replace(trial, dataset=replace(trial.dataset, source="s3://lake/loans.csv"))
    steps = plan(replace(experiment, trials=(remote,)), target, {})
    assert step_named(steps, "prepare").arguments["source"] == "s3://lake/loans.csv"


def test_balance_and_imputation_are_told_with_the_categories_that_they_heed(
    experiment: Experiment, target: Target
) -> None:
    (trial,) = experiment.trials
    told = [
        prepared(replace(trial, dataset=replace(trial.dataset, categorical=("region",), **changes)), experiment, target)
        for changes in (
            {},
            {"impute": "median"},
            {"balance": Balance("smote", "sex", label=False, cells=True, neighbors=3)},
            {"balance": Balance("smote", None, label=True, cells=False, neighbors=5)},
        )
    ]
    assert [{key: one[key] for key in ("categorical", "impute", "balance") if key in one} for one in told] == [
        {},
        {"categorical": ["region"], "impute": "median"},
        {
            "categorical": ["region"],
            "balance": {"method": "smote", "facet": "sex", "cells": True, "neighbors": 3},
        },
        {"categorical": ["region"], "balance": {"method": "smote", "label": True, "neighbors": 5}},
    ]


def prepared(trial: Trial, experiment: Experiment, target: Target) -> Mapping[str, Json]:
    """What `prepare` is told of a trial's table."""
    dataset = step_named(plan(replace(experiment, trials=(trial,)), target, SOURCES), "prepare").arguments["dataset"]
    assert isinstance(dataset, Mapping)
    return dataset


def test_arguments_are_those_of_the_component(steps: Plan) -> None:
    for step in steps:
        component = COMPONENTS[step.component]
        required = component.inputs.keys() - component.optional
        assert required <= step.arguments.keys() <= component.inputs.keys(), step.id


def test_refs_name_outputs_that_exist_and_are_of_the_kind_wanted(steps: Plan) -> None:
    for step in steps:
        for name, argument in step.arguments.items():
            if isinstance(argument, Ref):
                output = COMPONENTS[step_named(steps, argument.step).component].outputs[argument.output]
                assert output == COMPONENTS[step.component].inputs[name], (step.id, name)


def test_plain_arguments_are_of_the_kind_that_the_component_declares(steps: Plan) -> None:
    types = {Kind.STRING: str, Kind.NUMBER: float, Kind.JSON: dict, Kind.LIST: list}
    for step in steps:
        for name, argument in step.arguments.items():
            if not isinstance(argument, Ref):
                assert isinstance(argument, types[COMPONENTS[step.component].inputs[name]]), (step.id, name)


def test_leaves_name_what_the_component_has(steps: Plan) -> None:
    own = {"name", "config"}
    for step in steps:
        for argument in step.arguments.values():
            for leaf in leaves(argument):
                assert leaf in own | step.arguments.keys(), (step.id, leaf)


def test_no_argument_holds_a_null(steps: Plan, bare: Experiment, target: Target) -> None:
    for step in (*steps, *plan(bare, target, SOURCES)):
        for argument in step.arguments.values():
            assert not holds_null(argument), step.id


def test_prepare_is_told_the_classes_that_the_objective_tells_apart(steps: Plan) -> None:
    dataset = step_named(steps, "prepare").arguments["dataset"]
    assert isinstance(dataset, dict)
    assert dataset["classes"] == 2


def test_prepare_is_told_of_a_baseline_where_one_is_asked_for(steps: Plan, bare: Experiment, target: Target) -> None:
    dataset = step_named(steps, "prepare").arguments["dataset"]
    assert isinstance(dataset, dict)
    assert dataset["baseline"] == "median"
    unasked = step_named(plan(bare, target, SOURCES), "prepare").arguments["dataset"]
    assert isinstance(unasked, dict)
    assert "baseline" not in unasked


def test_explanations_are_beside_bias_after_training_and_reach_the_registry(steps: Plan) -> None:
    explain = step_named(steps, "explain")
    assert explain.needs == {"experiment", "prepare", "model"}
    assert explain.arguments["baseline"] == Ref("prepare", "baseline")
    assert step_named(steps, "register").arguments["explanations"] == Ref("explain", "analysis")


def test_the_same_inputs_give_the_same_plan(experiment: Experiment, target: Target, steps: Plan) -> None:
    assert plan(experiment, target, SOURCES) == steps


def test_finish_is_told_of_every_step_before_it(steps: Plan) -> None:
    told = step_named(steps, "finish").arguments["experiment"]
    assert isinstance(told, dict)
    assert [step["id"] for step in told["steps"]] == [step.id for step in steps[:-1]]
    assert told["steps"][-1]["gates"] == ["gate"]


def step_named(steps: Plan, name: str) -> Step:
    return next(step for step in steps if step.id == name)


def leaves(data: Argument) -> Iterator[str]:
    match data:
        case {"$ref": str(name)}:
            yield name
        case dict():
            for value in data.values():
                yield from leaves(value)
        case list():
            for value in data:
                yield from leaves(value)


def holds_null(data: Json | Ref) -> bool:
    match data:
        case None:
            return True
        case dict():
            return any(holds_null(value) for value in data.values())
        case list():
            return any(holds_null(value) for value in data)
        case _:
            return False


def test_prepare_is_told_which_labels_the_objective_learns(
    experiment: Experiment, target: Target, trial: Trial
) -> None:
    """Only where that is not any number."""
    told = {}
    for objective in ("reg:squarederror", "reg:logistic"):
        parameters = {**trial.training.hyperparameters, "objective": objective}
        numbers = replace(trial, training=replace(trial.training, hyperparameters=parameters))
        steps = plan(replace(experiment, trials=(numbers,)), target, SOURCES)
        told[objective] = step_named(steps, "prepare").arguments["dataset"]
    assert "labels" not in told["reg:squarederror"]  # type: ignore[operator]  # it is a mapping
    assert told["reg:logistic"]["labels"] == {"objective": "reg:logistic", "min": 0, "max": 1}  # type: ignore[index, call-overload]  # as above
