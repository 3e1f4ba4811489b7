"""Bias metrics on small samples worked out by hand, and what holds for every sample."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from specimen_jobs.clarify.measures import difference, divide
from specimen_jobs.clarify.metrics import METRICS, Stage, chosen
from specimen_jobs.clarify.sample import Sample, UndefinedMetricError, sample
from specimen_jobs.container import JobError

BY_NAME = {metric.name: metric for metric in METRICS}
ROWS = st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans(), st.integers(0, 2)), min_size=2, max_size=40)


def counted(rows: list[tuple[int, int, int, int]]) -> Sample:
    """Return a sample of rows of (sensitive, label, prediction, group)."""
    sensitive, label, predicted, group = (np.array(column) for column in zip(*rows, strict=True))
    features = pd.DataFrame({"group": group, "row": np.arange(len(rows))})
    return sample(sensitive.astype(bool), label.astype(bool), predicted.astype(bool), group, features)


def value(name: str, of: Sample) -> float:
    return BY_NAME[name].compute(of)


# Advantaged: 4 true positives, 1 false positive, 1 false negative, 2 true negatives.
# Sensitive: 1 true positive, 1 false positive, 1 false negative, 1 true negative; all in one group.
BY_HAND = counted(
    [(0, 1, 1, 0)] * 4
    + [(0, 0, 1, 0), (0, 1, 0, 0)]
    + [(0, 0, 0, 0)] * 2
    + [(1, 1, 1, 0), (1, 0, 1, 0), (1, 1, 0, 0), (1, 0, 0, 0)]
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CI", 4 / 12),
        ("DPL", 5 / 8 - 2 / 4),
        ("DPPL", 5 / 8 - 2 / 4),
        ("DI", (2 / 4) / (5 / 8)),
        ("AD", 6 / 8 - 2 / 4),
        ("DCA", 5 / 5 - 2 / 2),
        ("DCR", 2 / 2 - 3 / 3),
        ("DAR", 4 / 5 - 1 / 2),
        ("DRR", 1 / 2 - 2 / 3),
        ("RD", 4 / 5 - 1 / 2),
        ("SD", 1 / 2 - 2 / 3),
        ("TE", 1 / 1 - 1 / 1),
        ("CDDL", 2 / 5 - 2 / 7),
        ("CDDPL", 2 / 5 - 2 / 7),
        ("KL", 5 / 8 * math.log(5 / 4) + 3 / 8 * math.log(3 / 4)),
        ("LP", math.hypot(1 / 8, 1 / 8)),
        ("KS", 1 / 8),
        ("TVD", 1 / 8),
        ("GE", ((8 + 2 * 4) - 12) / 24),
    ],
)
def test_a_metric_by_hand(name: str, expected: float) -> None:
    assert value(name, BY_HAND) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_divisions_at_their_edges() -> None:
    assert divide(0, 0) == 0
    assert divide(2, 0) == math.inf
    assert divide(-2, 0) == -math.inf
    assert difference(math.inf, math.inf) == 0
    assert difference(math.inf, 1) == math.inf


def test_the_groups_of_a_conditional_disparity_are_weighted_by_their_rows() -> None:
    rows = [(1, 0, 0, 0), (0, 1, 0, 0)] + [(1, 1, 0, 1), (0, 0, 0, 1)] * 3
    assert value("CDDL", counted(rows)) == pytest.approx((2 * 1 + 6 * -1) / 8)


def test_rows_without_a_group_count_in_no_group() -> None:
    group = np.array([0.0, 0.0, np.nan, np.nan])
    sensitive, label = np.array([True, False, True, False]), np.array([False, True, True, False])
    assert value("CDDL", sample(sensitive, label, group=group)) == 1
    assert value("CI", sample(sensitive, label, group=group)) == 0


@settings(deadline=None)
@given(ROWS)
def test_differences_stay_within_their_bounds(rows: list[tuple[int, int, int, int]]) -> None:
    of = counted(rows)
    assume(of.sensitive.any() and not of.sensitive.all())
    for name in ("CI", "DPL", "DPPL", "AD", "DAR", "DRR", "RD", "SD", "FT"):
        assert -1 <= value(name, of) <= 1, name
    assert value("DI", of) >= 0
    for name in ("CDDL", "CDDPL"):
        try:
            assert -1 <= value(name, of) <= 1
        except UndefinedMetricError as error:
            assert "labels in set" in str(error)


@settings(deadline=None)
@given(ROWS)
def test_swapping_the_sides_turns_the_sign(rows: list[tuple[int, int, int, int]]) -> None:
    of = counted(rows)
    assume(of.sensitive.any() and not of.sensitive.all())
    swapped = counted([(not facet, label, predicted, group) for facet, label, predicted, group in rows])
    for name in ("CI", "DPL", "DPPL", "AD", "DCA", "DCR", "DAR", "DRR", "RD", "SD", "TE"):
        assert value(name, swapped) == pytest.approx(-value(name, of)), name
    for name in ("JS", "LP", "KS", "TVD"):
        try:
            assert value(name, swapped) == pytest.approx(value(name, of)), name
        except UndefinedMetricError as error:
            assert "common facet" in str(error)


@settings(deadline=None)
@given(ROWS)
def test_perfect_predictions_leave_nothing_but_the_datas_own_difference(rows: list[tuple[int, int, int, int]]) -> None:
    of = counted([(facet, label, label, group) for facet, label, _, group in rows])
    assume(of.sensitive.any() and not of.sensitive.all())
    assert value("DPPL", of) == value("DPL", of)
    assert value("AD", of) == 0
    assert value("GE", of) == pytest.approx(0)


@settings(deadline=None)
@given(ROWS)
def test_the_order_of_rows_does_not_matter(rows: list[tuple[int, int, int, int]]) -> None:
    of, other = counted(rows), counted(sorted(rows))
    assume(of.sensitive.any() and not of.sensitive.all())
    for name in ("CI", "DPL", "DPPL", "AD", "TE", "KS"):
        try:
            assert value(name, of) == value(name, other), name
        except UndefinedMetricError as error:
            assert "common facet" in str(error)


def test_ge_has_no_value_when_every_prediction_is_a_false_negative() -> None:
    with pytest.raises(UndefinedMetricError, match="false negatives"):
        value("GE", counted([(0, 1, 0, 0), (1, 1, 0, 0)]))


def flip(near: list[int], features: pd.DataFrame | None = None) -> float:
    """Return FT of two clusters on a line, the advantaged rows of each predicted as `near` says."""
    places = [0.0] * 5 + [10.0] * 5 + [0.1, 10.1]
    predicted = np.array([near[0]] * 5 + [near[1]] * 5 + [1, 0], dtype=bool)
    sensitive = np.array([False] * 10 + [True] * 2)
    table = pd.DataFrame({"place": places}) if features is None else features
    return value("FT", sample(sensitive, predicted, predicted, features=table))


def test_the_flip_test_compares_with_the_neighbours() -> None:
    assert flip([0, 0]) == 0.5
    assert flip([1, 1]) == -0.5
    assert flip([1, 0]) == 0
    assert flip([0, 1]) == 0


def test_the_flip_test_needs_finite_numbers() -> None:
    with pytest.raises(UndefinedMetricError, match="non-numeric"):
        flip([0, 0], pd.DataFrame({"place": list("abcdefghijkl")}))
    with pytest.raises(UndefinedMetricError, match="missing"):
        flip([0, 0], pd.DataFrame({"place": [*range(11), None]}))
    with pytest.raises(UndefinedMetricError, match="needs a feature"):
        flip([0, 0], pd.DataFrame(index=range(12)))
    with pytest.raises(UndefinedMetricError, match="needs the features"):
        value("FT", sample(np.array([True, False]), np.array([True, False])))


@pytest.mark.parametrize(("facet", "said"), [(False, "Facet set is empty"), (True, "Negated facet set is empty")])
def test_a_facet_without_two_sides_has_no_metrics(facet: bool, said: str) -> None:
    of = counted([(facet, 1, 1, 0), (facet, 0, 1, 0)])
    for name in ("CI", "DI", "AD", "FT"):
        with pytest.raises(UndefinedMetricError, match=said):
            value(name, of)


def test_metrics_are_chosen_by_stage_and_name() -> None:
    assert " ".join(metric.name for metric in chosen(Stage.PRE_TRAINING, "all")) == "CDDL CI DPL JS KL KS LP TVD"
    assert [metric.name for metric in chosen(Stage.POST_TRAINING, ["FT", "AD"])] == ["AD", "FT"]
    with pytest.raises(JobError, match="Invalid metric_name CI: the metrics of post_training_bias are AD, "):
        chosen(Stage.POST_TRAINING, ["CI", "AD"])
