"""Nothing that comes from data can break out of the page."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specimen_pages.markup import Markup, escaped, joined, printable, prose, table, tag


def test_text_is_escaped_and_markup_is_not() -> None:
    assert tag("p", "<b>&\"'", Markup("<br>"), 1234, None, ["a", ["b"]]) == (
        "<p>&lt;b&gt;&amp;&quot;&#x27;<br>1,234ab</p>"
    )


def test_attributes_are_escaped_and_absent_ones_left_out() -> None:
    assert tag("a", class_='x" onclick="y', href=None, aria_label="z") == (
        '<a class="x&quot; onclick=&quot;y" aria-label="z"></a>'
    )


@pytest.mark.parametrize("mark", ["\x00", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\ud800", "\r"])
def test_what_cannot_be_printed_is_replaced(mark: str) -> None:
    assert printable(f"a{mark}b") == "a\ufffdb"


def test_a_picture_has_no_end() -> None:
    assert tag("img", alt="a") == '<img alt="a">'


def test_lines_and_tabs_stay() -> None:
    assert printable("a\n\tb é 漢 😀") == "a\n\tb é 漢 😀"


@given(st.text(st.characters()))
def test_any_text_is_one_text_node(text: str) -> None:
    html = escaped(text)
    assert not re.search(r'[<>"]', html)
    html.encode()


def test_what_stands_between_backticks_is_code() -> None:
    assert prose("no `<bias>` in `a`") == "no <code>&lt;bias&gt;</code> in <code>a</code>"
    assert prose("one ` alone") == "one ` alone"


def test_a_table_has_its_header_and_row_names() -> None:
    assert table(("a", "b"), [("x", 1)], class_="c") == (
        '<div class="scroll"><table class="c"><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>'
        '<tbody><tr><th scope="row">x</th><td>1</td></tr></tbody></table></div>'
    )
    assert joined() == ""
