"""Headers of numpy's files, which are read without numpy."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from specimen.spec.load import NPZ, Header, read_header
from specimen.spec.npz import Array, array, problem


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.zeros((3, 2, 2), dtype=np.uint8), Array("u", (3, 2, 2))),
        (np.asfortranarray(np.zeros((3, 4))), Array("f", (3, 4))),
        (np.array(["a", "bc"]), Array("U", (2,))),
        (np.array(5, dtype=">i4"), Array("i", ())),
        (np.array([None, {}], dtype=object), Array("O", (2,))),
        (np.zeros(2, dtype=[("a", "<i4"), ("b", "<f8")]), Array("V", (2,))),
        (np.zeros((0, 7), dtype=bool), Array("b", (0, 7))),
    ],
)
def test_what_numpy_writes_is_told(values: np.ndarray, expected: Array, tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    for save in (np.savez, np.savez_compressed):
        save(path, x=values)
        assert read_header(path, NPZ) == Header(arrays={"x": expected})


def test_nothing_of_an_object_is_read(tmp_path: Path) -> None:
    """The pickle would raise; its array is described all the same."""

    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return exec, ("raise SystemError('run')",)

    path = tmp_path / "a.npz"
    np.savez(path, x=np.array([[Bomb()]], dtype=object), y=np.array([0]))
    with pytest.raises(SystemError), np.load(path, allow_pickle=True) as loaded:
        loaded["x"]
    found = read_header(path, NPZ).arrays
    assert "run whatever code they bring" in (problem(found, "x", "y", 0) or "")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY",
        b"\x93NUMPY\x09\x00",
        b"\x93NUMPY\x01\x00\xff",
        b"\x93NUMPY\x01\x00\x04\x00{}",
        b"\x93NUMPY\x01\x00\x02\x00{}",
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}",
        b"\x93NUMPY\x01\x00\x1f\x00{'descr': '<f8', 'shape': (-1,)}",
        b"\x93NUMPY\x01\x00\x1e\x00{'descr': '<f8', 'shape': ('',}",
        b"\x93NUMPY\x01\x00\x20\x00__import__('os').system('true')  ",
    ],
)
def test_a_damaged_header_is_said(content: bytes) -> None:
    with pytest.raises(ValueError, match="it is no npz"):
        array(content, "x.npy")


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    path, whole = tmp_path / "a.npz", io.BytesIO()
    np.savez(whole, x=np.zeros((3, 2)))
    for cut in (1, 50, len(whole.getvalue()) - 1):
        path.write_bytes(whole.getvalue()[:cut])
        assert "cannot be read" in (read_header(path, NPZ).problem or "")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", "no array")
        archive.writestr("readme.txt", "not looked at")
    assert read_header(path, NPZ).problem == "cannot be read: it is no npz: x.npy is no array"


LABELS = Array("i", (3,))


@pytest.mark.parametrize(
    ("x", "y", "declared", "said"),
    [
        (Array("f", (3, 2)), LABELS, 2, None),
        (Array("f", (3, 2, 2)), Array("U", (3,)), 4, None),
        (Array("f", (3, 2)), Array("i", (3, 1)), 0, None),
        (Array("U", (3, 2)), LABELS, 0, "no numbers in `x`"),
        (Array("f", (3, 2)), Array("M", (3,)), 0, "neither numbers nor texts in `y`"),
        (Array("f", (3,)), LABELS, 0, "no columns in `x`: its shape is 3"),
        (Array("f", (3, 2)), Array("i", (3, 2)), 0, "more than a label a row in `y`: its shape is 3 x 2"),
        (Array("f", (3, 2)), Array("i", ()), 0, "more than a label a row in `y`: its shape is a single value"),
        (Array("f", (4, 2)), LABELS, 0, "4 rows in `x` and 3 in `y`"),
        (Array("f", (0, 2)), Array("i", (0,)), 0, "nothing in `x`: its shape is 0 x 2"),
        (Array("f", (3, 2)), LABELS, 3, "2 columns in `x`, and `features` declares 3"),
    ],
)
def test_arrays_fit_together(x: Array, y: Array, declared: int, said: str | None) -> None:
    found = problem({"x": x, "y": y}, "x", "y", declared)
    assert found is None if said is None else said in (found or "")
