"""The labels of a part as it lies in S3: the first field of each row, in CSV and in libsvm."""

import re
from collections.abc import Mapping
from itertools import islice
from typing import BinaryIO

import numpy as np

from specimen_components.evaluation.predictions import Array, PredictionsError

CSV, LIBSVM = "text/csv", "text/libsvm"
FIRST: Mapping[str, re.Pattern[bytes]] = {
    CSV: re.compile(rb"^([^,\n]*),", re.MULTILINE),
    LIBSVM: re.compile(rb"^([^\s:]+)", re.MULTILINE),
}
_AT_ONCE = 10_000  # lines


def labels(text: bytes, content_type: str) -> Array:
    """Give the labels of whole rows, shape (rows,); raise `PredictionsError` for one that is no number."""
    try:
        found: Array = np.array(FIRST[content_type].findall(text), dtype="S").astype(np.float64)
    except ValueError as error:
        raise PredictionsError(
            f"a label of the test part is no number: {error}",
            hint="Give labels that are text numbers with `dataset.encode`.",
        ) from error
    return found


def read(file: BinaryIO, content_type: str) -> Array:
    """Give the labels of a part as large as it likes."""
    found = [np.empty(0)]
    while lines := list(islice(file, _AT_ONCE)):
        found.append(labels(b"".join(lines), content_type))
    return np.concatenate(found)
