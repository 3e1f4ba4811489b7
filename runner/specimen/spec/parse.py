"""YAML text to a document.

Only yaml's parser is used, which gives events and makes no objects; what the events mean is decided here. So a tag
cannot build anything, and depth and size are bounded before anything grows.

There are two parsers of one language: libyaml, which is twenty times as fast, and yaml's own in Python. What libyaml
cannot read, or may read otherwise, is left to the one in Python, so that its presence changes no finding.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    Event,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from specimen.spec.document import Document, Mark, Path
from specimen.spec.findings import Finding
from specimen.spec.model import Json
from specimen.spec.scalars import NotFinite, resolve

DEEPEST = 32
MOST_NODES = 20_000
MOST_CHARACTERS = 1_000_000  # of all texts, each counted as often as aliases repeat it
FLAT = "an experiment fits on a screen"
LIBYAML: type[yaml.SafeLoader] | None = getattr(yaml, "CSafeLoader", None)  # not where yaml was built without it
CONTENT, WORDS = (ScalarEvent, CollectionStartEvent), (ScalarEvent, AliasEvent)
# Tabs and byte order marks between words, tags, a comment that touches a block's mark, and a key that `?` begins.
READ_OTHERWISE = re.compile(r"[\t!\ufeff]|[|>][-+0-9]*#|(?:^|[\[{,]|[-?:] )\s*\?(?:\s|$)", re.MULTILINE)


class _Scalar(NamedTuple):
    mark: Mark
    text: str
    plain: bool


class _List(NamedTuple):
    mark: Mark
    items: tuple["_Node", ...]


class _Map(NamedTuple):
    mark: Mark
    pairs: tuple[tuple["_Node", "_Node"], ...]


_Node = _Scalar | _List | _Map


class _Refused(Exception):
    """The text cannot be read on; carries the finding's parts."""

    def __init__(self, rule: str, mark: Mark, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.rule, self.mark, self.message, self.hint = rule, mark, message, hint


def parse(text: str, file: str, libyaml: type[yaml.SafeLoader] | None = LIBYAML) -> Document:
    """The document that a text holds; what is wrong with it stands in its findings."""
    document = Document(file, tuple(text.splitlines()))
    try:
        root = _root(text, libyaml)
        reading = _Reading(document)
        data = reading.value(root, (), 0)
    except _Refused as refused:
        finding = document.finding_at(refused.rule, refused.mark, refused.message, hint=refused.hint)
        return replace(document, findings=(finding,))
    if not isinstance(data, dict):
        finding = document.finding_at(
            "yaml-not-a-mapping",
            root.mark,
            "a document is a mapping of keys to values",
            hint="begin with `apiVersion:`",
        )
        return replace(document, findings=(*reading.findings, finding))
    return replace(document, data=data, values=reading.values, keys=reading.keys, findings=tuple(reading.findings))


def _root(text: str, libyaml: type[yaml.SafeLoader] | None) -> _Node:
    _refuse_unprintable(text)
    if libyaml and not READ_OTHERWISE.search(text):
        with suppress(yaml.YAMLError, _Refused):  # the other parser says why
            return _Composer(libyaml(text).get_event).document()
    try:
        return _Composer(yaml.SafeLoader(text).get_event).document()
    except yaml.MarkedYAMLError as error:
        raise _syntax(error, text) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # yaml lets an escape such as "\UFFFFFFFF" through
        raise _Refused("yaml-syntax", Mark(1, 1), f"this is not YAML: {error}") from error


def _refuse_unprintable(text: str) -> None:
    found = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if found:
        before = text[: found.start()].splitlines() or [""]
        before = [*before, ""] if text[: found.start()].endswith(("\n", "\r")) else before
        mark = Mark(len(before), len(before[-1]) + 1)
        name = f"U+{ord(found[0]):04X}"
        raise _Refused("yaml-character", mark, f"the character {name} is not allowed in YAML", "remove it")


def _refuse_escaped(value: str, mark: Mark) -> None:
    """What YAML does not allow in a file, an escape does not bring in: neither AWS nor Kubeflow takes it."""
    found = yaml.reader.Reader.NON_PRINTABLE.search(value)
    if found:
        message = f"the text holds the character U+{ord(found[0]):04X}, which is no printable one"
        raise _Refused("yaml-character", mark, message, "remove the escape")


def _syntax(error: yaml.MarkedYAMLError, text: str) -> _Refused:
    place = error.problem_mark or error.context_mark
    mark = Mark(place.line + 1, place.column + 1) if place else Mark(1, 1)
    lines = text.splitlines()
    line = lines[mark.line - 1] if mark.line <= len(lines) else ""
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent or line[mark.column - 1 : mark.column] == "\t":
        column = indent.index("\t") + 1 if "\t" in indent else mark.column
        return _Refused("yaml-tab", Mark(mark.line, column), "a tab stands where YAML wants spaces", "use spaces")
    problem = ", ".join(part for part in (error.problem, error.context) if part)
    return _Refused("yaml-syntax", mark, f"this is not YAML: {problem}", "look at this line and the one before it")


@dataclass
class _Composer:
    """Events to nodes; an alias is the very node that its anchor names."""

    event: Callable[[], Event]  # gives the next one
    anchors: dict[str, _Node] = field(default_factory=dict)
    nodes: int = 0
    flow: bool = False  # whether it is within [] or {}

    def document(self) -> _Node:
        self.event()  # the stream starts
        if isinstance(self.event(), StreamEndEvent):
            raise _Refused("yaml-empty", Mark(1, 1), "the file is empty", "begin with `apiVersion: specimen/v1`")
        root = self.node(self.event(), 0)
        self.event()  # the document ends
        following = self.event()
        if not isinstance(following, StreamEndEvent):
            raise _Refused(
                "yaml-documents", _mark(following), "a file holds one document", "put this one into a file of its own"
            )
        return root

    def node(self, event: Event, depth: int) -> _Node:
        mark = _mark(event)
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise _Refused("yaml-too-large", mark, f"the document has more than {MOST_NODES:,} values", FLAT)
        if depth > DEEPEST:
            raise _Refused("yaml-too-deep", mark, f"more than {DEEPEST} levels stand inside each other", FLAT)
        if isinstance(event, AliasEvent):
            return self._alias(event, mark)
        if not isinstance(event, CONTENT):
            raise TypeError(f"the parser gave {event!r} for a node")
        if event.tag is not None and event.tag != "!":
            raise _Refused("yaml-tag", mark, f"tags are not supported: {event.tag}", "remove the tag")
        node = self._word(event, mark) if isinstance(event, ScalarEvent) else self._collection(event, mark, depth)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _alias(self, event: AliasEvent, mark: Mark) -> _Node:
        if event.anchor not in self.anchors:
            message = f"the alias `*{event.anchor}` names no anchor before it"
            raise _Refused("yaml-alias", mark, message, f"mark a value with `&{event.anchor}` first")
        return self.anchors[event.anchor]._replace(mark=mark)

    def _word(self, event: ScalarEvent, mark: Mark) -> _Scalar:
        text, plain = event.value, event.implicit[0]
        if event.style == '"':
            _refuse_escaped(text, mark)
        if plain and self.flow and "?" in text:  # where yaml's own parser ends the word
            raise _Refused("yaml-syntax", mark, "this is not YAML: a `?` stands in a word", "put it in quotes")
        return _Scalar(mark, text, plain)

    def _collection(self, event: CollectionStartEvent, mark: Mark, depth: int) -> _Node:
        outside, self.flow = self.flow, bool(event.flow_style)
        if isinstance(event, SequenceStartEvent):
            node: _Node = _List(mark, tuple(self._until(SequenceEndEvent, depth)))
        else:
            nodes = self._until(MappingEndEvent, depth)
            node = _Map(mark, tuple(zip(nodes[::2], nodes[1::2], strict=True)))
        self.flow = outside
        return node

    def _until(self, end: type[Event], depth: int) -> list[_Node]:
        nodes = []
        while not isinstance(event := self.event(), end):
            nodes.append(self.node(event, depth + 1))
        return nodes


@dataclass
class _Reading:
    """Nodes to data, and to a mark for every path."""

    document: Document
    values: dict[Path, Mark] = field(default_factory=dict)
    keys: dict[Path, Mark] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    characters: int = 0

    def value(self, node: _Node, path: Path, depth: int) -> Json:
        self.values[path] = node.mark
        if len(self.values) > MOST_NODES or depth > DEEPEST:
            raise _blown_up(node.mark, f"at most {MOST_NODES:,} values, {DEEPEST} levels deep")
        match node:
            case _Scalar():
                return self._scalar(node, path)
            case _List(items=items):
                return [self.value(item, (*path, index), depth + 1) for index, item in enumerate(items)]
            case _Map(pairs=pairs):
                return self._mapping(pairs, path, depth)

    def _mapping(self, pairs: tuple[tuple[_Node, _Node], ...], path: Path, depth: int) -> dict[str, Json]:
        data: dict[str, Json] = {}
        for key_node, node in pairs:
            key = self._key(key_node, path)
            if key is None:
                continue
            here = (*path, key)
            if key in data:
                message = f"`{key}` stands here twice"
                hint = f"the first one is on line {self.keys[here].line}; keep one of them"
                self._find("yaml-duplicate-key", key_node.mark, message, hint, path)
                continue
            self.keys[here] = key_node.mark
            data[key] = self.value(node, here, depth + 1)
        return data

    def _key(self, node: _Node, path: Path) -> str | None:
        if not isinstance(node, _Scalar):
            self._find("yaml-key", node.mark, "a key is text, not a list or a mapping", "write a name", path)
            return None
        value = self._scalar(node, path)
        if node.plain and not isinstance(value, str):
            self._find("yaml-key", node.mark, "a key is text", f'put it in quotes: "{node.text}"', path)
            return None
        return node.text

    def _scalar(self, node: _Scalar, path: Path) -> Json:
        self.characters += len(node.text)
        if self.characters > MOST_CHARACTERS:
            raise _blown_up(node.mark, f"at most {MOST_CHARACTERS:,} characters in all")
        if not node.plain:
            return node.text
        try:
            return resolve(node.text)
        except NotFinite:
            self._find("yaml-number", node.mark, "this number is not finite or too large", "write a finite one", path)
            return node.text

    def _find(self, rule: str, mark: Mark, message: str, hint: str, path: Path) -> None:
        self.findings.append(self.document.finding_at(rule, mark, message, path=path, hint=hint))


def _blown_up(mark: Mark, hint: str) -> _Refused:
    return _Refused("yaml-alias", mark, "aliases blow the document up", hint)


def _mark(event: Event) -> Mark:
    start, end = event.start_mark, event.end_mark
    if start is None or end is None:
        raise TypeError(f"the parser gave {event!r} no mark")
    line, column, length = start.line, start.column, 1
    if isinstance(event, WORDS):
        length = end.column - column if end.line == line else 10**6  # cut to the line when shown
    return Mark(line + 1, column + 1, length)
