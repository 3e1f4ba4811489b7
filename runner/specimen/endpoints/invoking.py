"""Rows sent to an endpoint in requests that are small enough, and its answers in the words of the table's label."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from specimen_components.tables import encoding

from specimen.asking import RUNTIME, Cloud
from specimen.endpoints import answers
from specimen.endpoints.answers import Answer
from specimen.endpoints.manifests import Table
from specimen.errors import Refused, SpecimenError

LARGEST = 4_000_000  # bytes of a request: what serverless endpoints take, and less than others do
ROWS = 1_000  # of a request
ACCEPT = "application/json"


@dataclass(frozen=True)
class Asked:
    """Whom to ask: an endpoint, one of its variants if one is named; and what the variants' models were trained for."""

    endpoint: str
    variant: str | None
    objectives: Mapping[str, str | None]
    table: Table


def invoke(cloud: Cloud, asked: Asked, rows: pd.DataFrame) -> Iterator[Answer]:
    """The endpoint's answers, in the rows' order.

    Raises:
        SpecimenError: the endpoint refuses a request, or answers with something else.
    """
    features = encoding.encoded(rows, asked.table.manifest)
    for first, last, body in _bodies(features, asked.table.content_type):
        where = f"row {first + 1}" if last == first + 1 else f"rows {first + 1:,} to {last:,}"
        scores, variant = _asked(cloud, asked, body, where)
        if len(scores) != last - first:
            raise SpecimenError(f"endpoint {asked.endpoint} has {len(scores):,} answers to {where}")
        objective = asked.objectives.get(variant)
        for row, score in enumerate(scores, first + 1):
            yield answers.decoded(row, score, variant, objective, asked.table.classes)


def _bodies(features: pd.DataFrame, content_type: str) -> Iterator[tuple[int, int, bytes]]:
    """Requests, each with its first row and the one behind its last; of fewer rows where rows are long."""
    first, size = 0, ROWS
    while first < len(features):
        last = min(first + size, len(features))
        body = encoding.written(features.iloc[first:last], content_type)
        if len(body) > LARGEST and last - first > 1:
            size = max(1, (last - first) // 2)
            continue
        yield first, last, body
        first = last


def _asked(cloud: Cloud, asked: Asked, body: bytes, where: str) -> tuple[Sequence[Any], str]:
    request = {
        "EndpointName": asked.endpoint,
        "ContentType": asked.table.content_type,
        "Accept": ACCEPT,
        "Body": body,
        **({"TargetVariant": asked.variant} if asked.variant else {}),
    }
    try:
        answer = cloud.call(RUNTIME, "InvokeEndpoint", request)
    except Refused as refusal:
        raise SpecimenError(
            f"endpoint {asked.endpoint} does not answer {where}: {refusal.code}: {refusal.reason}",
            hint=refusal.hint or f"its log group is /aws/sagemaker/Endpoints/{asked.endpoint}",
        ) from refusal
    try:
        scores = [_score(prediction["score"]) for prediction in json.loads(answer["Body"])["predictions"]]
    except (ValueError, KeyError, TypeError) as error:
        said = answer["Body"][:200].decode(errors="replace")
        raise SpecimenError(f"endpoint {asked.endpoint} answers {where} with no predictions: {said}") from error
    return scores, str(answer.get("InvokedProductionVariant", ""))


def _score(told: Any) -> float | list[float]:
    return list(map(float, told)) if isinstance(told, list) else float(told)
