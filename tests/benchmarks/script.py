"""The hand-written script that a run is compared with: the same work in one process, with the same libraries.

``python -m tests.benchmarks.script SPEC FOLDER``: what a person writes who needs no plan, no records, no registry and
nothing to be kept apart. It leaves the parts, the model, the predictions, the figures and a report in FOLDER.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xgboost
import yaml
from sklearn import metrics as sk
from specimen_components.report import plots
from specimen_components.tables.splitting import split
from specimen_jobs.clarify.bias import Facet, Label, bias_report
from specimen_jobs.clarify.metrics import Stage

Parts = Mapping[str, pd.DataFrame]
Figures = dict[str, Any]


def main(spec: Path, folder: Path) -> None:
    """Do the whole experiment of a spec as the demo has it: one facet, a binary label, gates on AUC and DPPL."""
    asked = yaml.safe_load(spec.read_text(encoding="utf-8"))
    label = asked["dataset"]["label"]
    parts = prepare(asked, spec.parent, folder)
    booster, curves = train(asked, parts, label, folder)
    answers = booster.predict(matrix(parts["test"], label))
    np.savetxt(folder / "predictions.csv", np.column_stack([parts["test"][label], answers]), delimiter=",", fmt="%.9g")
    figures = evaluate(parts["test"][label].to_numpy(), answers)
    figures |= {"before": bias(asked, parts["train"], None), "after": bias(asked, parts["test"], answers)}
    figures["gates"] = gates(asked, figures)
    (folder / "figures.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    (folder / "report.html").write_text(report(figures, curves, booster), encoding="utf-8")


def prepare(asked: Mapping[str, Any], base: Path, folder: Path) -> Parts:
    """Read, check, split and write the table; the split is Specimen's, so that both come to the same figures."""
    dataset, bias_asked = asked["dataset"], asked["bias"]
    label = dataset["label"]
    table = pd.read_csv(base / dataset["source"]).drop(columns=dataset["drop"])
    table = table[[label, *table.columns.drop(label)]]
    assert all(kind.kind in "iuf" for kind in table.dtypes), "a column of text"
    assert not np.isinf(table.to_numpy()).any(), "an infinite number"
    assert table[label].notna().all(), "a missing label"
    assert table[label].isin([0, 1]).all(), "a label that is no class"
    for column, values in bias_asked["facets"].items():
        assert 0 < table[column].isin(values).sum() < len(table), "a facet that does not divide the rows"
    shares = {part: dataset["split"][part] for part in ("train", "validation", "test")}
    wanted = dataset["split"]
    chosen = split(table[label].to_numpy(), shares, seed=wanted["seed"], stratify=wanted["stratify"])
    parts = {part: table[chosen == index] for index, part in enumerate(shares)}
    for part, rows in parts.items():
        rows.to_csv(folder / f"{part}.csv", index=False)
    return parts


def matrix(rows: pd.DataFrame, label: str) -> xgboost.DMatrix:
    """Features and label as XGBoost takes them."""
    return xgboost.DMatrix(rows.drop(columns=label), rows[label])


def train(asked: Mapping[str, Any], parts: Parts, label: str, folder: Path) -> tuple[xgboost.Booster, Figures]:
    """Train on the training part, with both parts' metrics by round, and save the model."""
    parameters = dict(asked["training"]["hyperparameters"])
    rounds, curves = parameters.pop("num_round"), Figures()
    data = {part: matrix(parts[part], label) for part in ("train", "validation")}
    booster = xgboost.train(
        parameters,
        data["train"],
        rounds,
        evals=[(rows, part) for part, rows in data.items()],
        evals_result=curves,
    )
    booster.save_model(folder / "model.ubj")
    return booster, curves


def evaluate(actual: Any, answers: Any) -> Figures:
    """Compute scikit-learn's figures of the test part."""
    predicted = answers > 0.5
    fpr, tpr, _ = sk.roc_curve(actual, answers)
    return {
        "auc": sk.roc_auc_score(actual, answers),
        "accuracy": sk.accuracy_score(actual, predicted),
        "precision": sk.precision_score(actual, predicted),
        "recall": sk.recall_score(actual, predicted),
        "f1": sk.f1_score(actual, predicted),
        "logloss": sk.log_loss(actual, answers),
        "confusion": sk.confusion_matrix(actual, predicted).tolist(),
        "roc": [fpr.tolist(), tpr.tolist()],
    }


def bias(asked: Mapping[str, Any], rows: pd.DataFrame, answers: Any) -> Figures:
    """Compute Clarify's metrics before training (no answers) or after, the exact flip test among them."""
    stage = Stage.PRE_TRAINING if answers is None else Stage.POST_TRAINING
    label, wanted = asked["dataset"]["label"], asked["bias"]
    predicted = None if answers is None else Label("predicted", pd.Series((answers > wanted["threshold"]).astype(int)))
    rows = rows.reset_index(drop=True)
    actual = Label(label, rows[label], wanted["favorable"])
    return {
        column: {
            report["value_or_threshold"]: {found["name"]: found["value"] for found in report["metrics"]}
            for report in bias_report(
                rows, Facet(column, values), actual, stage, predicted, group=rows[wanted["group"]]
            )
        }
        for column, values in wanted["facets"].items()
    }


def gates(asked: Mapping[str, Any], figures: Figures) -> list[bool]:
    """Say of each gate whether it holds."""
    held = []
    for gate in asked["gates"]:
        if "metric" in gate:
            held.append(figures[gate["metric"].removeprefix("test:")] >= gate["min"])
        else:
            low, high = gate["between"]
            held += [low <= found[gate["bias"]] <= high for found in figures["after"][gate["facet"]].values()]
    return held


def report(figures: Figures, curves: Figures, booster: xgboost.Booster) -> str:
    """Write the page: the figures as they are, and the plots that Specimen's report has."""
    importance = {name: float(np.mean(gain)) for name, gain in booster.get_score(importance_type="gain").items()}
    top = dict(sorted(importance.items(), key=lambda item: -item[1])[:20])
    metrics = sorted({metric for part in curves.values() for metric in part})
    fpr, tpr = figures["roc"]
    pictures = [
        *(plots.learning_curves(each, each, {part: curves[part][each] for part in curves}) for each in metrics),
        plots.roc("roc", fpr, tpr, figures["auc"]),
        plots.bars("importance", top, "gain"),
    ]
    shown = {name: value for name, value in figures.items() if name != "roc"}
    return f"<!DOCTYPE html><title>Report</title><pre>{json.dumps(shown, indent=1)}</pre>{''.join(map(str, pictures))}"


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
