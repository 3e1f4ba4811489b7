"""Lines are moved and never written anew, whatever the file looks like."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from specimen_components.tables.errors import TableError
from specimen_components.tables.writing import add_header, move


def moved(folder: Path, text: str, order: list[int], width: int, parts: list[int]) -> list[str]:
    path = folder / "t.csv"
    path.write_bytes(text.encode())
    targets = [io.BytesIO() for _ in range(3)]
    move(path, order, width, np.array(parts, dtype=np.int8), targets)
    return [target.getvalue().decode() for target in targets]


PLAIN = "id,a,b,y\n7,1,2.50,0\n8,,1e-3,1\n9,3,007,0\n"
EXPECTED = ["0,1,2.50\n", "1,,1e-3\n", "0,3,007\n"]


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.rstrip("\n"),
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("7,1", "\n7,1"),
        PLAIN.replace("7,1", '"7","1"'),
        PLAIN.replace("8,", '"a, quoted ""name""\nin two lines",'),
        "\ufeff" + PLAIN,
        PLAIN + "\n\n",
    ],
    ids=["plain", "no last line feed", "crlf", "blank line", "quoted", "quoted text", "bom", "blank end"],
)
def test_fields_are_copied_as_they_stand(tmp_path: Path, text: str) -> None:
    assert moved(tmp_path, text, [3, 1, 2], 4, [0, 1, 2]) == EXPECTED


def test_chunks_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("specimen_components.tables.writing.CHUNK", 5)
    assert moved(tmp_path, PLAIN, [3, 1, 2], 4, [0, 1, 2]) == EXPECTED
    assert moved(tmp_path, PLAIN.replace("\n", "\r\n"), [3, 1, 2], 4, [0, 1, 2]) == EXPECTED


@given(data=st.data(), width=st.integers(2, 6), rows=st.integers(1, 30))
def test_any_order_is_what_splitting_and_joining_gives(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, width: int, rows: int
) -> None:
    order = data.draw(st.permutations(range(width)))[: data.draw(st.integers(1, width))]
    table = data.draw(st.lists(st.lists(st.integers(-99, 99), min_size=width, max_size=width), min_size=rows))
    parts = data.draw(st.lists(st.integers(0, 2), min_size=len(table), max_size=len(table)))
    text = "\n".join([",".join("c" * width), *(",".join(map(str, row)) for row in table)])
    found = moved(tmp_path_factory.mktemp("t"), text, list(order), width, parts)
    for part in range(3):
        own = [row for row, chosen in zip(table, parts, strict=True) if chosen == part]
        assert found[part] == "".join(",".join(str(row[field]) for field in order) + "\n" for row in own)


@pytest.mark.parametrize("text", ["y,a,b\n1,2,3\n1,2\n", 'y,a,b\n1,"2",3\n1,2\n'])
def test_a_row_with_fewer_fields_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(TableError, match="row 2 has 2 fields, and the header has 3"):
        moved(tmp_path, text, [0, 1], 3, [0, 0])


def test_a_header_is_quoted_where_it_must_be(tmp_path: Path) -> None:
    (tmp_path / "rows").write_bytes(b"1,2\n")
    add_header([tmp_path / "rows"] * 2, ["y", 'a "b", c'], tmp_path / "whole")
    assert (tmp_path / "whole").read_text() == 'y,"a ""b"", c"\n1,2\n1,2\n'
