"""`analysis_config.json`, read and checked before any data is touched.

Source: "Analysis Configuration Files" in SageMaker's guide and the schema in the SageMaker SDK's clarify module. What
that schema names and this container does not do is refused by name; what it does not name is refused as unknown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from specimen_jobs.clarify.bias import Facet
from specimen_jobs.clarify.explanations import settings
from specimen_jobs.clarify.keys import check_keys, mapping, needed, wrong
from specimen_jobs.clarify.metrics import Stage, chosen

CSV: Final = "text/csv"
DEFAULT_TITLE: Final = "Analysis Report"

KNOWN: Final = frozenset(
    {
        "version",
        "dataset_type",
        "headers",
        "label",
        "label_values_or_threshold",
        "probability_threshold",
        "facet",
        "group_variable",
        "methods",
        "predictor",
    }
)
UNAVAILABLE: Final = frozenset(
    {
        "dataset_uri",
        "features",
        "predicted_label",
        "segment_config",
        "facet_dataset_uri",
        "facet_headers",
        "predicted_label_dataset_uri",
        "predicted_label_headers",
        "excluded_columns",
        "joinsource_name_or_index",
        "time_series_data_config",
    }
)
KNOWN_PREDICTOR: Final = frozenset(
    {
        "model_name",
        "endpoint_name_prefix",
        "instance_type",
        "initial_instance_count",
        "content_type",
        "accept_type",
        "label",
        "label_headers",
        "probability",
    }
)
UNAVAILABLE_PREDICTOR: Final = frozenset(
    {
        "endpoint_name",
        "accelerator_type",
        "custom_attributes",
        "content_template",
        "record_template",
        "target_model",
        "time_series_predictor_config",
    }
)
EXPLAINING: Final = frozenset({"shap", "pdp"})
UNAVAILABLE_METHODS: Final = frozenset({"asymmetric_shapley_value"})


@dataclass(frozen=True)
class Predictor:
    """The model that answers for the predictions, and where in its answer the label and the scores stand.

    `label` and `probability` are positions in an answered CSV line; without them the line is one score or label, or one
    score a class.
    """

    model_name: str
    instance_type: str
    instance_count: int
    endpoint_name_prefix: str = ""
    label: int | None = None
    probability: int | None = None
    label_headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Analysis:
    """What a job is asked to analyse."""

    headers: tuple[str, ...] | None
    label: str | int | None  # None only where nothing but explanations is asked for
    favorable: tuple[Any, ...]
    facets: tuple[tuple[str | int, tuple[Any, ...] | None], ...]
    group: str | int | None
    threshold: float | None
    methods: Mapping[Stage, tuple[str, ...]]
    shap: settings.Shap | None
    dependence: settings.Dependence | None
    predictor: Predictor | None
    title: str

    @property
    def explaining(self) -> bool:
        """Say whether SHAP values or partial dependence are asked for."""
        return self.shap is not None or self.dependence is not None

    @property
    def asks_model(self) -> bool:
        """Say whether a model has to be asked."""
        return self.explaining or Stage.POST_TRAINING in self.methods


def read(config: Mapping[str, Any]) -> Analysis:
    """Return the analysis that a configuration asks for; raise JobError naming the first key that is wrong."""
    check_keys(config, KNOWN, UNAVAILABLE, "")
    if config.get("version", "1.0") != "1.0":
        raise wrong("version", f"{config['version']!r} is not supported, only '1.0' is")
    if needed(config, "dataset_type") != CSV:
        raise wrong("dataset_type", f"{config['dataset_type']!r} is not available in this container, only {CSV} is")
    methods = mapping(config, "methods")
    stages = _stages(methods)
    predictor = _predictor(mapping(config, "predictor")) if "predictor" in config else None
    found = Analysis(
        headers=_headers(config),
        label=_column(needed(config, "label"), "label") if stages or "label" in config else None,
        favorable=_values(needed(config, "label_values_or_threshold"), "label_values_or_threshold") if stages else (),
        facets=_facets(needed(config, "facet")) if stages else (),
        group=_column(config["group_variable"], "group_variable") if "group_variable" in config else None,
        threshold=_threshold(config.get("probability_threshold")),
        methods=stages,
        shap=settings.shap(methods),
        dependence=settings.dependence(methods),
        predictor=predictor,
        title=_title(methods.get("report")),
    )
    if found.asks_model and predictor is None:
        asking = "explanations ask" if found.explaining else "post_training_bias asks"
        raise wrong("predictor", f"{asking} a model, so that a predictor is needed")
    return found


def named(analysis: Analysis, columns: Sequence[str]) -> tuple[str | None, list[Facet], str | None]:
    """Return label, facets and group by column name; raise JobError for one that the dataset does not have."""
    facets = [Facet(name_of(column, columns, "facet"), values) for column, values in analysis.facets]
    group = None if analysis.group is None else name_of(analysis.group, columns, "group_variable")
    return None if analysis.label is None else name_of(analysis.label, columns, "label"), facets, group


def name_of(column: str | int, columns: Sequence[str], key: str) -> str:
    """Return the name of a column that a key gives by name or index; raise JobError where the dataset has none such."""
    if isinstance(column, int):
        if not 0 <= column < len(columns):
            raise wrong(key, f"there is no column {column}, the dataset has {len(columns)} columns counted from 0")
        return columns[column]
    if column not in columns:
        what = "Facet column" if key == "facet" else key
        raise wrong(key, f"{what} {column} is not present in the dataset; its columns are {', '.join(columns)}")
    return column


def _stages(methods: Mapping[str, Any]) -> dict[Stage, tuple[str, ...]]:
    stages = {stage.value: stage for stage in Stage}
    check_keys(methods, frozenset({*stages, *EXPLAINING, "report"}), UNAVAILABLE_METHODS, "methods.")
    asked: dict[Stage, tuple[str, ...]] = {}
    for key, stage in stages.items():
        if key in methods:
            names = needed(mapping(methods, key), "methods", f"methods.{key}.")
            asked[stage] = tuple(metric.name for metric in chosen(stage, names))
    if not asked and not EXPLAINING & methods.keys():
        raise wrong("methods", f"at least one of {', '.join((*stages, *sorted(EXPLAINING)))} is needed")
    return asked


def _predictor(predictor: Mapping[str, Any]) -> Predictor:
    check_keys(predictor, KNOWN_PREDICTOR, UNAVAILABLE_PREDICTOR, "predictor.")
    for key in ("content_type", "accept_type"):
        if predictor.get(key, CSV) != CSV:
            raise wrong(f"predictor.{key}", f"{predictor[key]!r} is not available in this container, only {CSV} is")
    for key in ("label", "probability"):
        if not isinstance(predictor.get(key, 0), int):
            raise wrong(f"predictor.{key}", f"must be a position in the answered line, not {predictor[key]!r}")
    headers = predictor.get("label_headers", [])
    return Predictor(
        model_name=str(needed(predictor, "model_name", "predictor.")),
        instance_type=str(needed(predictor, "instance_type", "predictor.")),
        instance_count=int(needed(predictor, "initial_instance_count", "predictor.")),
        endpoint_name_prefix=predictor.get("endpoint_name_prefix", ""),
        label=predictor.get("label"),
        probability=predictor.get("probability"),
        label_headers=tuple([headers] if isinstance(headers, str) else headers),
    )


def _headers(config: Mapping[str, Any]) -> tuple[str, ...] | None:
    headers = config.get("headers")
    if headers is None:
        return None
    if not isinstance(headers, list) or not all(isinstance(name, str) for name in headers) or not headers:
        raise wrong("headers", "must be a list of column names")
    twice = {name for name in headers if headers.count(name) > 1}
    if twice:
        raise wrong("headers", f"{', '.join(sorted(twice))} stands there more than once")
    return tuple(headers)


def _column(value: Any, key: str) -> str | int:
    if isinstance(value, str | int) and not isinstance(value, bool):
        return value
    raise wrong(key, f"must be a column's name or index, not {value!r}")


def _values(values: Any, key: str) -> tuple[Any, ...]:
    listed = values if isinstance(values, list) else [values]
    for value in listed:
        if not isinstance(value, str | int | float) or (isinstance(value, float) and not math.isfinite(value)):
            raise wrong(key, f"must hold numbers or texts, not {value!r}")
    return tuple(listed)


def _facets(facets: Any) -> tuple[tuple[str | int, tuple[Any, ...] | None], ...]:
    found: list[tuple[str | int, tuple[Any, ...] | None]] = []
    for facet in facets if isinstance(facets, list) else [facets]:
        if not isinstance(facet, dict):
            raise wrong("facet", f"must hold objects with name_or_index and value_or_threshold, not {facet!r}")
        check_keys(facet, frozenset({"name_or_index", "value_or_threshold"}), frozenset(), "facet.")
        column = _column(facet.get("name_or_index"), "facet.name_or_index")
        values = facet.get("value_or_threshold")
        found.append((column, None if values in (None, []) else _values(values, "facet.value_or_threshold")))
    return tuple(found)


def _threshold(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise wrong("probability_threshold", f"must be a number from 0 to 1, not {value!r}")
    return float(value)


def _title(report: Any) -> str:
    return str(report.get("title") or DEFAULT_TITLE) if isinstance(report, dict) else DEFAULT_TITLE
