"""Predicted labels from a model's answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from specimen_jobs.clarify.config import Predictor
from specimen_jobs.container import JobError

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_THRESHOLD: Final = 0.5
PREDICTED: Final = "predicted_label"
SHOWN: Final = 60


def predicted_labels(
    lines: Sequence[str], predictor: Predictor, threshold: float | None, label: pd.Series[Any]
) -> pd.Series[Any]:
    """Return the predicted label of each row, in the type of the label column.

    A single score becomes 1 above the threshold (0.5 unless one is given), 0 at or below it; scores of several classes
    become the class of the largest one. Without a threshold, answers that are all values of the label are labels, and
    those that are not all from 0 to 1 are a regression's.

    Raises:
        JobError: a line is not what the configuration says of it.
    """
    import pandas as pd

    rows = [line.strip().strip("[]").split(",") for line in lines]
    if predictor.label is not None and predictor.probability is None:
        return _typed([_cell(row, predictor.label) for row in rows], label)
    if predictor.probability is not None:
        rows = [[_cell(row, predictor.probability)] for row in rows]
    if any(len(row) > 1 for row in rows):
        return _typed([_largest(row, predictor.label_headers) for row in rows], label)
    texts = [row[0].strip() for row in rows]
    if threshold is None and set(_typed(texts, label).dropna()) <= set(label.dropna()):
        return _typed(texts, label)
    scores = pd.Series([_number(text) for text in texts], name=PREDICTED)
    if threshold is None and not scores.between(0, 1).all():
        return scores
    above = scores > (DEFAULT_THRESHOLD if threshold is None else threshold)
    if len(predictor.label_headers) in (1, 2):
        negative, positive = ("", *predictor.label_headers)[-2:]
        return _typed([positive if high else negative for high in above], label)
    return _typed(above.astype("int64").astype(str), label)


def scores(lines: Sequence[str], predictor: Predictor) -> npt.NDArray[np.float64]:
    """Return answers as numbers, a line a row and a column an answer; raise JobError for one that is no number."""
    position = predictor.probability if predictor.probability is not None else predictor.label
    rows = [line.strip().strip("[]").split(",") for line in lines]
    if position is not None:
        rows = [[_cell(row, position)] for row in rows]
    if any(len(row) != len(rows[0]) for row in rows):
        raise JobError(f"The model answered {len(rows[0])} numbers to a row, and another number of them to another")
    try:
        return np.array(rows, dtype=np.float64)
    except ValueError:
        return np.array([[_number(cell) for cell in row] for row in rows])


def _cell(row: Sequence[str], position: int) -> str:
    if not -len(row) <= position < len(row):
        raise JobError(f"The model answered {','.join(row)[:SHOWN]!r}, which has no position {position}")
    return row[position].strip()


def _largest(row: Sequence[str], headers: Sequence[str]) -> str:
    scores = [_number(cell) for cell in row]
    best = max(range(len(scores)), key=scores.__getitem__)
    if headers and len(headers) != len(scores):
        raise JobError(f"The model answered {len(scores)} scores, label_headers has {len(headers)}")
    return headers[best] if headers else str(best)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise JobError(f"The model answered {text[:SHOWN]!r}, which is not a number") from None


def _typed(texts: Sequence[str] | pd.Series[str], label: pd.Series[Any]) -> pd.Series[Any]:
    """Return texts as the label column's type, so that the two compare; as text if one of them cannot be."""
    import pandas as pd

    series = pd.Series(list(texts), name=PREDICTED, dtype=object)
    if not pd.api.types.is_numeric_dtype(label.dtype) or pd.api.types.is_bool_dtype(label.dtype):
        return series
    numbers = pd.to_numeric(series, errors="coerce")
    if numbers.isna().any():
        return series
    whole = pd.api.types.is_integer_dtype(label.dtype) and (numbers % 1 == 0).all()
    return numbers.astype("int64") if whole else numbers.astype("float64")
