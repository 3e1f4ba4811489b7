"""The lineage component: artifacts found or made, and tied to the job between them."""

from collections.abc import Sequence
from typing import Any

import pytest
from specimen_components import lineage
from specimen_components.interface import LINEAGE
from specimen_components.jsondata import Json
from specimen_components.problems import Failure, Refused

BASE = "arn:aws:sagemaker:eu-west-1:111122223333"
COMPONENT = f"{BASE}:experiment-trial-component/demo-1-aws-training-job"
DATASET, MODEL, IMAGE = (f"{BASE}:artifact/{letter * 32}" for letter in "abc")
ARGUMENTS: dict[str, Json] = {
    "dataset": {"ArtifactName": "data", "ArtifactType": "Dataset", "Source": {"SourceUri": {"$ref": "train"}}},
    "model": {"ArtifactName": "model", "ArtifactType": "Model", "Source": {"SourceUri": {"$ref": "artifact"}}},
    "job": "demo-1",
    "train": "s3://b/train.csv",
    "artifact": "s3://b/model.tar.gz",
}


def has_component(script: Any) -> None:
    asked = {"TrialComponentName": "demo-1-aws-training-job"}
    found = {"TrialComponentName": "demo-1-aws-training-job", "TrialComponentArn": COMPONENT}
    script.answers("sagemaker:describe_trial_component", found, asked)


def lists_artifacts(script: Any, uri: str, *found: tuple[str, str]) -> None:
    summaries = [{"ArtifactArn": arn, "ArtifactType": kind} for arn, kind in found]
    asked = {"SourceUri": uri, "SortBy": "CreationTime", "SortOrder": "Ascending"}
    script.answers("sagemaker:list_artifacts", {"ArtifactSummaries": summaries}, asked)


def associates(script: Any, source: str, destination: str, kind: str) -> None:
    asked = {"SourceArn": source, "DestinationArn": destination, "AssociationType": kind}
    script.answers("sagemaker:add_association", {"SourceArn": source, "DestinationArn": destination}, asked)


def knows(script: Any, answers: Sequence[Sequence[dict[str, str]]] = ((),) * 6) -> None:
    """What ListAssociations says for each end of the dataset, the job and the model."""
    for summaries in answers:
        script.answers("sagemaker:list_associations", {"AssociationSummaries": list(summaries)})


def summary(source: str, destination: str, kind: str) -> dict[str, str]:
    return {
        "SourceArn": source,
        "SourceName": f"name of {source[-1]}",
        "SourceType": "Image" if source == IMAGE else "DataSet",
        "DestinationArn": destination,
        "DestinationType": "SageMakerTrainingJob",
        "AssociationType": kind,
    }


def test_what_is_absent_is_made_and_tied_to_the_job(script: Any, make_call: Any, clock: Any) -> None:
    script.refuses("sagemaker:describe_trial_component", "ResourceNotFound", "not yet")
    has_component(script)
    tags = [{"Key": "specimen:managed", "Value": "true"}, {"Key": "specimen:run", "Value": "r-1"}]
    for uri, made, asked in (
        ("s3://b/train.csv", DATASET, {"ArtifactName": "data", "ArtifactType": "Dataset"}),
        ("s3://b/model.tar.gz", MODEL, {"ArtifactName": "model", "ArtifactType": "Model"}),
    ):
        lists_artifacts(script, uri)
        request = {**asked, "Source": {"SourceUri": uri}, "Tags": tags}
        script.answers("sagemaker:create_artifact", {"ArtifactArn": made}, request)
    associates(script, DATASET, COMPONENT, "ContributedTo")
    associates(script, COMPONENT, MODEL, "Produced")
    knows(script)
    result = lineage.work(make_call(LINEAGE, ARGUMENTS))
    assert result.outputs == {"dataset_arn": DATASET, "model_arn": MODEL}
    assert result.details == {
        "nodes": [
            {"arn": DATASET, "name": "s3://b/train.csv", "type": "Dataset"},
            {"arn": COMPONENT, "name": "demo-1", "type": "TrainingJob"},
            {"arn": MODEL, "name": "s3://b/model.tar.gz", "type": "Model"},
        ],
        "edges": [
            {"source": DATASET, "destination": COMPONENT, "type": "ContributedTo"},
            {"source": COMPONENT, "destination": MODEL, "type": "Produced"},
        ],
    }
    assert clock.slept == [1.0]


def found_again(script: Any) -> None:
    has_component(script)
    lists_artifacts(script, "s3://b/train.csv", (IMAGE, "Other"), (DATASET, "DataSet"))
    lists_artifacts(script, "s3://b/model.tar.gz", (MODEL, "Model"))


def test_what_is_there_is_used_and_what_aws_knows_is_shown(script: Any, make_call: Any) -> None:
    found_again(script)
    for _ in range(2):
        script.refuses("sagemaker:add_association", "ValidationException", "Association already exists")
    known = [summary(DATASET, COMPONENT, "ContributedTo"), summary(IMAGE, COMPONENT, "ContributedTo")]
    knows(script, [known[:1], [], [], known, [], []])
    image = {"ArtifactArn": IMAGE, "Source": {"SourceUri": "registry/xgboost:1"}}
    script.answers("sagemaker:describe_artifact", image, {"ArtifactArn": IMAGE})
    result = lineage.work(make_call(LINEAGE, ARGUMENTS))
    edges: Any = result.details["edges"]
    nodes: Any = result.details["nodes"]
    assert [edge["source"] for edge in edges] == [DATASET, COMPONENT, IMAGE]
    assert nodes[-1] == {"arn": IMAGE, "name": "registry/xgboost:1", "type": "Image"}
    assert len(nodes) == 4


def test_a_package_is_named_and_what_clarify_deploys_to_is_left_out(script: Any, make_call: Any) -> None:
    """A shadow endpoint is there for a job's while."""
    package = f"{BASE}:artifact/{'d' * 32}"
    ours = {"SourceArn": MODEL, "SourceType": "Model", "AssociationType": "ContributedTo"}
    shadow = {"DestinationArn": f"{BASE}:action/s", "DestinationName": "sm-clarify-1-aws-model-deployment"}
    found_again(script)
    associates(script, DATASET, COMPONENT, "ContributedTo")
    associates(script, COMPONENT, MODEL, "Produced")
    knows(
        script,
        ((), (), (), (), [{**ours, "DestinationArn": package, "DestinationType": "Model"}, {**ours, **shadow}], ()),
    )
    source = {"SourceUri": f"{BASE}:model-package/loans/3"}
    described = {"ArtifactArn": package, "Source": source}
    script.answers("sagemaker:describe_artifact", described, {"ArtifactArn": package})
    details: Any = lineage.work(make_call(LINEAGE, ARGUMENTS)).details
    assert details["nodes"][-1] == {"arn": package, "name": "loans version 3", "type": "ModelPackage"}
    assert [edge["destination"] for edge in details["edges"]] == [COMPONENT, MODEL, package]


def test_any_other_refusal_of_an_association_is_a_failure(script: Any, make_call: Any) -> None:
    found_again(script)
    script.refuses("sagemaker:add_association", "ValidationException", "an association may not form a cycle")
    with pytest.raises(Refused, match="cycle"):
        lineage.work(make_call(LINEAGE, ARGUMENTS))


def test_an_artifact_that_another_run_made_at_the_same_time_is_used(script: Any, make_call: Any) -> None:
    has_component(script)
    lists_artifacts(script, "s3://b/train.csv")
    script.refuses("sagemaker:create_artifact", "ValidationException", "Artifact already exists")
    lists_artifacts(script, "s3://b/train.csv", (DATASET, "Dataset"))
    lists_artifacts(script, "s3://b/model.tar.gz", (MODEL, "Model"))
    associates(script, DATASET, COMPONENT, "ContributedTo")
    associates(script, COMPONENT, MODEL, "Produced")
    knows(script)
    assert lineage.work(make_call(LINEAGE, ARGUMENTS)).outputs["dataset_arn"] == DATASET


def test_a_job_that_never_shows_is_one_message(script: Any, make_call: Any) -> None:
    for _ in range(6):
        script.refuses("sagemaker:describe_trial_component", "ResourceNotFound", "no")
    with pytest.raises(Failure, match="demo-1-aws-training-job has not appeared"):
        lineage.work(make_call(LINEAGE, ARGUMENTS))
