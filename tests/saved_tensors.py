"""A training's tensors as a hook would save them, for tests that read."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from specimen_tensors.collections import Collection
from specimen_tensors.writer import Writer

TYPES = ("weight", "gain", "cover", "total_gain", "total_cover")
COLLECTIONS = {
    name: Collection(name, (pattern,))
    for name, pattern in (
        ("metrics", "^[a-z]+-[a-z]+$"),
        ("feature_importance", "^feature_importance/"),
        ("average_shap", "^average_shap/"),
        ("predictions", "^predictions$"),
        ("hyperparameters", "^hyperparameters/"),
        ("trees", "^trees/"),
    )
}


def save(folder: Path, steps: Sequence[int] = (0, 5, 10), *, features: int = 3, ended: bool = True) -> Path:
    """Save metrics, importance, SHAP values and predictions; the first feature appears at the second step only."""
    writer = Writer(folder)
    writer.open()
    writer.write_collections(COLLECTIONS)
    for index, step in enumerate(steps):
        writer.write_step(step, _step(step, index, features))
    if ended:
        writer.close()
    return folder


def _step(step: int, index: int, features: int) -> dict[str, object]:
    used = range(features) if index else range(1, features)
    total = sum(number + 1 for number in used)
    return {
        "train-rmse": 4 - step / 8,
        "validation-rmse": 4.25 - step / 8,
        "validation-mae": 2.0,
        **{f"feature_importance/{kind}/f{number}": (number + 1) / total for kind in TYPES for number in used},
        **{f"average_shap/f{number}": np.float32((-1) ** number * (number + step) / 10) for number in range(features)},
        "average_shap/bias": np.float32(0.5),
        "predictions": np.array([0.1, 0.25, 0.4 + step], dtype=np.float32),
        **({} if index else {"hyperparameters/eta": 0.2, "hyperparameters/objective": "reg:squarederror"}),
    }
