"""The flip test: would the sensitive rows be predicted otherwise if they were their advantaged neighbours?

Source: Black, Yeom, Fredrikson, "FlipTest" (2020), in the nearest-neighbour form of aws/amazon-sagemaker-clarify.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from specimen_jobs.clarify.neighbours import nearest
from specimen_jobs.clarify.sample import Sample, UndefinedMetricError

NEIGHBOURS: Final = 5
FEW_ROWS: Final = 9  # up to so many advantaged rows, the nearest one alone is asked


def flip_test(of: Sample) -> float:
    """FT = (sensitive rows favoured over their neighbours - rows disfavoured) / sensitive rows.

    The neighbours of a row are the five nearest advantaged rows by Euclidean distance over the features as they are;
    their majority of the model's predictions is compared with the row's own. Where several rows at the same distance
    could be the fifth neighbour, Clarify's own choice depends on its libraries and on the processor; so may this one
    differ from it, which can move the figure by single rows on tables of small integers.
    """
    if of.features is None or of.predicted is None:
        raise UndefinedMetricError("Flip test needs the features and the predictions")
    if not of.sensitive.any():
        raise UndefinedMetricError("Facet set is empty")
    if of.sensitive.all():
        raise UndefinedMetricError("Negated facet set is empty")
    if of.features.shape[1] == 0:
        raise UndefinedMetricError("FlipTest needs a feature beside facet and labels")
    if of.features.select_dtypes(["number", "bool"]).shape[1] != of.features.shape[1]:
        raise UndefinedMetricError("FlipTest does not support non-numeric columns")
    rows = of.features.to_numpy(dtype=np.float64)
    if not np.isfinite(rows).all():
        raise UndefinedMetricError("FlipTest does not support missing or infinite values")
    known, asked = rows[~of.sensitive], rows[of.sensitive]
    favoured, own = of.predicted[~of.sensitive], of.predicted[of.sensitive]
    count = 1 if len(known) <= FEW_ROWS else NEIGHBOURS
    theirs = sum(int((favoured[found].sum(axis=1) * 2 > count).sum()) for _, found in nearest(known, asked, count))
    return (int(own.sum()) - theirs) / own.size
