"""Rows are dealt out to files evenly, and Parquet files hold the numbers that were written."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from specimen_components.tables import dealing, parquet
from specimen_components.tables.errors import TableError

KINDS = [np.int8, np.uint8, np.int16, np.uint32, np.int64, np.uint64, np.float32, np.float64]


@given(label=st.lists(st.integers(0, 4), min_size=6, max_size=80), shards=st.integers(1, 6), seed=st.integers(0, 2**32))
def test_every_shard_is_like_the_whole(label: list[int], shards: int, seed: int) -> None:
    """No shard has two rows more than another, nor two rows more of a class; the same seed deals the same again."""
    found = dealing.dealt(np.array(label), shards, seed)
    assert np.array_equal(found, dealing.dealt(np.array(label), shards, seed))
    for chosen in (np.ones(len(label), dtype=bool), *(np.array(label) == value for value in set(label))):
        counts = np.bincount(found[chosen], minlength=shards)
        assert len(counts) == shards
        assert counts.max() - counts.min() <= 1


def test_more_shards_than_rows_are_refused() -> None:
    with pytest.raises(TableError, match=r"dataset\.shards: 3 part files for a training part of 2 rows") as caught:
        dealing.dealt(np.array([0, 1]), 3, 0)
    assert "at most 2" in str(caught.value.hint)


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    rows = draw(st.integers(2, 12))

    def column(kind: Any) -> Any:
        elements = {"allow_infinity": False} if np.dtype(kind).kind == "f" else {}
        return draw(arrays.arrays(kind, rows, elements=elements))

    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=6))
    return pd.DataFrame({f"c{index}": column(kind) for index, kind in enumerate(kinds)})


@settings(deadline=None)
@given(frame=frames(), data=st.data())
def test_parquet_is_read_as_the_same_numbers(
    tmp_path_factory: pytest.TempPathFactory, frame: pd.DataFrame, data: st.DataObject
) -> None:
    """By other readers and by `prepare`'s own; a missing value is one."""
    folder = tmp_path_factory.mktemp("t")
    targets = np.array(data.draw(st.lists(st.integers(0, 1), min_size=len(frame), max_size=len(frame))))
    targets[:2] = 0, 1  # no file is empty
    paths = [folder / "a.parquet", folder / "b.parquet"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dealing, "GROUP", 4)
        dealing.write_parquet([dealing.Rows(frame, targets)], paths)
    for target, path in enumerate(paths):
        expected = frame[targets == target].to_numpy(object)
        names = parquet.read_header(path)
        assert names == list(frame)
        for found in (pq.read_table(path).to_pandas(), parquet.read_columns(path, names, (), ())):
            assert all(
                one == other or (one != one and other != other)
                for row, known in zip(found.to_numpy(object), expected, strict=True)
                for one, other in zip(row, known, strict=True)
            )


def test_a_packed_file_is_the_same_each_time(tmp_path: Path) -> None:
    """Whatever the file is called, and whenever it is packed."""
    packed = []
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_bytes(b"1,2\n" * 1_000)
        packed.append(dealing.pack(tmp_path / name).read_bytes())
        assert not (tmp_path / name).exists()
    assert packed[0] == packed[1]
