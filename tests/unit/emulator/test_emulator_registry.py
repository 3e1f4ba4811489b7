"""The model registry, tags and searches."""

from typing import Any

import pytest
from specimen.emulator.sagemaker.packages import CHECKING_SECONDS

from tests.unit.emulator.conftest import ARN, SPECIFICATION, Cloud

TOKEN = "t" * 36
METRICS = {"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://models/statistics.json"}}}


@pytest.fixture
def group(cloud: Cloud) -> str:
    cloud.ask("CreateModelPackageGroup", ModelPackageGroupName="Group", ModelPackageGroupDescription="text")
    return "Group"


def register(cloud: Cloud, group: str = "Group", **members: Any) -> str:
    request = {"ModelPackageGroupName": group, "InferenceSpecification": SPECIFICATION, **members}
    arn: str = cloud.ask("CreateModelPackage", **request)["ModelPackageArn"]
    return arn


def describe(cloud: Cloud, name: str) -> dict[str, Any]:
    return cloud.ask("DescribeModelPackage", ModelPackageName=name)


def packages(cloud: Cloud, **request: Any) -> list[str]:
    found = cloud.ask("ListModelPackages", **request)["ModelPackageSummaryList"]
    return [item["ModelPackageArn"].rpartition("model-package/")[2] for item in found]


def test_a_group(cloud: Cloud, group: str) -> None:
    """Completed at once; a second of its name is refused in AWS's words."""
    found = cloud.ask("DescribeModelPackageGroup", ModelPackageGroupName=f"{ARN}model-package-group/group")
    assert (found["ModelPackageGroupName"], found["ModelPackageGroupStatus"]) == (group, "Completed")
    error = cloud.refused("CreateModelPackageGroup", ModelPackageGroupName=group)
    assert error.message == f"Model Package Group already exists: {ARN}model-package-group/group"
    cloud.ask("CreateModelPackageGroup", ModelPackageGroupName="another")
    listed = cloud.ask("ListModelPackageGroups", NameContains="GROU")["ModelPackageGroupSummaryList"]
    assert [item["ModelPackageGroupName"] for item in listed] == [group]
    absent = cloud.refused("DescribeModelPackageGroup", ModelPackageGroupName="absent")
    assert absent.message == f"ModelPackageGroup {ARN}model-package-group/absent does not exist."


def test_a_version_goes_through_its_statuses(cloud: Cloud, group: str) -> None:
    """Pending, InProgress, Completed; with all that it was registered with."""
    cloud.emulator.objects.put("models", "statistics.json", b"{}")
    arn = register(
        cloud, ModelMetrics=METRICS, CustomerMetadataProperties={"digest": "1"}, ModelPackageDescription="text"
    )
    assert arn == f"{ARN}model-package/group/1"
    created = describe(cloud, arn)["CreationTime"]
    seen = []
    for later in (-1.0, CHECKING_SECONDS / 2 - 1, CHECKING_SECONDS):
        cloud.clock.seconds = created + later
        seen.append(describe(cloud, "group/1")["ModelPackageStatus"])
    assert seen == ["Pending", "InProgress", "Completed"]
    found = describe(cloud, arn)
    assert (found["ModelPackageVersion"], found["ModelApprovalStatus"]) == (1, "PendingManualApproval")
    assert (found["ModelMetrics"], found["CustomerMetadataProperties"]) == (METRICS, {"digest": "1"})
    assert found["InferenceSpecification"] == SPECIFICATION


def test_versions_are_counted_and_never_used_again(cloud: Cloud, group: str) -> None:
    """Also after the last one was deleted."""
    assert register(cloud).endswith("/1")
    second = register(cloud)
    cloud.ask("DeleteModelPackage", ModelPackageName=second)
    assert register(cloud).endswith("/3")
    assert packages(cloud, ModelPackageGroupName=group) == ["group/3", "group/1"]
    assert packages(cloud) == []
    assert (
        cloud.refused("DescribeModelPackage", ModelPackageName=second).message
        == f"ModelPackage {second} does not exist."
    )
    assert cloud.refused("DeleteModelPackageGroup", ModelPackageGroupName=group).code == "ConflictException"
    for name in ("group/1", "group/3"):
        cloud.ask("DeleteModelPackage", ModelPackageName=name)
    cloud.ask("DeleteModelPackageGroup", ModelPackageGroupName=group)
    assert "does not exist" in cloud.refused("ListModelPackages", ModelPackageGroupName=group).message


def test_a_client_token_registers_once(cloud: Cloud, group: str) -> None:
    """The same request gives the same version, another one with this token a conflict."""
    arn = register(cloud, ClientToken=TOKEN)
    assert register(cloud, ClientToken=TOKEN) == arn
    assert packages(cloud, ModelPackageGroupName=group) == ["group/1"]
    request = {"ModelPackageGroupName": group, "InferenceSpecification": SPECIFICATION, "ClientToken": TOKEN}
    assert cloud.refused("CreateModelPackage", **request, Domain="other").code == "ConflictException"


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"ModelMetrics": METRICS}, "s3://models/statistics.json"),
        ({"ModelPackageName": "both"}, "Exactly one of"),
        ({"ModelPackageGroupName": "absent"}, "does not exist"),
        ({"InferenceSpecification": {"Containers": [{"Image": "i", "ModelDataUrl": "s3://none/x"}]}}, "s3://none/x"),
        ({"InferenceSpecification": {"Containers": [{"Image": "i", "ModelDataUrl": "https://x/y"}]}}, "https://x/y"),
        (
            {"SourceAlgorithmSpecification": {"SourceAlgorithms": [{"AlgorithmName": "a"}]}},
            "SourceAlgorithmSpecification",
        ),
    ],
)
def test_what_cannot_be_registered(cloud: Cloud, group: str, members: dict[str, Any], message: str) -> None:
    """A report or a model that is not there, and a group that is not; no version is used up."""
    request = {"ModelPackageGroupName": group, "InferenceSpecification": SPECIFICATION, **members}
    assert message in cloud.refused("CreateModelPackage", **request).message
    assert register(cloud).endswith("/1")


def test_a_package_without_a_group(cloud: Cloud) -> None:
    """It has a name of its own, once."""
    request = {"ModelPackageName": "Single", "InferenceSpecification": SPECIFICATION}
    arn = cloud.ask("CreateModelPackage", **request)["ModelPackageArn"]
    assert arn == f"{ARN}model-package/single"
    found = describe(cloud, "Single")
    assert found["ModelPackageName"] == "Single"
    assert "ModelPackageVersion" not in found
    assert "already exists" in cloud.refused("CreateModelPackage", **request).message
    assert cloud.refused("CreateModelPackage", ModelPackageName="other").code == "ValidationException"
    assert packages(cloud) == packages(cloud, ModelPackageType="Both") == ["single"]
    assert packages(cloud, ModelPackageType="Versioned") == []


def test_a_version_is_approved(cloud: Cloud, group: str) -> None:
    """Its metadata are added to and taken from; lists can be filtered by approval."""
    arn = register(cloud, CustomerMetadataProperties={"a": "1", "b": "2"})
    register(cloud)
    cloud.ask(
        "UpdateModelPackage",
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        ApprovalDescription="looks right",
        CustomerMetadataProperties={"c": "3"},
        CustomerMetadataPropertiesToRemove=["a", "absent"],
        AdditionalInferenceSpecificationsToAdd=[{"Name": "more", **SPECIFICATION}],
    )
    found = describe(cloud, arn)
    assert (found["ModelApprovalStatus"], found["ApprovalDescription"]) == ("Approved", "looks right")
    assert found["CustomerMetadataProperties"] == {"b": "2", "c": "3"}
    assert [item["Name"] for item in found["AdditionalInferenceSpecifications"]] == ["more"]
    assert packages(cloud, ModelPackageGroupName=group, ModelApprovalStatus="Approved") == ["group/1"]


def test_several_packages_are_described_at_once(cloud: Cloud, group: str) -> None:
    """Those that are not there are told by ARN."""
    arn, absent = register(cloud), f"{ARN}model-package/group/9"
    answer = cloud.ask("BatchDescribeModelPackage", ModelPackageArnList=[arn, absent])
    assert list(answer["ModelPackageSummaries"]) == [arn]
    assert answer["BatchDescribeModelPackageErrorMap"][absent]["ErrorCode"] == "ValidationException"


def test_tags(cloud: Cloud, group: str) -> None:
    """Given at creation, added, changed, taken away; gone with what they were on."""
    arn = register(cloud, Tags=[{"Key": "team", "Value": "risk"}])
    cloud.ask("AddTags", ResourceArn=arn, Tags=[{"Key": "team", "Value": "fraud"}, {"Key": "run", "Value": "1"}])
    tags = cloud.ask("ListTags", ResourceArn=arn)["Tags"]
    assert tags == [{"Key": "team", "Value": "fraud"}, {"Key": "run", "Value": "1"}]
    cloud.ask("DeleteTags", ResourceArn=arn, TagKeys=["team", "absent"])
    assert cloud.ask("ListTags", ResourceArn=arn)["Tags"] == [{"Key": "run", "Value": "1"}]
    cloud.ask("DeleteModelPackage", ModelPackageName=arn)
    assert "does not exist" in cloud.refused("ListTags", ResourceArn=arn).message


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ([{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}], "Duplicate tag keys"),
        ([{"Key": "aws:a", "Value": ""}], "aws:"),
        ([{"Key": f"k{number}", "Value": ""} for number in range(50)], "limit of 50"),
    ],
)
def test_tags_that_are_refused(cloud: Cloud, tags: list[dict[str, str]], message: str) -> None:
    """Two of one key, AWS's own, and too many."""
    cloud.ask("CreateExperiment", ExperimentName="e", Tags=[{"Key": "one", "Value": ""}])
    assert message in cloud.refused("AddTags", ResourceArn=f"{ARN}experiment/e", Tags=tags).message


def test_a_models_tags_go_with_it(cloud: Cloud) -> None:
    """A later model of its name starts without."""
    model = {
        "ModelName": "m",
        "PrimaryContainer": {"Image": "r/sagemaker-xgboost:1", "ModelDataUrl": "s3://models/model.tar.gz"},
    }
    arn = cloud.ask("CreateModel", **model, Tags=[{"Key": "a", "Value": "1"}])["ModelArn"]
    assert cloud.ask("ListTags", ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}]
    cloud.ask("DeleteModel", ModelName="m")
    cloud.ask("CreateModel", **model)
    assert cloud.ask("ListTags", ResourceArn=arn)["Tags"] == []


@pytest.fixture
def components(cloud: Cloud) -> None:
    cloud.ask("CreateExperiment", ExperimentName="e")
    cloud.ask("CreateTrial", TrialName="t", ExperimentName="e")
    for number in range(3):
        name = f"part-{number}"
        parameters = {"eta": {"NumberValue": number / 10}, "SageMaker.InstanceType": {"StringValue": "ml.m5.xlarge"}}
        tags = [{"Key": "run", "Value": f"run-{number}"}]
        cloud.ask("CreateTrialComponent", TrialComponentName=name, Parameters=parameters, Tags=tags)
    cloud.ask("AssociateTrialComponent", TrialComponentName="part-1", TrialName="t")


def search(cloud: Cloud, *filters: tuple[str, str, str | None], operator: str = "And", **request: Any) -> list[str]:
    made = [
        {"Name": name, "Operator": how} | ({} if value is None else {"Value": value}) for name, how, value in filters
    ]
    expression = {"Filters": made, "Operator": operator} if made else {}
    order = {"SortBy": "TrialComponentName", "SortOrder": "Ascending"}
    resource = {"Resource": "ExperimentTrialComponent", "SearchExpression": expression}
    answer = cloud.ask("Search", **{**resource, **order, **request})
    return [item["TrialComponent"]["TrialComponentName"][-1] for item in answer["Results"]]


@pytest.mark.usefixtures("components")
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([("TrialComponentName", "Equals", "part-1")], "1"),
        ([("TrialComponentName", "Contains", "PART")], "012"),
        ([("TrialComponentName", "In", "part-0,part-2")], "02"),
        ([("TrialComponentName", "NotEquals", "part-0")], "12"),
        ([("Tags.run", "Equals", "run-2")], "2"),
        ([("Tags.none", "Exists", None)], ""),
        ([("Tags.none", "NotExists", None)], "012"),
        ([("Parameters.eta", "GreaterThan", "0.05")], "12"),
        ([("Parameters.eta", "LessThanOrEqualTo", "0.1")], "01"),
        ([("Parameters.eta", "Equals", "0.10")], "1"),
        ([("Parameters.SageMaker.InstanceType", "Equals", "ml.m5.xlarge")], "012"),
        ([("Parents.TrialName", "Equals", "t")], "1"),
        ([("Parents.ExperimentName", "Equals", "e"), ("Parameters.eta", "LessThan", "0.1")], ""),
        ([("CreationTime", "GreaterThan", "2020-01-01")], "012"),
        ([("CreationTime", "LessThan", "2020-01-01T00:00:00Z")], ""),
        ([("Unheard.Property", "Equals", "x")], ""),
    ],
)
def test_a_search(cloud: Cloud, filters: list[tuple[str, str, str | None]], found: str) -> None:
    """By name, tag, parameter, time, and by what a component belongs to."""
    assert "".join(search(cloud, *filters)) == found


@pytest.mark.usefixtures("components")
def test_a_search_joins_sorts_and_pages(cloud: Cloud) -> None:
    """Or and sub-expressions, last changed first unless asked otherwise, and a total."""
    either = (("TrialComponentName", "Equals", "part-0"), ("Tags.run", "Equals", "run-1"))
    assert search(cloud, *either, operator="Or") == ["0", "1"]
    nested = {"SubExpressions": [{"Filters": [{"Name": "Tags.run", "Value": "run-2"}]}]}
    assert search(cloud, SearchExpression=nested) == ["2"]
    cloud.ask("UpdateTrialComponent", TrialComponentName="part-1", DisplayName="x")
    latest = cloud.ask("Search", Resource="ExperimentTrialComponent", MaxResults=1)
    assert latest["Results"][0]["TrialComponent"]["TrialComponentName"] == "part-1"
    assert latest["TotalHits"] == {"Value": 3, "Relation": "EqualTo"}
    rest = cloud.ask("Search", Resource="ExperimentTrialComponent", NextToken=latest["NextToken"])
    assert len(rest["Results"]) == 2
    assert search(cloud, SortBy="Parameters.eta", SortOrder="Descending") == ["2", "1", "0"]


def test_a_search_for_other_things(cloud: Cloud, group: str) -> None:
    """Packages, trials with their components; and what is not searched is said."""
    register(cloud, Tags=[{"Key": "run", "Value": "1"}])
    cloud.ask("CreateExperiment", ExperimentName="e")
    cloud.ask("CreateTrial", TrialName="t", ExperimentName="e")
    cloud.ask("CreateTrialComponent", TrialComponentName="c")
    cloud.ask("AssociateTrialComponent", TrialComponentName="c", TrialName="t")
    (package,) = cloud.ask("Search", Resource="ModelPackage")["Results"]
    assert package["ModelPackage"]["Tags"] == [{"Key": "run", "Value": "1"}]
    (trial,) = cloud.ask("Search", Resource="ExperimentTrial")["Results"]
    assert [item["TrialComponentName"] for item in trial["Trial"]["TrialComponentSummaries"]] == ["c"]
    containers = [
        {
            "NestedPropertyName": "TrialComponentSummaries",
            "Filters": [{"Name": "TrialComponentSummaries.TrialComponentName", "Value": "c"}],
        }
    ]
    assert (
        len(cloud.ask("Search", Resource="ExperimentTrial", SearchExpression={"NestedFilters": containers})["Results"])
        == 1
    )
    assert len(cloud.ask("Search", Resource="ModelPackageGroup")["Results"]) == 1
    assert cloud.ask("Search", Resource="TrainingJob")["Results"] == []
    assert "FeatureGroup" in cloud.refused("Search", Resource="FeatureGroup").message
    without = {"Filters": [{"Name": "ExperimentName", "Operator": "Equals"}]}
    assert "needs a Value" in cloud.refused("Search", Resource="Experiment", SearchExpression=without).message
