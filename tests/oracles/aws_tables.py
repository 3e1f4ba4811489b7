"""Writes what the SageMaker SDK knows of AWS's images as small tables: ``aws_tables.py FOLDER``.

Runs in an environment that holds ``sagemaker-core`` (``tests/oracles/build sagemaker3``); ``make tables`` calls it.
Every entry is what the SDK's own `image_uris.retrieve` answers, for every region and version of its configuration.
"""

import json
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import botocore.loaders
from sagemaker.core import image_uris

SOURCE = "sagemaker-core, sagemaker.core.image_uris.retrieve"
INSTANCE = "ml.m5.xlarge"  # images for other processors carry other tags


def main(folder: Path) -> None:
    """Write one table per family of images into `folder`, the same bytes for the same SDK."""
    botocore.loaders.create_loader = cache(botocore.loaders.create_loader)  # the SDK parses its data for each image
    xgboost = image_uris.config_for_framework("xgboost")["training"]["versions"]
    versions = [version for version, entry in xgboost.items() if entry["repository"] == "sagemaker-xgboost"]
    write(folder / "xgboost.json", table("xgboost", {v: list(xgboost[v]["registries"]) for v in versions}))
    clarify = image_uris.config_for_framework("clarify")["processing"]["versions"]
    write(folder / "clarify.json", table("clarify", {v: list(clarify[v]["registries"]) for v in clarify}))


def table(framework: str, regions: dict[str, list[str]]) -> dict[str, object]:
    """Repository, tag per version and registry host per region of a framework, as the SDK puts them together."""
    parts = {
        (version, region): split(image_uris.retrieve(framework, region, version, instance_type=INSTANCE))
        for version, names in regions.items()
        for region in names
    }
    return {
        "source": SOURCE,
        "repository": single(repository for _, repository, _ in parts.values()),
        "tags": {version: single(parts[version, r][2] for r in names) for version, names in regions.items()},
        "registries": {
            region: single(host for (_, where), (host, _, _) in parts.items() if where == region)
            for region in sorted({region for _, region in parts})
        },
    }


def split(uri: str) -> tuple[str, str, str]:
    """An image URI's registry host, repository and tag."""
    host, _, name = uri.partition("/")
    repository, _, tag = name.partition(":")
    return host, repository, tag


def single(values: Iterable[str]) -> str:
    """The one value that all agree on; the tables hold no more than that."""
    distinct = set(values)
    if len(distinct) != 1:
        raise SystemExit(f"the SDK's images no longer share one value, the tables need another form: {distinct}")
    return distinct.pop()


def write(path: Path, content: dict[str, object]) -> None:
    """One table as JSON, readable in a diff."""
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
