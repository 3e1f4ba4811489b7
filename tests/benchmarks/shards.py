"""`prepare` of MNIST (70,000 × 784, in npz) into five libsvm shards, beside text that is joined row by row in Python.

From the file of arrays to part files, validation and test on this disk, with libraries imported before, as those of a
run's steps are. Ours also checks and counts the table. It is held against two ways to join: every value, as SageMaker's
own example for MNIST does, and only those that are not zero, which libsvm leaves out. Memory is that of the whole
component, a process that reads from and writes to the embedded server's S3, beyond what its libraries take.
"""

import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from specimen_components.tables.dealing import Rows, write_lines
from specimen_components.tables.lines import Form
from specimen_components.tables.request import parse
from specimen_components.tables.sources import Source, read
from specimen_components.tables.transforming import transform

from tests.benchmarks.measuring import MEGABYTE, SHARED, compare, paired, peak, timed
from tests.benchmarks.prepare import command, stored

ROUNDS = 3
SHARDS = 5
DATASET = {"format": "npz", "label": "digit", "shards": SHARDS, "content_type": "libsvm", "classes": 10}
IMPORTS = "import boto3, specimen_components.prepare"
Join = Callable[[int, Iterable[int]], str]


def main() -> None:
    """Measure time and memory, and print them beside what was asked."""
    table = SHARED / "data" / "mnist.npz"
    if not table.exists():
        print(f"  there is no {table}")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for what, join in (("every value", every_value), ("what is not zero", not_zero)):
            costs = paired(
                partial(timed, partial(prepared, table)), partial(timed, partial(joined, table, join)), ROUNDS
            )
            compare("prepare, MNIST into five shards", f"joining {what}", *costs, "10 times")
        measure_writing(table)
        measure_memory(folder, table)


def every_value(label: int, values: Iterable[int]) -> str:
    """A line with all values, as SageMaker's example of XGBoost on MNIST has it."""
    return f"{label} " + " ".join([f"{index}:{value}" for index, value in enumerate(values, 1)])


def not_zero(label: int, values: Iterable[int]) -> str:
    """The same line without zeros."""
    return f"{label} " + " ".join([f"{index}:{value}" for index, value in enumerate(values, 1) if value])


def prepared(table: Path) -> None:
    """Write all parts as `prepare` does."""
    with tempfile.TemporaryDirectory() as folder:
        transform([Source("dataset.source", table.name, table)], parse(DATASET), Path(folder))


def joined(table: Path, join: Join) -> None:
    """Write all parts by joining strings."""
    with np.load(table, allow_pickle=False) as arrays, tempfile.TemporaryDirectory() as folder:
        for part, files in {"train": SHARDS, "validation": 1, "test": 1}.items():
            x, y = arrays[f"{part}_x"], arrays[f"{part}_y"]
            for file in range(files):
                lines(x[file::files], y[file::files], join, Path(folder) / f"{part}-{file}")


def lines(x: Any, y: Any, join: Join, path: Path) -> None:
    """Write one file by joining strings."""
    path.write_text("\n".join([join(label, row) for label, row in zip(y.tolist(), x.tolist(), strict=True)]) + "\n")


def measure_writing(table: Path) -> None:
    """Measure the training part alone, from its arrays in memory to its five files."""
    with np.load(table, allow_pickle=False) as arrays:
        x, y = arrays["train_x"], arrays["train_y"]
    frame = read([Source("dataset.source", table.name, table)], parse(DATASET), Path()).frame[: len(x)]
    rows = Rows(frame, np.arange(len(x)) % SHARDS)

    def ours() -> None:
        with tempfile.TemporaryDirectory() as folder:
            write_lines([rows], [Path(folder) / str(shard) for shard in range(SHARDS)], Form.LIBSVM)

    def theirs() -> None:
        with tempfile.TemporaryDirectory() as folder:
            for shard in range(SHARDS):
                lines(x[shard::SHARDS], y[shard::SHARDS], not_zero, Path(folder) / str(shard))

    costs = paired(lambda: timed(ours), lambda: timed(theirs), ROUNDS)
    compare("  its writing of the training part alone", "joining what is not zero", *costs, "10 times")


def measure_memory(folder: Path, table: Path) -> None:
    """Measure the peak of the whole component beside the arrays' bytes."""
    with np.load(table, allow_pickle=False) as arrays:
        size = sum(arrays[name].nbytes for name in arrays)
    with stored(folder, table) as environment:
        most = max(peak(command(DATASET, number), environment) for number in range(ROUNDS))
        libraries = peak([sys.executable, "-c", IMPORTS], environment)
    rest = (most - libraries) / size
    print(
        f"  peak of the whole component: {most / MEGABYTE:.0f} MB, {libraries / MEGABYTE:.0f} by its libraries; "
        f"the rest is {rest:.2f} times the arrays' {size / MEGABYTE:.0f} MB; asked: at most 3 times",
        flush=True,
    )
