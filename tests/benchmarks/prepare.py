"""`prepare` of 3,000,000 × 25 rows of CSV, beside pandas' read_csv, split and to_csv.

Two figures against one baseline. The whole component is a process that reads from and writes to the embedded server's
S3, checks, counts, and writes the training part twice (with a header and without). Its tables alone are what pandas is
asked for too: a local file in, the parts out as local files, though still with the checks, the counts, and the second
training file, which the baseline leaves out. The baseline splits with numpy, the quickest way known.

``python -m tests.benchmarks.prepare ROWS`` measures another size.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import boto3
from specimen.emulator import control

from tests.benchmarks.measuring import MEGABYTE, ROOT, Cost, compare, paired, spend

ROWS = 3_000_000
ROUNDS = 3
LABEL = "default payment next month"
DATASET = {
    "format": "csv",
    "label": LABEL,
    "drop": ["ID"],
    "split": {"train": 0.7, "validation": 0.15, "test": 0.15, "seed": 42, "stratify": True},
    "facets": {"SEX": {"values": [1]}},
    "group": "AGE",
    "favorable": {"values": [0]},
    "classes": 2,
}
TABLES = f"""
import sys
from pathlib import Path
from specimen_components.tables.request import parse
from specimen_components.tables.sources import Source
from specimen_components.tables.transforming import transform
transform([Source("dataset.source", "table.csv", Path(sys.argv[1]))], parse({DATASET!r}), Path(sys.argv[2]))
"""
PANDAS = f"""
import sys
import numpy as np
import pandas as pd
table = pd.read_csv(sys.argv[1])
random, parts = np.random.default_rng(42), np.zeros(len(table), dtype=np.int8)
for rows in table.groupby({LABEL!r}).indices.values():
    cuts = [int(0.7 * len(rows)), int(0.85 * len(rows))]
    for index, chosen in enumerate(np.split(random.permutation(rows), cuts)):
        parts[chosen] = index
table = table[[{LABEL!r}, *table.columns.drop(["ID", {LABEL!r}])]]
for index, part in enumerate(("train", "validation", "test")):
    table[parts == index].to_csv(f"{{sys.argv[2]}}/{{part}}.csv", index=False, header=False)
"""
MEMORY = "import sys, pandas; print(pandas.read_csv(sys.argv[1]).memory_usage(deep=True).sum())"


def main(rows: int = ROWS) -> None:
    """Make the table, measure both figures, and print them beside what was asked."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = make(folder / "table.csv", rows)
        size = int(subprocess.check_output([sys.executable, "-c", MEMORY, str(table)]))
        print(f"{rows:,} rows: {table.stat().st_size / MEGABYTE:.0f} MB of CSV, {size / MEGABYTE:.0f} MB in memory")
        measure_component(folder, table, size)
        ours, theirs = paired(lambda: script(TABLES, table), lambda: script(PANDAS, table), ROUNDS)
        compare("prepare, its tables alone", "pandas", ours, theirs, "3 times")


def measure_component(folder: Path, table: Path, size: int) -> None:
    """Measure the whole component over the embedded server's S3."""
    with stored(folder, table) as environment:
        runs = count()
        ours, theirs = paired(
            lambda: component(environment, DATASET, next(runs)), lambda: script(PANDAS, table), ROUNDS
        )
    compare("prepare, the whole component", "pandas", ours, theirs, "3 times")
    peak = max(cost.peak for cost in ours)
    print(f"  its peak is {peak / size:.2f} times the table in memory; asked: at most 3 times", flush=True)


@contextmanager
def stored(folder: Path, table: Path) -> Iterator[dict[str, str]]:
    """Start an embedded server whose S3 holds the table, and give a component's environment."""
    server = control.start(folder / "state")
    try:
        s3 = boto3.client(
            "s3",
            endpoint_url=server.endpoint,
            region_name=server.region,
            aws_access_key_id=server.access_key,
            aws_secret_access_key=server.secret_key,
        )
        s3.create_bucket(Bucket="bench")
        s3.upload_file(str(table), "bench", "table")
        yield {**os.environ, **server.environment(), "SPECIMEN_LOCAL": "1"}
    finally:
        control.stop(folder / "state")


def component(environment: dict[str, str], dataset: Mapping[str, object], number: int) -> Cost:
    """What the component costs with a destination of its own, where nothing is prepared already."""
    return spend(command(dataset, number), environment)


def command(dataset: Mapping[str, object], number: int) -> list[str]:
    """The component's command line."""
    options = {
        "run": f"r-{number}",
        "record": f"s3://bench/runs/r-{number}/prepare.json",
        "executor-input": "{}",
        "source": "s3://bench/table",
        "dataset": json.dumps(dataset),
        "destination": f"s3://bench/data-{number}",
    }
    arguments = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [sys.executable, "-m", "specimen_components.prepare", *arguments]


def script(code: str, table: Path) -> Cost:
    """What a script costs that reads the table and writes parts into a folder."""
    with tempfile.TemporaryDirectory(dir=table.parent) as target:
        return spend([sys.executable, "-c", code, str(table), target])


def make(path: Path, rows: int) -> Path:
    """Write the example's table with its rows drawn anew until there are enough, numbered from 1."""
    header, *drawn = (ROOT / "specs/data/credit_default.csv").read_text().splitlines()
    lines = [line.partition(",")[2] for line in drawn]
    with path.open("w") as file:
        file.write(f"{header}\n")
        file.writelines(numbered(lines, rows))
    return path


def numbered(lines: list[str], rows: int) -> Iterator[str]:
    """Give as many lines as asked, drawn with a fixed seed."""
    drawn = random.Random(1).choices(lines, k=rows)
    return (f"{number},{line}\n" for number, line in enumerate(drawn, start=1))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
