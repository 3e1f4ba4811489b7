"""Text from files and jobs, made safe for a terminal."""


def printable(text: str) -> str:
    """The text with every control character shown as an escape, so that none reaches the terminal."""
    return "".join(character if character.isprintable() else _shown(character) for character in text)


def _shown(character: str) -> str:
    return " " if character == "\t" else character.encode("unicode_escape").decode("ascii")
