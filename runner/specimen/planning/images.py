"""AWS's own container images: which exist, and their URIs.

The tables beside this module are written from the SageMaker SDK by ``make tables``.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from specimen.errors import SpecimenError

LAST_HOOKED = "1.7-1"  # the last version of SageMaker's XGBoost that knows Debugger


@dataclass(frozen=True)
class Table:
    """One family of images: its repository, the tag of each version, the registry host of each region."""

    repository: str
    tags: Mapping[str, str]
    registries: Mapping[str, str]

    def image(self, region: str, version: str) -> str:
        """The image's URI; a region or version that AWS does not offer is a `SpecimenError`."""
        if version not in self.tags:
            raise _unknown(f"{self.repository} has no version {version!r}", version, self.tags)
        if region not in self.registries:
            raise _unknown(f"{self.repository} has no image in region {region!r}", region, self.registries)
        return f"{self.registries[region]}/{self.repository}:{self.tags[version]}"


def xgboost_image(region: str, version: str) -> str:
    """SageMaker's XGBoost for training and serving on CPUs; errors as `Table.image`."""
    return _table("xgboost").image(region, version)


def xgboost_versions() -> tuple[str, ...]:
    """The versions of SageMaker's XGBoost, oldest first."""
    return tuple(_table("xgboost").tags)


def saves_tensors(version: str) -> bool:
    """Whether a version of SageMaker's XGBoost saves tensors for Debugger.

    Source: aws/sagemaker-xgboost-container, algorithm_mode/train.py: up to 1.7-1 it calls Debugger's hook, and from
    3.0-5 on the call is commented out.
    """
    return version in xgboost_versions() and xgboost_versions().index(version) <= xgboost_versions().index(LAST_HOOKED)


def clarify_image(region: str) -> str:
    """SageMaker Clarify's processing image, its newest version; errors as `Table.image`."""
    table = _table("clarify")
    return table.image(region, tuple(table.tags)[-1])


def rules_image(region: str, *, custom: bool) -> str:
    """The image that evaluates Debugger's built-in rules, or rules of one's own; errors as `Table.image`."""
    table = _table("debugger-custom" if custom else "debugger")
    return table.image(region, tuple(table.tags)[-1])


@cache
def _table(name: str) -> Table:
    content = json.loads(files("specimen.planning").joinpath("data", f"{name}.json").read_text(encoding="utf-8"))
    return Table(content["repository"], content["tags"], content["registries"])


def _unknown(message: str, given: str, offered: Iterable[str]) -> SpecimenError:
    offered = tuple(offered)
    closest = get_close_matches(given, offered, n=1)
    hint = f"did you mean {closest[0]!r}? " if closest else ""
    return SpecimenError(message, hint=f"{hint}AWS offers {', '.join(offered)}")
