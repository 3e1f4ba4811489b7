"""Whatever SageMaker's XGBoost can be tuned for is printed when it is, as the metric's regex reads it."""

import json
import random
import re
from pathlib import Path

import pytest
from specimen.emulator.jobs.containers import BUILT_IN
from specimen_jobs.xgboost.command import main

# Of survival:aft XGBoost wants bounds of the labels, which a table of CSV does not have.
IMAGE = BUILT_IN.table["sagemaker-xgboost"]
OF_OBJECTIVES = {
    "reg:squarederror": ("mae", "mape", "mse", "r2", "rmse", "rmsle"),
    "multi:softprob": ("merror", "mlogloss"),
    "rank:ndcg": ("map", "ndcg"),
    "count:poisson": ("poisson-nloglik",),
    "reg:gamma": ("gamma-deviance", "gamma-nloglik"),
    "reg:tweedie": ("tweedie-nloglik",),
    "survival:cox": ("cox-nloglik",),
}
OBJECTIVES = {f"validation:{metric}": objective for objective, names in OF_OBJECTIVES.items() for metric in names}


def rows(seed: int, least: int) -> str:
    """Make rows whose label is one more where two numbers add up to more than 1."""
    numbers = random.Random(seed)
    pairs = [(numbers.random(), numbers.random()) for _ in range(60)]
    return "".join(f"{least + int(one + other > 1)},{one:.4f},{other:.4f}\n" for one, other in pairs)


@pytest.mark.parametrize("metric", sorted({*IMAGE.objectives} - {"validation:aft-nloglik"}))
def test_the_metric_that_is_tuned_for_is_printed(
    metric: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    objective = OBJECTIVES.get(metric, "binary:logistic")
    told = {"objective": objective, "num_round": "2", "_tuning_objective_metric": metric}
    told |= {"num_class": "2"} if objective.startswith("multi:") else {}
    least = 1 if objective.startswith("reg:") else 0  # gamma regression and mape bear no label of 0
    content = {"TrainingInputMode": "File", "ContentType": "text/csv"}
    channels = {"train": content, "validation": content}
    for name, value in {"hyperparameters": told, "inputdataconfig": channels}.items():
        path = tmp_path / f"input/config/{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value), encoding="utf-8")
    for seed, channel in enumerate(channels):
        folder = tmp_path / "input/data" / channel
        folder.mkdir(parents=True)
        (folder / "part.csv").write_text(rows(seed, least), encoding="utf-8")
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    assert main(["train"]) == 0
    found = [match[1] for line in capsys.readouterr().out.splitlines() if (match := re.match(_regex(metric), line))]
    assert len(found) == 2, metric


def _regex(metric: str) -> str:
    return (IMAGE.metrics or {})[metric]
