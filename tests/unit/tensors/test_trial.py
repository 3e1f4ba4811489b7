"""What a writer wrote is what a trial reads, while training goes on and afterwards."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from specimen_tensors.collections import Collection
from specimen_tensors.files import Folder
from specimen_tensors.modes import Mode
from specimen_tensors.saving import Schedule
from specimen_tensors.trial import Trial
from specimen_tensors.writer import Writer

KINDS = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "c8", "c16", "?", ">f8", ">i4"]
TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1)
ARRAYS = st.sampled_from(KINDS).flatmap(
    lambda kind: arrays.arrays(np.dtype(kind), arrays.array_shapes(min_dims=0, max_dims=3, max_side=4))
)
VALUES = st.one_of(
    ARRAYS, TEXTS.map(lambda texts: np.array(texts, dtype=np.str_)), st.integers(-(2**63), 2**63 - 1), st.floats()
)
TENSORS = st.dictionaries(st.text(min_size=1, max_size=9), VALUES, min_size=1, max_size=4)
STEPS = st.dictionaries(st.integers(0, 10**12 - 1), TENSORS, max_size=3)


def same(found: npt.NDArray[np.generic], value: object) -> bool:
    wanted = np.atleast_1d(np.asarray(value)) if np.isscalar(value) else np.asarray(value)
    return (
        found.shape == wanted.shape
        and found.dtype.kind == wanted.dtype.kind
        and np.array_equal(found, wanted, equal_nan=wanted.dtype.kind in "fc")
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(steps=STEPS)
def test_every_value_comes_back_as_it_was_saved(
    tmp_path_factory: pytest.TempPathFactory, steps: dict[int, dict[str, object]]
) -> None:
    folder = tmp_path_factory.mktemp("trial")
    writer = Writer(folder)
    writer.open()
    for step, tensors in steps.items():
        writer.write_step(step, tensors)
    writer.close()
    trial = Trial(Folder(folder))
    assert trial.ended
    assert trial.steps() == tuple(sorted(steps))
    assert trial.tensor_names() == tuple(sorted({name for tensors in steps.values() for name in tensors}))
    for step, tensors in steps.items():
        for name, value in tensors.items():
            assert step in trial.steps(name)
            assert same(trial.value(name, step), value), (name, value)


COLLECTIONS = {
    "metrics": Collection(
        "metrics", ("^[a-zA-z]+-[a-zA-z0-9]+$",), ("train-rmse",), {mode: Schedule(5, (3,), 0, 40) for mode in Mode}
    ),
    "labels": Collection("labels", ("^labels$",), (), {}, save_histogram=False),
}


def test_a_trial_is_followed_while_it_grows(tmp_path: Path) -> None:
    writer, trial = Writer(tmp_path), Trial(Folder(tmp_path))
    assert (trial.steps(), trial.tensor_names(), dict(trial.collections()), trial.ended) == ((), (), {}, False)
    writer.open()
    writer.write_step(0, {"train-rmse": 2.5})
    writer.write_collections(COLLECTIONS)
    assert trial.steps() == ()
    trial.refresh()
    assert (trial.steps(), trial.workers) == ((0,), ("worker_0",))
    writer.write_step(1500, {"train-rmse": 1.25, "labels": np.zeros(2, dtype=np.float32)})
    writer.close()
    trial.refresh()
    assert trial.ended
    assert {step: value.tolist() for step, value in trial.values("train-rmse").items()} == {0: [2.5], 1500: [1.25]}
    assert trial.steps("labels") == (1500,)


def test_the_files_stand_where_smdebug_has_them(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    writer.open()
    assert [path.name for path in tmp_path.iterdir()] == ["claim.smd"]
    writer.write_step(1500, {"a": 1.0, "empty": np.zeros((0, 3))})
    writer.write_step(1501, {"empty": np.zeros(0)})
    writer.write_collections(COLLECTIONS)
    writer.close()
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()) == [
        "collections/000000000/worker_0_collections.json",
        "events/000000001500/000000001500_worker_0.tfevents",
        "index/000000001/000000001500_worker_0.json",
        "training_job_end.ts",
    ]
    assert Trial(Folder(tmp_path)).tensor_names() == ("a",)


def test_names_are_found_by_collection_and_by_pattern(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    writer.write_step(0, {"train-rmse": 1.0, "validation-rmse": 1.0, "labels": 1.0, "average_shap/f0": 1.0})
    writer.write_collections(COLLECTIONS)
    trial = Trial(Folder(tmp_path))
    assert trial.collections() == COLLECTIONS
    assert trial.tensor_names(collection="metrics") == ("train-rmse", "validation-rmse")
    assert trial.tensor_names(collection="metrics", regex="^val") == ("validation-rmse",)
    assert trial.tensor_names(regex="shap|labels") == ("average_shap/f0", "labels")
    assert trial.tensor_names(collection="trees") == ()
    with pytest.raises(KeyError):
        trial.steps("nothing")


def test_names_that_share_a_value_share_its_record(tmp_path: Path) -> None:
    value = np.arange(6.0).reshape(2, 3)
    writer = Writer(tmp_path)
    writer.write_step(0, {"full_shap/f0": value}, same={"full_shap/f0": ["full_shap/f1", "full_shap/f2"]})
    trial = Trial(Folder(tmp_path))
    assert trial.tensor_names() == ("full_shap/f0", "full_shap/f1", "full_shap/f2")
    assert all((trial.value(name, 0) == value).all() for name in trial.tensor_names())
    events = next(tmp_path.rglob("*.tfevents")).stat().st_size
    assert events < 2 * value.nbytes + 150


def test_a_step_counts_when_all_workers_have_written_it(tmp_path: Path) -> None:
    writers = [Writer(tmp_path, f"worker_{number}") for number in range(2)]
    for writer in writers:
        writer.write_collections(COLLECTIONS, workers=2)
    trial = Trial(Folder(tmp_path))
    writers[0].write_step(0, {"a": 1.0})
    writers[1].write_step(5, {"a": 20.0})
    trial.refresh()
    assert (trial.workers, trial.steps()) == (("worker_0", "worker_1"), ())
    writers[1].write_step(0, {"a": 10.0})
    trial.refresh()
    assert trial.steps("a") == (0,)
    assert trial.value("a", 0) == 1.0
    writers[0].close()
    trial.refresh()
    assert trial.steps("a") == (0, 5)


def test_a_new_training_takes_the_end_of_an_earlier_one_away(tmp_path: Path) -> None:
    Writer(tmp_path).close()
    assert Trial(Folder(tmp_path)).ended
    Writer(tmp_path).open()
    assert not Trial(Folder(tmp_path)).ended


def test_what_is_being_written_is_not_read(tmp_path: Path) -> None:
    writer = Writer(tmp_path)
    writer.write_step(0, {"a": 1.0})
    writer.write_collections(COLLECTIONS)
    index = next((tmp_path / "index").rglob("*.json"))
    index.with_name("000000000005_worker_0.json.tmp").write_text('{"meta"')
    assert Trial(Folder(tmp_path)).steps() == (0,)
    assert Folder(tmp_path).names("index/") == ["index/000000000/000000000000_worker_0.json"]


def test_no_step_counts_before_it_is_known_what_it_belongs_to(tmp_path: Path) -> None:
    """Collections are written right after the first step, and a look may fall between the two."""
    writer = Writer(tmp_path)
    writer.open()
    writer.write_step(0, {"train-rmse": 1.0})
    trial = Trial(Folder(tmp_path))
    assert (trial.steps(), trial.steps("train-rmse")) == ((), ())
    writer.write_collections(COLLECTIONS)
    trial.refresh()
    assert (trial.steps(), trial.tensor_names(collection="metrics")) == ((0,), ("train-rmse",))


def test_what_has_no_place_in_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=re.escape("dates: arrays of datetime64[D] cannot be saved")):
        Writer(tmp_path).write_step(0, {"dates": np.array(["2026-01-01"], dtype="datetime64[D]")})
    with pytest.raises(TypeError, match="table: text is kept in one dimension, not in 2"):
        Writer(tmp_path).write_step(0, {"table": np.array([["a"]])})
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.parametrize(
    ("schedule", "steps"),
    [
        (Schedule(5), [0, 5, 10, 15]),
        (Schedule(5, start_step=4, end_step=15), [5, 10]),
        (Schedule(100, save_steps=(3, 7)), [0, 3, 7]),
        (Schedule(1, save_steps=(9,), end_step=2), [0, 1, 9]),
    ],
)
def test_a_schedule_names_its_steps(schedule: Schedule, steps: list[int]) -> None:
    assert [step for step in range(20) if schedule.saves(step)] == steps
