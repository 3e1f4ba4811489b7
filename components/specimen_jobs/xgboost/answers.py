"""What the serving container reads from a request and how it writes predictions.

Source: aws/sagemaker-xgboost-container, algorithm_mode/serve.py; "Common data formats for inference".
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from specimen_jobs.container import JobError
from specimen_jobs.xgboost import libsvm, tables
from specimen_jobs.xgboost.channels import content_type

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    Rows = tables.Floats | csr_matrix  # what is not there is missing, as NaN is

ACCEPTED: Final = ("application/json", "application/jsonlines", "text/csv")


class RefusedError(Exception):
    """A request that cannot be answered: an HTTP status and a sentence for the caller."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


def read_rows(payload: bytes, stated: str | None, width: int) -> Rows:
    """Return a request's rows for a model of `width` features.

    Raises:
        RefusedError: 415 when the payload is not what its content type says, 400 when it does not fit the model.
    """
    try:
        kind = content_type(stated)
        if kind == "csv":
            rows = _csv_rows(payload)
            _check_width(rows.shape[1], width, exact=True)
            return rows
        sparse = libsvm.parse(payload, "payload", labelled=False).features
    except JobError as error:
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error)) from None
    _check_width(sparse.shape[1], width, exact=False)
    return libsvm.widen(sparse, width)


def accept_of(header: str | None, default: str) -> str:
    """Return the response type that an Accept header asks for; raise RefusedError (406) for any other."""
    name = (header or "").split(";")[0].strip().lower()
    if name in ("", "*/*"):
        return default
    if name not in ACCEPTED:
        raise RefusedError(
            HTTPStatus.NOT_ACCEPTABLE,
            f"Accept type {name} is not supported. Please use supported accept types: {list(ACCEPTED)}.",
        )
    return name


def write_predictions(predictions: Sequence[Any], accept: str, batch: bool) -> str:
    """Return predictions as text: numbers, or lists of numbers where the model answers one a class.

    A batch transform gets one line a record whatever it accepts, as SageMaker's container does it.
    """
    if batch:
        return "\n".join(map(str, predictions)) + "\n"
    match accept:
        case "application/json":
            return json.dumps({"predictions": [{"score": value} for value in predictions]})
        case "application/jsonlines":
            return "".join(json.dumps({"score": value}) + "\n" for value in predictions)
        case _:
            return "".join(_csv_line(value) + "\n" for value in predictions)


def _csv_line(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _csv_rows(payload: bytes) -> tables.Floats:
    text = payload.strip(b"\r\n ") + b"\n"
    delimiter = tables.delimiter_of(text.partition(b"\n")[0])
    return np.ascontiguousarray(tables.parse(tables.Block(text, 1), delimiter, "payload"))


def _check_width(found: int, width: int, exact: bool) -> None:
    if found > width or (exact and found != width):
        raise RefusedError(
            HTTPStatus.BAD_REQUEST,
            "Unable to evaluate payload provided: "
            f"Feature size of inference data {found} is not consistent with feature size of trained model {width}.",
        )
