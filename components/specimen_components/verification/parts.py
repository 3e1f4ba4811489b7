"""What an endpoint is asked for: the test part of its variants' trials."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from specimen_components import storage
from specimen_components.command import Call
from specimen_components.hosting import served
from specimen_components.problems import Failure


@dataclass(frozen=True)
class Part:
    """A test part; `variant` is the one that it is for, None where each of the endpoint's takes it."""

    uri: str
    content_type: str
    columns: tuple[str, ...]  # label first
    manifest: str
    variant: str | None


def parts(call: Call, variants: Sequence[served.Variant], records: served.Records) -> tuple[Part, ...]:
    """Give the test parts: a single one where the trials have the same, else one for each variant."""
    found = [_part(variant, records) for variant in variants]
    contents = {(one.content_type, _content(call, one.uri)) for one in found}
    if len(contents) > 1:
        return tuple(found)
    first = found[0]
    return (Part(first.uri, first.content_type, first.columns, first.manifest, None),)


def problem(variants: Sequence[served.Variant]) -> Mapping[str, Any]:
    """Give the problem that the variants answer; raise `Failure` where they answer different ones."""
    asked: list[Mapping[str, Any]] = [variant.steps["problem"] for variant in variants]
    other = next((variant for variant, one in zip(variants, asked, strict=True) if one != asked[0]), None)
    if other:
        raise Failure(
            f"variant {other.name} answers another question than variant {variants[0].name}",
            hint="Leave `hosting.verify` out, or host trials with objectives of one kind.",
        )
    return asked[0]


def classes(call: Call, part: Part) -> tuple[str, ...] | None:
    """Give the labels' original values by class, where they were encoded."""
    manifest = json.loads(call.ask(lambda: storage.read(call.aws, part.manifest)))
    names = (manifest.get("encoding") or {}).get("classes")
    return None if names is None else tuple(str(name) for name in names)


def _part(variant: served.Variant, records: served.Records) -> Part:
    return Part(
        uri=str(variant.output(records, "prepare", "test")),
        content_type=str(variant.steps["content_type"]),
        columns=tuple(map(str, variant.output(records, "prepare", "columns"))),
        manifest=str(variant.output(records, "prepare", "manifest")),
        variant=variant.name,
    )


def _content(call: Call, uri: str) -> str:
    found = call.ask(lambda: storage.find(call.aws, uri))
    if found is None:
        raise Failure(f"the test part {uri} is gone", hint="Run again; `prepare` writes it anew.")
    return f"{found.etag} {found.size}"
