"""What is known of the table that an endpoint's model was trained on: its columns, and how they were encoded."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from specimen.asking import Cloud
from specimen.endpoints.known import MANIFEST, Endpoint, ours
from specimen.errors import SpecimenError, UsageError
from specimen.spec.words import any_of, closest

AGAIN = "run its spec again: it writes the manifest anew, and the endpoint leads to it"


@dataclass(frozen=True)
class Table:
    """The table as `prepare` found it, and as its manifest says it."""

    uri: str
    manifest: Mapping[str, Any]

    @property
    def encoding(self) -> Mapping[str, Any]:
        """The section of the manifest that leads from the table's columns to the model's."""
        encoding: Mapping[str, Any] = self.manifest["encoding"]
        return encoding

    @property
    def columns(self) -> tuple[str, ...]:
        """The table's columns in its order, with the label and those that were dropped."""
        return tuple(self.encoding["source_columns"])

    @property
    def asked(self) -> tuple[str, ...]:
        """Those of them that the model's features were made from."""
        unasked = {self.encoding["label"], *self.encoding["drop"]}
        return tuple(column for column in self.columns if column not in unasked)

    @property
    def classes(self) -> tuple[Any, ...] | None:
        """The label's values by the numbers that they were encoded as; None where it held numbers already."""
        classes = self.encoding["classes"]
        return None if classes is None else tuple(classes)

    @property
    def content_type(self) -> str:
        """What the model is asked in."""
        return "text/libsvm" if self.manifest.get("content_type") == "libsvm" else "text/csv"


def table(cloud: Cloud, endpoint: Endpoint, variant: str | None) -> Table:
    """The table of a variant's model; of all variants' models where none is named, and it is the same.

    Raises:
        UsageError: there is no such variant, or the variants' tables are not alike.
        SpecimenError: the endpoint was not made by Specimen, or its manifest is gone.
    """
    uris = _uris(endpoint, variant)
    tables = [_read(cloud, uri) for uri in dict.fromkeys(uris.values())]
    if any(other.manifest["encoding"] != tables[0].encoding for other in tables[1:]):
        raise UsageError(
            f"the variants of endpoint {endpoint.name} were trained on tables that are not alike",
            hint=f"say which is meant by --variant: {any_of(list(uris))}",
        )
    return tables[0]


def _uris(endpoint: Endpoint, variant: str | None) -> dict[str, str]:
    """The manifests by variant."""
    instead = (
        "nobody here knows its columns; send it rows as its model takes them: aws sagemaker-runtime invoke-endpoint "
        f"--endpoint-name {endpoint.name} --content-type text/csv --body fileb://rows.csv answers.csv"
    )
    ours(endpoint, instead)
    names = [one.name for one in endpoint.variants]
    if variant is not None and variant not in names:
        near = closest(variant, names)
        meant = f"did you mean `{near}`?" if near else f"there is {any_of(names)}"
        raise UsageError(f"endpoint {endpoint.name} has no variant `{variant}`", hint=meant)
    uris = {name: endpoint.tags.get(MANIFEST + name, "") for name in names if variant in (None, name)}
    if lacking := [name for name, uri in uris.items() if not uri]:
        raise SpecimenError(
            f"endpoint {endpoint.name} has no tag {MANIFEST}{lacking[0]} that leads to its manifest", hint=instead
        )
    return uris


def _read(cloud: Cloud, uri: str) -> Table:
    content = cloud.read(uri)
    if content is None:
        raise SpecimenError(f"the manifest {uri} is gone, which says how rows are encoded", hint=AGAIN)
    try:
        manifest = json.loads(content)
        known = {"source_columns", "label", "drop", "encode", "impute", "classes"} <= manifest["encoding"].keys()
    except (ValueError, TypeError, KeyError, AttributeError):
        known = False
    if not known:
        raise SpecimenError(f"the manifest {uri} does not say how rows are encoded", hint=AGAIN)
    return Table(uri, manifest)
