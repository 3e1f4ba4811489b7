"""Lineage: the training data and the model as artifacts, tied to the trial component of the job between them."""

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from specimen_components import adopt, answers, requests, trialcomponents
from specimen_components.command import Call, Result, run
from specimen_components.graph import Association, Graph
from specimen_components.interface import LINEAGE
from specimen_components.jsondata import Json
from specimen_components.problems import Failure, Refused
from specimen_components.progress import say
from specimen_components.resources import TRAINING_JOB

_ENDS = ("SourceArn", "DestinationArn")
_SHADOW = "sm-clarify-"  # how the names of the endpoints begin that Clarify makes and deletes


def work(call: Call) -> Result:
    """Find or create the two artifacts, and associate them with the job."""
    component = _trial_component(call)
    dataset = _artifact(call, call.mapping("dataset"))
    model = _artifact(call, call.mapping("model"))
    made = (
        Association(dataset, component["TrialComponentArn"], "ContributedTo"),
        Association(component["TrialComponentArn"], model, "Produced"),
    )
    for association in made:
        _associate(call, association)
    graph = Graph.of(made, _known(call, (dataset, component["TrialComponentArn"], model)))
    ours = _names(call, component, made)
    theirs = _sources(call, {arn: kind for arn, (_, kind) in graph.described.items() if arn not in ours})
    return Result({"dataset_arn": dataset, "model_arn": model}, details=graph.details(theirs | ours))


def _trial_component(call: Call) -> dict[str, Any]:
    found = trialcomponents.of_job(call, TRAINING_JOB, call.text("job"))
    if found is None:
        raise Failure(
            f"trial component {trialcomponents.name_of(TRAINING_JOB, call.text('job'))} has not appeared",
            hint="SageMaker makes it for each training job; look whether the job is in this region and account.",
        )
    return found


def _artifact(call: Call, asked: Mapping[str, Json]) -> str:
    """Give the ARN of the artifact with the request's source and type, created if there is none."""
    body = requests.prepared(adopt.SERVICE, "CreateArtifact", asked, call.arguments)
    if (found := _found(call, body)) is not None:
        say(f"artifact of {body['Source']['SourceUri']}: reused")
        return found
    body = requests.tagged(body, {requests.MANAGED_TAG: "true", requests.RUN_TAG: call.run})
    try:
        response = call.ask(lambda: call.aws.call(adopt.SERVICE, "CreateArtifact", body))
    except Refused as refusal:
        if answers.exists("CreateArtifact", refusal.code, refusal.reason) and (found := _found(call, body)):
            return found
        raise
    say(f"artifact of {body['Source']['SourceUri']}: created")
    return str(response["ArtifactArn"])


def _found(call: Call, body: Mapping[str, Any]) -> str | None:
    """Find the oldest artifact of the source; SageMaker's own ones write the type as "DataSet"."""
    asked = {"SourceUri": body["Source"]["SourceUri"], "SortBy": "CreationTime", "SortOrder": "Ascending"}
    listed = call.ask(lambda: list(call.aws.pages(adopt.SERVICE, "ListArtifacts", asked, "ArtifactSummaries")))
    wanted = body["ArtifactType"].lower()
    return next((item["ArtifactArn"] for item in listed if item.get("ArtifactType", "").lower() == wanted), None)


def _associate(call: Call, association: Association) -> None:
    """Add an association; that it is there already is the one answer that is no failure."""
    request = {
        "SourceArn": association.source,
        "DestinationArn": association.destination,
        "AssociationType": association.type,
    }
    try:
        call.ask(lambda: call.aws.call(adopt.SERVICE, "AddAssociation", request))
    except Refused as refusal:
        if not answers.exists("AddAssociation", refusal.code, refusal.reason):
            raise


def _known(call: Call, arns: Sequence[str]) -> list[Mapping[str, Any]]:
    """List what AWS knows to be associated with any of the entities, but for what Clarify deploys to for a while."""
    listed = (summary for arn in arns for end in _ENDS for summary in call.ask(partial(_listed, call, end, arn)))
    return [summary for summary in listed if not summary.get("DestinationName", "").startswith(_SHADOW)]


def _listed(call: Call, end: str, arn: str) -> list[Mapping[str, Any]]:
    return list(call.aws.pages(adopt.SERVICE, "ListAssociations", {end: arn}, "AssociationSummaries"))


def _sources(call: Call, kinds: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Name artifacts (ARN: type) that SageMaker made itself by what they stand for: their own names are digests."""
    found = {}
    for arn, kind in kinds.items():
        if ":artifact/" in arn and (described := call.ask(partial(_described, call, arn))):
            found[arn] = _named(str(described["Source"]["SourceUri"]), kind)
    return found


def _named(source: str, kind: str) -> tuple[str, str]:
    """Name an artifact by its source; that of a model package is AWS's name for it."""
    _, package, name = source.partition(":model-package/")
    return (name.replace("/", " version "), "ModelPackage") if package else (source, kind)


def _described(call: Call, arn: str) -> dict[str, Any] | None:
    return call.aws.find(adopt.SERVICE, "DescribeArtifact", {"ArtifactArn": arn})


def _names(call: Call, component: Mapping[str, Any], made: Sequence[Association]) -> dict[str, tuple[str, str]]:
    """Name our own three entities by what they stand for, with their types."""
    return {
        made[0].source: (call.text("train"), "Dataset"),
        component["TrialComponentArn"]: (call.text("job"), "TrainingJob"),
        made[1].destination: (call.text("artifact"), "Model"),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(LINEAGE, work, argv)


if __name__ == "__main__":
    sys.exit(main())
