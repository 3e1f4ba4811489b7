"""CloudWatch's filter patterns for unstructured events: terms, optional terms, and terms that must not occur."""

import re
from collections.abc import Callable

from specimen.emulator.errors import AwsError

_TERM = re.compile(r'([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?:\s+|$)')


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether a message matches; patterns for JSON and for space-delimited events are refused.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForLogGroups.html
    """
    text = pattern.strip()
    if text[:1] in ("{", "[", "%"):
        raise AwsError("NotImplemented", "The embedded CloudWatch Logs matches terms alone, no JSON or fields.", 501)
    required, optional, excluded = _terms(text)

    def matches(message: str) -> bool:
        if any(term in message for term in excluded) or not all(term in message for term in required):
            return False
        return not optional or any(term in message for term in optional)

    return matches


def _terms(text: str) -> tuple[list[str], list[str], list[str]]:
    sorted_terms: dict[str, list[str]] = {"": [], "?": [], "-": []}
    position = 0
    while position < len(text):
        term = _TERM.match(text, position)
        if term is None:
            raise AwsError("InvalidParameterException", f"Invalid filter pattern: {text}")
        mark, quoted, plain = term.groups()
        sorted_terms[mark].append(plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        position = term.end()
    return sorted_terms[""], sorted_terms["?"], sorted_terms["-"]
