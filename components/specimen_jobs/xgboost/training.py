"""`train`: a training job of SageMaker's XGBoost in algorithm mode.

Source: aws/sagemaker-xgboost-container, algorithm_mode/train.py; log lines as the built-in container writes them.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

import xgboost

from specimen_jobs.container import Container, JobError, emit, log, read_json
from specimen_jobs.xgboost import hyperparameters
from specimen_jobs.xgboost.channels import check_channels, read_channel
from specimen_jobs.xgboost.debugging.session import Debugger
from specimen_jobs.xgboost.metrics import ADDED, evaluator, maximized

MODEL_NAME: Final = "xgboost-model"
TWEEDIE: Final = "tweedie-nloglik"
STEERING: Final = frozenset(
    {"num_round", "early_stopping_rounds", "_tuning_objective_metric", "eval_metric", "save_model_on_termination"}
)
EvalsLog = xgboost.callback.TrainingCallback.EvalsLog


class RoundLog(xgboost.callback.TrainingCallback):
    """Write one line a round, with tabs as CloudWatch shows the container's; `names` are SageMaker's for XGBoost's."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self._names = names

    def after_iteration(self, model: xgboost.Booster, epoch: int, evals_log: EvalsLog) -> bool:
        line = f"[{epoch}]"
        for data, metrics in evals_log.items():
            for metric, values in metrics.items():
                line += f"#011{data}-{self._names.get(metric, metric)}:{values[-1]:.5f}"
        emit(line)
        return False


class SaveEachRound(xgboost.callback.TrainingCallback):
    """Keep the model of the last whole round, for a job that may be stopped."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def after_iteration(self, model: xgboost.Booster, epoch: int, evals_log: EvalsLog) -> bool:
        save(model, self._folder)
        return False


def train(container: Container) -> None:
    """Train on the channels and leave `xgboost-model` (UBJSON) in the model folder; a JobError is the job's reason."""
    image = os.environ.get("TRAINING_IMAGE")  # told where this runs in another image's place
    log(f"Training with the installed XGBoost {xgboost.__version__}" + (f", in place of {image}" if image else ""))
    values = hyperparameters.read(read_json(container.config("hyperparameters")))
    debugger = Debugger.of(container)
    channels = read_json(container.config("inputdataconfig"))
    check_channels(channels)
    _check_hosts(read_json(container.config("resourceconfig"), default={}))
    with debugger.phases.phase("DataLoading"):
        data = _data(container, channels, bool(values.get("csv_weights")))
    log(f"Train matrix has {data['train'].num_row()} rows and {data['train'].num_col()} columns")
    if "validation" in data:
        log(f"Validation matrix has {data['validation'].num_row()} rows")
    _check_widths(data)
    with _stoppable(values, debugger):
        booster = fit(values, data, container.model, debugger)
        with debugger.phases.phase("SaveModel"):
            save(booster, container.model)
    log(f"Stored trained model at {container.model / MODEL_NAME}")


def _data(container: Container, channels: Mapping[str, Any], weights: bool) -> dict[str, xgboost.DMatrix]:
    return {
        name: read_channel(container.channel(name), channels[name].get("ContentType"), weights)
        for name in ("train", "validation")
        if name in channels
    }


@contextmanager
def _stoppable(values: Mapping[str, Any], debugger: Debugger) -> Iterator[None]:
    """Close Debugger's files however training ends, also when the job is stopped."""
    whole = values.get("save_model_on_termination") == "true"  # the last whole round's model is then in place

    def leave(number: int, _frame: FrameType | None) -> None:
        debugger.close()
        sys.stdout.flush()
        os._exit(0 if whole else 128 + number)

    before = signal.signal(signal.SIGTERM, leave) if whole or debugger.active else None
    try:
        yield
    finally:
        debugger.close()
        if before is not None:
            signal.signal(signal.SIGTERM, before)


def save(booster: xgboost.Booster, folder: Path) -> None:
    """Write the model aside and rename it into place, so that a stopped job leaves a whole one."""
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder.parent / f".{MODEL_NAME}.ubj"
    try:
        booster.save_model(aside)
    except xgboost.core.XGBoostError as error:  # a full disk, most of all
        raise JobError(f"The model cannot be saved: {_gist(error)}") from None
    aside.replace(folder / MODEL_NAME)


def _check_hosts(resources: Mapping[str, Any]) -> None:
    hosts = resources.get("hosts", [])
    if len(hosts) > 1:
        raise JobError(f"Training on {len(hosts)} hosts is not available in this container; use one instance")


def _check_widths(data: Mapping[str, xgboost.DMatrix]) -> None:
    widths = {name: matrix.num_col() for name, matrix in data.items()}
    if widths.get("validation", 0) > widths["train"]:
        raise JobError(
            f"The validation channel has {widths['validation']} feature columns, the train channel {widths['train']}"
        )


def fit(
    values: Mapping[str, Any], data: Mapping[str, xgboost.DMatrix], model: Path, debugger: Debugger
) -> xgboost.Booster:
    """Return a booster trained on `data["train"]`, while callbacks log and save; a JobError is XGBoost's refusal."""
    parameters = hyperparameters.for_xgboost(values)
    metrics = _metrics(values)
    added = [metric for metric in metrics if metric in ADDED]
    own = [metric for metric in metrics if metric not in ADDED]
    callbacks = _callbacks(values, "validation" in data, model)
    if own:
        parameters["eval_metric"] = own
    elif added:
        parameters["disable_default_eval_metric"] = 1
    objective = parameters.get("objective", "reg:squarederror")
    try:
        return xgboost.train(
            parameters,
            data["train"],
            num_boost_round=values["num_round"],
            evals=[(matrix, name) for name, matrix in data.items()],
            custom_metric=evaluator(added, objective) if added else None,
            callbacks=[*debugger.timing(), *callbacks, *debugger.saving(data, _as_given(values, own))],
            verbose_eval=False,
        )
    except (xgboost.core.XGBoostError, ValueError) as error:
        raise JobError(f"XGB train call failed with exception: {_gist(error)}") from None


def _metrics(values: Mapping[str, Any]) -> list[str]:
    """Return the metrics to evaluate, the tuned one among them."""
    asked = list(values.get("eval_metric", []))
    _, _, tuned = values.get("_tuning_objective_metric", "").partition(":")
    return [_inner(metric, values) for metric in (sorted({*asked, tuned}) if tuned else asked)]


def _inner(metric: str, values: Mapping[str, Any]) -> str:
    """Return XGBoost's name of a metric: Tweedie's has the variance power in it, which SageMaker's leaves out."""
    return f"{TWEEDIE}@{values.get('tweedie_variance_power', 1.5):g}" if metric == TWEEDIE else metric


def _callbacks(values: Mapping[str, Any], validated: bool, model: Path) -> list[xgboost.callback.TrainingCallback]:
    _, _, tuned = values.get("_tuning_objective_metric", "").partition(":")
    asked = {*values.get("eval_metric", []), tuned}
    callbacks: list[xgboost.callback.TrainingCallback] = [RoundLog({_inner(name, values): name for name in asked})]
    if values.get("save_model_on_termination") == "true":
        callbacks.append(SaveEachRound(model))
    rounds = values.get("early_stopping_rounds")
    metric = _inner(tuned, values) or (_inner(values["eval_metric"][-1], values) if "eval_metric" in values else None)
    if rounds and validated and metric:
        callbacks.append(
            xgboost.callback.EarlyStopping(
                rounds=rounds, data_name="validation", metric_name=metric, maximize=maximized(metric), save_best=True
            )
        )
    elif rounds:
        log("early_stopping_rounds has no effect without a validation channel and eval_metric", "WARNING")
    return callbacks


def _as_given(values: Mapping[str, Any], own: list[str]) -> dict[str, Any]:
    """Return what SageMaker's container gives to XGBoost, which is what Debugger saves as hyperparameters."""
    given = {name: value for name, value in values.items() if name not in STEERING}
    return given | ({"eval_metric": own} if own else {})


def _gist(error: Exception) -> str:
    """Return XGBoost's own sentence without its C++ place and stack."""
    text = str(error).split("Stack trace:")[0].strip()
    return " ".join(re.sub(r"^\[[\d:]+\] \S+:\d+: ", "", text).split())
