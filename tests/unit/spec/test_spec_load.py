"""Files to documents with positions, and tables to headers."""

import csv
import gzip
import os
from pathlib import Path

import pytest
from specimen.errors import UsageError
from specimen.spec.document import Mark
from specimen.spec.load import LARGEST, LIBSVM, Code, Header, document, load, read_code, read_header

TEXT = """\
name: one
list: [a, 2,
  {deep: yes}]
empty:
quoted: "7"
"""


def test_every_node_has_its_position() -> None:
    found = document(TEXT.encode(), "f.yaml")
    assert found.data == {"name": "one", "list": ["a", 2, {"deep": "yes"}], "empty": None, "quoted": "7"}
    assert found.keys["name",] == Mark(1, 1, 4)
    assert found.values["name",] == Mark(1, 7, 3)
    assert found.values["list", 1] == Mark(2, 11, 1)
    assert found.keys["list", 2, "deep"] == Mark(3, 4, 4)
    assert found.values["quoted",] == Mark(5, 9, 3)
    assert set(found.values) == {
        (),
        ("name",),
        ("list",),
        *[("list", i) for i in range(3)],
        ("list", 2, "deep"),
        ("empty",),
        ("quoted",),
    }


def test_a_finding_at_an_empty_value_points_at_its_key() -> None:
    found = document(TEXT.encode(), "f.yaml").finding("rule", ("empty",), "message")
    assert (found.position.line, found.position.column, found.length) == (4, 1, 5)
    assert found.excerpt == "empty:"


def test_a_finding_at_an_absent_path_points_at_what_stands_around_it() -> None:
    found = document(TEXT.encode(), "f.yaml").finding("rule", ("list", 2, "absent"), "message")
    assert (found.position.line, found.position.column) == (3, 3)


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    found = document(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode(), "f.yaml")
    assert found.data == document(TEXT.encode(), "f.yaml").data
    assert found.lines == tuple(TEXT.splitlines())


def test_a_value_over_lines_is_marked_to_the_end_of_its_first() -> None:
    found = document(b"text: first\n  second\n", "f.yaml")
    assert found.data == {"text": "first second"}
    assert found.finding("rule", ("text",), "message").length == len("first")


def test_an_alias_stands_where_it_is_written() -> None:
    found = document(b"a: &x {b: 1}\nc: *x\n", "f.yaml")
    assert found.data == {"a": {"b": 1}, "c": {"b": 1}}
    assert found.values["c",] == Mark(2, 4, 2)
    assert found.values["c", "b"] == Mark(1, 11, 1)


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{key}: &{key} [{', '.join([f'*{before}'] * 10)}]" for before, key in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    found = document("\n".join(lines).encode(), "f.yaml")
    assert [finding.rule for finding in found.findings] == ["yaml-alias"]
    assert found.data is None


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_a_finding(opening: str) -> None:
    found = document((opening * 20_000).encode(), "f.yaml")
    assert [finding.rule for finding in found.findings] == ["yaml-too-deep"]


def test_many_values_are_a_finding() -> None:
    found = document(b"[" + b"1," * 30_000 + b"]", "f.yaml")
    assert [finding.rule for finding in found.findings] == ["yaml-too-large"]


def test_a_file_over_the_limit_is_refused_and_one_at_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_bytes(b"a: 1\n#".ljust(LARGEST, b"x"))
    assert load(path).data == {"a": 1}
    path.write_bytes(b"a: 1\n#".ljust(LARGEST + 1, b"x"))
    assert [finding.rule for finding in load(path).findings] == ["file-too-large"]


def test_text_of_another_encoding_names_its_line() -> None:
    found = document(b"a: 1\nb: \xff\n", "f.yaml")
    assert [(finding.rule, finding.position.line) for finding in found.findings] == [("file-encoding", 2)]


def test_a_tab_is_named_where_it_stands() -> None:
    found = document(b"a:\n  b: 1\n\tc: 2\n", "f.yaml")
    assert [(finding.rule, finding.position.line, finding.position.column) for finding in found.findings] == [
        ("yaml-tab", 3, 1)
    ]


def test_all_duplicate_keys_are_named_and_the_first_is_kept() -> None:
    found = document(b"a: 1\na: 2\nb: {c: 1, c: 2}\n", "f.yaml")
    assert [finding.position.line for finding in found.findings] == [2, 3]
    assert found.data == {"a": 1, "b": {"c": 1}}


@pytest.mark.parametrize("name", ["absent.yaml", ".", "nul\0.yaml"])
def test_a_file_that_cannot_be_read_is_a_usage_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        load(tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_a_usage_error(tmp_path: Path) -> None:
    path = tmp_path / "secret.yaml"
    path.touch(mode=0o000)
    with pytest.raises(UsageError, match="cannot be read"):
        load(path)


@pytest.mark.parametrize(
    ("content", "header"),
    [
        (b"a,b\n1,2\n", Header(("a", "b"))),
        (b'\xef\xbb\xbf"a b","c\nd"\n', Header(("a b", "c\nd"))),
        (b"a\r\n", Header(("a",))),
        (b"", Header(problem="is empty")),
        (b"\n1,2\n", Header(problem="is empty")),
        (b"a;b\n1;2\n", Header(problem="is separated by semicolons, not by commas")),
        (b"a\tb\n1\t2\n", Header(problem="is separated by tabs, not by commas")),
        (b"a,b;c\n1,2\n", Header(("a", "b;c"))),
        ("a,gr\xf6\xdfe\n1,2\n".encode("latin-1"), Header(problem="is not UTF-8 text")),
    ],
)
def test_a_header_is_the_first_row(content: bytes, header: Header, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    assert read_header(path) == header
    packed = tmp_path / "table.csv.gz"
    packed.write_bytes(gzip.compress(content))
    assert read_header(packed) == header


@pytest.mark.parametrize(
    ("content", "header"),
    [
        (b"1 1:2\n0 1:3\n", Header(line="1 1:2")),
        (b"\xef\xbb\xbf# made by hand\r\n\r\n1 1:2 # a remark\r\n", Header(line="1 1:2 # a remark")),
        (b"1 1:2", Header(line="1 1:2")),
        (b"1 1:2 " + b"2:3 " * 10_000, Header(line=("1 1:2 " + "2:3 " * 10_000)[:16_384].rpartition(" ")[0])),
        (b"", Header(problem="is empty")),
        (b"\n# nothing\n", Header(problem="is empty")),
    ],
)
def test_of_libsvm_the_first_line_is_read(content: bytes, header: Header, tmp_path: Path) -> None:
    path = tmp_path / "table.libsvm.gz"
    path.write_bytes(gzip.compress(content))
    assert read_header(path, LIBSVM) == header


def test_a_table_that_is_not_there_is_absent(tmp_path: Path) -> None:
    assert read_header(tmp_path / "absent.csv") == Header(absent=True)


@pytest.mark.parametrize("content", [b"no gzip at all", gzip.compress(b"a,b\n" * 1000, mtime=0)[:20]])
def test_a_broken_gzip_file_says_so(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "table.csv.gz"
    path.write_bytes(content)
    assert "cannot be read" in (read_header(path).problem or "")


def test_a_folder_is_no_table(tmp_path: Path) -> None:
    assert "cannot be read" in (read_header(tmp_path).problem or "")


def test_a_header_without_end_is_no_header(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"x" * 2 * LARGEST)
    limit = csv.field_size_limit(10 * LARGEST)  # as it is where tables are read in the same process
    try:
        assert read_header(path).problem == "cannot be read: its first row is longer than 1 MB"
    finally:
        csv.field_size_limit(limit)


def test_a_files_classes_are_those_at_its_top(tmp_path: Path) -> None:
    """Nothing of it is run."""
    path = tmp_path / "rule.py"
    path.write_text(
        "raise SystemExit\nclass One:\n    class Inner: ...\ndef f():\n    class Hidden: ...\nclass Two(One): ...\n"
    )
    assert read_code(path) == Code(("One", "Two"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"class Broken(:\n", "is no Python: line 1: invalid syntax"),
        (b"\0", "is no Python: source code string cannot contain null bytes"),
        (b"\xff\xfe", "is no Python: line 1:"),
        (b"(" * 100_000, "is no Python:"),
        (b" " * (LARGEST + 1), "is larger than 1 MB"),
    ],
)
def test_a_file_that_is_no_python_is_said(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "rule.py"
    path.write_bytes(content)
    found = read_code(path).problem
    assert found is not None
    assert found.startswith(problem)


def test_code_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert read_code(tmp_path / "rule.py") == Code(problem="is not there")
    assert read_code(tmp_path) == Code(problem="cannot be read: Is a directory")
    assert str(read_code(tmp_path / "a\0b").problem).startswith("cannot be read")
