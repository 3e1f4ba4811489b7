"""HTML as text that cannot be broken out of: whatever is no `Markup` is escaped."""

import html
import re
from collections.abc import Iterable, Mapping

# Control characters, lone surrogates and marks that turn the direction of text around: none belongs into a page.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_VOID = frozenset({"img"})  # an element without content and end


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = str | int | None | Iterable["Child"]


def escaped(value: object) -> Markup:
    """Give text as HTML, for content and for attributes in double quotes; what cannot be printed becomes U+FFFD."""
    return value if isinstance(value, Markup) else Markup(html.escape(printable(value)))


def printable(value: object) -> str:
    """Give text without what cannot be printed."""
    return _UNPRINTABLE.sub("\ufffd", str(value))


def joined(*children: Child) -> Markup:
    """Put children one after the other; None is nothing."""
    return Markup("".join(_flat(children)))


def _flat(children: Iterable[Child]) -> Iterable[str]:
    for child in children:
        if isinstance(child, str):
            yield escaped(child)
        elif isinstance(child, int):
            yield f"{child:,}"
        elif child is not None:
            yield from _flat(child)


def tag(name: str, *children: Child, **attributes: str | None) -> Markup:
    """Give an element; ``class_`` is class, and an attribute that is None is left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{written}>" if name in _VOID else f"<{name}{written}>{joined(*children)}</{name}>")


def prose(text: str) -> Markup:
    """Give a sentence as HTML; what stands between backticks in it is code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one stays open
        return escaped(text)
    return joined(*(tag("code", part) if index % 2 else part for index, part in enumerate(parts)))


def table(header: Iterable[Child], rows: Iterable[Iterable[Child]], class_: str | None = None) -> Markup:
    """Give a table that scrolls by itself where the page is narrow; the first cell of a row names it."""
    head = tag("tr", *(tag("th", cell, scope="col") for cell in header))
    body = []
    for row in rows:
        first, *rest = row
        body.append(tag("tr", tag("th", first, scope="row"), *(tag("td", cell) for cell in rest)))
    return tag("div", tag("table", tag("thead", head), tag("tbody", body), class_=class_), class_="scroll")


def facts(rows: Mapping[str, Child]) -> Markup:
    """Give a list of names and what stands behind them; None is left out."""
    return tag(
        "dl",
        *(
            tag("div", tag("dt", name), tag("dd", value))
            for name, value in rows.items()
            if value is not None and value != ""
        ),
        class_="facts",
    )
