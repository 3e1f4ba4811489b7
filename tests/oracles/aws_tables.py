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
# Of the image that evaluates rules of one's own the SDK knows nothing; its accounts stand in the developer guide.
GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg/debugger-reference.html#debuger-custom-rule-registry-ids"
CUSTOM_RULES = {
    "ap-east-1": "645844755771",
    "ap-northeast-1": "670969264625",
    "ap-northeast-2": "326368420253",
    "ap-south-1": "552407032007",
    "ap-southeast-1": "631532610101",
    "ap-southeast-2": "445670767460",
    "ca-central-1": "105842248657",
    "eu-central-1": "691764027602",
    "eu-north-1": "091235270104",
    "eu-west-1": "606966180310",
    "eu-west-2": "074613877050",
    "eu-west-3": "224335253976",
    "me-south-1": "050406412588",
    "sa-east-1": "466516958431",
    "us-east-1": "864354269164",
    "us-east-2": "840043622174",
    "us-west-1": "952348334681",
    "us-west-2": "759209512951",
}


def main(folder: Path) -> None:
    """Write one table per family of images into `folder`, the same bytes for the same SDK."""
    botocore.loaders.create_loader = cache(botocore.loaders.create_loader)  # the SDK parses its data for each image
    xgboost = image_uris.config_for_framework("xgboost")["training"]["versions"]
    versions = [version for version, entry in xgboost.items() if entry["repository"] == "sagemaker-xgboost"]
    write(folder / "xgboost.json", table("xgboost", {v: list(xgboost[v]["registries"]) for v in versions}))
    clarify = image_uris.config_for_framework("clarify")["processing"]["versions"]
    write(folder / "clarify.json", table("clarify", {v: list(clarify[v]["registries"]) for v in clarify}))
    debugger = image_uris.config_for_framework("debugger")["versions"]
    write(folder / "debugger.json", table("debugger", {v: list(debugger[v]["registries"]) for v in debugger}))
    hosts = {region: f"{account}.dkr.ecr.{region}.amazonaws.com" for region, account in CUSTOM_RULES.items()}
    custom = {"repository": "sagemaker-debugger-rule-evaluator", "tags": {"latest": "latest"}, "registries": hosts}
    write(folder / "debugger-custom.json", {"source": GUIDE, **custom})


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
