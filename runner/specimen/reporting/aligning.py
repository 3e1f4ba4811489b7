"""Texts in columns."""

from collections.abc import Sequence

from specimen.text import columns, printable

GAP = "  "


def aligned(rows: Sequence[Sequence[str]], indent: str = "") -> list[str]:
    """Lines with every column as wide as its widest text; nothing in them is obeyed by a terminal."""
    texts = [[printable(cell) for cell in row] for row in rows]
    widths = [max(columns(row[index]) for row in texts) for index in range(len(texts[0]))]
    return [
        (
            indent + GAP.join(cell + " " * (width - columns(cell)) for cell, width in zip(row, widths, strict=True))
        ).rstrip()
        for row in texts
    ]
