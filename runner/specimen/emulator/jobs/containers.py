"""The container images that can be run here: an image's URI leads to a command, by its repository's name."""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

CANNOT_PULL = (
    "ClientError: Cannot pull algorithm container. Either the image does not exist or its permissions are incorrect. "
    "Image: {image}"
)


@dataclass(frozen=True)
class Image:
    """What runs in place of an image.

    `command` is its entry point, to which SageMaker's argument (``train``, ``serve``, or a processing job's own
    arguments) is appended. `metrics` are the metric definitions (name to regex) of an algorithm built into SageMaker,
    for which a training job may not bring its own; None for any other image.
    """

    command: tuple[str, ...]
    metrics: Mapping[str, str] | None = field(default=None)


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
# fmt: on
_NUMBER = r"([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)"


def _xgboost_metrics() -> dict[str, str]:
    """Name SageMaker XGBoost's metrics and how they are read from its log; a training job has 40 at most."""
    names = [("train", metric) for metric in _TRAIN] + [("validation", metric) for metric in _VALIDATION]
    return {f"{channel}:{metric}": rf".*\[[0-9]+\].*#011{channel}-{metric}:{_NUMBER}.*" for channel, metric in names}


def _module(name: str) -> tuple[str, ...]:
    return (sys.executable, "-P", "-m", name)


BUILT_IN = Images(
    {
        "sagemaker-xgboost": Image(_module("specimen_jobs.xgboost"), _xgboost_metrics()),
        "sagemaker-clarify-processing": Image(_module("specimen_jobs.clarify")),
    }
)
