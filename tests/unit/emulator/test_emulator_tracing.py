"""What the embedded SageMaker notes by itself of packages and endpoints."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.emulator.conftest import ARN, CONTAINER, SPECIFICATION, Cloud

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
DATA = "s3://models/model.tar.gz"


@pytest.fixture
def package(cloud: Cloud) -> str:
    """The first version of a group."""
    cloud.ask("CreateModelPackageGroup", ModelPackageGroupName="Group")
    request = {"ModelPackageGroupName": "group", "InferenceSpecification": SPECIFICATION, "ClientToken": "t" * 36}
    arn: str = cloud.ask("CreateModelPackage", **request)["ModelPackageArn"]
    assert cloud.ask("CreateModelPackage", **request)["ModelPackageArn"] == arn
    return arn


@pytest.fixture
def endpoint(cloud: Cloud) -> Iterator[str]:
    """An endpoint of two configurations, one after the other, each with the same model."""
    cloud.ask(
        "CreateModel",
        ModelName="model",
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": DATA},
        ExecutionRoleArn="arn:aws:iam::111122223333:role/r",
    )
    variant = {"VariantName": "v", "ModelName": "model", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    cloud.ask("CreateEndpointConfig", EndpointConfigName="config", ProductionVariants=[variant])
    yield cloud.ask("CreateEndpoint", EndpointName="Loans", EndpointConfigName="config")["EndpointArn"]
    delete(cloud)


def delete(cloud: Cloud) -> None:
    """Delete the endpoint once it is no longer being created: its model is none, and it fails."""
    while cloud.ask("DescribeEndpoint", EndpointName="Loans")["EndpointStatus"] == "Creating":
        time.sleep(0.02)
    cloud.ask("DeleteEndpoint", EndpointName="Loans")


def context_of(cloud: Cloud, arn: str) -> dict[str, Any]:
    (found,) = cloud.ask("ListContexts", SourceUri=arn)["ContextSummaries"]
    return dict(found)


def ascendants(cloud: Cloud, arn: str) -> set[tuple[str, str]]:
    vertices = cloud.ask("QueryLineage", StartArns=[arn], Direction="Ascendants")["Vertices"]
    return {(vertex["LineageType"], vertex["Type"]) for vertex in vertices}


def test_a_package_comes_of_its_model_and_belongs_to_its_group(cloud: Cloud, package: str) -> None:
    group = context_of(cloud, f"{ARN}model-package-group/group")
    assert (group["ContextName"], group["ContextType"]) == ("Group-aws-model-group", "ModelGroup")
    (artifact,) = cloud.ask("ListArtifacts", SourceUri=package)["ArtifactSummaries"]
    edges = cloud.ask("ListAssociations", DestinationArn=artifact["ArtifactArn"])["AssociationSummaries"]
    kinds = sorted((edge["SourceType"], edge["AssociationType"]) for edge in edges)
    assert kinds == [("Approval", "ContributedTo"), ("Image", "ContributedTo"), ("Model", "ContributedTo")]
    (data,) = cloud.ask("ListArtifacts", SourceUri=CONTAINER["ModelDataUrl"])["ArtifactSummaries"]
    reached = cloud.ask("QueryLineage", StartArns=[data["ArtifactArn"]], Direction="Descendants")["Vertices"]
    assert [vertex["Type"] for vertex in reached] == ["Model", "Model", "ModelGroup"]


def test_each_approval_is_an_action(cloud: Cloud, package: str) -> None:
    """What changes anything else of a package is none."""
    cloud.ask("UpdateModelPackage", ModelPackageArn=package, ModelApprovalStatus="Approved")
    cloud.ask("UpdateModelPackage", ModelPackageArn=package, CustomerMetadataProperties={"a": "b"})
    actions = cloud.ask("ListActions", SourceUri=package, SortBy="CreationTime", SortOrder="Ascending")
    names = [action["ActionName"] for action in actions["ActionSummaries"]]
    assert [name.rsplit("-", 4)[0] for name in names] == ["group-1-PendingManualApproval", "group-1-Approved"]


def test_a_deleted_package_stays_in_the_lineage(cloud: Cloud, package: str) -> None:
    cloud.ask("DeleteModelPackage", ModelPackageName=package)
    assert cloud.ask("ListArtifacts", SourceUri=package)["ArtifactSummaries"]


def test_an_endpoint_comes_of_what_was_deployed(cloud: Cloud, endpoint: str) -> None:
    context = context_of(cloud, endpoint)
    assert (context["ContextName"], context["ContextType"]) == ("Loans-aws-endpoint", "Endpoint")
    assert ascendants(cloud, context["ContextArn"]) == {
        ("Context", "Endpoint"),
        ("Action", "ModelDeployment"),
        ("Artifact", "Model"),
        ("Artifact", "Image"),
    }
    (data,) = cloud.ask("ListArtifacts", SourceUri=DATA)["ArtifactSummaries"]
    assert ("Context", "Endpoint") in {
        (vertex["LineageType"], vertex["Type"])
        for vertex in cloud.ask("QueryLineage", StartArns=[data["ArtifactArn"]], Direction="Descendants")["Vertices"]
    }


def test_what_was_deployed_stays_when_the_endpoint_is_deleted(cloud: Cloud, endpoint: str) -> None:
    """A later endpoint of the name is the same context, deployed to once more."""
    delete(cloud)
    first = context_of(cloud, endpoint)
    cloud.ask("CreateEndpoint", EndpointName="Loans", EndpointConfigName="config")
    assert context_of(cloud, endpoint)["ContextArn"] == first["ContextArn"]
    actions = cloud.ask("ListActions", SourceUri=endpoint, ActionType="ModelDeployment", SortOrder="Ascending")
    assert [action["Status"] for action in actions["ActionSummaries"]] == ["Failed", "InProgress"]
