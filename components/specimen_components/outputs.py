"""Kubeflow's side of a component: where its ExecutorInput says that parameters and artifacts go.

The format is KFP's own (`kfp/dsl/executor.py`): a parameter's text goes into its file, an artifact's content to the
path that its URI is mounted at, and its metadata into one ``executor_output.json``.
"""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from specimen_components.interface import Artifact, Component
from specimen_components.jsondata import Json, finite
from specimen_components.problems import Failure

Content = str | Mapping[str, Json]  # the text of a page, or the metadata of metrics
_MOUNTS = {"gs://": "/gcs/", "minio://": "/minio/", "s3://": "/s3/"}
_PAGES = frozenset({Artifact.HTML, Artifact.MARKDOWN})


def write(
    component: Component,
    executor_input: Mapping[str, Any],
    parameters: Mapping[str, Json],
    artifacts: Mapping[str, Content],
) -> None:
    """Write the outputs where `executor_input` wants them; raise `Failure` when a file cannot be written."""
    wanted = executor_input.get("outputs", {})
    try:
        for name, value in parameters.items():
            if path := wanted.get("parameters", {}).get(name, {}).get("outputFile"):
                _write(Path(path), value if isinstance(value, str) else json.dumps(finite(value), sort_keys=True))
        _write_artifacts(component, wanted, artifacts)
    except OSError as error:
        raise Failure(f"an output cannot be written: {error}", hint="Check the volume's space and rights.") from error


def metrics(values: Mapping[str, Json]) -> dict[str, Json]:
    """Give the metadata of a Metrics artifact: the finite numbers among the values, in the order of their names."""
    return {
        name: value
        for name, value in sorted(values.items())
        if isinstance(value, (int, float)) and math.isfinite(value)
    }


def classification(
    classes: Sequence[str],
    confusion: Sequence[Sequence[int]],
    roc: Sequence[tuple[float, float, float]] = (),
) -> dict[str, Json]:
    """Give the metadata of a ClassificationMetrics artifact.

    `confusion` has a row for each true class; `roc` holds (false positive rate, true positive rate, threshold).
    """
    found: dict[str, Json] = {
        "confusionMatrix": {
            "annotationSpecs": [{"displayName": name} for name in classes],
            "rows": [{"row": list(row)} for row in confusion],
        }
    }
    if roc:
        found["confidenceMetrics"] = [
            {"confidenceThreshold": threshold, "recall": recall, "falsePositiveRate": fallout}
            for fallout, recall, threshold in roc
        ]
    return found


def local_path(uri: str) -> Path:
    """Give the path at which Kubeflow mounts an artifact's URI."""
    for scheme, mount in _MOUNTS.items():
        if uri.startswith(scheme):
            return Path(mount + uri.removeprefix(scheme))
    return Path(uri)


def _write_artifacts(component: Component, wanted: Mapping[str, Any], artifacts: Mapping[str, Content]) -> None:
    described = {}
    for name, content in artifacts.items():
        if not (listed := wanted.get("artifacts", {}).get(name, {}).get("artifacts")):
            continue
        given = listed[0]
        page = component.artifacts[name] in _PAGES
        if page:
            _write(local_path(given["uri"]), str(content))
        metadata = given.get("metadata") or {}
        metadata = metadata if page or isinstance(content, str) else {**metadata, **content}
        described[name] = {"artifacts": [{"name": given.get("name", name), "uri": given["uri"], "metadata": metadata}]}
    if path := wanted.get("outputFile"):
        _write(Path(path), json.dumps({"artifacts": described} if described else {}, sort_keys=True))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
