"""Text from files and jobs, made safe for a terminal."""

import unicodedata


def printable(text: str) -> str:
    """The text with every control character shown as an escape, so that none reaches the terminal."""
    return "".join(character if character.isprintable() else _shown(character) for character in text)


def columns(text: str) -> int:
    """How many columns a text takes on a terminal: wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _shown(character: str) -> str:
    return " " if character == "\t" else character.encode("unicode_escape").decode("ascii")
