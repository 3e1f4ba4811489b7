"""What Clarify's jobs are told in their ``analysis_config.json``."""

from specimen.planning.leaves import ref
from specimen.planning.problem import Problem
from specimen.planning.sender import CSV, Request
from specimen.spec.model import Bias, Explain, Facet, Json, Resources

REPORT: Request = {"name": "report", "title": "Analysis Report"}
MOST_EXPLAINED = 10  # features whose partial dependence is computed where none is named
MOST_LISTED = 1_000  # classes; Clarify takes so many distinct labels for numbers, which a bound divides


def analysis(dataset_label: str, bias: Bias, asked: Problem, *, trained: bool) -> Request:
    """Clarify's ``analysis_config.json``: all bias metrics of one stage.

    Before training the data brings its header; afterwards the header-less test split is named by `columns`. A
    regression's answer is the predicted label itself, which no threshold turns into a class.
    """
    config: Request = {
        "dataset_type": CSV,
        "label": dataset_label,
        "label_values_or_threshold": _favorable(bias, asked.classes),
        "facet": [_facet(facet) for facet in bias.facets],
    }
    if bias.group is not None:
        config["group_variable"] = bias.group
    stage = "post_training_bias" if trained else "pre_training_bias"
    config["methods"] = {stage: {"methods": "all"}, "report": REPORT}
    if trained:
        config["headers"] = ref("columns")
        answer: Request = {"label": 0} if asked.classes is None else {}
        config["predictor"] = {**_predictor(bias.resources), **answer}
        if asked.classes is not None:
            config["probability_threshold"] = bias.threshold
    return config


def explanation(dataset_label: str, explain: Explain, seed: int) -> Request:
    """Clarify's ``analysis_config.json`` for SHAP values and partial dependence over the header-less test split."""
    methods: Request = {
        "shap": {
            "baseline": ref("baseline"),
            "num_samples": explain.samples,
            "agg_method": explain.aggregate,
            "use_logit": explain.use_logit,
            "save_local_shap_values": explain.save_local,
            "seed": seed,
        },
    }
    if explain.pdp:
        features: Request = {} if explain.pdp.features is None else {"features": list(explain.pdp.features)}
        methods["pdp"] = {"grid_resolution": explain.pdp.grid, "top_k_features": MOST_EXPLAINED, **features}
    return {
        "dataset_type": CSV,
        "headers": ref("columns"),
        "label": dataset_label,
        "methods": {**methods, "report": REPORT},
        "predictor": _predictor(explain.resources),
    }


def _predictor(resources: Resources) -> Request:
    return {
        "model_name": ref("model"),
        "instance_type": resources.instance,
        "initial_instance_count": resources.count,
        "content_type": CSV,
        "accept_type": CSV,
    }


def _favorable(bias: Bias, classes: int | None) -> list[Json]:
    """Label values, or the bound above which they lie; Clarify takes a single number for a class where it can."""
    if bias.favorable is not None:
        return list(bias.favorable)
    if bias.favorable_above is None or classes is None or classes > MOST_LISTED:
        return [bias.favorable_above]
    return [number for number in range(classes) if number > bias.favorable_above]


def _facet(facet: Facet) -> dict[str, Json]:
    values: list[Json] = list(facet.values) if facet.values is not None else [facet.above]
    return {"name_or_index": facet.column, "value_or_threshold": values}
