"""What `prepare` is told of a trial's table."""

from dataclasses import asdict

from specimen.spec.model import Dataset, Json, Scalar, Trial
from specimen.spec.objectives import LABELS


def dataset_argument(trial: Trial, classes: int | None) -> dict[str, Json]:
    """What `prepare` is told of the table, with what bias, explanations and the objective will ask of it."""
    dataset, bias = trial.dataset, trial.bias
    argument: dict[str, Json] = {
        "format": dataset.format,
        "label": dataset.label,
        "drop": list(dataset.drop),
        **({"split": asdict(dataset.split)} if dataset.split else {}),
        "facets": {},
        **_filled_in(dataset),
        **_written(trial),
    }
    if dataset.features is not None:
        argument["features"] = list(dataset.features) if isinstance(dataset.features, tuple) else dataset.features
    if classes is not None:
        argument["classes"] = classes
    objective = str(trial.training.hyperparameters["objective"])
    if objective in LABELS:
        argument["labels"] = {"objective": objective, **LABELS[objective]}
    if bias:
        argument["facets"] = {facet.column: _selected(facet.values, facet.above) for facet in bias.facets}
        argument["favorable"] = _selected(bias.favorable, bias.favorable_above)
        if bias.group is not None:
            argument["group"] = bias.group
    if trial.explain:
        argument["baseline"] = trial.explain.baseline
    return argument


def _written(trial: Trial) -> dict[str, Json]:
    """How the parts are written."""
    dataset, training = trial.dataset, trial.training
    told: dict[str, Json] = {"content_type": training.content_type, "shards": dataset.shards}
    if dataset.encode:
        told["encode"] = dict(dataset.encode)
    if training.input.compression is not None:
        told["compression"] = training.input.compression.lower()
    return told


def _filled_in(dataset: Dataset) -> dict[str, Json]:
    """What is made in the place of missing values and rare groups; without either, categories are of no concern."""
    told: dict[str, Json] = {}
    if dataset.impute is not None:
        told["impute"] = dataset.impute
    if dataset.balance is not None:
        told["balance"] = {key: value for key, value in asdict(dataset.balance).items() if value}
    return {"categorical": list(dataset.categorical), **told} if told and dataset.categorical else told


def _selected(values: tuple[Scalar, ...] | None, above: float | None) -> dict[str, Json]:
    return {"values": list(values)} if values is not None else {"above": above}
