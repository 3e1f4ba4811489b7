"""The tensors of a round, by the collection that asks for them.

Source: smdebug 1.0.34, xgboost/hook.py, `write_…`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from specimen_jobs.container import log
from specimen_jobs.xgboost.debugging import treetable
from specimen_jobs.xgboost.debugging.shap import Array, AverageShap, mean_over_rows

if TYPE_CHECKING:
    import xgboost

Metrics = Mapping[str, Mapping[str, Any]]
Tensors = dict[str, Any]
IMPORTANCES: Final = ("weight", "gain", "cover", "total_gain", "total_cover")
INCREASING: Final = re.compile("^[a-zA-z]+-(auc|map)$")
LINEAR: Final = "gblinear"


@dataclass(frozen=True)
class Training:
    """What does not change while a model is trained."""

    train: xgboost.DMatrix
    validation: xgboost.DMatrix | None
    hyperparameters: Mapping[str, Any]

    @property
    def booster(self) -> str:
        return str(self.hyperparameters.get("booster", "gbtree"))


@dataclass(frozen=True)
class Round:
    """A model after a round, with its metrics so far."""

    model: xgboost.Booster
    number: int
    metrics: Metrics
    asked: frozenset[str]  # the collections saved at this step


class Source:
    """Gives the tensors of each round of a training."""

    def __init__(self, training: Training) -> None:
        self._training = training
        self._average = AverageShap(training.train, training.booster)
        self._warned: set[str] = set()
        self._by_collection: Mapping[str, Callable[[Round], Tensors]] = {
            "hyperparameters": lambda _: {f"hyperparameters/{k}": v for k, v in training.hyperparameters.items()},
            "metrics": lambda now: _metrics(now.metrics),
            "losses": _losses,
            "predictions": self._predictions,
            "labels": self._labels,
            "feature_importance": self._importances,
            "trees": self._trees,
            "full_shap": self._full_shap,
        }

    def tensors(self, now: Round) -> Callable[[], Tensors]:
        """Take from a round what the built-in collections that are asked for need.

        What this returns gives the tensors, and needs the model no more; it is called once, and in turn.
        """
        found: Tensors = {}
        for name, give in self._by_collection.items():
            if name in now.asked:
                found |= give(now)
        if "average_shap" not in now.asked:
            return lambda: found
        names = self._names(now.model)
        full = found.get(f"full_shap/{names[0]}")
        average = self._average.taken_from(now.model) if full is None else partial(mean_over_rows, full)
        return lambda: found | _average_shap(names, average())

    def _predictions(self, now: Round) -> Tensors:
        if self._training.validation is None:
            return self._missing("predictions need a validation channel")
        return {"predictions": now.model.predict(self._training.validation)}

    def _labels(self, _now: Round) -> Tensors:
        if self._training.validation is None:
            return self._missing("labels need a validation channel")
        return {"labels": self._training.validation.get_label()}

    def _importances(self, now: Round) -> Tensors:
        if self._training.booster == LINEAR:
            return self._missing(f"feature importance is not defined for booster {LINEAR}")
        found: Tensors = {}
        for kind in IMPORTANCES:
            scores: Mapping[str, Any] = now.model.get_score(importance_type=kind)
            total = sum(scores.values()) or 1.0
            found |= {f"feature_importance/{kind}/{name}": score / total for name, score in scores.items()}
        return found

    def _trees(self, now: Round) -> Tensors:
        if self._training.booster == LINEAR:
            return self._missing(f"booster {LINEAR} has no trees")
        return {f"trees/{name}": column for name, column in treetable.table(now.model, now.number).items()}

    def _full_shap(self, now: Round) -> Tensors:
        """Return the whole matrix under each feature's name, as smdebug does."""
        full = now.model.predict(self._training.train, pred_contribs=True)
        return {f"full_shap/{name}": full for name in self._names(now.model)}

    def _names(self, model: xgboost.Booster) -> list[str]:
        return [*(model.feature_names or (f"f{number}" for number in range(model.num_features()))), "bias"]

    def _missing(self, reason: str) -> Tensors:
        if reason not in self._warned:
            self._warned.add(reason)
            log(f"Debugger: {reason}; there are none", "WARNING")
        return {}


def _average_shap(names: Sequence[str], average: Array) -> Tensors:
    return {f"average_shap/{name}": average[place : place + 1] for place, name in enumerate(names)}


def _metrics(metrics: Metrics) -> Tensors:
    return {
        f"{data}-{metric}": float(np.asarray(values[-1]).reshape(-1)[0])
        for data, found in metrics.items()
        for metric, values in found.items()
    }


def _losses(now: Round) -> Tensors:
    if "metrics" in now.asked:
        return {}
    return {name: value for name, value in _metrics(now.metrics).items() if not INCREASING.match(name)}
