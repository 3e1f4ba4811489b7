"""What a run that keeps no endpoint deletes in the end: the endpoint, its scalable targets and its configurations.

Only what the experiment itself has made and tagged as not to be kept is deleted, by this run or by an earlier one that
could not. Another run that has taken the endpoint over meanwhile is given a moment to come to its own end.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from specimen_components import adopt, naming, requests, resources, siblings, storage
from specimen_components.command import Call
from specimen_components.hosting import deletion, ownership, scaling
from specimen_components.problems import Failure
from specimen_components.progress import say
from specimen_components.waiting import until

_ANY_DIGEST = "0" * naming.DIGITS


@dataclass(frozen=True)
class Ended:
    """What was deleted, and what could not be: sentences for people."""

    deleted: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def end(call: Call, experiment: str, name: str) -> Ended:
    """Delete what the experiment does not keep of the endpoint `name`; a refusal is told, and ends nothing else."""
    deleted: list[str] = []
    problems: list[str] = []
    for what, deletions in (("Endpoint", _endpoint), ("EndpointConfig", _configurations)):
        try:
            for line in deletions(call, experiment, name):
                say(line)
                deleted.append(line)
        except Failure as failure:
            problems.append(f"{what} {name} of this run may be left, and may cost money: {failure}")
    return Ended(tuple(deleted), tuple(problems))


def _endpoint(call: Call, experiment: str, name: str) -> Iterator[str]:
    if not _to_go(tags := _tags(call, name), experiment):
        return
    _await_others(call, tags, name)
    found = adopt.describe(call, resources.ENDPOINT, name)
    if found is None or not _to_go(_tags(call, name), experiment):
        return  # another run has deleted it, or keeps it
    variants = [variant["VariantName"] for variant in found.get("ProductionVariants", ())]
    for target in scaling.remove(call, scaling.targets(call, name, variants)):
        yield f"{target} does not scale any more."
    if deletion.endpoint(call, name):
        yield f"Endpoint {name} was deleted."


def _to_go(tags: Mapping[str, str], experiment: str) -> bool:
    """Tell whether what carries these tags is the experiment's, and not to be kept."""
    return ownership.ours(tags, experiment) and tags.get(ownership.KEEP) == "false"


def _tags(call: Call, name: str) -> Mapping[str, str]:
    found = adopt.describe(call, resources.ENDPOINT, name)
    return {} if found is None else adopt.tags_of(call, found["EndpointArn"])


def _await_others(call: Call, tags: Mapping[str, str], name: str) -> None:
    """Wait until other runs that have used the endpoint are at their own end; one that was cut off never is."""
    others = {tags.get(requests.RUN_TAG), tags.get(ownership.USED)} - {None, call.run}
    folder, own = siblings.folder(call).rpartition("/")[0], call.recorder.uri.rpartition("/")[2]
    for other in sorted(filter(None, others)):
        uri = storage.joined(folder, other, own)
        if until(call.clock, call.pace, partial(storage.find, call.aws, uri)) is None:
            say(f"run {other} has used endpoint {name} too, and has not come to its end")


def _configurations(call: Call, experiment: str, name: str) -> Iterator[str]:
    found = adopt.describe(call, resources.ENDPOINT, name) or {}
    serving = found.get(resources.ENDPOINT_CONFIG.name)
    for config, arn in _named(call, name):
        tags = adopt.tags_of(call, arn)
        if config != serving and _to_go(tags, experiment):
            deletion.configuration(call, config)
            yield f"EndpointConfig {config} was deleted."


def _named(call: Call, name: str) -> Iterator[tuple[str, str]]:
    """Yield the configurations that are named for this endpoint, each with its ARN."""
    kind = resources.ENDPOINT_CONFIG
    limit = naming.longest(adopt.SERVICE, kind.create, kind.name)
    stem = naming.job_name(name, _ANY_DIGEST, 1, limit).removesuffix(_ANY_DIGEST)
    form = re.compile(rf"{re.escape(stem)}[0-9a-f]{{{naming.DIGITS}}}(-[0-9]+)?")
    asked = {"NameContains": stem.rstrip("-")}
    for one in call.ask(lambda: list(call.aws.pages(adopt.SERVICE, "ListEndpointConfigs", asked, "EndpointConfigs"))):
        if form.fullmatch(one[kind.name]):
            yield one[kind.name], one[kind.arn]
