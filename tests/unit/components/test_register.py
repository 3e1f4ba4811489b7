"""The registry component: one version for one model and its reports, however often it is asked for."""

from datetime import UTC, datetime
from typing import Any

import pytest
from specimen_components import register, requests
from specimen_components.interface import REGISTER
from specimen_components.jsondata import Json, digest
from specimen_components.problems import Failure

GROUP_ARN = "arn:aws:sagemaker:eu-west-1:111122223333:model-package-group/credit"
REQUEST: dict[str, Json] = {
    "ModelPackageGroupName": "credit",
    "ModelApprovalStatus": "PendingManualApproval",
    "InferenceSpecification": {"Containers": [{"Image": "image", "ModelDataUrl": {"$ref": "artifact"}}]},
    "ModelMetrics": {
        "ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": {"$ref": "statistics"}}}
    },
}
ARGUMENTS: dict[str, Json] = {
    "group": {"ModelPackageGroupName": "credit"},
    "request": REQUEST,
    "artifact": "s3://b/model.tar.gz",
    "statistics": "s3://b/statistics.json",
}
SIGNATURE = requests.request_digest(REQUEST, ARGUMENTS, "ModelPackageName")


def arn(version: int) -> str:
    return f"arn:aws:sagemaker:eu-west-1:111122223333:model-package/credit/{version}"


def has_group(script: Any) -> None:
    found = {
        "ModelPackageGroupName": "credit",
        "ModelPackageGroupArn": GROUP_ARN,
        "ModelPackageGroupStatus": "Completed",
    }
    ours = {"Tags": [{"Key": "specimen:managed", "Value": "true"}]}
    who = {"CreationTime": datetime.now(UTC), "CreatedBy": {}}
    script.answers("sagemaker:describe_model_package_group", found | who)
    script.answers("sagemaker:list_tags", ours)


def lists(script: Any, *versions: int) -> None:
    found = [
        {
            "ModelPackageName": "credit",
            "ModelPackageArn": arn(version),
            "CreationTime": datetime.now(UTC),
            "ModelPackageStatus": "Completed",
        }
        for version in versions
    ]
    asked = {"ModelPackageGroupName": "credit", "SortBy": "CreationTime", "SortOrder": "Descending", "MaxResults": 100}
    script.answers("sagemaker:list_model_packages", {"ModelPackageSummaryList": found}, asked)


def describes(script: Any, version: int, status: str = "Completed", signature: str = SIGNATURE, **more: Any) -> None:
    found = {
        "ModelPackageName": "credit",
        "ModelPackageArn": arn(version),
        "ModelPackageVersion": version,
        "ModelPackageStatus": status,
        "ModelPackageStatusDetails": {"ValidationStatuses": []},
        "ModelApprovalStatus": "PendingManualApproval",
        "CreationTime": datetime.now(UTC),
        "CustomerMetadataProperties": {"specimen:digest": signature},
    }
    script.answers("sagemaker:describe_model_package", found | more, {"ModelPackageName": arn(version)})


def sent(failed: int = 0) -> dict[str, Any]:
    container = {"Image": "image", "ModelDataUrl": "s3://b/model.tar.gz"}
    statistics = {"ContentType": "application/json", "S3Uri": "s3://b/statistics.json"}
    return {
        **REQUEST,
        "InferenceSpecification": {"Containers": [container]},
        "ModelMetrics": {"ModelQuality": {"Statistics": statistics}},
        "CustomerMetadataProperties": {"specimen:digest": SIGNATURE},
        "ClientToken": digest([SIGNATURE, failed])[:32],
    }


def test_a_new_model_becomes_a_version_and_is_waited_for(script: Any, make_call: Any) -> None:
    has_group(script)
    lists(script, 1)
    describes(script, 1, signature="another")
    script.answers("sagemaker:create_model_package", {"ModelPackageArn": arn(2)}, sent())
    describes(script, 2, "Pending")
    describes(script, 2, "InProgress")
    describes(script, 2)
    script.records()
    result = register.work(make_call(REGISTER, ARGUMENTS))
    assert result.outputs == {"arn": arn(2), "version": "2"}
    assert result.details == {
        "group": "credit",
        "version": "2",
        "approval": "PendingManualApproval",
        "status": "Completed",
        "arn": arn(2),
        "selected": None,
    }


def test_a_version_with_the_same_digest_is_reused(script: Any, make_call: Any) -> None:
    has_group(script)
    lists(script, 2, 1)
    describes(script, 2, signature="another")
    describes(script, 1)
    describes(script, 1)
    script.records()
    assert register.work(make_call(REGISTER, ARGUMENTS)).outputs == {"arn": arn(1), "version": "1"}


def test_no_version_is_described_beyond_the_one_that_is_found(script: Any, make_call: Any) -> None:
    """The script answers nothing that it was not told to."""
    has_group(script)
    lists(script, 4, 3, 2, 1)
    describes(script, 4, "Failed")
    describes(script, 3)
    describes(script, 3)
    script.records()
    assert register.work(make_call(REGISTER, ARGUMENTS)).outputs == {"arn": arn(3), "version": "3"}


def test_a_version_that_failed_gives_way_with_a_token_of_its_own(script: Any, make_call: Any) -> None:
    """AWS would give the failed version back for the same token."""
    has_group(script)
    lists(script, 1)
    describes(script, 1, "Failed")
    script.answers("sagemaker:create_model_package", {"ModelPackageArn": arn(2)}, sent(failed=1))
    describes(script, 2, "Failed")
    script.records()
    with pytest.raises(Failure, match="ModelPackage credit/2 failed"):
        register.work(make_call(REGISTER, ARGUMENTS))


def test_a_version_that_another_run_makes_at_the_same_time_is_adopted(script: Any, make_call: Any) -> None:
    has_group(script)
    lists(script)
    script.refuses("sagemaker:create_model_package", "ConflictException", "in progress")
    lists(script, 1)
    describes(script, 1)
    describes(script, 1)
    script.records()
    assert register.work(make_call(REGISTER, ARGUMENTS)).outputs["version"] == "1"


def test_a_group_made_by_another_at_the_same_time_is_used(script: Any, make_call: Any) -> None:
    script.refuses(
        "sagemaker:describe_model_package_group",
        "ValidationException",
        f"ModelPackageGroup {GROUP_ARN} does not exist.",
    )
    script.refuses(
        "sagemaker:create_model_package_group",
        "ValidationException",
        f"Model Package Group already exists: {GROUP_ARN}",
    )
    has_group(script)
    lists(script, 1)
    describes(script, 1)
    describes(script, 1)
    script.records()
    assert register.work(make_call(REGISTER, ARGUMENTS)).details["group"] == "credit"


def test_a_version_deleted_while_it_is_looked_at_is_one_message(script: Any, make_call: Any) -> None:
    has_group(script)
    lists(script, 1)
    describes(script, 1)
    script.refuses("sagemaker:describe_model_package", "ValidationException", f"ModelPackage {arn(1)} does not exist.")
    script.records()
    with pytest.raises(Failure, match="ModelPackage credit/1 was deleted meanwhile"):
        register.work(make_call(REGISTER, ARGUMENTS))


@pytest.mark.parametrize(
    ("chosen", "known", "change"),
    [
        ("two", {}, {"CustomerMetadataProperties": {"specimen:digest": SIGNATURE, "specimen:selected": "true"}}),
        ("one", {"specimen:selected": "true"}, {"CustomerMetadataPropertiesToRemove": ["specimen:selected"]}),
        ("two", {"specimen:selected": "true"}, None),
        ("", {}, None),
    ],
)
def test_the_version_of_the_selected_trial_is_marked(
    script: Any, make_call: Any, chosen: str, known: dict[str, str], change: dict[str, Any] | None
) -> None:
    has_group(script)
    lists(script, 3)
    for _ in range(2):
        describes(script, 3, CustomerMetadataProperties={"specimen:digest": SIGNATURE, **known})
    script.records()
    if change is not None:
        script.answers(
            "sagemaker:update_model_package", {"ModelPackageArn": arn(3)}, {"ModelPackageArn": arn(3), **change}
        )
    result = register.work(make_call(REGISTER, {**ARGUMENTS, "selected": chosen, "trials": ["two", "three"]}))
    details: Any = result.details
    assert details["selected"] is (chosen == "two")
