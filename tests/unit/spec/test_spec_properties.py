"""Whatever a file holds, the answer is findings with positions, and never a traceback."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from specimen.reporting.findings import as_json, as_text
from specimen.spec.check import check
from specimen.spec.document import Document
from specimen.spec.findings import Severity
from specimen.spec.load import Header, document
from specimen.spec.npz import Array
from specimen.spec.parse import LIBYAML, parse
from specimen.spec.table import SOURCE

ROOT = Path(__file__).resolve().parents[3]
VALID: dict[str, Any] = yaml.safe_load((ROOT / "specs" / "credit-default.yaml").read_text(encoding="utf-8"))
HOSTED: dict[str, Any] = yaml.safe_load(
    (ROOT / "tests" / "examples" / "positive" / "npz-parts.yaml").read_text(encoding="utf-8")
)
PIECES = ["a", "1", ":", " ", "\n", "- ", "{", "}", "[", "]", ",", "&a", "*a", "!", "!!str", "|", ">", "'", '"', "\\"]
PIECES += [
    "#",
    "\t",
    "%",
    "@",
    "---",
    "...",
    "?",
    "~",
    "<<",
    "\r",
    "\x85",
    "\u2028",
    "\ufeff",
    "é",
    "😀",
    "kind: Target\n",
]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=6)

ARRAYS = st.dictionaries(
    st.sampled_from(["x", "y", "train_x", "train_y", "test_x"]),
    st.builds(Array, st.sampled_from("biufUSOV"), st.lists(st.integers(0, 20_000), max_size=3).map(tuple)),
)
HEADERS = st.one_of(
    st.none(),
    st.builds(Header, st.lists(st.text(), min_size=1, max_size=4).map(tuple)),
    st.builds(Header, arrays=ARRAYS),
)


def held(found: Document, header: Header | None = None) -> None:
    """A document's check gives a model or errors, all of them with a place in the text."""
    model, findings = check(found, lambda _: {SOURCE: header} if header else {})
    assert (model is None) == any(finding.severity is Severity.ERROR for finding in findings)
    places = [(finding.position.line, finding.position.column) for finding in findings]
    assert places == sorted(places)
    for finding in findings:
        assert finding.position.line >= 1
        assert 1 <= finding.position.column <= len(finding.excerpt) + 1
        assert 1 <= finding.length <= max(1, len(finding.excerpt) + 1)
    assert all(character == "\n" or character.isprintable() for character in as_text(findings))
    as_json(findings).encode("utf-8")


@settings(deadline=None)  # a shared machine may pause for longer than hypothesis's 200 ms
@given(st.binary())
@example(b'a: "\\UFFFFFFFF"')
@example(b'"\\ud800": 1')
@example(b"%YAML 1.1\n%YAML 1.2\n--- a")
def test_any_bytes_give_findings(content: bytes) -> None:
    held(document(content, "f.yaml"))


@settings(deadline=None)
@given(st.text())
def test_any_text_gives_findings(text: str) -> None:
    held(document(text.encode("utf-8", errors="surrogatepass"), "f.yaml"))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_sequence_of_yaml_s_own_marks_gives_findings(text: str) -> None:
    held(document(text.encode(), "f.yaml"))


TEXTS = [
    "# é 日本\né: [ñ, 日本: x, {ü: 'a\u2028b'}]\nz: &a {q: *a}\n",
    'a: "\\x41\\\n  é"\r\nb: |2-\r\n   x\r\nc: >+\n  y\n\n- d',
    "%YAML 1.2\n--- {a: [b, ? c : d], e: f?g}\n...\n",
    *(path.read_text("utf-8-sig", "replace") for path in sorted(ROOT.glob("tests/examples/*/*.yaml"))),
    *(path.read_text("utf-8") for path in ROOT.glob("specs/*.yaml")),
]


@st.composite
def scribbled(draw: st.DrawFn) -> str:
    """A part of a document with marks of YAML's put somewhere."""
    text = draw(st.sampled_from(TEXTS))
    start = draw(st.integers(0, max(0, len(text) - 300)))
    text = text[start : start + draw(st.integers(1, 600))]
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(st.sampled_from(PIECES)) + text[place:]
    return text


@pytest.mark.skipif(LIBYAML is None, reason="yaml was built without libyaml")
@settings(max_examples=500, deadline=None)
@given(scribbled())
@example("{a?b: 1}")
@example("? W")
@example("a:\n  - ? b\n    : c")
@example("a:\t1")
@example("a: |#\n  b")
@example('"a\ufeff": é')
@example('"\\ud800": 1')
def test_libyaml_changes_nothing(text: str) -> None:
    """Data, marks and findings are those of the parser in Python."""
    assert parse(text, "f.yaml") == parse(text, "f.yaml", libyaml=None)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inner for place in places(one, (*path, key)))]


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """The demo's spec, or one of endpoints, with one to three values replaced, removed or put elsewhere."""
    whole = draw(st.sampled_from([VALID, HOSTED]))
    data: dict[str, Any] = copy.deepcopy(whole)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from([place for place in places(data) if place]))
        parent: Any = data
        for step in place[:-1]:
            parent = parent[step]
        match draw(st.sampled_from(["replace", "remove", "rename", "copy"])):
            case "replace":
                parent[place[-1]] = draw(VALUES)
            case "remove":
                del parent[place[-1]]
            case "rename" if isinstance(parent, dict):
                parent[draw(st.text(min_size=1))] = parent.pop(place[-1])
            case _:
                parent[place[-1]] = copy.deepcopy(draw(st.sampled_from([whole[key] for key in whole])))
    return data


@settings(max_examples=300, deadline=None)
@given(mutated(), HEADERS)
def test_a_broken_spec_gives_findings(data: dict[str, Any], header: Header | None) -> None:
    held(document(yaml.safe_dump(data, allow_unicode=True).encode("utf-8", errors="surrogatepass"), "f.yaml"), header)


@settings(deadline=None)
@given(st.sampled_from(sorted(VALID)))
def test_the_order_of_keys_changes_no_verdict(first: str) -> None:
    data = {first: VALID[first], **VALID}
    assert check(document(yaml.safe_dump(data, sort_keys=False).encode(), "f.yaml"))[1] == ()
