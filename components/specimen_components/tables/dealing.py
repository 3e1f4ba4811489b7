"""Which file a row is written to, and the files themselves: parts and their shards, written side by side."""

import gzip
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from specimen_components.tables import parquet
from specimen_components.tables.errors import TableError, counted
from specimen_components.tables.lines import Form, Places
from specimen_components.tables.workers import ordered
from specimen_components.tables.writers import writer

CELLS = 2**18  # numbers that are written at a time, few enough for the processor's cache
GROUP = 2**21  # the same of a row group in Parquet
Targets = npt.NDArray[np.int32]  # the place of each row's file, -1 where it is not written


def dealt(label: npt.NDArray[Any], shards: int, seed: int) -> Targets:
    """Return each row's shard: rows are dealt out one after the other, class by class and in random order within.

    So every shard is like the whole, whatever the order of the table. Raises `TableError`: there are too few rows.
    """
    if shards > len(label):
        raise TableError(
            f"dataset.shards: {counted(shards, 'part file')} for a training part of {counted(len(label), 'row')}",
            hint=f"Ask for at most {len(label)}.",
        )
    order = np.argsort(np.random.PCG64(seed).random_raw(len(label)), kind="stable")
    order = order[np.argsort(label[order], kind="stable")]
    found = np.empty(len(label), dtype=np.int32)
    found[order] = np.arange(len(label), dtype=np.int32) % shards
    return found


@dataclass(frozen=True)
class Rows:
    """Rows of numbers, the label first, and the file that each is written to."""

    frame: pd.DataFrame
    targets: npt.NDArray[Any]


def write_lines(tables: Sequence[Rows], paths: Sequence[Path], form: Form, pointed: Collection[str] = ()) -> None:
    """Write rows to the ends of text files, side by side: a block at a time, in the order of the rows."""
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("ab")) for path in paths]
        for table in tables:
            lines = writer(table.frame, form, pointed)
            for texts in ordered(partial(_texts, lines.text), _blocks(table, len(paths))):
                for target, text in texts:
                    files[target].write(text)


def write_parquet(tables: Sequence[Rows], paths: Sequence[Path]) -> None:
    """Write rows to Parquet files, one after the other, since each is better of few large groups of rows."""
    with ExitStack() as stack:
        files = [parquet.Writer(path, tables[0].frame) for path in paths]
        for file in files:
            stack.callback(file.close)
        for table in tables:
            step = max(1, GROUP // table.frame.shape[1])
            for target, file in enumerate(files):
                places = np.flatnonzero(table.targets == target)
                for start in range(0, len(places), step):
                    file.write(table.frame.iloc[places[start : start + step]])


def pack(path: Path) -> Path:
    """Pack a file by gzip, the same bytes for the same content, and remove it."""
    packed = path.with_name(f"{path.name}.gz")
    with path.open("rb") as plain, packed.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as target:
        shutil.copyfileobj(plain, target)
    path.unlink()
    return packed


def _blocks(table: Rows, files: int) -> Iterator[list[tuple[int, Places]]]:
    """Yield the rows of each file in the order of the table, as many at a time as is quick."""
    rows = max(1, CELLS // table.frame.shape[1])
    for start in range(0, len(table.targets), rows * files):
        own = table.targets[start : start + rows * files]
        places = [(int(target), start + np.flatnonzero(own == target)) for target in np.unique(own) if target >= 0]
        yield [(target, some[at : at + rows]) for target, some in places for at in range(0, len(some), rows)]


def _texts(text: Callable[[Places], bytes], rows: list[tuple[int, Places]]) -> list[tuple[int, bytes]]:
    return [(target, text(places)) for target, places in rows]
