"""What an endpoint answers, as numbers."""

import numpy as np

from specimen_components.evaluation.predictions import Array
from specimen_components.problems import Failure

_SHOWN = 80  # characters of an answer that is none


def numbers(body: bytes, rows: int) -> Array:
    """Read an answer in CSV, shape (rows, columns): SageMaker's XGBoost separates rows by commas or by line ends.

    Raises:
        Failure: it holds no numbers, or none for some row.
    """
    fields = body.translate(None, b'[]" \r').strip(b"\n,").replace(b"\n", b",").split(b",")
    try:
        values = np.array(fields).astype(np.float64)
    except ValueError:
        values = np.empty(0)
    if not len(values) or not np.isfinite(values).all():
        shown = body[:_SHOWN].decode(errors="replace")
        raise Failure(f"the endpoint answers {shown!r}, where numbers are expected", hint="Its log may say more.")
    if len(values) % rows:
        raise Failure(
            f"the endpoint answers {len(values):,} numbers for {rows:,} rows",
            hint="Its model must answer every row with as many numbers; its log may say more.",
        )
    return values.reshape(rows, -1)
