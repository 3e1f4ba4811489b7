"""SMOTE and SMOTENC: imbalanced-learn makes the rows, among neighbours that are searched for here.

Chawla et al., "SMOTE: synthetic minority over-sampling technique", JAIR 16 (2002).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from imblearn.over_sampling import SMOTE, SMOTENC
from sklearn.preprocessing import OneHotEncoder

from specimen_components.tables.balancing_neighbors import Floats, Neighbors

_BLOCK = 2**16  # rows whose categories are read back at a time


@dataclass(frozen=True)
class Synthetic:
    """Rows made, one number a column; the group of each; and the least recall of the searches for neighbours."""

    rows: Floats
    groups: npt.NDArray[np.intp]
    recall: float


def synthesise(
    values: Floats, groups: npt.NDArray[np.intp], categorical: Sequence[int], neighbors: int, seed: int
) -> Synthetic:
    """Make rows until each group of the `values` (rows × columns, nothing missing) is as large as the largest.

    A number lies between that of a row and of one of its `neighbors` nearest neighbours in its group, on the line that
    joins the two rows. A column of `categorical` takes the category that most of the neighbours have, one of them by
    lot where several are as frequent. There are two groups or more, and those to grow have more rows than `neighbors`.
    """
    # The nearest to a row is the row itself, or an equal one, and is left out.
    options: dict[str, Any] = {"k_neighbors": Neighbors(n_neighbors=neighbors + 1), "random_state": seed}
    sampler = SMOTENC(categorical, categorical_encoder=_Encoder(), **options) if categorical else SMOTE(**options)
    rows, codes = sampler.fit_resample(values, groups)
    new = slice(len(values), None)
    return Synthetic(rows[new], codes[new], min(sampler.nn_k_.recalls_, default=1.0))


class _Encoder(OneHotEncoder):  # type: ignore[misc]  # scikit-learn has no types
    """scikit-learn's encoder, which reads a sparse matrix back by a call of Python's for each field."""

    def inverse_transform(self, rows: Any) -> npt.NDArray[Any]:
        """Read a sparse matrix back, some rows at a time as dense ones."""
        starts = range(0, rows.shape[0], _BLOCK)
        return np.vstack([super(_Encoder, self).inverse_transform(rows[at : at + _BLOCK].toarray()) for at in starts])
