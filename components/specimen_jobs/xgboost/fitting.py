"""A model fitted to matrices, with what SageMaker's XGBoost logs, evaluates and saves meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import xgboost

from specimen_jobs.container import JobError, log
from specimen_jobs.xgboost import hyperparameters
from specimen_jobs.xgboost.checkpoints import Checkpoints
from specimen_jobs.xgboost.debugging.session import Debugger
from specimen_jobs.xgboost.metrics import ADDED, evaluator, maximized
from specimen_jobs.xgboost.rounds import RoundLog, SaveEachRound, Shifted, gist

TWEEDIE: Final = "tweedie-nloglik"
STEERING: Final = frozenset(
    {"num_round", "early_stopping_rounds", "_tuning_objective_metric", "eval_metric", "save_model_on_termination"}
)


@dataclass(frozen=True)
class Run:
    """One run of a training: whether it is the master's, on how many threads, and the checkpoint it goes on from."""

    master: bool = True
    threads: int | None = None
    checkpoints: Checkpoints = field(default=Checkpoints(None))
    last: int | None = None

    @property
    def first(self) -> int:
        """Return the number of the round that comes first."""
        return 0 if self.last is None else self.last + 1

    def shifted(
        self, callbacks: Sequence[xgboost.callback.TrainingCallback]
    ) -> list[xgboost.callback.TrainingCallback]:
        """Return callbacks that count the rounds of earlier runs too."""
        return [Shifted(each, self.first) for each in callbacks]


WHOLE: Final = Run()


def fit(
    values: Mapping[str, Any],
    data: Mapping[str, xgboost.DMatrix],
    model: Path,
    debugger: Debugger,
    run: Run = WHOLE,
) -> xgboost.Booster:
    """Return a booster trained on `data["train"]`, while callbacks log and save; a JobError is XGBoost's refusal."""
    parameters = hyperparameters.for_xgboost(values)
    if run.threads is not None:
        parameters.setdefault("nthread", run.threads)
    if run.last is not None:
        log(f"Resuming from iteration {run.first}")
    metrics = _metrics(values)
    added = [metric for metric in metrics if metric in ADDED]
    own = [metric for metric in metrics if metric not in ADDED]
    if own:
        parameters["eval_metric"] = own
    elif added:
        parameters["disable_default_eval_metric"] = 1
    objective = parameters.get("objective", "reg:squarederror")
    try:
        return xgboost.train(
            parameters,
            data["train"],
            num_boost_round=max(0, values["num_round"] - run.first),
            evals=[(matrix, name) for name, matrix in data.items()],
            custom_metric=evaluator(added, objective) if added else None,
            callbacks=_callbacks(values, data, model, debugger, run, own),
            xgb_model=None if run.last is None else run.checkpoints.load(run.last),
            verbose_eval=False,
        )
    except (xgboost.core.XGBoostError, ValueError) as error:
        raise JobError(f"XGB train call failed with exception: {gist(error)}") from None


def _metrics(values: Mapping[str, Any]) -> list[str]:
    """Return the metrics to evaluate, the tuned one among them."""
    asked = list(values.get("eval_metric", []))
    _, _, tuned = values.get("_tuning_objective_metric", "").partition(":")
    return [_inner(metric, values) for metric in (sorted({*asked, tuned}) if tuned else asked)]


def _inner(metric: str, values: Mapping[str, Any]) -> str:
    """Return XGBoost's name of a metric: Tweedie's has the variance power in it, which SageMaker's leaves out."""
    return f"{TWEEDIE}@{values.get('tweedie_variance_power', 1.5):g}" if metric == TWEEDIE else metric


def _callbacks(
    values: Mapping[str, Any],
    data: Mapping[str, xgboost.DMatrix],
    model: Path,
    debugger: Debugger,
    run: Run,
    own: list[str],
) -> list[xgboost.callback.TrainingCallback]:
    """Return what the master does after each round, with what every host does."""
    stopping = _stopping(values, "validation" in data)
    if not run.master:
        return [*run.shifted(debugger.timing()), *stopping]
    saving = debugger.saving(data, _as_given(values, own))
    return [
        *run.shifted([*debugger.timing(), *_logging(values, model)]),
        *run.checkpoints.saving(run.first),
        *stopping,
        *run.shifted(saving),
    ]


def _logging(values: Mapping[str, Any], model: Path) -> list[xgboost.callback.TrainingCallback]:
    _, _, tuned = values.get("_tuning_objective_metric", "").partition(":")
    asked = {*values.get("eval_metric", []), tuned}
    callbacks: list[xgboost.callback.TrainingCallback] = [RoundLog({_inner(name, values): name for name in asked})]
    if values.get("save_model_on_termination") == "true":
        callbacks.append(SaveEachRound(model))
    return callbacks


def _stopping(values: Mapping[str, Any], validated: bool) -> list[xgboost.callback.TrainingCallback]:
    _, _, tuned = values.get("_tuning_objective_metric", "").partition(":")
    rounds = values.get("early_stopping_rounds")
    metric = _inner(tuned, values) or (_inner(values["eval_metric"][-1], values) if "eval_metric" in values else None)
    if rounds and validated and metric:
        return [
            xgboost.callback.EarlyStopping(
                rounds=rounds, data_name="validation", metric_name=metric, maximize=maximized(metric), save_best=True
            )
        ]
    if rounds:
        log("early_stopping_rounds has no effect without a validation channel and eval_metric", "WARNING")
    return []


def _as_given(values: Mapping[str, Any], own: list[str]) -> dict[str, Any]:
    """Return what SageMaker's container gives to XGBoost, which is what Debugger saves as hyperparameters."""
    given = {name: value for name, value in values.items() if name not in STEERING}
    return given | ({"eval_metric": own} if own else {})
