"""Selectable inference: what SAGEMAKER_INFERENCE_OUTPUT asks to be told of each row instead of the bare prediction.

Source: aws/sagemaker-xgboost-container, algorithm_mode/serve_utils.py. What an objective does not have is NaN there.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from specimen_jobs.xgboost.answers import RefusedError

if TYPE_CHECKING:
    import xgboost

VARIABLE: Final = "SAGEMAKER_INFERENCE_OUTPUT"
_SCORES: Final = ("predicted_label", "labels", "raw_score", "raw_scores")
_PROBABILITIES: Final = (*_SCORES, "probability", "probabilities")
_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("squarederror", "logistic", "gamma", "absoluteerror", "tweedie"), ("predicted_score",)),
    **dict.fromkeys(("binary:logitraw", "binary:hinge", "multi:softmax"), _SCORES),
    **dict.fromkeys(("binary:logistic", "multi:softprob"), _PROBABILITIES),
}


@dataclass(frozen=True)
class Selection:
    """The keys that are told, in their order, for a model's objective and number of classes."""

    keys: tuple[str, ...]
    objective: str
    classes: int

    @classmethod
    def of(cls, asked: str, booster: xgboost.Booster) -> Selection:
        """Read what a variable asks for, and what the model is."""
        learner = json.loads(booster.save_config())["learner"]
        classes = int(learner["learner_model_param"]["num_class"])
        return cls(tuple(asked.replace(" ", "").lower().split(",")), learner["objective"]["name"], classes)

    def write(self, predictions: Any, accept: str, batch: bool) -> str:
        """Return predictions (an array, by rows) as text; raise RefusedError (500) for some objectives."""
        known = _KEYS.get(self.objective.removeprefix("reg:"))
        if known is None:
            said = f"Objective `{self.objective}` unsupported for selectable inference predictions."
            raise RefusedError(HTTPStatus.INTERNAL_SERVER_ERROR, said)
        rows = [{key: self._told(key, one) if key in known else math.nan for key in self.keys} for one in predictions]
        match accept:
            case "application/json":
                return json.dumps({"predictions": rows})
            case "application/jsonlines":
                return "".join(json.dumps(row) + "\n" for row in rows)
            case _:
                return "\n".join(_csv_line(row.values()) for row in rows) + ("\n" if batch else "")

    def _told(self, key: str, one: Any) -> Any:
        match key:
            case "predicted_label":
                return self._label(one)
            case "labels":
                return list(range(self.classes)) if self.objective.startswith("multi:") else [0, 1]
            case "probabilities" | "raw_scores":
                return one.tolist() if np.ndim(one) else [1.0 - one.item(), one.item()]
            case _:
                return np.max(one).item()

    def _label(self, one: Any) -> Any:
        match self.objective:
            case "binary:logistic":
                return int(one > 0.5)
            case "binary:logitraw":
                return int(one > 0)
            case "multi:softprob":
                return int(np.argmax(one))
            case _:
                return one.item()


def _csv_line(values: Iterable[Any]) -> str:
    return ",".join(f'"{value}"' if isinstance(value, list) else str(value) for value in values)
