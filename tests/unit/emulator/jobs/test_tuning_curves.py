"""A training job's objective is read from its log while it grows, and held to the others' running averages."""

from pathlib import Path

from specimen.emulator.jobs.log import Log
from specimen.emulator.jobs.tuning_curves import Curve, lags

REGEX = r".*\[[0-9]+\].*#011validation-auc:(\S+)"


def test_a_curve_grows_with_its_log(tmp_path: Path) -> None:
    path = tmp_path / "stream"
    curve = Curve(path, REGEX)
    assert list(curve.read()) == []
    log = Log(path)
    log.write("starting")
    log.write("[0]\ttrain-auc:0.9\tvalidation-auc:0.5")
    assert list(curve.read()) == [0.5]
    log.write("[1]\tvalidation-auc:none")
    log.write("[2]\tvalidation-auc:0.75")
    assert list(curve.read()) == [0.5, 0.75]
    log.close()


def test_the_last_value_is_held_to_the_median_of_running_averages() -> None:
    others = [[0.2, 0.4], [0.4, 0.6, 0.0], [0.6, 0.8]]  # averages after two steps: 0.3, 0.5, 0.7
    assert lags([0.9, 0.45], others, maximize=True)
    assert not lags([0.1, 0.55], others, maximize=True)
    assert lags([0.1, 0.55], others, maximize=False)
    assert not lags([0.9, 0.5], others, maximize=False)


def test_nothing_lags_behind_too_few() -> None:
    others = [[0.5, 0.6], [0.5, 0.6], [0.5]]
    assert not lags([0.1, 0.1], others, maximize=True)
    assert lags([0.1], others, maximize=True)
    assert not lags([], others, maximize=True)
