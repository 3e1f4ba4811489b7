"""Importance is read from the artifact's booster, and never by unpickling."""

import gzip
import io
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest
import xgboost
from specimen_components.importance import Unreadable, scores, unpack

RANDOM = np.random.default_rng(7)
ROWS = RANDOM.random((200, 3))


def booster(**parameters: object) -> xgboost.Booster:
    """A model that uses the first column, a little of the last one, and nothing of the second."""
    rows = ROWS.copy()
    rows[:, 1] = 0
    labels = (rows[:, 0] + 0.1 * rows[:, 2] > 0.5).astype(float)
    return xgboost.train({"max_depth": 2, **parameters}, xgboost.DMatrix(rows, labels), num_boost_round=3)


def packed(folder: Path, files: dict[str, bytes]) -> Path:
    path = folder / "model.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def saved(folder: Path, content: bytes) -> Path:
    path = folder / "model"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("form", ["ubj", "json"])
def test_scores_bear_the_columns_names(tmp_path: Path, form: str) -> None:
    model = booster()
    found = scores(saved(tmp_path, bytes(model.save_raw(form))), ["LIMIT", "UNUSED", "AGE"])
    names = {"f0": "LIMIT", "f2": "AGE"}
    for kind in ("gain", "weight", "cover"):
        expected = {names[name]: score for name, score in model.get_score(importance_type=kind).items()}
        assert found.pop(kind) == pytest.approx(expected)
    assert found == {}


def test_the_file_of_sagemakers_name_is_taken_from_the_archive(tmp_path: Path) -> None:
    unpack(packed(tmp_path, {"code/x.py": b"x", "xgboost-model": b"model"}), tmp_path / "model")
    assert (tmp_path / "model").read_bytes() == b"model"
    unpack(packed(tmp_path, {"../../only": b"one"}), tmp_path / "model")
    assert (tmp_path / "model").read_bytes() == b"one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "model.tar.gz"]


@pytest.mark.parametrize("files", [{}, {"a": b"1", "b": b"2"}])
def test_an_archive_without_one_model_says_so(tmp_path: Path, files: dict[str, bytes]) -> None:
    with pytest.raises(Unreadable, match="one model was expected"):
        unpack(packed(tmp_path, files), tmp_path / "model")


def test_an_archive_that_is_none_says_so(tmp_path: Path) -> None:
    path = saved(tmp_path, b"not an archive")
    with pytest.raises(Unreadable, match="no readable archive"):
        unpack(path, tmp_path / "out")
    whole = packed(tmp_path, {"xgboost-model": RANDOM.bytes(10_000)}).read_bytes()
    with pytest.raises(Unreadable, match="no readable archive"):
        unpack(saved(tmp_path, whole[: len(whole) // 2]), tmp_path / "out")


def test_an_archive_damaged_in_the_middle_says_so(tmp_path: Path) -> None:
    """So far in that the archive's list of members is read without an error."""
    whole = gzip.decompress(packed(tmp_path, {"xgboost-model": bytes(200_000)}).read_bytes())
    no_block = b"\x1f\x8b\x08" + bytes(7) + b"\x07"  # a gzip header, and a block of a kind that there is not
    with pytest.raises(Unreadable, match="no readable archive: Error -3"):
        unpack(saved(tmp_path, gzip.compress(whole[:100_000]) + no_block), tmp_path / "out")


def test_a_pickle_is_refused_unopened(tmp_path: Path) -> None:
    opened = tmp_path / "opened"

    class Bomb:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (opened,))

    with pytest.raises(Unreadable, match="pickle"):
        scores(saved(tmp_path, pickle.dumps(Bomb())), [])
    assert not opened.exists()


@pytest.mark.parametrize("content", [b"", b"rubbish", b"{}", b'{"version": [3, 2, 0]}'])
def test_what_xgboost_cannot_read_is_a_reason_even_when_it_crashes(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Unreadable, match=r"^XGBoost cannot read the model: "):
        scores(saved(tmp_path, content), [])


def test_a_linear_model_has_no_gain_and_says_so(tmp_path: Path) -> None:
    parameters = {"booster": "gblinear", "updater": "coord_descent"}
    model = xgboost.train(parameters, xgboost.DMatrix(ROWS, ROWS[:, 0]), num_boost_round=2)
    with pytest.raises(Unreadable, match=r"gain|weight"):
        scores(saved(tmp_path, bytes(model.save_raw("ubj"))), ["a", "b", "c"])
