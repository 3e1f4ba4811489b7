"""The container images that can be run here: an image's URI leads to a module, by its repository's name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

RULES = "specimen_jobs.debugger"  # evaluates a rule of Debugger
CANNOT_PULL = (
    "ClientError: Cannot pull algorithm container. Either the image does not exist or its permissions are incorrect. "
    "Image: {image}"
)


@dataclass(frozen=True)
class Image:
    """What runs in place of an image.

    `module` is its entry point, run as a script with SageMaker's argument (``train``, ``serve``, or a processing job's
    own arguments). `metrics` are the metric definitions (name to regex) of an algorithm built into SageMaker,
    for which a training job may not bring its own; None for any other image. Of such an algorithm `objectives` are the
    metrics that can be tuned for (name to ``Maximize`` or ``Minimize``), and `tunable` its hyperparameters that can be
    tuned (name to ``Integer`` or ``Continuous``). `others` are modules that a processing job may have started instead,
    and must name, by its entry point ``python -m module``; an image without them has one entry point.
    """

    module: str
    metrics: Mapping[str, str] | None = field(default=None)
    objectives: Mapping[str, str] = field(default_factory=dict)
    tunable: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Images:
    """The images that can be run, by repository name."""

    table: Mapping[str, Image]

    def find(self, uri: str) -> Image | None:
        """Return the image of a URI, whatever its registry, tag and digest; None if there is no such repository."""
        return self.table.get(repository(uri))


def repository(uri: str) -> str:
    """Return the last part of an image's name: ``sagemaker-xgboost`` for ``…amazonaws.com/sagemaker-xgboost:1.7-1``."""
    return re.split(r"[:@]", uri.rpartition("/")[2], maxsplit=1)[0]


# fmt: off
_VALIDATION = (
    "accuracy", "aft-nloglik", "auc", "aucpr", "balanced_accuracy", "cox-nloglik", "error", "f1", "f1_binary",
    "f1_macro", "gamma-deviance", "gamma-nloglik", "logloss", "mae", "map", "mape", "merror", "mlogloss", "mse",
    "ndcg", "poisson-nloglik", "precision", "precision_macro", "precision_micro", "r2", "recall", "recall_macro",
    "recall_micro", "rmse", "rmsle", "tweedie-nloglik",
)
_TRAIN = ("auc", "error", "logloss", "mae", "map", "merror", "mlogloss", "ndcg", "rmse")
_MAXIMIZED = frozenset({
    "accuracy", "auc", "aucpr", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "map", "ndcg", "precision",
    "precision_macro", "precision_micro", "r2", "recall", "recall_macro", "recall_micro",
})
_INTEGERS = ("max_depth", "num_round")
_NUMBERS = (
    "alpha", "colsample_bylevel", "colsample_bynode", "colsample_bytree", "eta", "gamma", "lambda", "max_delta_step",
    "min_child_weight", "subsample",
)
# fmt: on
_NUMBER = r"([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)"


def _xgboost_metrics() -> dict[str, str]:
    """Name SageMaker XGBoost's metrics and how they are read from its log; a training job has 40 at most."""
    names = [("train", metric) for metric in _TRAIN] + [("validation", metric) for metric in _VALIDATION]
    return {f"{channel}:{metric}": rf".*\[[0-9]+\].*#011{channel}-{metric}:{_NUMBER}.*" for channel, metric in names}


def _xgboost() -> Image:
    return Image(
        "specimen_jobs.xgboost",
        _xgboost_metrics(),
        {f"validation:{name}": "Maximize" if name in _MAXIMIZED else "Minimize" for name in _VALIDATION},
        {**dict.fromkeys(_INTEGERS, "Integer"), **dict.fromkeys(_NUMBERS, "Continuous")},
    )


BUILT_IN = Images(
    {
        "sagemaker-xgboost": _xgboost(),
        "sagemaker-clarify-processing": Image("specimen_jobs.clarify"),
        "sagemaker-debugger-rules": Image(RULES),
        "sagemaker-debugger-rule-evaluator": Image(RULES),  # AWS's for rules of one's own
        "specimen-jobs": Image("specimen_jobs.xgboost", others=("specimen_jobs.clarify", RULES)),
    }
)

# What workers and these images import, in steps of a few tenths of a second, so that a job that is started meanwhile
# waits for one step at most. SciPy's and scikit-learn's parts are those behind the flip test's neighbours.
LIBRARIES = (
    *("argparse", "concurrent.futures.thread", "http.client", "http.server", "sqlite3", "tarfile", "tempfile"),
    *("numpy", "pandas", "scipy.sparse", "scipy.linalg", "scipy.spatial", "scipy.optimize", "scipy.stats"),
    *("joblib", "sklearn.base", "sklearn.utils.validation", "xgboost", "sklearn.neighbors"),
    *("botocore.session", "boto3.session", "s3transfer.manager"),
    *("matplotlib", "matplotlib.text", "matplotlib.axes", "matplotlib.figure", "matplotlib.backends.backend_svg"),
)
