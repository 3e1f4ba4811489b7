"""What a hook's JSON asks for, in a file or in the environment, and what it cannot ask for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from specimen_jobs.container import Container, JobError
from specimen_jobs.xgboost.debugging.configuration import configuration
from specimen_jobs.xgboost.debugging.told import HOOK, PROFILER, told
from specimen_tensors.modes import Mode

BASE = Container(Path("/opt/ml"))


def collection(name: str, **parameters: object) -> dict[str, Any]:
    return {"CollectionConfigurations": [{"CollectionName": name, "CollectionParameters": parameters}]}


def steps(value: Mapping[str, Any], name: str, mode: Mode = Mode.GLOBAL) -> list[int]:
    """Return at which of 30 steps a collection is saved."""
    schedule = configuration(value, BASE).collections[name].save_config[mode]
    return [step for step in range(30) if schedule.saves(step)]


def test_without_more_it_is_metrics_every_ten_steps_in_sagemakers_folder() -> None:
    asked = configuration({"HookParameters": None, "CollectionConfigurations": None}, BASE)
    assert asked.folder == Path("/opt/ml/output/tensors")
    assert asked.saved == {"metrics"}
    assert steps({}, "metrics") == [0, 10, 20]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"save_interval": "5", "start_step": "3", "end_step": "20"}, [5, 10, 15]),
        ({"save_interval": 12}, [0, 12, 24]),
        ({"save_steps": "3, 4"}, [0, 3, 4]),
        ({"save_interval": "4", "global.save_interval": "13"}, [0, 13, 26]),
        ({"train.save_interval": "1"}, [0]),  # XGBoost's steps are of no mode
    ],
)
def test_parameters_name_the_steps(parameters: Mapping[str, object], expected: list[int]) -> None:
    assert steps(collection("metrics", **parameters), "metrics") == expected


def test_a_modes_own_parameter_counts_in_its_mode() -> None:
    asked = collection("metrics", **{"eval.save_interval": "7", "save_interval": "11"})
    assert steps(asked, "metrics", Mode.EVAL) == [0, 7, 14, 21, 28]
    assert steps(asked, "metrics", Mode.TRAIN) == [0, 11, 22]


def test_a_collection_takes_over_what_the_hook_says() -> None:
    asked = {"HookParameters": {"save_interval": "6", "end_step": "13"}, **collection("labels", start_step="6")}
    assert steps(asked, "labels") == [6, 12]
    assert steps(asked, "metrics") == [0, 6, 12]


def test_all_saves_all() -> None:
    everything = frozenset(configuration({}, BASE).collections)
    assert configuration(collection("all"), BASE).saved == everything
    by_parameter = configuration({"HookParameters": {"save_all": "true"}}, BASE)
    assert by_parameter.saved == everything
    assert by_parameter.collections["all"].include_regex == (".*",)


def test_patterns_of_the_hook_make_the_default_collection() -> None:
    asked = configuration({"HookParameters": {"include_regex": "^train-, bias$"}}, BASE)
    assert asked.saved == {"default", "metrics"}
    assert asked.collections["default"].include_regex == ("^train-", "bias$")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            collection("metrics", save_interval="0"),
            "Debugger, collection metrics: save_interval is 1 or more, not 0",
        ),
        (
            collection("metrics", **{"train.save_interval": "-5"}),
            "Debugger, collection metrics: train.save_interval is 1 or more, not -5",
        ),
        (collection("labels", start_step="x"), "Debugger, collection labels: start_step is a whole number, not 'x'"),
        (collection("labels", end_step="-1"), "Debugger, collection labels: end_step is 0 or more, not -1"),
        (collection("labels", save_steps="1,b"), "Debugger, collection labels: save_steps is a whole number, not 'b'"),
        (
            collection("mine", include_regex="a(b"),
            "Debugger, collection mine: include_regex 'a(b' is no regular expression: missing ), unterminated "
            "subpattern at position 1",
        ),
        (
            collection("trees", save_intervall="5"),
            "Debugger, collection trees: there is no parameter save_intervall; did you mean save_interval?",
        ),
        (
            collection("trees", reductions="min,max"),
            "Debugger, collection trees: reductions is not available for XGBoost, whose tensors are saved whole",
        ),
        (
            {"HookParameters": {"save_all": "yes"}},
            "Debugger, HookParameters: save_all is true or false, not 'yes'",
        ),
        ({"HookParameters": ["save_all"]}, "Debugger, HookParameters: an object is needed, not ['save_all']"),
        ({"CollectionConfigurations": {}}, "Debugger: CollectionConfigurations must be a list"),
        (
            {"CollectionConfigurations": [{"CollectionParameters": {}}]},
            "Debugger: each of CollectionConfigurations needs its CollectionName",
        ),
        (
            collection("average_shapp"),
            "Debugger, collection average_shapp: it names no tensors; give it include_regex, or take all, "
            "average_shap, default, feature_importance, full_shap, hyperparameters, labels, losses, metrics, "
            "predictions, trees",
        ),
    ],
)
def test_what_cannot_be_is_refused(value: Mapping[str, Any], message: str) -> None:
    with pytest.raises(JobError) as caught:
        configuration(value, BASE)
    assert str(caught.value) == message


def test_the_environment_tells_where_no_file_does(tmp_path: Path) -> None:
    text = json.dumps(collection("metrics", save_interval="5"))
    whole = {"SPECIMEN_DEBUG_HOOK": text}
    pieces = {
        "SPECIMEN_DEBUG_HOOK": text[:40],
        "SPECIMEN_DEBUG_HOOK_1": text[40:80],
        "SPECIMEN_DEBUG_HOOK_2": text[80:],
    }
    numbered = {"SPECIMEN_DEBUG_HOOK_1": text[:50], "SPECIMEN_DEBUG_HOOK_2": text[50:]}
    container = Container(tmp_path)
    for environment in (whole, pieces, numbered):
        assert told(container, HOOK, environment) == collection("metrics", save_interval="5")
        assert told(container, PROFILER, environment) is None
    container.config(HOOK).parent.mkdir(parents=True)
    container.config(HOOK).write_text('{"LocalPath": "/here"}')
    assert told(container, HOOK, whole) == {"LocalPath": "/here"}


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "SPECIMEN_PROFILER cannot be read: "), ("[1]", "SPECIMEN_PROFILER must hold a JSON object, not list")],
)
def test_an_environment_that_is_no_json_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(JobError) as caught:
        told(Container(tmp_path), PROFILER, {"SPECIMEN_PROFILER": text})
    assert str(caught.value).startswith(f"Environment variable {message}")
