"""What saving tensors adds to a training on 30,000 rows of 23 features: 50 rounds of depth 5, saved every 5 rounds.

Saved are metrics, feature importance and average SHAP values. Measured in turns, with Debugger and without: the whole
work of a training job's container, from its CSV files to its model; the training alone, between data and model; and
the average SHAP values alone, beside XGBoost's own contributions averaged at the same rounds.
"""

import contextlib
import json
import os
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the container has it; read when OpenMP is loaded

import numpy as np
import pandas as pd
import xgboost
from specimen_jobs.container import Container
from specimen_jobs.xgboost.channels import read_channel
from specimen_jobs.xgboost.command import main as container_main
from specimen_jobs.xgboost.debugging.session import Debugger
from specimen_jobs.xgboost.debugging.shap import AverageShap
from specimen_jobs.xgboost.fitting import fit

from tests.benchmarks.measuring import SHARED, Cost, report, timed

DATA = SHARED / "data/default_of_credit_card_clients.csv.gz"
ASKED = 25  # percent
REPEATS = 7
ROUNDS = 50
EVERY = 5
TREES = {"objective": "binary:logistic", "max_depth": 5, "eta": 0.2}
VALUES: dict[str, Any] = {**TREES, "num_round": ROUNDS, "eval_metric": ["auc"]}
COLLECTIONS = ("metrics", "feature_importance", "average_shap")
HOOK = {
    "CollectionConfigurations": [
        {"CollectionName": name, "CollectionParameters": {"save_interval": str(EVERY)}} for name in COLLECTIONS
    ]
}


def main() -> None:
    """Measure each of the three in turns."""
    if not DATA.exists():
        print("not measured: it needs the real table in ../shared")
        return
    with tempfile.TemporaryDirectory() as name:
        container = _container(Path(name))
        _overhead("a job, from files to model", lambda: _job(container, True), lambda: _job(container, False))
        table = read_channel(container.channel("train"), {"ContentType": "text/csv"})
        assert table is not None
        data = {"train": table.matrix(table.width, None)}
        _overhead("training alone", lambda: _train(container, data, True), lambda: _train(container, data, False))
        _shap(data["train"])


def _container(base: Path) -> Container:
    container = Container(base)
    table = pd.read_csv(DATA)
    columns = [table.columns[-1], *table.columns[1:-1]]  # the label first, without the clients' numbers
    container.channel("train").mkdir(parents=True)
    table[columns].to_csv(container.channel("train") / "part.csv", index=False, header=False)
    container.config("hyperparameters").parent.mkdir(parents=True)
    texts = {key: ",".join(value) if isinstance(value, list) else str(value) for key, value in VALUES.items()}
    for file, value in {
        "hyperparameters": texts,
        "inputdataconfig": {"train": {"ContentType": "text/csv"}},
    }.items():
        container.config(file).write_text(json.dumps(value))
    os.environ["SAGEMAKER_BASE_DIR"] = str(base)
    return container


@contextlib.contextmanager
def _asked(container: Container, debugged: bool) -> Iterator[None]:
    """Ask for tensors, or not, and keep the log to ourselves."""
    container.config("debughookconfig").unlink(missing_ok=True)
    if debugged:
        container.config("debughookconfig").write_text(json.dumps(HOOK))
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield


def _job(container: Container, debugged: bool) -> Cost:
    with _asked(container, debugged):
        return timed(lambda: container_main(["train"]))


def _train(container: Container, data: dict[str, xgboost.DMatrix], debugged: bool) -> Cost:
    def training() -> None:
        debugger = Debugger.of(container)
        fit(VALUES, data, container.model, debugger)
        debugger.close()

    with _asked(container, debugged):
        return timed(training)


def _overhead(name: str, debugged: Callable[[], Cost], plain: Callable[[], Cost]) -> None:
    debugged(), plain()
    rounds = [(debugged(), plain()) for _ in range(REPEATS)]
    report(f"{name}, saved every {EVERY} rounds", [first for first, _ in rounds])
    report("  without Debugger", [second for _, second in rounds])
    added = [100 * (first.seconds / second.seconds - 1) for first, second in rounds]
    processor = [100 * (first.processor / second.processor - 1) for first, second in rounds]
    print(
        f"  {statistics.median(added):.0f} % more ({min(added):.0f} to {max(added):.0f}), "
        f"{statistics.median(processor):.0f} % by processor time; asked: at most {ASKED} %",
        flush=True,
    )


def _shap(data: xgboost.DMatrix) -> None:
    model = xgboost.train(TREES, data, ROUNDS)
    models = [model[: last + 1] for last in range(0, model.num_boosted_rounds(), EVERY)]

    def counted() -> list[Any]:
        average = AverageShap(data, "gbtree")
        return [average.of(each) for each in models]

    def contributed() -> list[Any]:
        return [each.predict(data, pred_contribs=True).mean(axis=0, dtype=np.float64) for each in models]

    ours, theirs = counted(), contributed()
    apart = max(float(np.abs(one - other).max()) for one, other in zip(ours, theirs, strict=True))
    report(f"average SHAP values at {len(models)} rounds", [timed(counted) for _ in range(REPEATS)])
    report("  from XGBoost's contributions", [timed(contributed) for _ in range(3)])
    print(f"  largest difference: {apart:.1e}", flush=True)
