"""The digits of the ten-class example: scikit-learn's, each once, in parts that are alike."""

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

DATA = Path(__file__).resolve().parents[3] / "specs/data"
PARTS = ("train", "validation", "test")


@pytest.fixture(scope="module")
def arrays() -> dict[str, Any]:
    """The committed arrays."""
    with np.load(DATA / "digits.npz", allow_pickle=False) as found:
        return dict(found)


def test_the_script_writes_the_committed_arrays(tmp_path: Path) -> None:
    """To the byte."""
    fresh = tmp_path / "fresh.npz"
    subprocess.run([sys.executable, DATA / "make_digits.py", fresh], check=True)
    assert fresh.read_bytes() == (DATA / "digits.npz").read_bytes()


def test_every_image_is_in_one_part(arrays: dict[str, Any]) -> None:
    """With its own label, and as scikit-learn has it."""
    assert list(arrays) == [f"{part}_{name}" for part in PARTS for name in "xy"]
    expected = load_digits()
    assert {arrays[f"{part}_x"].dtype for part in PARTS} == {np.dtype(np.uint8)}
    found = [
        (*row, label) for part in PARTS for row, label in zip(arrays[f"{part}_x"], arrays[f"{part}_y"], strict=True)
    ]
    known = [(*row, label) for row, label in zip(expected.data, expected.target, strict=True)]
    assert Counter(tuple(map(int, row)) for row in found) == Counter(tuple(map(int, row)) for row in known)


def test_the_parts_are_like_the_whole(arrays: dict[str, Any]) -> None:
    """Each digit is a tenth of each part, nearly."""
    sizes = {part: len(arrays[f"{part}_y"]) for part in PARTS}
    assert sum(sizes.values()) == 1_797
    assert sizes["validation"] == sizes["test"] == pytest.approx(300, abs=5)
    for part in PARTS:
        counts = np.bincount(arrays[f"{part}_y"], minlength=10)
        assert counts.min() > 0.9 * sizes[part] / 10
