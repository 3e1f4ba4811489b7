"""The table of the regression: made anew from its seed, shaped as UCI's, and none of UCI's rows."""

import gzip
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import correlation, fmean

import pytest

DATA = Path(__file__).resolve().parents[3] / "specs/data"
Row = dict[int, float]  # the label under 0, then features by index


def read(path: Path) -> list[Row]:
    """A table's rows."""
    with gzip.open(path, "rt", encoding="ascii") as stream:
        return [row(line.split()) for line in stream]


def row(words: list[str]) -> Row:
    pairs = (word.split(":") for word in words[1:])
    return {0: float(words[0]), **{int(index): float(value) for index, value in pairs}}


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """The committed table."""
    return read(DATA / "abalone.libsvm.gz")


def test_the_generator_writes_the_committed_table(tmp_path: Path) -> None:
    """A run of the generator changes nothing; how well zlib packs it is zlib's own affair."""
    fresh = tmp_path / "fresh.libsvm.gz"
    subprocess.run([sys.executable, DATA / "make_abalone.py", fresh], check=True)
    assert gzip.decompress(fresh.read_bytes()) == gzip.decompress((DATA / "abalone.libsvm.gz").read_bytes())


def test_measures_stay_in_range(rows: list[Row]) -> None:
    """Eight features, seldom one less; codes, lengths, weights and ages are such as shellfish have."""
    assert len(rows) == 4_177
    missing = [row for row in rows if row.keys() != set(range(9))]
    assert 0 < len(missing) < 20
    for row in rows:
        assert row[0] in range(1, 30)
        assert row[1] in (1, 2, 3)
        assert 0 < row[3] < row[2] < 1
        assert all(0 < row[part] <= row[5] < 4 for part in (6, 7, 8))


def test_the_old_are_larger_and_thicker_of_shell(rows: list[Row]) -> None:
    """There is something to learn, and not everything."""
    rings = [row[0] for row in rows]
    assert 0.4 < correlation(rings, [row[2] for row in rows]) < 0.7
    assert correlation(rings, [row[8] for row in rows]) > correlation(rings, [row[6] for row in rows])
    assert fmean(row[0] for row in rows if row[1] == 3) < fmean(rings)


def test_no_animal_is_one_of_uci_s(rows: list[Row], shared_data: Callable[[str], Path]) -> None:
    """And the features are, as far as their ranges tell."""
    real = read(shared_data("data/abalone.libsvm.gz"))
    assert not {tuple(row.values()) for row in rows} & {tuple(row.values()) for row in real}
    for index in range(9):
        ours, theirs = (fmean(row[index] for row in table if index in row) for table in (rows, real))
        assert ours == pytest.approx(theirs, rel=0.15)
