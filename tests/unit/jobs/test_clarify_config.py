"""What an analysis configuration may say, and how it is told what is wrong with it."""

from __future__ import annotations

from typing import Any

import pytest
from specimen_jobs.clarify.bias import Facet
from specimen_jobs.clarify.config import named, read
from specimen_jobs.clarify.metrics import Stage
from specimen_jobs.container import JobError

PREDICTOR = {"model_name": "m", "instance_type": "ml.m5.large", "initial_instance_count": 1}
CONFIG: dict[str, Any] = {
    "version": "1.0",
    "dataset_type": "text/csv",
    "headers": ["y", "sex", "age"],
    "label": "y",
    "label_values_or_threshold": [0],
    "facet": [{"name_or_index": "sex", "value_or_threshold": [1]}],
    "group_variable": "age",
    "probability_threshold": 0.4,
    "methods": {
        "pre_training_bias": {"methods": "all"},
        "post_training_bias": {"methods": ["DI", "AD"]},
        "report": {"name": "report", "title": "What we found"},
    },
    "predictor": {**PREDICTOR, "content_type": "text/csv", "accept_type": "text/csv"},
}


def test_a_whole_configuration_is_read() -> None:
    asked = read(CONFIG)
    assert asked.methods[Stage.POST_TRAINING] == ("AD", "DI")
    assert len(asked.methods[Stage.PRE_TRAINING]) == 8
    assert asked.title == "What we found"
    assert asked.threshold == 0.4
    assert asked.predictor is not None
    assert asked.predictor.model_name == "m"
    assert named(asked, ["y", "sex", "age"]) == ("y", [Facet("sex", (1,))], "age")


def test_columns_may_be_named_by_index() -> None:
    asked = read({**CONFIG, "label": 0, "facet": [{"name_or_index": 1}], "group_variable": 2})
    assert named(asked, ["y", "sex", "age"]) == ("y", [Facet("sex", None)], "age")


def test_a_single_facet_and_a_bare_value_are_lists_of_one() -> None:
    asked = read({**CONFIG, "facet": {"name_or_index": "sex", "value_or_threshold": 1}})
    assert asked.facets == (("sex", (1,)),)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"dataset_type": None}, "dataset_type: is needed"),
        ({"dataset_type": "application/json"}, "dataset_type: 'application/json' is not available"),
        ({"version": "2.0"}, "version: '2.0' is not supported"),
        ({"label": None}, "label: is needed"),
        ({"label": 1.5}, "label: must be a column's name or index"),
        ({"labels": "y"}, "labels: unknown key"),
        ({"excluded_columns": ["a"]}, "excluded_columns: not available"),
        ({"label_values_or_threshold": []}, "label_values_or_threshold: is needed"),
        ({"label_values_or_threshold": [None]}, "must hold numbers or texts"),
        ({"headers": ["a", "a"]}, "headers: a stands there more than once"),
        ({"headers": "a,b"}, "headers: must be a list"),
        ({"facet": []}, "facet: is needed"),
        ({"facet": ["sex"]}, "facet: must hold objects"),
        ({"facet": [{"name": "sex"}]}, "facet.name: unknown key"),
        ({"probability_threshold": 2}, "probability_threshold: must be a number from 0 to 1"),
        ({"probability_threshold": "0.5"}, "probability_threshold: must be a number"),
        ({"methods": []}, "methods: is needed"),
        ({"methods": ["report"]}, "methods: must be an object"),
        ({"methods": {"report": {}}}, "at least one of pre_training_bias, post_training_bias"),
        ({"methods": {"shap": {}}}, "methods.shap: not available in this container"),
        ({"methods": {"pdp": {}}}, "methods.pdp: not available in this container"),
        ({"methods": {"pre_training_bias": {"methods": ["DI"]}}}, "Invalid metric_name DI"),
        ({"methods": {"pre_training_bias": {"methods": []}}}, "methods.pre_training_bias.methods: is needed"),
        ({"predictor": None}, "predictor: is needed"),
        ({"predictor": {**PREDICTOR, "model_name": ""}}, "predictor.model_name: is needed"),
        ({"predictor": {**PREDICTOR, "accept_type": "application/json"}}, "predictor.accept_type: 'application/json'"),
        ({"predictor": {**PREDICTOR, "label": "score"}}, "predictor.label: must be a position"),
        ({"predictor": {**PREDICTOR, "endpoint_name": "e"}}, "predictor.endpoint_name: not available"),
    ],
)
def test_what_is_wrong_is_named(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(JobError) as refused:
        read({**CONFIG, **changed})
    assert said in str(refused.value)
    assert str(refused.value).startswith(("analysis_config.json: ", "Invalid metric_name"))


def test_post_training_needs_a_predictor() -> None:
    with pytest.raises(JobError, match="predictor is needed"):
        read({key: value for key, value in CONFIG.items() if key != "predictor"})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"label": "z"}, "label z is not present in the dataset; its columns are y, sex, age"),
        ({"facet": [{"name_or_index": "z"}]}, "Facet column z is not present in the dataset"),
        ({"facet": [{"name_or_index": 3}]}, "there is no column 3, the dataset has 3 columns"),
        ({"group_variable": "z"}, "group_variable z is not present"),
    ],
)
def test_a_column_that_the_dataset_lacks_is_named(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(JobError) as refused:
        named(read({**CONFIG, **changed}), ["y", "sex", "age"])
    assert said in str(refused.value)
