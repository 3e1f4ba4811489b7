"""The small change of messages: lists of names, values as they look, and near misses."""

import json
from collections.abc import Iterable, Sequence

LONGEST = 40  # characters of a value that a message quotes
MANY = 12  # more names than this are not listed in a message
MOST_GUESSED = 500  # among more names than this no near miss is looked for, which takes its time


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one probably means; upper and lower case count little."""
    known = list(known)
    if len(known) > MOST_GUESSED:
        return None
    from difflib import get_close_matches  # slow to import, and only what is wrong needs it

    by_folded = {one.casefold().replace("_", ""): one for one in known}
    found = get_close_matches(name.casefold().replace("_", ""), by_folded, n=1, cutoff=0.65)
    return by_folded[found[0]] if found else None


def listed(names: Sequence[str], *, word: str = "and", quoted: bool = True) -> str:
    """Names in a sentence: `a`, `b` and `c`."""
    marked = [f"`{name}`" if quoted else name for name in names]
    return marked[0] if len(marked) == 1 else f"{', '.join(marked[:-1])} {word} {marked[-1]}"


def several(names: Sequence[str]) -> str:
    """Names in a sentence, the first ones only where there are too many to read."""
    if len(names) <= MANY:
        return listed(names)
    first = ", ".join(f"`{name}`" for name in names[:MANY])
    return f"{first} and {len(names) - MANY:,} more"


def any_of(names: Sequence[str], *, quoted: bool = True) -> str:
    """Names in a sentence, one of which will do: `a`, `b` or `c`."""
    return listed(names, word="or", quoted=quoted)


def shown(value: object, *, short: bool = False) -> str:
    """A value as a message shows it; `short` leaves out what kind of value it is."""
    match value:
        case None:
            return "nothing"
        case "":
            return "an empty text"
        case dict() | list() if not short:
            return "a mapping" if isinstance(value, dict) else "a list"
        case str():
            return f"`{_cut(value)}`" if short else f"the text `{_cut(value)}`"
        case bool() | int() | float() if not short:
            return f"{json.dumps(value)}"
    return f"`{_cut(json.dumps(value, ensure_ascii=False))}`"


def literal(value: object) -> str:
    """A value whole, as it can be written in a document."""
    return f"`{value}`" if isinstance(value, str) else f"`{json.dumps(value, ensure_ascii=False)}`"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
