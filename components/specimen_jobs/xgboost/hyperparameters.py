"""The hyperparameters SageMaker's XGBoost takes: their names, types and ranges, and what must fit together.

Source: aws/sagemaker-xgboost-container, algorithm_mode/hyperparameter_validation.py, whose messages are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from specimen_jobs.container import JobError
from specimen_jobs.xgboost.metrics import ALL_METRICS
from specimen_jobs.xgboost.ranges import Choice, Integer, Interval, Nested, Real, Words

Kind = Integer | Real | Choice | Words | Nested

OBJECTIVES: Final = (
    "binary:logistic",
    "binary:logitraw",
    "binary:hinge",
    "count:poisson",
    "multi:softmax",
    "multi:softprob",
    "rank:pairwise",
    "rank:ndcg",
    "rank:map",
    "reg:linear",
    "reg:squarederror",
    "reg:logistic",
    "reg:gamma",
    "reg:pseudohubererror",
    "reg:squaredlogerror",
    "reg:absoluteerror",
    "reg:tweedie",
    "survival:aft",
    "survival:cox",
)
UPDATERS: Final = (
    "grow_colmaker",
    "grow_histmaker",
    "grow_quantile_histmaker",
    "sync",
    "refresh",
    "prune",
    "shotgun",
    "coord_descent",
)
FLAG: Final = Integer(Interval(0, 1))
FRACTION: Final = Real(Interval(0, 1))
SHARE: Final = Real(Interval(0, 1, low_open=True))
NOT_NEGATIVE: Final = Real(Interval(0))
COUNT: Final = Integer(Interval(0))
POSITIVE: Final = Integer(Interval(1))
TRUTH: Final = Choice(("true", "false"))

ALIASES: Final = {"learning_rate": "eta", "min_split_loss": "gamma", "reg_lambda": "lambda", "reg_alpha": "alpha"}

KINDS: Final[Mapping[str, Kind]] = {
    "num_round": POSITIVE,
    "csv_weights": FLAG,
    "early_stopping_rounds": POSITIVE,
    "booster": Choice(("gbtree", "gblinear", "dart")),
    "verbosity": Integer(Interval(0, 3)),
    "nthread": POSITIVE,
    "eta": FRACTION,
    "gamma": NOT_NEGATIVE,
    "max_depth": COUNT,
    "min_child_weight": NOT_NEGATIVE,
    "max_delta_step": NOT_NEGATIVE,
    "subsample": SHARE,
    "colsample_bytree": SHARE,
    "colsample_bylevel": SHARE,
    "colsample_bynode": SHARE,
    "lambda": NOT_NEGATIVE,
    "alpha": NOT_NEGATIVE,
    "tree_method": Choice(("auto", "exact", "approx", "hist", "gpu_hist")),
    "sketch_eps": Real(Interval(0, 1, low_open=True, high_open=True)),
    "scale_pos_weight": Real(Interval(0, low_open=True)),
    "updater": Words(UPDATERS),
    "dsplit": Choice(("row", "col")),
    "refresh_leaf": FLAG,
    "process_type": Choice(("default", "update")),
    "grow_policy": Choice(("depthwise", "lossguide")),
    "max_leaves": COUNT,
    "max_bin": COUNT,
    "predictor": Choice(("auto", "cpu_predictor", "gpu_predictor")),
    "monotone_constraints": Nested(Interval(-1, 1), 1),
    "interaction_constraints": Nested(Interval(1), 2),
    "sample_type": Choice(("uniform", "weighted")),
    "normalize_type": Choice(("tree", "forest")),
    "rate_drop": FRACTION,
    "one_drop": FLAG,
    "skip_drop": FRACTION,
    "lambda_bias": FRACTION,
    "tweedie_variance_power": Real(Interval(1, 2, low_open=True, high_open=True)),
    "objective": Choice(OBJECTIVES),
    "num_class": Integer(Interval(2)),
    "base_score": NOT_NEGATIVE,
    "_tuning_objective_metric": Choice(tuple(f"validation:{metric}" for metric in ALL_METRICS)),
    "eval_metric": Words(ALL_METRICS, thresholds=("error", "ndcg", "map")),
    "seed": Integer(Interval(-(2**31), 2**31 - 1, low_open=True, high_open=True)),
    "num_parallel_tree": POSITIVE,
    "save_model_on_termination": TRUTH,
    "aft_loss_distribution": Choice(("normal", "logistic", "extreme")),
    "aft_loss_distribution_scale": NOT_NEGATIVE,
    "deterministic_histogram": TRUTH,
    "sampling_method": Choice(("uniform", "gradient_based")),
    "prob_buffer_row": Real(Interval(1, low_open=True)),
}
UNAVAILABLE: Final = {
    "_kfold": "cross-validation",
    "_num_cv_round": "cross-validation",
    "use_dask_gpu_training": "GPU training",
}
# Names that steer the container, or that XGBoost dropped while the container still takes them.
NOT_FOR_XGBOOST: Final = (
    "num_round",
    "csv_weights",
    "early_stopping_rounds",
    "_tuning_objective_metric",
    "eval_metric",
    "save_model_on_termination",
    "sketch_eps",
    "dsplit",
    "predictor",
    "lambda_bias",
    "deterministic_histogram",
    "prob_buffer_row",
)


def read(texts: Mapping[str, Any]) -> dict[str, Any]:
    """Return typed hyperparameters under their canonical names; raise JobError on the first that cannot be."""
    named = {ALIASES.get(name, name): str(text) for name, text in texts.items()}
    if "num_round" not in named:
        raise JobError("Missing required hyperparameter: num_round")
    for name in named:
        if name in UNAVAILABLE:
            raise JobError(f"Hyperparameter {name}: {UNAVAILABLE[name]} is not available in this container")
        if name not in KINDS:
            raise JobError(f"Extraneous hyperparameter found: {name}")
    values = {name: KINDS[name].read(name, text) for name, text in named.items()}
    _check_together(values)
    return values


def _check_together(values: Mapping[str, Any]) -> None:
    objective = values.get("objective", "reg:squarederror")
    multi = objective.startswith("multi:")
    if multi and "num_class" not in values:
        raise JobError("Require input for parameter 'num_class' for multi-classification")
    if not multi and "num_class" in values:
        raise JobError("Do not need to setup parameter 'num_class' for learning task other than multi-classification.")
    metrics = values.get("eval_metric", [])
    if "auc" in metrics and not objective.startswith(("binary:", "rank:")):
        raise JobError("Metric 'auc' can only be applied for classification and ranking problems.")
    if "aft-nloglik" in metrics and objective != "survival:aft":
        raise JobError("Metric 'aft-nloglik' can only be applied for 'survival:aft' objective.")
    if "monotone_constraints" in values and values.get("tree_method") not in ("exact", "hist"):
        raise JobError("monotone_constraints can be used only when tree_method is 'exact' or 'hist'.")
    if "interaction_constraints" in values and values.get("tree_method") not in ("exact", "hist", "approx"):
        raise JobError("interaction_constraints can be used only when tree_method is 'exact', 'hist' or 'approx'.")


def for_xgboost(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what XGBoost itself is given."""
    passed = {name: value for name, value in values.items() if name not in NOT_FOR_XGBOOST}
    match passed:
        case {"updater": [*words]}:
            passed["updater"] = ",".join(words)
    if passed.get("tree_method") == "gpu_hist":
        passed |= {"tree_method": "hist", "device": "cuda"}
    if passed.get("objective") == "reg:linear":  # renamed in XGBoost 0.90, still a name the container takes
        passed["objective"] = "reg:squarederror"
    return passed
