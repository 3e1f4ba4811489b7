"""The source in, the parts out: read, encoded, checked, split, imputed, balanced, and written to files of a folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from specimen_components.tables import (
    balancing_table,
    baseline,
    checks,
    encoding,
    imputing,
    memory,
    sources,
    splitting,
    summary,
    values,
)
from specimen_components.tables.errors import within
from specimen_components.tables.filing import Files, Made, write
from specimen_components.tables.request import LIBSVM, PARTS, Request

BASELINE = "baseline"
Parts = npt.NDArray[np.int8]


def transform(
    source: Sequence[sources.Source], request: Request, folder: Path, explained: Any = None
) -> tuple[dict[str, Any], Files]:
    """Make the parts of a source; give the manifest's figures and the files, which are made in `folder`.

    `explained` is the baseline that explanations ask for, None where they ask for none.

    Raises:
        TableError: the source does not fit the request.
    """
    memory.keep()
    encoding.check(request)
    table = sources.read(source, request, folder)
    frame, parts, encoded = _encoded(table, request)
    told = summary.summarise(frame, parts, request) | {"content_type": request.content_type, **encoded}
    texts = table.texts
    if request.impute and told["missing"]:
        frame, told["impute"] = imputing.imputed(frame, parts, request)
        texts = (_text(frame, folder / "imputed.csv"),) if texts else ()
    told["encoding"]["impute"] = imputing.fillings(frame, parts, request) if request.impute else {}
    if request.content_type == LIBSVM:
        checks.refuse_zeros_and_missing(frame.drop(columns=request.label))
        told["zeros_are_missing"] = True
    added = frame.iloc[:0]
    if request.balance:
        added, told["balance"] = balancing_table.balanced(frame[parts == 0], request, request.balance)
    made = Made(_in_order(frame, told["columns"]), parts, _in_order(added, told["columns"]), texts)
    files = write(made, request, folder)
    if explained is not None:
        files[BASELINE] = [_baseline(made, explained, request.seed, folder / f"{BASELINE}.csv")]
    return told, files


def _encoded(table: sources.Table, request: Request) -> tuple[pd.DataFrame, Parts, dict[str, Any]]:
    """Return numbers in the place of categories, each row's part, and what the manifest says of both."""
    frame, classes = table.frame, None
    _check_rows(frame, table.given, request)
    if request.label in request.encode:
        codes, classes = encoding.classes(frame[request.label].to_numpy())
        frame = frame.assign(**{request.label: codes})
    checks.check_classes(frame[request.label], request)
    asked = {column: method for column, method in request.encode.items() if column != request.label}
    selections = request.selections()
    checks.check_selections(frame, (chosen for chosen in selections if chosen.column not in asked))
    parts = _parts(table.given, frame[request.label], request, classes)
    learned = encoding.learnt(frame, parts == 0, asked)
    unseen = encoding.unseen(frame, learned)
    encoding.refuse_unseen(unseen, request)
    frame = encoding.applied(frame, learned)
    checks.check_selections(frame, (chosen for chosen in selections if chosen.column in asked))
    section: dict[str, Any] = {
        "source_columns": list(table.columns),
        "label": request.label,
        "drop": list(request.drop),
        "encode": learned,
        "classes": classes,
    }
    return frame, parts, {"encoding": section, **({"unseen": unseen} if unseen else {})}


def _check_rows(frame: pd.DataFrame, given: Parts | None, request: Request) -> None:
    """Hold each row against the request; the rows of parts that are given are counted in their own tables."""
    if given is None:
        checks.check_rows(frame, request)
        return
    needed = frame[[column for column in frame if column in request.needed()]]
    for number, part in enumerate(PARTS):
        with within(part):
            checks.check_rows(needed[given == number], request)


def _parts(given: Parts | None, label: "pd.Series[Any]", request: Request, classes: Sequence[object] | None) -> Parts:
    """Return each row's part, which is given, or drawn."""
    if given is not None:
        with within(PARTS[0]):
            checks.check_classes(label[given == 0], request)
        return given
    fractions, seed = request.fractions or {}, request.seed
    return splitting.split(label.to_numpy(), fractions, seed=seed, stratify=request.stratify, classes=classes)


def _text(frame: pd.DataFrame, path: Path) -> sources.Text:
    return sources.Text(values.write(frame, path), list(frame.columns), len(frame))


def _in_order(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the frame with its columns in an order, and nothing of it copied."""
    if list(frame.columns) == list(columns):
        return frame
    return pd.DataFrame({column: frame[column].to_numpy() for column in columns}, copy=False)


def _baseline(made: Made, asked: Any, seed: int, target: Path) -> Path:
    training = pd.concat([made.frame[made.parts == 0], made.added])
    return baseline.write(training.iloc[:, 1:], asked, seed, target)
