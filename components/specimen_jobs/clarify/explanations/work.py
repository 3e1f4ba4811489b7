"""The explanations that a job is asked for: SHAP values and partial dependence of its model's answers to its rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import numpy as np

from specimen_jobs.clarify.config import Analysis, Predictor, name_of
from specimen_jobs.clarify.explanations import artifact, pdp
from specimen_jobs.clarify.explanations.coalitions import Doubles
from specimen_jobs.clarify.explanations.forest import UnreadableModelError
from specimen_jobs.clarify.explanations.models import Endpoint, Model, Trees
from specimen_jobs.clarify.explanations.settings import Dependence, Shap
from specimen_jobs.clarify.explanations.shap import Explained, explain
from specimen_jobs.clarify.keys import wrong
from specimen_jobs.clarify.predictions import scores
from specimen_jobs.clarify.served import Served
from specimen_jobs.container import JobError, log

if TYPE_CHECKING:
    import pandas as pd

LOCAL: Final = "explanations_shap/out.csv"
BASELINE: Final = "explanations_shap/baseline.csv"
RELATIVE: Final = 1e-4  # two answers are alike: single precision, summed in another order
ABSOLUTE: Final = 1e-5


@dataclass(frozen=True)
class Found:
    """Parts of analysis.json, and files beside it by their path."""

    sections: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)


def check(asked: Analysis, features: pd.DataFrame) -> None:
    """Raise JobError for what cannot be explained, before a model is asked."""
    texts = [str(name) for name in features.columns if features[name].dtype.kind not in "biuf"]
    if texts:
        raise JobError(f"Only columns of numbers can be explained, and there is text in {', '.join(texts)}")
    for name in asked.dependence.features or () if asked.dependence else ():
        name_of(name, list(features.columns), "methods.pdp.features")


def explanations(asked: Analysis, features: pd.DataFrame, served: Served, lines: Sequence[str]) -> Found:
    """Return what is asked for; `lines` are the model's answers to the rows as they are."""
    rows = features.to_numpy(dtype=np.float64)
    answers = scores(lines, served.predictor)
    model, source = _model(served, features, rows, answers)
    labels = _labels(served.predictor, answers.shape[1])
    names = [str(name) for name in features.columns]
    sections: dict[str, Any] = {}
    computed: dict[str, Any] = {"answers": source}
    files: dict[str, str] = {}
    ranked = names
    if asked.shap:
        baseline = _baseline(asked.shap, names, served)
        log(f"Computing SHAP values of {len(rows)} rows against {len(baseline)} baseline row(s), answers from {source}")
        explained = explain(model, rows, baseline, asked.shap.coalitions(len(names)), asked.shap.seed, asked.shap.logit)
        log(f"SHAP values are {explained.method.value}")
        sections["kernel_shap"] = _section(asked.shap, explained, names, labels)
        computed["shap"] = {"method": explained.method.value, "coalitions": explained.coalitions}
        files[BASELINE] = _csv(names, baseline)
        if asked.shap.save_local:
            files[LOCAL] = _local(explained.values, names, labels)
        strength = np.abs(explained.values).mean(axis=0).sum(axis=1)
        ranked = [names[index] for index in np.argsort(-strength, kind="stable")]
    if asked.dependence:
        chosen = _chosen(asked.dependence, names, ranked)
        log(f"Computing partial dependence on {', '.join(chosen)}")
        sections["pdp"] = [pdp.dependence(model, features, rows, name, asked.dependence.resolution) for name in chosen]
    return Found({"explanations": sections, "computation": computed}, files)


def _model(served: Served, features: pd.DataFrame, rows: Doubles, answers: Doubles) -> tuple[Model, str]:
    """Return who is asked about changed rows: the trees, if they answer as the endpoint does; else the endpoint."""

    def ask(changed: Doubles) -> Doubles:
        return scores(served.ask(_frame(changed, features)), served.predictor)

    endpoint = Endpoint(ask)
    sagemaker, s3 = (served.client(name) for name in ("sagemaker", "s3"))
    try:
        trees = Trees(artifact.forest(sagemaker, s3, served.predictor.model_name))
    except UnreadableModelError as error:
        log(f"The endpoint is asked, not the model's trees: {error}")
        return endpoint, "endpoint"
    if trees.forest.features == rows.shape[1]:
        own = trees.answers(rows)
        if own.shape == answers.shape and np.allclose(own, answers, rtol=RELATIVE, atol=ABSOLUTE):
            return trees, "trees"
    log("The endpoint is asked, not the model's trees: they answer otherwise than it does")
    return endpoint, "endpoint"


def _frame(rows: Doubles, features: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=features.columns)


def _labels(predictor: Predictor, answers: int) -> list[str]:
    if len(predictor.label_headers) == answers:
        return [str(name) for name in predictor.label_headers]
    return [f"label{index}" for index in range(answers)]


def _baseline(asked: Shap, names: Sequence[str], served: Served) -> Doubles:
    """Return the baseline's rows; raise JobError for rows that are not of the features."""
    given = asked.baseline
    lines: Sequence[Sequence[Any]] = given if isinstance(given, tuple) else _read(given, served)
    if lines and list(lines[0]) == list(names):
        lines = lines[1:]
    if not lines or any(len(line) != len(names) for line in lines):
        count = len(lines[0]) if lines else 0
        raise wrong("methods.shap.baseline", f"must have {len(names)} values a row, one a feature, not {count}")
    try:
        return np.array([[float(cell) if cell != "" else np.nan for cell in line] for line in lines])
    except ValueError as error:
        raise wrong("methods.shap.baseline", f"must hold numbers: {error}") from None


def _read(uri: str, served: Served) -> list[list[str]]:
    from botocore.exceptions import BotoCoreError, ClientError

    place = urlsplit(uri, allow_fragments=False)
    if place.scheme != "s3":
        raise wrong("methods.shap.baseline", f"must be an S3 URI or a list of rows, not {uri!r}")
    try:
        answer = served.client("s3").get_object(Bucket=place.netloc, Key=place.path.removeprefix("/"))
        text = answer["Body"].read().decode("utf-8-sig")
    except (BotoCoreError, ClientError, UnicodeDecodeError) as error:
        raise wrong("methods.shap.baseline", f"{uri} cannot be read: {error}") from None
    return [[cell.strip() for cell in line] for line in csv.reader(io.StringIO(text)) if line]


def _section(asked: Shap, explained: Explained, names: Sequence[str], labels: Sequence[str]) -> dict[str, Any]:
    totals = _aggregated(explained.values, asked.aggregate)
    return {
        label: {
            "global_shap_values": dict(zip(names, totals[:, answer].tolist(), strict=True)),
            "expected_value": float(explained.expected[answer]),
        }
        for answer, label in enumerate(labels)
    }


def _aggregated(values: Doubles, aggregate: str) -> Doubles:
    """Return global values: feature, answer."""
    match aggregate:
        case "median":
            return np.median(values, axis=0)
        case "mean_sq":
            return np.asarray(np.square(values).mean(axis=0))
        case _:
            return np.asarray(np.abs(values).mean(axis=0))


def _local(values: Doubles, names: Sequence[str], labels: Sequence[str]) -> str:
    columns = [f"{name}_{label}" for label in labels for name in names]
    return _csv(columns, values.transpose(0, 2, 1).reshape(len(values), -1))


def _csv(columns: Sequence[str], rows: Doubles) -> str:
    import pandas as pd

    return pd.DataFrame(rows, columns=list(columns)).to_csv(index=False)


def _chosen(asked: Dependence, names: list[str], ranked: Sequence[str]) -> list[str]:
    if asked.features is None:
        return list(ranked[: asked.top])
    return list(dict.fromkeys(name_of(one, names, "methods.pdp.features") for one in asked.features))
