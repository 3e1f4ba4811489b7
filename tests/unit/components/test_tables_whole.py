"""A table through all of `transform`: whatever its form, the parts are its rows, each once."""

import csv
import io
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specimen_components.tables.errors import TableError
from specimen_components.tables.reading import read_numbers
from specimen_components.tables.request import PARTS, Request, parse
from specimen_components.tables.sources import Source
from specimen_components.tables.transforming import transform

SPLIT = {"train": 0.5, "validation": 0.3, "test": 0.2, "seed": 5, "stratify": True}
numbers = st.one_of(st.integers(-(2**70), 2**70).map(str), st.floats(-1e9, 1e9).map(repr), st.sampled_from(["", "007"]))
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=8)


def asked(**members: object) -> Request:
    return parse({"label": "y", "drop": ["id"], "split": SPLIT, **members})


def parts_of(folder: Path, content: bytes, request: Request) -> dict[str, list[str]]:
    (folder / "t.csv").write_bytes(content)
    found, files = transform([Source("dataset.source", "t.csv", folder / "t.csv")], request, folder)
    lines = {part: files[part][0].read_text().splitlines() for part in PARTS}
    assert {part: found["rows"][part] for part in PARTS} == {part: len(own) for part, own in lines.items()}
    assert "train_with_header" not in files  # bias asks for nothing
    return lines


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(st.tuples(texts, numbers, numbers), min_size=20, max_size=60),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    ending=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf"]),
    last=st.booleans(),
    chunk=st.sampled_from([1, 64, 2**18]),
)
def test_the_parts_are_the_rows_of_any_csv(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    quoting: int,
    ending: str,
    mark: bytes,
    last: bool,
    chunk: int,
) -> None:
    """Every row is in one part with its fields as they stood; the same seed gives the same parts again."""
    labelled = [(name, a, str(row % 2), b) for row, (name, a, b) in enumerate(rows)]
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator=ending).writerows([("id", "a", "y", "b"), *labelled])  # type: ignore[arg-type]
    content = mark + (text.getvalue() if last else text.getvalue().removesuffix(ending)).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("specimen_components.tables.writing.CHUNK", chunk)
        patch.setattr("specimen_components.tables.reading.BLOCK", chunk)
        found = parts_of(tmp_path_factory.mktemp("a"), content, asked())
    assert found == parts_of(tmp_path_factory.mktemp("b"), content, asked())
    assert Counter(line for own in found.values() for line in own) == Counter(f"{y},{a},{b}" for _, a, y, b in labelled)
    ones = [sum(line.startswith("1,") for line in own) / len(own) for own in found.values()]
    assert all(abs(share - 0.5) <= 2 / len(own) for share, own in zip(ones, found.values(), strict=True))


fields = st.sampled_from(["1", "-7", "2.5", "", "70000", "1e400", "9" * 25, "x", "NA", "True", " 1", "é", "\ufeff1"])
wide = st.lists(fields, min_size=3, max_size=3)
ragged = st.lists(fields, min_size=1, max_size=5)


@settings(deadline=None)
@given(
    rows=st.lists(wide, min_size=1, max_size=8).flatmap(
        lambda some: st.lists(wide | ragged, max_size=4).map(lambda more: some + more)
    ),
    ending=st.sampled_from(["\n", "\r\n", "\r", "\n\n"]),
    block=st.sampled_from([1, 8, 2**22]),
)
def test_reading_side_by_side_finds_what_reading_from_the_start_finds(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], ending: str, block: int
) -> None:
    """The same values and the same complaints: a quoted field, which is dropped, has the table read from its start."""
    path = tmp_path_factory.mktemp("t") / "t.csv"
    text = ending.join(",".join(row) for row in (["id", "a", "b"], *rows))

    def outcome(last: str) -> object:
        path.write_bytes(f"{text}{ending}{last},1,1{ending}".encode())
        try:
            return read_numbers(path, ["id", "a", "b"], ("id",)).to_csv()
        except TableError as error:
            return str(error)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("specimen_components.tables.reading.BLOCK", block)
        assert outcome("9") == outcome('"9"')


@pytest.mark.parametrize(
    "changed",
    [
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("\n", "\r\n", 7),
        lambda text: text.replace("id,a", '"i\nd",a', 1).replace("\n0,", "\n0,", 1),
        lambda text: text.replace("\n7,", "\n\n7,"),
        lambda text: text + "\n\n\n",
        lambda text: text.replace("\n7,", "\n" + 200_000 * "x" + ","),
        lambda text: text.replace("\n7,", '\n"' + 200_000 * "x," + '",'),
    ],
    ids=["carriage returns", "mixed ends", "header of two lines", "blank line", "blank end", "long", "long, quoted"],
)
def test_the_form_of_the_file_does_not_show(tmp_path: Path, changed: object) -> None:
    text = "id,a,y,b\n" + "".join(f"{row},{row}.50,{row % 2},{-row}\n" for row in range(40))
    expected = parts_of(tmp_path, text.encode(), asked())
    assert callable(changed)
    drop = ["i\nd"] if '"i\nd"' in changed(text) else ["id"]
    assert parts_of(tmp_path, changed(text).encode(), asked(drop=drop)) == expected


def test_blocks_of_different_types_are_one_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Integers, then numbers, then nothing, then integers too long for a machine: one column of numbers."""
    monkeypatch.setattr("specimen_components.tables.reading.BLOCK", 8)
    values = ["1"] * 4 + ["2.50"] * 4 + [""] * 4 + ["9" * 25] * 4 + ["3"] * 4
    text = "y,a\n" + "".join(f"{row % 2},{value}\n" for row, value in enumerate(values))
    lines = parts_of(tmp_path, text.encode(), parse({"label": "y", "split": SPLIT}))
    assert Counter(line.partition(",")[2] for own in lines.values() for line in own) == Counter(values)


def test_text_far_down_is_told_with_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("specimen_components.tables.reading.ROWS", 4)
    text = "y,a\n" + "0,1\n1,2\n" * 10 + "1,True\n0,4\n1,n/a\n"
    with pytest.raises(TableError, match=r"column 'a', row 21: text 'True' where a number is expected \(2 such rows\)"):
        parts_of(tmp_path, text.encode(), parse({"label": "y", "split": SPLIT}))
