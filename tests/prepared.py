"""Tables in all formats, each the same rows, and `prepare` over a store that holds them."""

import gzip
import io
import zipfile
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_svmlight_file
from specimen_components.clients import Aws
from specimen_components.command import Call, Result
from specimen_components.environment import Environment
from specimen_components.interface import PREPARE
from specimen_components.prepare import work
from specimen_components.records import Recorder
from specimen_components.waiting import LOCALLY, Clock

from tests.fakes import Buckets

PARTS = ("train", "validation", "test")
SPLIT = {"train": 0.6, "validation": 0.2, "test": 0.2, "seed": 7, "stratify": True}
ROWS = 50
RANDOM = np.random.default_rng(4)
X = RANDOM.integers(0, 17, (ROWS, 6), dtype=np.uint8) * RANDOM.integers(0, 2, (ROWS, 6), dtype=np.uint8)
Y = np.arange(ROWS) % 5
CUTS = {"train": slice(0, 30), "validation": slice(30, 40), "test": slice(40, 50)}
NAMES = [f"p{index}" for index in range(1, 7)]


def npz(**arrays: Any) -> bytes:
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    return packed.getvalue()


def npy(array: Any, version: tuple[int, int]) -> bytes:
    """An array in this version of NumPy's format; the third is for names that are no Latin."""
    written = io.BytesIO()
    np.lib.format.write_array(written, array, version)
    return written.getvalue()


def archive(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return packed.getvalue()


def given_arrays() -> dict[str, Any]:
    return {f"{part}_{name}": array[cut] for part, cut in CUTS.items() for name, array in (("x", X), ("y", Y))}


def frame(cut: slice = slice(None)) -> pd.DataFrame:
    return pd.DataFrame(X[cut], columns=NAMES).assign(y=Y[cut])


def parquet(table: pd.DataFrame) -> bytes:
    packed = io.BytesIO()
    table.to_parquet(packed)
    return packed.getvalue()


def csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False).encode()


def prepare(buckets: Buckets, source: str | dict[str, str], **dataset: Any) -> Result:
    aws = Aws(Environment("eu-west-1", None, local=True), lambda _: buckets)
    recorder = Recorder(aws, "s3://b/runs/r-1/prepare.json", "prepare", "r-1")
    given = {"source": source} if isinstance(source, str) else {"parts": source}
    arguments: dict[str, Any] = {**given, "dataset": {"label": "y", **dataset}, "destination": "s3://b/data"}
    return work(Call(PREPARE, "r-1", arguments, aws, recorder, Clock(), LOCALLY))


def put(content: bytes | dict[str, bytes]) -> tuple[Buckets, Any]:
    """A store with a source, or with one for each part."""
    buckets = Buckets()
    if isinstance(content, bytes):
        buckets.put("s3://b/t", content)
        return buckets, "s3://b/t"
    for part, own in content.items():
        buckets.put(f"s3://b/{part}", own)
    return buckets, {part: f"s3://b/{part}" for part in content}


def objects(buckets: Buckets, uri: Any) -> list[bytes]:
    """A part's objects: that one, or all under its prefix."""
    if not uri.endswith("/"):
        return [buckets.objects[uri]]
    return [content for name, content in sorted(buckets.objects.items()) if name.startswith(uri)]


def from_csv(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content), header=None, names=["y", *NAMES])


def from_libsvm(content: bytes) -> pd.DataFrame:
    values, labels = load_svmlight_file(io.BytesIO(content), zero_based=True)
    return pd.DataFrame(values.toarray()[:, 1:-1], columns=NAMES).assign(y=labels)


def from_parquet(content: bytes) -> pd.DataFrame:
    return pd.read_parquet(io.BytesIO(content))


READERS = {"csv": from_csv, "libsvm": from_libsvm, "parquet": from_parquet}


def rows(tables: list[pd.DataFrame]) -> list[tuple[float, ...]]:
    """The rows of several tables, label first, in the order of their values."""
    return sorted(tuple(map(float, row)) for table in tables for row in table[["y", *NAMES]].to_numpy())


SOURCES: dict[str, tuple[str, Any]] = {
    "npz": ("npz", npz(x=X.reshape(ROWS, 2, 3), y=Y.reshape(-1, 1))),
    "parquet": ("parquet", parquet(frame())),
    "csv": ("csv", csv(frame())),
}
LAST = {"test": csv(frame(CUTS["test"]).iloc[:, ::-1])}
GIVEN: dict[str, tuple[str, Any]] = {
    "npz": ("npz", npz(**given_arrays())),
    "npz, one a part": ("npz", {part: npz(x=X[cut], y=Y[cut]) for part, cut in CUTS.items()}),
    "parquet": ("parquet", {part: parquet(frame(cut)) for part, cut in CUTS.items()}),
    "csv": ("csv", {part: csv(frame(cut)) for part, cut in CUTS.items()}),
    "csv, packed": ("csv", {part: gzip.compress(csv(frame(cut))) for part, cut in CUTS.items()}),
    "csv, in another order": (
        "csv",
        {p: csv(frame(cut).iloc[:, :: -1 if p == "test" else 1]) for p, cut in CUTS.items()},
    ),
}
