"""What a training saved, as figures by step."""

from pathlib import Path

import numpy as np
import pytest
from specimen_tensors.arrays import Array
from specimen_tensors.errors import LayoutError
from specimen_tensors.files import Folder
from specimen_tensors.series import TYPES, Course, Limits, evenly, feature, read, top
from specimen_tensors.trial import Trial
from specimen_tensors.writer import Writer

from tests.saved_tensors import save


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(Folder(save(tmp_path)))


def test_metrics_stand_beside_each_other(trial: Trial) -> None:
    assert read(trial).metrics == Course(
        (0, 5, 10),
        {
            "train-rmse": (4.0, 3.375, 2.75),
            "validation-mae": (2.0, 2.0, 2.0),
            "validation-rmse": (4.25, 3.625, 3.0),
        },
    )


def test_a_feature_that_no_tree_uses_yet_has_no_importance(trial: Trial) -> None:
    found = read(trial, ["age", "sex", "pay"]).importance
    assert tuple(found) == TYPES
    assert found["gain"].values == {
        "age": (0.0, 1 / 6, 1 / 6),
        "sex": (2 / 5, 2 / 6, 2 / 6),
        "pay": (3 / 5, 3 / 6, 3 / 6),
    }


def test_the_answer_before_any_feature_is_no_feature(trial: Trial) -> None:
    assert read(trial).shap.values.keys() == {"f0", "f1", "f2"}
    assert read(trial).shap.values["f1"] == pytest.approx((-0.1, -0.6, -1.1))


def test_only_what_is_within_is_read(trial: Trial) -> None:
    found = read(trial, within={"train-rmse", "feature_importance/cover/f2"})
    assert list(found.metrics.values) == ["train-rmse"]
    assert list(found.importance) == ["cover"]
    assert found.shap == Course((), {})


def test_steps_at_which_a_metric_was_not_saved_are_gaps(tmp_path: Path) -> None:
    save(tmp_path, ended=False)
    writer = Writer(tmp_path)
    writer.write_step(11, {"train-rmse": 1.0})
    writer.close()
    found = read(Trial(Folder(tmp_path))).metrics
    assert found.steps == (0, 5, 10, 11)
    assert found.values["validation-rmse"][-1] is None


def test_what_is_no_single_figure_is_no_point(tmp_path: Path) -> None:
    save(tmp_path, ended=False)
    writer = Writer(tmp_path)
    writer.write_step(15, {"train-rmse": np.array([1.0, 2.0]), "validation-rmse": "lost"})
    writer.close()
    found = read(Trial(Folder(tmp_path))).metrics
    assert found.steps == (0, 5, 10)


def test_nothing_saved_is_nothing_to_draw(tmp_path: Path) -> None:
    Writer(tmp_path).write_step(0, {"labels": [1.0]})
    found = read(Trial(Folder(tmp_path)))
    assert (found.metrics.steps, found.importance, found.shap.steps) == ((), {}, ())


def test_damage_is_told(trial: Trial, tmp_path: Path) -> None:
    next(tmp_path.rglob("*5_worker_0.tfevents")).write_bytes(b"")
    with pytest.raises(LayoutError, match=r"000000000005_worker_0\.tfevents"):
        read(trial)


def test_the_top_are_largest_at_the_last_step_on_either_side() -> None:
    course = Course((0, 1), {"a": (9.0, 1.0), "b": (0.0, -3.0), "c": (0.0, 2.0), "d": (1.0, None)})
    assert top(course, 2) == Course((0, 1), {"b": (0.0, -3.0), "c": (0.0, 2.0)}, left_out=2)
    assert list(top(course, 9).values) == ["b", "c", "a", "d"]


@pytest.mark.parametrize("count", [0, 1, 2, 7, 100, 101, 102, 999])
def test_an_even_choice_of_steps_keeps_both_ends(count: int) -> None:
    steps = evenly(range(count), 100)
    assert len(steps) == min(count, 100)
    if count:
        assert (steps[0], steps[-1]) == (0, count - 1)
        gaps = np.diff(steps)
        assert count < 2 or gaps.max() - gaps.min() <= 1


def test_what_is_left_out_is_not_read(tmp_path: Path) -> None:
    """Of features only the last step tells which are the largest; their other steps cost a hundred times as much."""
    trial = Counting(Folder(save(tmp_path, range(50), features=20)))
    found = read(trial, limits=Limits(features=2, feature_steps=5, metric_steps=7))
    assert found.metrics.steps == (0, 8, 16, 24, 33, 41, 49)
    assert found.metrics.values.keys() == {"train-rmse", "validation-rmse", "validation-mae"}
    gain = found.importance["gain"]
    assert (list(gain.values), gain.steps, gain.left_out) == (["f19", "f18"], (0, 12, 24, 37, 49), 18)
    assert (list(found.shap.values), found.shap.left_out) == (["f19", "f18"], 18)
    kinds = 6  # five types of importance, and SHAP values
    assert trial.asked == 3 * 7 + kinds * (20 + 2 * 5)


def test_only_the_kinds_that_are_asked_for_are_read(tmp_path: Path) -> None:
    trial = Counting(Folder(save(tmp_path)))
    found = read(trial, limits=Limits(kinds=["cover"]))
    assert (found.metrics.steps, list(found.importance), found.shap.steps) == ((), ["cover"], ())
    assert trial.asked == 8  # of three features at three steps, the first at two


class Counting(Trial):
    """Counts the values that are read."""

    asked = 0

    def value(self, name: str, step: int) -> Array:
        self.asked += 1
        return super().value(name, step)


@pytest.mark.parametrize(
    ("name", "column"),
    [("f0", "age"), ("f1", "sex"), ("f2", "f2"), ("f01", "f01"), ("f", "f"), ("age", "age"), ("f99999999999", None)],
)
def test_features_are_called_by_their_columns_where_these_are_known(name: str, column: str | None) -> None:
    assert feature(name, ["age", "sex"]) == (column or name)
