"""Findings as people and programs read them, to the character."""

import json

from specimen.reporting.findings import as_json, as_text
from specimen.spec.findings import Finding, Position, Severity

LINE = "  lable: default payment"


def finding(
    excerpt: str = LINE,
    column: int = 3,
    length: int = 5,
    message: str = "`dataset` has no key `lable`",
    hint: str | None = "did you mean `label`?",
    severity: Severity = Severity.ERROR,
    file: str = "spec.yaml",
) -> Finding:
    place = Position(file, 12, column)
    return Finding("unknown-key", message, place, ("dataset", "lable"), hint, excerpt, length, severity)


def test_nothing_is_said_where_nothing_is_wrong() -> None:
    assert as_text([]) == ""
    assert as_json([]) == "[]\n"


def test_a_finding_shows_place_line_caret_rule_and_hint() -> None:
    assert as_text([finding()]) == (
        "spec.yaml:12:3: error: `dataset` has no key `lable` [unknown-key]\n"
        "  12 |   lable: default payment\n"
        "     |   ^^^^^\n"
        "  hint: did you mean `label`?\n"
        "\n"
    )


def test_a_warning_says_so_and_a_missing_hint_leaves_no_line() -> None:
    assert as_text([finding(hint=None, severity=Severity.WARNING)]).splitlines()[0::3] == [
        "spec.yaml:12:3: warning: `dataset` has no key `lable` [unknown-key]",
        "",
    ]


def test_a_place_without_a_line_has_no_caret() -> None:
    assert as_text([finding(excerpt="", hint=None)]) == (
        "spec.yaml:12:3: error: `dataset` has no key `lable` [unknown-key]\n\n"
    )


def test_control_characters_never_reach_the_terminal() -> None:
    text = as_text(
        [finding(excerpt="  a\x1b[2Jb: \u202etxt\x07", message="\x1b]0;x\x07", file="a\x1b.yaml", hint="\r\n")]
    )
    assert not any(character != "\n" and not character.isprintable() for character in text)
    assert "\\x1b[2J" in text
    assert "\\u202e" in text


def test_the_caret_stands_under_what_is_meant_whatever_precedes_it() -> None:
    """A tab is shown as a space, an escape takes the columns of its text, and wide characters take two."""
    for before in ("\t", "\x1b", "表", "é", "e\u0301"):
        lines = as_text([finding(excerpt=f"{before}: key", column=len(before) + 3, length=3)]).splitlines()
        head = lines[1][: lines[1].index("key")]
        columns = len(head) + head.count("表") - head.count("\u0301")
        assert lines[2].index("^") == columns, before
        assert lines[2].count("^") == 3


def test_a_long_line_is_cut_around_the_caret() -> None:
    line = "x" * 500 + "KEY" + "y" * 500
    lines = as_text([finding(excerpt=line, column=501, length=3)]).splitlines()
    assert len(lines[1]) < 140
    at = lines[2].index("^")
    assert lines[1][at : at + 3] == "KEY"
    assert lines[1].count("…") == 2


def test_a_mark_longer_than_the_window_ends_with_it() -> None:
    lines = as_text([finding(excerpt="z" * 1000, column=1, length=1000)]).splitlines()
    assert lines[2].count("^") <= 121


def test_json_has_stable_keys() -> None:
    data = json.loads(as_json([finding()]))
    assert data == [
        {
            "file": "spec.yaml",
            "line": 12,
            "column": 3,
            "length": 5,
            "path": ["dataset", "lable"],
            "rule": "unknown-key",
            "severity": "error",
            "message": "`dataset` has no key `lable`",
            "hint": "did you mean `label`?",
            "excerpt": LINE,
        }
    ]
    assert list(data[0])[:3] == ["file", "line", "column"]
