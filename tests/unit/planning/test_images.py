"""AWS's images: URIs as the SageMaker SDK builds them, and clear errors for what AWS does not offer."""

import pytest
from specimen.errors import SpecimenError
from specimen.planning.images import Table, clarify_image, xgboost_image, xgboost_versions


@pytest.mark.parametrize(
    ("region", "version", "image"),
    [
        ("us-east-1", "1.7-1", "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"),
        ("us-east-1", "3.2-0", "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"),
        ("eu-west-1", "1.0-1", "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.0-1-cpu-py3"),
        ("cn-north-1", "1.5-1", "450853457545.dkr.ecr.cn-north-1.amazonaws.com.cn/sagemaker-xgboost:1.5-1"),
    ],
)
def test_xgboost_images_are_those_aws_publishes(region: str, version: str, image: str) -> None:
    """Registry, DNS suffix and the old versions' longer tags are AWS's."""
    assert xgboost_image(region, version) == image


def test_clarify_has_one_version() -> None:
    """Clarify's image of a region."""
    assert clarify_image("us-east-1") == (
        "205585389593.dkr.ecr.us-east-1.amazonaws.com/sagemaker-clarify-processing:1.0"
    )


def test_versions_are_listed_oldest_first() -> None:
    """The newest version stands last, and the algorithm before the open-source container is no version of it."""
    assert xgboost_versions()[0] == "0.90-1"
    assert xgboost_versions()[-1] == "3.2-0"
    assert "1" not in xgboost_versions()


def test_unknown_version_names_the_closest() -> None:
    """A misspelt version is answered with what was probably meant, and with all there are."""
    with pytest.raises(SpecimenError, match=r"^sagemaker-xgboost has no version '1\.7'$") as caught:
        xgboost_image("us-east-1", "1.7")
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("did you mean '1.7-1'? AWS offers 0.90-1, ")


def test_unknown_region_names_the_closest() -> None:
    """A region without the image is an error that names the regions with it."""
    with pytest.raises(SpecimenError, match="has no image in region 'eu-west-11'") as caught:
        clarify_image("eu-west-11")
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("did you mean 'eu-west-1'? ")


def test_nothing_close_is_no_suggestion() -> None:
    """Only what resembles the given value is suggested."""
    with pytest.raises(SpecimenError) as caught:
        Table("repository", {"1.0": "1.0"}, {"us-east-1": "host"}).image("nowhere", "1.0")
    assert caught.value.hint == "AWS offers us-east-1"
