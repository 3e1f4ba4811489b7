"""Whose an endpoint is, as its tags say: an experiment's, which run's, and whether it is to be kept."""

import re
from collections.abc import Mapping
from typing import Any

from specimen_components import adopt, requests
from specimen_components.command import Call
from specimen_components.problems import Failure
from specimen_components.progress import say

EXPERIMENT = "specimen:experiment"
KEEP = "specimen:keep"  # "true" or "false"
USED = "specimen:used"  # the last run that has taken the endpoint over, of one that is not to be kept
MANIFEST = "specimen:manifest:"  # and a variant's name: the manifest of the data that its model was trained on
_LONGEST = 256
_VALUE = re.compile(r"[\w\s.:/=+\-@]*")  # AWS's alphabet of tags

Tags = Mapping[str, str]


class Foreign(Failure):
    """The endpoint of that name is not the experiment's."""


def given(request: Mapping[str, Any]) -> dict[str, str]:
    """Give a request's tags by key."""
    return {tag["Key"]: tag["Value"] for tag in request.get("Tags", ())}


def ours(tags: Tags, experiment: str) -> bool:
    """Tell whether what carries these tags was made by the experiment."""
    return requests.MANAGED_TAG in tags and tags.get(EXPERIMENT) == experiment


def require(name: str, tags: Tags, experiment: str) -> None:
    """Raise `Foreign` for an endpoint that is not the experiment's."""
    if ours(tags, experiment):
        return
    owner = tags.get(EXPERIMENT)
    whose = f"belongs to the experiment {owner}" if owner else "was not made by Specimen"
    raise Foreign(
        f"there is an endpoint {name} already, and it {whose}; it was left untouched",
        hint="Give `hosting.name` another name, or delete that endpoint first if nobody needs it.",
    )


def manifests(found: Mapping[str, str]) -> dict[str, str]:
    """Give the tags that lead from variants to their manifests, as far as a tag can hold a URI."""
    tags = {}
    for variant, uri in found.items():
        if len(uri) <= _LONGEST and _VALUE.fullmatch(uri):
            tags[MANIFEST + variant] = uri
        else:
            say(f"variant {variant}: no tag can hold {uri}; `specimen endpoint invoke` will not know its columns")
    return tags


def kept(tags: Tags, wanted: Tags) -> bool:
    """Tell whether an endpoint stays: one that was to be kept does, whatever this run thinks."""
    return "true" in (tags.get(KEEP), wanted.get(KEEP))


def renew(call: Call, arn: str, tags: Tags, wanted: Tags) -> None:
    """Let an endpoint's tags say what it serves now, and whether it stays."""
    stays = "true" if kept(tags, wanted) else "false"
    meant = {**wanted, KEEP: stays, **({USED: call.run} if stays == "false" else {})}
    changed = [{"Key": key, "Value": value} for key, value in meant.items() if tags.get(key) != value]
    stale = [key for key in tags if key.startswith(MANIFEST) and key not in wanted]
    if changed:
        call.ask(lambda: call.aws.call(adopt.SERVICE, "AddTags", {"ResourceArn": arn, "Tags": changed}))
    if stale:
        call.ask(lambda: call.aws.call(adopt.SERVICE, "DeleteTags", {"ResourceArn": arn, "TagKeys": stale}))
