"""Bias metrics of both stages beside AWS's own metric library, and whether all figures are equal to 1e-12.

Each side is a process that reads the same table, computes on its first rows to warm up, and times nothing but the
metrics. The rows come from the generator of the example's table, in whole dollars. For the flip test, sensitive rows
whose fifth and sixth neighbours are equally near are left out: what the library answers to them depends on its
versions and on the processor. Its features are floats there, in which the library searches 300,000 rows for two
minutes; in whole numbers it takes half an hour. It is done once.

``python -m tests.benchmarks.bias ROWS FLIP_ROWS`` measures other sizes.
"""

import json
import random
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from tests.benchmarks.measuring import ROOT, Cost, compare

ROWS = 3_000_000
FLIP_ROWS = 300_000
DRAWN = 300_000  # the larger table repeats some of so many rows: counting does not depend on where they lie
ROUNDS = 3
EQUAL = 1e-12
ORACLE = ROOT / ".oracles/smclarify/bin/python"

Table = npt.NDArray[np.int64]

SIDE = """
import json, logging, sys, time
import numpy as np
import pandas as pd
{imports}
logging.disable(logging.CRITICAL)
asked = json.loads(sys.argv[2])
whole = pd.DataFrame(np.load(sys.argv[1]), columns=asked["columns"])
whole = whole.astype(dict.fromkeys(asked["floats"], float))

def figures(table, stages):
    predicted, features = table["predicted"], table.drop(columns=["predicted"])
    found = {{}}
    for stage, names in stages.items():
        (report,) = {call}
        found.update((metric["name"], metric["value"]) for metric in report["metrics"])
    return found

figures(whole.head(2000), asked["stages"])
started, processor = time.perf_counter(), time.process_time()
found = figures(whole, asked["stages"])
spent = [time.perf_counter() - started, time.process_time() - processor]
print(json.dumps({{"spent": spent, "figures": found}}))
"""
OURS = SIDE.format(
    imports="from specimen_jobs.clarify.bias import Facet, Label, bias_report\n"
    "from specimen_jobs.clarify.metrics import Stage",
    call='bias_report(features, Facet("SEX", [1]), Label("label", features["label"], [0]), Stage[stage],'
    ' Label("predicted", predicted, [0]), names, features["AGE"])',
)
THEIRS = SIDE.format(
    imports="from smclarify.bias.report import FacetColumn, LabelColumn, StageType, bias_report",
    call='bias_report(features, FacetColumn("SEX", [1]), LabelColumn("label", features["label"], [0]),'
    ' StageType[stage], LabelColumn("predicted", predicted, [0]), names, features["AGE"])',
)
MEANT = ("SEX", "AGE", "label", "predicted")  # facet, group, label and prediction, which are no floats
COUNTED = {
    "PRE_TRAINING": ["CDDL", "CI", "DPL", "JS", "KL", "KS", "LP", "TVD"],
    "POST_TRAINING": ["AD", "CDDPL", "DAR", "DCA", "DCR", "DI", "DPPL", "DRR", "GE", "RD", "SD", "TE"],
}
FLIP = {"POST_TRAINING": ["FT"]}


def main(rows: int = ROWS, flip_rows: int = FLIP_ROWS) -> None:
    """Make both tables, measure both sides on each, and print the figures beside what was asked."""
    if not ORACLE.exists():
        print("AWS's metric library is not installed under .oracles (make oracles), so that there is no baseline")
        return
    columns, drawn = draw(max(flip_rows, min(rows, DRAWN)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "table.npy")
        np.save(path, drawn[np.random.default_rng(1).integers(0, len(drawn), rows)])
        whole = {"columns": columns, "floats": [], "stages": COUNTED}
        measure(f"all but the flip test, {rows:,} rows", path, whole, "100 times", ROUNDS)
        flipped = without_ties(drawn[:flip_rows], columns)
        np.save(path, flipped)
        print(f"left out for ties: {min(flip_rows, len(drawn)) - len(flipped)} rows")
        floats = [column for column in columns if column not in MEANT]
        flip = {"columns": columns, "floats": floats, "stages": FLIP}
        measure(f"flip test, {flip_rows:,} rows", path, flip, "6 times", 1)


def draw(rows: int) -> tuple[list[str], Table]:
    """Return the columns of the example's table with a prediction that errs in a tenth of its rows, and the table."""
    example = runpy.run_path(str(ROOT / "specs/data/make_credit_default.py"))
    lines: Iterator[list[int]] = (line for seed in count() for line in example["rows"](random.Random(seed)))
    table = np.array(list(islice(lines, rows)), dtype=np.int64)[:, 1:]  # without the row's number
    predicted = table[:, -1] ^ (np.random.default_rng(0).random(rows) < 0.1)
    return [*example["COLUMNS"][1:-1], "label", "predicted"], np.column_stack([table, predicted])


def without_ties(table: Table, columns: list[str]) -> Table:
    """Return the table without the sensitive rows whose fifth advantaged neighbour could be another one."""
    sensitive = table[:, columns.index("SEX")] == 1
    features = np.delete(table, [columns.index(name) for name in ("SEX", "label", "predicted")], axis=1)
    tree = cKDTree(features[~sensitive], balanced_tree=False)
    near = np.asarray(tree.query(features[sensitive], [5, 6], workers=-1)[0])
    tied = np.zeros(len(table), dtype=np.bool_)
    tied[np.flatnonzero(sensitive)[near[:, 0] == near[:, 1]]] = True
    return table[~tied]


def measure(name: str, table: Path, whole: Mapping[str, Any], asked: str, rounds: int) -> None:
    """Measure both sides in turns, print their ratio, and compare their figures."""
    question = json.dumps(whole)
    pairs = [(ask(sys.executable, OURS, table, question), ask(ORACLE, THEIRS, table, question)) for _ in range(rounds)]
    compare(name, "smclarify", [cost(ours) for ours, _ in pairs], [cost(theirs) for _, theirs in pairs], asked)
    ours, theirs = (side["figures"] for side in pairs[0])
    apart = {metric: abs(float(ours[metric]) - float(theirs[metric])) for metric in theirs}
    worst = max(apart, key=lambda metric: apart[metric])
    verdict = "equal" if apart[worst] <= EQUAL else "NOT EQUAL"
    print(f"  {len(apart)} figures {verdict}: {worst} differs most, by {apart[worst]:.1e}; asked: {EQUAL}", flush=True)


def ask(python: str | Path, script: str, table: Path, question: str) -> dict[str, Any]:
    """Run one side and return what it printed: seconds of wall and processor time, and its figures."""
    command = [str(python), "-W", "ignore", "-c", script, str(table), question]
    answer: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return answer


def cost(side: dict[str, Any]) -> Cost:
    """Return what one side says it spent."""
    seconds, processor = side["spent"]
    return Cost(seconds, processor, peak=0)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
