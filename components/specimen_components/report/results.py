"""What each trial came to, as data: the report compares trials by it, and `specimen compare` reads it from a run.

A trial has groups of rows. A row is a name and a figure or a text; `ideal` is the figure that would be perfect, so that
of two figures the nearer one is the better, and is absent where nothing is.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from specimen_components.report.biasmetrics import MEANINGS
from specimen_components.report.model import Found, Report, Section, Trial
from specimen_components.report.rules import status

Row = dict[str, Any]  # name, value, and where there are any: ideal, note
Group = dict[str, Any]  # kind, title, rows
Result = dict[str, Any]  # trial, selected, groups

# In the order in which they are shown.
_IDEALS = {
    **dict.fromkeys(("auc", "accuracy", "precision", "recall", "f1", "balanced_accuracy", "r2", "aucpr"), 1.0),
    **dict.fromkeys(("map", "ndcg", "f1_binary", "f1_macro", "precision_macro", "recall_macro"), 1.0),
    **dict.fromkeys(("logloss", "mlogloss", "error", "merror", "rmse", "mae", "mse", "mape", "rmsle", "mphe"), 0.0),
    **dict.fromkeys((f"latency_{one}" for one in ("mean", "p50", "p90", "p95", "p99", "max")), 0.0),
}
_STAGES = {"pre_training_bias_metrics": "training data", "post_training_bias_metrics": "predictions"}
_AGGREGATES = {"mean_abs": "mean absolute", "median": "median", "mean_sq": "mean squared"}
_ADDED = "_tuning_objective_metric"  # by SageMaker, to the training jobs of a search
_SHOWN_BY_THEMSELVES = "training.hyperparameters."


def results(report: Report) -> list[Result]:
    """Give every trial's results, in the spec's order; a group of which nothing is known is empty."""
    return [
        {
            "trial": trial.name,
            "selected": _chosen(trial).get("selected"),
            "groups": list(_groups(report, trial)),
        }
        for trial in report.trials
    ]


def selection(trial: Trial) -> Found | None:
    """Give what `select` found of the trials; None where it was not asked for, or came to nothing."""
    section = trial.sections.get("select")
    return section.details if section else None


def selected(report: Report) -> str | None:
    """Give the name of the selected trial; None where there is none."""
    return next((trial.name for trial in report.trials if _chosen(trial).get("selected")), None)


def _groups(report: Report, trial: Trial) -> Iterator[Group]:
    yield _group("outcome", "Outcome", list(_outcome(report, trial)))
    yield _group("settings", "Set by the trial", list(_settings(report, trial)))
    yield _group("data", "Data", list(_data(_found(trial, "prepare").get("manifest"))))
    hyperparameters = {**_hyperparameters(trial, "tune"), **_hyperparameters(trial, "train")}
    yield _group("hyperparameters", "Hyperparameters", [_row(*item) for item in sorted(hyperparameters.items())])
    yield _group("evaluation", "Test part", _metrics(_measured(trial, "evaluate")))
    yield _group("endpoint", "Endpoint", _endpoint(report, trial))
    yield _group("training", "Training", _metrics({**_measured(trial, "tune"), **_measured(trial, "train")}))
    yield from [group for section in trial.bias for group in bias_groups(section)] or [_group("bias", "Bias", [])]
    yield from _shap(trial)


def _group(kind: str, title: str, rows: list[Row]) -> Group:
    return {"kind": kind, "title": title, "rows": rows}


def _row(name: str, value: Any, ideal: float | None = None, note: str | None = None) -> Row:
    more = {"ideal": ideal, "note": note}
    return {"name": name, "value": value} | {key: given for key, given in more.items() if given is not None}


def _outcome(report: Report, trial: Trial) -> Iterator[Row]:
    if candidate := _chosen(trial):
        yield _row("selected", "selected" if candidate["selected"] else "not selected", note=candidate.get("reason"))
    if debugged := trial.sections.get("debug"):
        for rule in (debugged.details or debugged.before or {}).get("rules") or ():
            yield _row(
                f"rule {rule['name']}",
                status(str(rule["status"])).words,
                note=str(rule.get("details") or "").strip() or None,
            )
    if "gate" in trial.sections:
        failed = [verdict["text"] for verdict in _found(trial, "gate").get("gates", ()) if not verdict["holds"]]
        verdict = trial.sections["gate"].outputs.get("verdict")
        yield _row("gates", {"pass": "hold", "fail": "fail"}.get(str(verdict), "not judged"), note="; ".join(failed))
    if "register" in trial.sections:
        found = _found(trial, "register")
        yield _row("registered", f"{found['group']} {found['version']}" if found else "not registered")
    if trial.name in (behind := hosted(report)):
        others = [name for name in behind if name != trial.name]
        note = f"together with {', '.join(others)}: the endpoint's figures are of all of them" if others else None
        yield _row("hosted", endpoint(report)["endpoint"], note=note)


def _endpoint(report: Report, trial: Trial) -> list[Row]:
    """Give the endpoint's figures to each trial behind it; where that is several, they are of all together."""
    if trial.name not in hosted(report) or "verify" not in report.hosting:
        return []
    return _metrics(report.hosting["verify"].outputs.get("metrics") or {})


def hosted(report: Report) -> tuple[str, ...]:
    """Give the names of the trials behind the endpoint, in the order of its variants."""
    variants = endpoint(report).get("variants") or ()
    return tuple(dict.fromkeys(str(one["trial"]) for one in variants if one.get("trial")))


def endpoint(report: Report) -> Found:
    """Give what `host` recorded, also by the time when it failed; nothing where there is no endpoint."""
    section = report.hosting.get("host")
    return (section.details or section.before or {}) if section else {}


def _chosen(trial: Trial) -> Mapping[str, Any]:
    candidates = (selection(trial) or {}).get("candidates", ())
    return next((candidate for candidate in candidates if candidate["trial"] == trial.name), {})


def _settings(report: Report, trial: Trial) -> Iterator[Row]:
    """Give what the trial's patch sets, but for hyperparameters, which are compared as they were sent."""
    for described in report.document.get("trials") or ():
        if described.get("name") == trial.name:
            for path, value in _leaves(described.get("set") or {}):
                if not path.startswith(_SHOWN_BY_THEMSELVES):
                    yield _row(path, value)


def _leaves(patch: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key, value in patch.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _data(manifest: Mapping[str, Any] | None) -> Iterator[Row]:
    """Give how large the parts are; after balancing, if the training part was balanced."""
    if manifest is None:
        return
    after = (manifest.get("balance") or {}).get("after")
    yield _row("source", manifest["source"]["uri"])
    yield _row("training rows", after["rows"] if after else manifest["rows"]["train"])
    for column, counts in sorted((after["facets"] if after else _in_training(manifest["facets"])).items()):
        for value, count in sorted(counts.items()):
            yield _row(f"training rows, {column} = {value}", count)
    yield _row("test rows", manifest["rows"]["test"])


def _in_training(facets: Mapping[str, Any]) -> dict[str, Any]:
    return {column: parts["train"] for column, parts in facets.items()}


def _hyperparameters(trial: Trial, component: str) -> dict[str, str]:
    found = _found(trial, component).get("hyperparameters") or {}
    return {name: str(value) for name, value in found.items() if name != _ADDED}


def _measured(trial: Trial, component: str) -> Mapping[str, Any]:
    section = trial.sections.get(component)
    return (section.outputs.get("metrics") or {}) if section else {}


def _metrics(found: Mapping[str, Any]) -> list[Row]:
    return [_row(name, value, ideal(name)) for name, value in sorted(found.items(), key=lambda item: _place(item[0]))]


def ideal(metric: str) -> float | None:
    """Give the perfect value of a metric such as ``validation:auc`` or ``test:rmse``; None of an unknown one."""
    return _IDEALS.get(_bare(metric))


def _bare(metric: str) -> str:
    return metric.rpartition(":")[2].partition("@")[0]


def _place(metric: str) -> tuple[int, str]:
    bare = _bare(metric)
    return list(_IDEALS).index(bare) if bare in _IDEALS else len(_IDEALS), metric


def bias_groups(section: Section) -> Iterator[Group]:
    """Give a group of rows for each stage and facet of a bias analysis."""
    analysis = (section.details or {}).get("analysis") or {}
    for stage, where in _STAGES.items():
        for column, facets in sorted(analysis.get(stage, {}).get("facets", {}).items()):
            for facet in facets:
                named = {metric["name"]: metric.get("value") for metric in facet["metrics"]}
                title = f"Bias of the {where}: {column} = {facet['value_or_threshold']}"
                known = [name for name in MEANINGS if name in named]
                rows = [_row(name, named[name], MEANINGS[name].ideal) for name in known]
                others = [_row(name, named[name]) for name in sorted(named.keys() - set(known))]
                yield _group("bias", title, [*rows, *others])


def _shap(trial: Trial) -> Iterator[Group]:
    values = _measured(trial, "explain")
    aggregate = (_found(trial, "explain").get("asked") or {}).get("agg_method")
    title = f"SHAP values, {_AGGREGATES.get(str(aggregate), aggregate)}" if aggregate else "SHAP values"
    ranked = sorted(values.items(), key=lambda item: (-abs(item[1] or 0), item[0]))
    yield _group("shap", title, [_row(*item) for item in ranked])


def _found(trial: Trial, component: str) -> Found:
    section = trial.sections.get(component)
    return (section.details if section else None) or {}
