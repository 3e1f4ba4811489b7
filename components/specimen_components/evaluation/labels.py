"""The labels of a part as it lies in S3: the first field of each row, in CSV and in libsvm."""

from collections.abc import Sequence
from itertools import islice
from typing import BinaryIO

import numpy as np

from specimen_components.evaluation.predictions import Array, PredictionsError

CSV, LIBSVM = "text/csv", "text/libsvm"
SEPARATORS = {CSV: b",", LIBSVM: b" "}
_AT_ONCE = 10_000  # rows


def labels(rows: Sequence[bytes], content_type: str) -> Array:
    """Give the labels of rows, shape (rows,); raise `PredictionsError` for one that is no number."""
    separator = SEPARATORS[content_type]
    try:
        found: Array = np.array([row.split(separator, 1)[0] for row in rows], dtype="S").astype(np.float64)
    except ValueError as error:
        raise PredictionsError(
            f"a label of the test part is no number: {error}",
            hint="Give labels that are text numbers with `dataset.encode`.",
        ) from error
    return found


def read(file: BinaryIO, content_type: str) -> Array:
    """Give the labels of a part as large as it likes."""
    found = [np.empty(0)]
    while rows := list(islice(file, _AT_ONCE)):
        found.append(labels(rows, content_type))
    return np.concatenate(found)
