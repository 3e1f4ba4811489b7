"""The model registry: a package group, and one version of it for one model with its quality and bias reports."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from specimen_components import adopt, answers, requests
from specimen_components.command import Call, Result, run
from specimen_components.interface import REGISTER
from specimen_components.jsondata import digest
from specimen_components.problems import Failure, Refused
from specimen_components.progress import say
from specimen_components.records import Resource
from specimen_components.resources import PACKAGE, PACKAGE_GROUP, console
from specimen_components.statuses import Phase

DIGEST = "specimen:digest"  # the metadata by which a version is found again
SELECTED = "specimen:selected"  # the metadata that marks the version of the best of an experiment's trials
_PAGE = 100  # versions listed at once; AWS gives 10 unless asked
_TOKEN = 32  # characters of a ClientToken; AWS takes 36


def work(call: Call) -> Result:
    """Register the model, or use the version that holds the same."""
    group = requests.prepared(adopt.SERVICE, PACKAGE_GROUP.create, call.mapping("group"), call.arguments)
    name = adopt.stable(call, PACKAGE_GROUP, group).resource.name
    found = _version(call, name)
    version = str(found.description["ModelPackageVersion"])
    selected = _mark(call, found)
    return Result(
        {"arn": found.resource.arn, "version": version},
        details={
            "group": name,
            "version": version,
            "approval": found.description.get("ModelApprovalStatus"),
            "status": found.description["ModelPackageStatus"],
            "arn": found.resource.arn,
            "selected": selected,
        },
    )


def _mark(call: Call, version: adopt.Owned) -> bool | None:
    """Mark the version of the selected trial, or take the mark away; None where nothing is selected from."""
    if "selected" not in call.arguments:
        return None
    selected = call.text("selected") in call.items("trials")
    properties = version.description.get("CustomerMetadataProperties", {})
    if selected == (SELECTED in properties):
        return selected
    change = (
        {"CustomerMetadataProperties": {**properties, SELECTED: "true"}}
        if selected
        else {"CustomerMetadataPropertiesToRemove": [SELECTED]}
    )
    request = {"ModelPackageArn": version.resource.arn, **change}
    call.ask(lambda: call.aws.call(adopt.SERVICE, "UpdateModelPackage", request))
    say(f"ModelPackage {version.resource.name}: {'marked as selected' if selected else 'no longer marked as selected'}")
    return selected


def _version(call: Call, group: str) -> adopt.Owned:
    """Find the version by the request's digest, or create it; one that failed gives way to another."""
    asked = call.mapping("request")
    signature = requests.request_digest(asked, call.arguments, PACKAGE.name)
    earlier = _of_digest(call, group, signature)
    for description in earlier:
        if adopt.phase(PACKAGE, description) is not Phase.FAILED:
            return _completed(call, group, description["ModelPackageArn"], "reused")
    body = requests.prepared(adopt.SERVICE, PACKAGE.create, asked, call.arguments)
    body["CustomerMetadataProperties"] = {**body.get("CustomerMetadataProperties", {}), DIGEST: signature}
    # nothing of the run stands in the request, so that two runs at once send the same one and get one version
    body["ClientToken"] = digest([signature, len(earlier)])[:_TOKEN]
    return _create(call, group, body)


def _of_digest(call: Call, group: str, signature: str) -> list[dict[str, Any]]:
    """Describe the group's versions that were made from the same request, the newest first, to one that did not fail.

    Only a version's own description tells its digest, and a group may have thousands of versions.
    """
    asked = {"ModelPackageGroupName": group, "SortBy": "CreationTime", "SortOrder": "Descending", "MaxResults": _PAGE}
    listed = call.ask(
        lambda: list(call.aws.pages(adopt.SERVICE, "ListModelPackages", asked, "ModelPackageSummaryList")),
    )
    found = []
    for summary in listed:
        description = adopt.describe(call, PACKAGE, summary["ModelPackageArn"])
        if description and description.get("CustomerMetadataProperties", {}).get(DIGEST) == signature:
            found.append(description)
            if adopt.phase(PACKAGE, description) is not Phase.FAILED:
                break
    return found


def _create(call: Call, group: str, body: Mapping[str, Any]) -> adopt.Owned:
    """Create the version; when AWS says that it exists, another run made it at the same time."""
    try:
        response = call.ask(lambda: call.aws.call(adopt.SERVICE, PACKAGE.create, body))
    except Refused as refusal:
        signature = body["CustomerMetadataProperties"][DIGEST]
        if answers.exists(PACKAGE.create, refusal.code, refusal.reason) and (
            found := _of_digest(call, group, signature)
        ):
            return _completed(call, group, found[0]["ModelPackageArn"], "adopted")
        raise
    return _completed(call, group, response["ModelPackageArn"], "created")


def _completed(call: Call, group: str, arn: str, how: str) -> adopt.Owned:
    """Wait for the version to be completed; raise `Failure` when it failed or was deleted."""
    place = call.aws.environment
    name = f"{group}/{arn.rpartition('/')[2]}"
    found = Resource("ModelPackage", name, arn, how, console(place.region, PACKAGE, name, local=place.local))
    call.announce(found)
    say(f"ModelPackage {name}: {how}")
    description = adopt.wait(call, PACKAGE, arn)
    if description is None:
        raise Failure(f"ModelPackage {name} was deleted meanwhile", hint="Run again to register the model anew.")
    owned = adopt.Owned(found, description)
    if adopt.phase(PACKAGE, description) is not Phase.DONE:
        raise adopt.failure(PACKAGE, owned)
    return owned


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(REGISTER, work, argv)


if __name__ == "__main__":
    sys.exit(main())
