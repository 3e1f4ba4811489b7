"""What `methods.shap` and `methods.pdp` ask for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from specimen_jobs.clarify.keys import check_keys, mapping, needed, wrong

DEFAULT_SEED: Final = 0
DEFAULT_TOP: Final = 10
DEFAULT_RESOLUTION: Final = 15
AGGREGATES: Final = ("mean_abs", "median", "mean_sq")

KNOWN_SHAP: Final = frozenset({"baseline", "num_samples", "agg_method", "use_logit", "save_local_shap_values", "seed"})
UNAVAILABLE_SHAP: Final = frozenset(
    {"num_clusters", "text_config", "image_config", "features_to_explain", "partial_dependence"}
)
KNOWN_PDP: Final = frozenset({"features", "grid_resolution", "top_k_features"})


@dataclass(frozen=True)
class Shap:
    """How SHAP values are computed; `baseline` is the URI of a file of rows, or the rows, without the label."""

    baseline: str | tuple[tuple[float, ...], ...]
    samples: int | None
    aggregate: str
    logit: bool
    save_local: bool
    seed: int

    def coalitions(self, features: int) -> int:
        """Return how many coalitions to sample; without a number, as many as the shap library takes."""
        return self.samples or 2 * features + 2048


@dataclass(frozen=True)
class Dependence:
    """Which features' partial dependence to compute; without names, that of the `top` ones by SHAP values."""

    features: tuple[str | int, ...] | None
    resolution: int
    top: int


def shap(methods: Mapping[str, Any]) -> Shap | None:
    """Return what `shap` asks for, None where it is not there; raise JobError naming the first key that is wrong."""
    if "shap" not in methods:
        return None
    asked = mapping(methods, "shap", "methods.")
    check_keys(asked, KNOWN_SHAP, UNAVAILABLE_SHAP, "methods.shap.")
    aggregate = str(asked.get("agg_method", AGGREGATES[0])).lower()
    if aggregate not in AGGREGATES:
        raise wrong("methods.shap.agg_method", f"must be one of {', '.join(AGGREGATES)}, not {aggregate}")
    return Shap(
        baseline=_baseline(needed(asked, "baseline", "methods.shap.")),
        samples=_positive(asked, "num_samples", "methods.shap.", None),
        aggregate=aggregate,
        logit=bool(asked.get("use_logit", False)),
        save_local=bool(asked.get("save_local_shap_values", True)),
        seed=_seed(asked.get("seed")),
    )


def dependence(methods: Mapping[str, Any]) -> Dependence | None:
    """Return what `pdp` asks for, as `shap` does."""
    if "pdp" not in methods:
        return None
    asked = mapping(methods, "pdp", "methods.")
    check_keys(asked, KNOWN_PDP, frozenset(), "methods.pdp.")
    features = asked.get("features")
    if features is None and "shap" not in methods:
        raise wrong("methods.pdp.features", "is needed where no SHAP values say which features matter most")
    if features is not None and not (
        isinstance(features, list) and all(isinstance(one, str | int) and not isinstance(one, bool) for one in features)
    ):
        raise wrong("methods.pdp.features", f"must be a list of columns' names or indices, not {features!r}")
    return Dependence(
        features=None if features is None else tuple(features),
        resolution=_positive(asked, "grid_resolution", "methods.pdp.", DEFAULT_RESOLUTION) or DEFAULT_RESOLUTION,
        top=_positive(asked, "top_k_features", "methods.pdp.", DEFAULT_TOP) or DEFAULT_TOP,
    )


def _positive(asked: Mapping[str, Any], key: str, where: str, default: int | None) -> int | None:
    value = asked.get(key, default)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise wrong(where + key, f"must be a whole number from 1, not {value!r}")
    return value


def _seed(value: Any) -> int:
    if value is None:
        return DEFAULT_SEED
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise wrong("methods.shap.seed", f"must be a whole number from 0, not {value!r}")
    return value


def _baseline(value: Any) -> str | tuple[tuple[float, ...], ...]:
    if isinstance(value, str):
        return value
    if not isinstance(value, list) or not all(isinstance(row, list) for row in value):
        raise wrong("methods.shap.baseline", f"must be an S3 URI or a list of rows, not {value!r}")
    return tuple(tuple(_number(cell) for cell in row) for row in value)


def _number(cell: Any) -> float:
    if cell is None:
        return math.nan
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise wrong("methods.shap.baseline", f"must hold numbers, not {cell!r}")
    return float(cell)
