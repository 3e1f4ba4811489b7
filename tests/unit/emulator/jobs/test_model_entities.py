"""Models are stored when their image and data are there."""

from typing import TYPE_CHECKING, Any

import pytest
from specimen.emulator.errors import AwsError

if TYPE_CHECKING:
    from .conftest import Cloud


@pytest.fixture
def image(cloud: "Cloud") -> str:
    """An image that serves nothing."""
    return cloud.image("server", "")


def test_a_model_is_described_as_it_was_created(cloud: "Cloud", image: str) -> None:
    cloud.model("Mine", image, **{"model.json": b"{}"})
    model = cloud.call("DescribeModel", ModelName="Mine")
    assert model["ModelArn"] == "arn:aws:sagemaker:us-east-1:111122223333:model/mine"
    assert model["PrimaryContainer"] == {
        "Image": image,
        "ModelDataUrl": f"s3://{cloud.bucket}/models/Mine/model.tar.gz",
        "Environment": {"COLOUR": "green"},
    }
    assert model["ExecutionRoleArn"] == cloud.role
    assert model["EnableNetworkIsolation"] is False


def test_a_model_may_be_given_as_a_list_of_one_container(cloud: "Cloud", image: str) -> None:
    cloud.call("CreateModel", ModelName="m", Containers=[{"Image": image}])
    assert cloud.call("DescribeModel", ModelName="m")["Containers"] == [{"Image": image}]


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "no container": ({}, "ValidationException", "At least one container"),
    "no image": ({"PrimaryContainer": {}}, "ValidationException", "Image is required"),
    "image": (
        {"PrimaryContainer": {"Image": "x/unknown:1"}},
        "ValidationException",
        "Requested image x/unknown:1 not found",
    ),
    "data": (
        {"PrimaryContainer": {"Image": "x/server:1", "ModelDataUrl": "s3://a-bucket/no"}},
        "ValidationException",
        "Could not find model data at s3://a-bucket/no",
    ),
    "data's prefix": (
        {"PrimaryContainer": {"Image": "x/server:1", "ModelDataUrl": "s3://a-bucket/there/mod"}},
        "ValidationException",
        "Could not find model data at",
    ),
    "several": (
        {"Containers": [{"Image": "x/server:1"}, {"Image": "x/server:1"}]},
        "NotImplemented",
        "several containers",
    ),
    "package": ({"PrimaryContainer": {"ModelPackageName": "p"}}, "NotImplemented", "ModelPackageName"),
}


@pytest.mark.usefixtures("image")
@pytest.mark.parametrize("case", REFUSED)
def test_what_could_not_be_served_is_refused(cloud: "Cloud", case: str) -> None:
    cloud.put("there/model.tar.gz", b"x")
    request, code, message = REFUSED[case]
    with pytest.raises(AwsError, match=message) as refused:
        cloud.call("CreateModel", ModelName="m", **request)
    assert refused.value.code == code
    assert cloud.call("ListModels")["Models"] == []


def test_models_are_unique_listed_and_deleted(cloud: "Cloud", image: str) -> None:
    for name in ("b", "a"):
        cloud.model(name, image)
    with pytest.raises(AwsError, match=r'Cannot create already existing model "arn:aws:sagemaker:.*model/a"'):
        cloud.model("a", image)
    listed = cloud.call("ListModels", SortBy="Name", SortOrder="Ascending")["Models"]
    assert [sorted(entry) for entry in listed] == [["CreationTime", "ModelArn", "ModelName"]] * 2
    assert [entry["ModelName"] for entry in listed] == ["a", "b"]
    cloud.call("DeleteModel", ModelName="a")
    for operation in ("DescribeModel", "DeleteModel"):
        with pytest.raises(AwsError, match='Could not find model "arn:aws:sagemaker:us-east-1:111122223333:model/a"'):
            cloud.call(operation, ModelName="a")
