"""libsvm becomes the CSV of the same table: numbers are copied as they stand, and what a line leaves out is missing."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.datasets import dump_svmlight_file, load_svmlight_file
from specimen_components.tables import libsvm
from specimen_components.tables.errors import TableError

COLUMNS = ("y", "a", "b", "c")
PLAIN = "1 1:2.50 3:1e-3\n0 2:007\n-1.5 1:+1. 2:.5 3:-0\n"
EXPECTED = "y,a,b,c\n1,2.50,,1e-3\n0,,007,\n-1.5,+1.,.5,-0\n"


def csv(folder: Path, text: str | bytes, columns: tuple[str, ...] = COLUMNS) -> str:
    path = folder / "source"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return libsvm.as_csv(path, "t.libsvm", columns, folder / "t.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.rstrip("\n"),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace(" ", "\t  ").replace("\n", " \n"),
        "# made by hand\n\n" + PLAIN.replace("007", "007 # a remark: 9:9") + "\n  \n",
        "\ufeff" + PLAIN,
        PLAIN.replace("1:2.50 3:1e-3", "3:1e-3 1:2.50"),
    ],
    ids=["plain", "no last line feed", "crlf", "blanks", "remarks", "bom", "unordered"],
)
def test_numbers_are_copied_as_they_stand(tmp_path: Path, text: str) -> None:
    assert csv(tmp_path, text) == EXPECTED


@pytest.mark.parametrize(("block", "cells"), [(1, 2**21), (2**20, 1), (7, 5)])
def test_neither_blocks_nor_pieces_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int, cells: int
) -> None:
    monkeypatch.setattr(libsvm, "BLOCK", block)
    monkeypatch.setattr(libsvm, "CELLS", cells)
    assert csv(tmp_path, PLAIN) == EXPECTED
    with pytest.raises(TableError, match="line 5: '4:1' has the index 4"):
        csv(tmp_path, PLAIN + "\n0 4:1\n")


def test_names_are_written_as_csv_has_them(tmp_path: Path) -> None:
    assert csv(tmp_path, "1 1:2\n", ("the label", "a, b")) == 'the label,"a, b"\n1,2\n'


def test_a_line_may_have_a_label_alone(tmp_path: Path) -> None:
    assert csv(tmp_path, "1\n0 3:4\n") == "y,a,b,c\n1,,,\n0,,,4\n"


@pytest.mark.parametrize(
    ("line", "said", "hint"),
    [
        ("1 2:x", "'2:x' is no <index>:<value>", "A line is <label> <index>:<value> …"),
        ("1 2", "'2' is no <index>:<value>", "A line is"),
        ("1 a:2", "'a:2' is no <index>:<value>", "A line is"),
        ("1 -1:2", "'-1:2' is no <index>:<value>", "A line is"),
        ("1 1: 2", "'1:' is no <index>:<value>", "A line is"),
        ("1 1:2:3", "'1:2:3' is no <index>:<value>", "A line is"),
        ("1 1:nan", "'1:nan' is no <index>:<value>", "what is missing is left out"),
        ("1 1:0x1p3", "'1:0x1p3' is no <index>:<value>", "A line is"),
        ("1 1:1_0", "'1:1_0' is no <index>:<value>", "A line is"),
        ("yes 1:2", "'yes' is no label", "A line is"),
        ("1,2 1:2", "'1,2' is no label", "A line is"),
        ("1:0.5 1:2", "'1:0.5' is a label with a weight", "A line is"),
        ("1 qid:3 1:2", "'qid:3' groups rows for ranking", "Remove it"),
        ("1 0:2", "'0:2' has the index 0, and indices are counted from 1", "zero_based=False"),
        ("1 4:2", "'4:2' has the index 4, and dataset.features declares 3 features", "declare more features"),
        ("1 12345678901234567890:2", "has the index 12345678901234567890", "declare more features"),
        ("1 1:2 2:3 1:4", "'1:4' names feature 1 again", "Name each once"),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_word(tmp_path: Path, line: str, said: str, hint: str) -> None:
    with pytest.raises(TableError) as caught:
        csv(tmp_path, f"# a remark\n1 1:2\n\n{line}\nnor is this\n")
    assert str(caught.value).startswith("dataset.source: t.libsvm, line 4: ")
    assert said in str(caught.value)
    assert hint in (caught.value.hint or "")


def test_bytes_that_are_no_text_are_no_label(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"line 1: '.*' is no label"):
        csv(tmp_path, b"\xff\x00\n")


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n"])
def test_a_table_without_rows_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(TableError, match=r"t\.libsvm has no rows"):
        csv(tmp_path, text)


NUMBERS = st.floats(-1e300, 1e300)  # scikit-learn rounds the very largest up to what is no number


@given(
    table=st.integers(1, 6).flatmap(
        lambda width: st.lists(
            st.tuples(NUMBERS, st.lists(st.none() | NUMBERS, min_size=width, max_size=width)), min_size=1, max_size=20
        )
    )
)
def test_what_scikit_learn_writes_comes_back(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[float, list[float | None]]]
) -> None:
    """A number that is there is there again, a zero too, and one that is not is missing."""
    folder, width = tmp_path_factory.mktemp("t"), len(table[0][1])
    known = np.array([[value is not None for value in line] for _, line in table])
    values = np.array([[value or 0.0 for value in line] for _, line in table])
    places: Any = np.nonzero(known)
    matrix: Any = csr_matrix((values[known], places), shape=known.shape)
    text = io.BytesIO()
    dump_svmlight_file(matrix, np.array([label for label, _ in table]), text, zero_based=False)

    written = csv(folder, text.getvalue(), ("y", *map(str, range(width))))
    found = np.array([[float(field or "nan") for field in line.split(",")] for line in written.splitlines()[1:]])

    read, labels = load_svmlight_file(io.BytesIO(text.getvalue()), n_features=width)
    assert np.array_equal(found[:, 0], labels)
    assert np.array_equal(np.nan_to_num(found[:, 1:]), read.toarray())
    assert np.array_equal(np.isnan(found[:, 1:]), ~known)


@given(text=st.text(st.sampled_from("01:. \t\n#ex-\r"), max_size=40))
def test_any_text_is_a_table_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """What is taken has a row for each line with a label, and the declared columns in each."""
    try:
        found = csv(tmp_path_factory.mktemp("t"), text)
    except TableError as error:
        assert error.hint
        return
    rows = [line for line in text.replace("\r\n", "\n").split("\n") if line.partition("#")[0].split()]
    assert [line.count(",") for line in found.splitlines()] == [3] * (len(rows) + 1)
