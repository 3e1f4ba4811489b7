"""`train`: a training job of SageMaker's XGBoost in algorithm mode.

Source: aws/sagemaker-xgboost-container, algorithm_mode/train.py; log lines as the built-in container writes them.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

import xgboost

from specimen_jobs.container import Container, JobError, log, read_json
from specimen_jobs.xgboost import hyperparameters, threads
from specimen_jobs.xgboost.channels import check_channels, read_channel
from specimen_jobs.xgboost.checkpoints import Checkpoints, common
from specimen_jobs.xgboost.debugging.session import Debugger
from specimen_jobs.xgboost.fitting import Run, fit
from specimen_jobs.xgboost.hosts import Group, Hosts, together
from specimen_jobs.xgboost.matrices import Table
from specimen_jobs.xgboost.rounds import MODEL_NAME, save


def train(container: Container) -> None:
    """Train on the channels and leave `xgboost-model` (UBJSON) in the model folder; a JobError is the job's reason."""
    image = os.environ.get("TRAINING_IMAGE")  # told where this runs in another image's place
    log(f"Training with the installed XGBoost {xgboost.__version__}" + (f", in place of {image}" if image else ""))
    values = hyperparameters.read(read_json(container.config("hyperparameters")))
    debugger = Debugger.of(container)
    channels = read_json(container.config("inputdataconfig"))
    check_channels(channels)
    hosts, checkpoints = Hosts.of(container), Checkpoints.of(container)
    with debugger.phases.phase("DataLoading"):
        tables = _tables(container, channels, bool(values.get("csv_weights")))
    missing = [name for name in channels if name not in tables]
    report = {"columns": {name: table.width for name, table in tables.items()}, "checkpoints": checkpoints.there()}
    if hosts.alone:
        if missing:
            raise JobError(f"No data in {missing[0]} channel path {container.channel(missing[0])}")
        return _train(container, values, tables, debugger, checkpoints, Group([report], 0))
    log(f"Distributed node training with {len(hosts.names)} hosts: {list(hosts.names)}")
    return together(
        hosts, report, not missing, lambda group: _train(container, values, tables, debugger, checkpoints, group)
    )


def _tables(container: Container, channels: Mapping[str, Any], weights: bool) -> dict[str, Table]:
    """Return what the channels hold, those aside that hold nothing."""
    order = [name for name in ("train", "validation") if name in channels]
    found = {name: read_channel(container.channel(name), channels[name], weights) for name in order}
    return {name: table for name, table in found.items() if table is not None}


def _train(
    container: Container,
    values: Mapping[str, Any],
    tables: dict[str, Table],
    debugger: Debugger,
    checkpoints: Checkpoints,
    group: Group,
) -> None:
    """Train with the other hosts of a group, which may be this one alone; the master leaves the model."""
    width = _width(group, tables["train"].sparse)
    data = {name: tables.pop(name).matrix(width, threads.told()) for name in tuple(tables)}
    log(f"Train matrix has {data['train'].num_row()} rows and {data['train'].num_col()} columns")
    if "validation" in data:
        log(f"Validation matrix has {data['validation'].num_row()} rows")
    run = Run(group.master, threads.told(), checkpoints, common(report["checkpoints"] for report in group.reports))
    with _stoppable(values, debugger):
        booster = fit(values, data, container.model, debugger, run)
        if group.master:
            with debugger.phases.phase("SaveModel"):
                save(booster, container.model)
    if group.master:
        log(f"Stored trained model at {container.model / MODEL_NAME}")


def _width(group: Group, sparse: bool) -> int:
    """Return how many features all hosts have together, of which sparse rows need not name the last ones."""
    widths = {name: [report["columns"].get(name, 0) for report in group.reports] for name in ("train", "validation")}
    width = int(max(widths["train"]))
    if not sparse and min(widths["train"]) < width:
        raise JobError(f"The hosts' train channels differ in their feature columns: {widths['train']}")
    if max(widths["validation"]) > width:
        raise JobError(
            f"The validation channel has {max(widths['validation'])} feature columns, the train channel {width}"
        )
    return width


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
