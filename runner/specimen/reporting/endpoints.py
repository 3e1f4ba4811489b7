"""Endpoints in a table, their answers a line each, and both as JSON."""

import csv
import io
import json
from collections.abc import Iterable, Sequence

from specimen.endpoints.answers import Answer
from specimen.endpoints.known import KEEP, RUN, Endpoint, Variant
from specimen.reporting.aligning import aligned


def as_text(endpoints: Sequence[Endpoint]) -> str:
    """A line an endpoint; one without an experiment was not made by Specimen."""
    if not endpoints:
        return "no endpoints\n"
    rows = [["endpoint", "status", "experiment", "serves", "kept", "changed"]]
    rows += [
        [
            one.name,
            one.status,
            one.experiment or "-",
            ", ".join(map(_variant, one.variants)) or "-",
            {"true": "yes", "false": "no"}.get(one.tags.get(KEEP, ""), "-"),
            f"{one.modified:%Y-%m-%d %H:%M}",
        ]
        for one in endpoints
    ]
    return "\n".join(aligned(rows)) + "\n"


def as_json(endpoints: Sequence[Endpoint]) -> str:
    """All that is known of each."""
    documents = [
        {
            "name": one.name,
            "arn": one.arn,
            "status": one.status,
            "reason": one.reason,
            "configuration": one.config,
            "experiment": one.experiment,
            "run": one.tags.get(RUN),
            "keep": {"true": True, "false": False}.get(one.tags.get(KEEP, "")),
            "variants": [
                {"name": variant.name, "weight": variant.weight, "instances": variant.instances}
                for variant in one.variants
            ],
            "modified": one.modified.isoformat(),
        }
        for one in endpoints
    ]
    return json.dumps(documents, indent=2, ensure_ascii=False) + "\n"


def answers_as_csv(answers: Iterable[Answer]) -> str:
    """A line a row: the answer, and behind it its classes' probabilities in their order, where it has some."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([one.value, *one.probabilities.values()] for one in answers)
    return text.getvalue()


def answers_as_json(answers: Iterable[Answer]) -> str:
    """A list of what was answered, with the row and the variant that answered."""
    documents = [
        {
            "row": one.row,
            "answer": one.value,
            **({"probabilities": dict(one.probabilities)} if one.probabilities else {}),
            "variant": one.variant,
        }
        for one in answers
    ]
    return json.dumps(documents, indent=2, ensure_ascii=False) + "\n"


def _variant(variant: Variant) -> str:
    on = "serverless" if variant.instances is None else f"on {variant.instances}"
    return f"{variant.name} {on}, weight {variant.weight:g}"
