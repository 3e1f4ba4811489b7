"""What the step `debug` keeps of the tensors for the report."""

import json
import math
from pathlib import Path

import pytest
from specimen_components.debugging.series import TOP, parsed, series
from specimen_components.jsondata import finite
from specimen_tensors.files import Folder
from specimen_tensors.series import read
from specimen_tensors.trial import Trial
from specimen_tensors.writer import Writer

from tests.saved_tensors import COLLECTIONS, save


def test_all_courses_are_kept_with_the_columns_names(tmp_path: Path) -> None:
    trial = Trial(Folder(save(tmp_path)))
    found = series(trial, ["age", "sex", "pay"])
    assert found["metrics"] == {
        "steps": [0, 5, 10],
        "values": {
            "train-rmse": [4.0, 3.375, 2.75],
            "validation-mae": [2.0, 2.0, 2.0],
            "validation-rmse": [4.25, 3.625, 3.0],
        },
        "left_out": 0,
    }
    assert isinstance(found["importance"], dict)
    assert found["importance"]["total_cover"] == {
        "steps": [0, 5, 10],
        "values": {"pay": [0.6, 0.5, 0.5], "sex": [0.4, 0.333333, 0.333333], "age": [0.0, 0.166667, 0.166667]},
        "left_out": 0,
    }
    assert found["average_shap"] == {
        "steps": [0, 5, 10],
        "values": {"pay": [0.2, 0.7, 1.2], "sex": [-0.1, -0.6, -1.1], "age": [0.0, 0.5, 1.0]},
        "left_out": 0,
    }


def test_what_was_kept_is_read_back(tmp_path: Path) -> None:
    """In the order of their last figures, though a record keeps its keys sorted."""
    trial = Trial(Folder(save(tmp_path)))
    found = parsed(json.loads(json.dumps(series(trial, []), sort_keys=True)))
    whole = read(trial)
    assert found.metrics == whole.metrics
    assert found.importance["gain"].values["f2"] == whole.importance["gain"].values["f2"]
    assert list(found.importance["gain"].values) == list(found.shap.values) == ["f2", "f1", "f0"]
    assert parsed({}).metrics.steps == ()


def test_many_features_and_steps_stay_small(tmp_path: Path) -> None:
    trial = Trial(Folder(save(tmp_path, range(0, 360, 3), features=30)))
    found = series(trial, [f"a column of a long name {number}" for number in range(30)])
    shap = found["average_shap"]
    assert isinstance(shap, dict)
    assert (len(shap["values"]), shap["left_out"], len(shap["steps"])) == (TOP, 30 - TOP, 100)
    assert (shap["steps"][0], shap["steps"][-1]) == (0, 357)


@pytest.mark.parametrize("metrics", [1, 300])
def test_a_record_takes_them_however_many_there_are(tmp_path: Path, metrics: int) -> None:
    writer = Writer(tmp_path)
    writer.write_collections(COLLECTIONS)
    names = [f"validation-{''.join(chr(97 + int(digit)) for digit in str(number))}" for number in range(metrics)]
    for step in range(60):
        writer.write_step(step, dict.fromkeys(names, math.pi * 10**9 * step))
    writer.close()
    assert len(json.dumps(series(Trial(Folder(tmp_path)), []))) < 200_000


def test_what_is_not_finite_is_no_point(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    writer.write_collections(COLLECTIONS)
    for step, value in enumerate((math.nan, 0.5, math.inf)):
        writer.write_step(step, {"train-rmse": value})
    writer.close()
    found = series(Trial(Folder(tmp_path)), [])
    assert found["metrics"] == {"steps": [0, 1, 2], "values": {"train-rmse": [None, 0.5, None]}, "left_out": 0}
    assert finite(found) == found
