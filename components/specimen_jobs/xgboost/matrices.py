"""What a channel holds, before and as XGBoost's matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from specimen_jobs.container import JobError
from specimen_jobs.xgboost import libsvm
from specimen_jobs.xgboost.tables import Floats

if TYPE_CHECKING:
    import scipy.sparse
    import xgboost


@dataclass(frozen=True)
class Table:
    """Rows with their labels; what sparse rows do not name is missing, as NaN is in dense ones."""

    features: Floats | scipy.sparse.csr_matrix
    labels: Floats
    weights: Floats | None

    @property
    def width(self) -> int:
        return int(self.features.shape[1])

    @property
    def sparse(self) -> bool:
        return not isinstance(self.features, np.ndarray)

    def matrix(self, width: int, threads: int | None) -> xgboost.DMatrix:
        """Return the table for XGBoost; a sparse one gets this width.

        Raises:
            JobError: XGBoost does not take it.
        """
        import xgboost

        features = self.features if isinstance(self.features, np.ndarray) else libsvm.widen(self.features, width)
        try:
            return xgboost.DMatrix(features, label=self.labels, weight=self.weights, nthread=threads)
        except (xgboost.core.XGBoostError, ValueError) as error:
            raise JobError(f"XGBoost does not take the data: {str(error).split('Stack trace:')[0].strip()}") from None


def check_labels(labels: Floats, channel: str) -> None:
    """Raise JobError when a row has no label."""
    missing = np.flatnonzero(np.isnan(labels))
    if missing.size:
        raise JobError(
            f"{channel}: {missing.size} rows have no label (NaN or empty), the first is row {missing[0] + 1}"
        )
