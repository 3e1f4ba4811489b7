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
SHAP: dict[str, Any] = {"baseline": "s3://bucket/baseline.csv"}


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
        ({"methods": {"asymmetric_shapley_value": {}}}, "asymmetric_shapley_value: not available in this container"),
        ({"methods": {"shap": []}}, "methods.shap: is needed"),
        ({"methods": {"shap": {"num_samples": 10}}}, "methods.shap.baseline: is needed"),
        ({"methods": {"shap": {**SHAP, "num_clusters": 3}}}, "methods.shap.num_clusters: not available"),
        ({"methods": {"shap": {**SHAP, "samples": 3}}}, "methods.shap.samples: unknown key"),
        ({"methods": {"shap": {**SHAP, "num_samples": 0}}}, "methods.shap.num_samples: must be a whole number"),
        ({"methods": {"shap": {**SHAP, "agg_method": "max"}}}, "methods.shap.agg_method: must be one of mean_abs"),
        ({"methods": {"shap": {**SHAP, "seed": -1}}}, "methods.shap.seed: must be a whole number from 0"),
        ({"methods": {"shap": {"baseline": [1, 2]}}}, "methods.shap.baseline: must be an S3 URI or a list of rows"),
        ({"methods": {"shap": {"baseline": [["a"]]}}}, "methods.shap.baseline: must hold numbers, not 'a'"),
        ({"methods": {"pdp": {"grid_resolution": 5}}}, "methods.pdp.features: is needed"),
        ({"methods": {"pdp": {"features": "age"}}}, "methods.pdp.features: must be a list"),
        ({"methods": {"pdp": {"features": ["age"], "grid_resolution": 0}}}, "methods.pdp.grid_resolution: must be"),
        ({"methods": {"shap": SHAP}, "predictor": None}, "predictor: is needed"),
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


def test_explanations_need_neither_label_nor_facets() -> None:
    pdp = {"features": ["age", 1], "grid_resolution": 7}
    asked = read({"dataset_type": "text/csv", "methods": {"shap": SHAP, "pdp": pdp}, "predictor": PREDICTOR})
    assert (asked.label, asked.facets, dict(asked.methods)) == (None, (), {})
    assert asked.asks_model
    assert asked.shap is not None
    assert asked.shap.baseline == "s3://bucket/baseline.csv"
    assert (asked.shap.aggregate, asked.shap.logit, asked.shap.save_local) == ("mean_abs", False, True)
    assert asked.shap.coalitions(23) == 2094
    assert asked.dependence is not None
    assert asked.dependence.features == ("age", 1)


def test_a_baseline_may_stand_in_the_configuration() -> None:
    shap = {"baseline": [[1, None]], "num_samples": 100, "agg_method": "MEDIAN", "use_logit": True, "seed": 3}
    asked = read({**CONFIG, "methods": {"shap": shap}}).shap
    assert asked is not None
    assert str(asked.baseline) == "((1.0, nan),)"
    assert (asked.coalitions(23), asked.aggregate, asked.logit, asked.seed) == (100, "median", True, 3)
