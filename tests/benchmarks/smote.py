"""SMOTE on SEX of 300,000 and 3,000,000 × 24 rows, beside imbalanced-learn's own search on the same table.

imbalanced-learn with its defaults is measured once: on whole numbers, as a CSV file has them, it takes more than a
minute. On the same table as float64 it searches by other means; there its rows are compared with ours.
"""

import resource
import runpy
import statistics
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
from imblearn.over_sampling import SMOTE
from specimen_components.tables.balancing import Synthetic, synthesise

from tests.benchmarks.measuring import MEGABYTE, ROOT, Cost, compare, report, timed

ROWS = 300_000
FACTOR = 10
REPEATS = 3
PIECE = 25_000  # rows that one process makes at a time
MAKER = str(ROOT / "specs/data/make_credit_default.py")
SEX, EDUCATION, MARRIAGE, AGE, LABEL = 1, 2, 3, 4, 23  # places among the columns, the ID left out
SEED, NEIGHBORS = 42, 5
Table = npt.NDArray[np.int32]


def main(rows: int = ROWS) -> None:
    """Make the tables, measure, and print each figure beside what was asked."""
    table = made(rows * FACTOR)
    small = np.ascontiguousarray(table[:rows])
    print(f"{rows:,} rows, {np.bincount(small[:, SEX])[1] / rows:.0%} of them with SEX 1")
    ours = measured("SMOTE", small, (), REPEATS)
    categories = measured("SMOTENC, with label, EDUCATION, MARRIAGE", small, (LABEL, EDUCATION, MARRIAGE), REPEATS)
    group = measured("SMOTENC, with AGE as well", small, (LABEL, EDUCATION, MARRIAGE, AGE), REPEATS)
    for categorical, costs in (
        ((), ours),
        ((LABEL, EDUCATION, MARRIAGE), categories),
        ((LABEL, EDUCATION, MARRIAGE, AGE), group),
    ):
        large = measured(f"{FACTOR} times the rows", table, categorical, 1)
        ratio = large[0].seconds / statistics.median(cost.seconds for cost in costs)
        print(f"  {ratio:.1f} times the time of {rows:,} rows; asked: at most 40 times")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak memory {peak:.0f} MB, {table.nbytes / MEGABYTE:.0f} MB of it the table itself")
    beside(small, ours)


def beside(table: Table, ours: list[Cost]) -> None:
    """Measure imbalanced-learn once on whole numbers and once on float64, and compare the rows."""
    features, groups = np.delete(table, SEX, axis=1), table[:, SEX]
    as_numbers = features.astype(np.float64)
    theirs: list[Any] = []
    whole = timed(lambda: SMOTE(random_state=SEED).fit_resample(features, groups))
    floats = timed(lambda: theirs.append(SMOTE(random_state=SEED).fit_resample(as_numbers, groups)[0]))
    compare("SMOTE, exact", "imbalanced-learn's defaults, once", ours, [whole] * len(ours), "15 times")
    compare("SMOTE, exact", "imbalanced-learn on float64, once", ours, [floats] * len(ours), "nothing; for comparison")
    equal = (balanced(table, ()).rows == theirs[0][len(table) :]).all(axis=1).mean()
    print(f"  {equal:.2%} of its rows on float64 are the same (at equal distances others may be taken)", flush=True)


def measured(name: str, table: Table, categorical: tuple[int, ...], repeats: int) -> list[Cost]:
    """Balance a table so many times, after one time that is not counted if there are several."""
    recalls: list[float] = []
    runs = repeats + (repeats > 1)
    costs = [timed(lambda: recalls.append(balanced(table, categorical).recall)) for _ in range(runs)]
    report(name, costs[-repeats:])
    processor = statistics.median(cost.processor for cost in costs[-repeats:])
    print(f"  processor time {processor:.2f} s; share of the true neighbours found: {min(recalls):.4f}", flush=True)
    return costs[-repeats:]


def balanced(table: Table, categorical: tuple[int, ...]) -> Synthetic:
    """Make the rows that the smaller group is short of."""
    values = np.delete(table, SEX, axis=1).astype(np.float64)
    places = [column - (column > SEX) for column in categorical]
    return synthesise(values, table[:, SEX].astype(np.intp), places, NEIGHBORS, SEED)


def made(rows: int) -> Table:
    """Make the demo's table with so many rows, in as many processes as there are processors."""
    pieces = range(0, rows, PIECE)
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return np.concatenate(list(pool.map(_piece, pieces)))[:rows]


def _piece(seed: int) -> Table:
    module = runpy.run_path(MAKER)
    module["rows"].__globals__["ROWS"] = PIECE
    return np.array(list(module["rows"](Random(seed))), dtype=np.int32)[:, 1:]


if __name__ == "__main__":
    main(*(int(rows) for rows in sys.argv[1:]))
