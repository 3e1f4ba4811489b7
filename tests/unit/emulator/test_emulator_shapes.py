"""Requests and responses against botocore's model, in AWS's own words."""

from typing import Any

import pytest
from specimen.emulator.errors import AwsError
from specimen.emulator.protocol.patterns import compiled
from specimen.emulator.shapes import ServiceModel, service_model

ROLE = "arn:aws:iam::111122223333:role/sagemaker"
JOB = {"TrainingJobName": "job-1", "RoleArn": ROLE, "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"}}


@pytest.fixture(scope="module")
def model() -> ServiceModel:
    return service_model("sagemaker")


def refusal(model: ServiceModel, **members: Any) -> AwsError:
    with pytest.raises(AwsError) as raised:
        model.check_request("CreateTrainingJob", {**JOB, **members})
    return raised.value


def test_a_right_request_passes(model: ServiceModel) -> None:
    """Required members alone, and members that are null."""
    model.check_request("CreateTrainingJob", JOB)
    model.check_request("CreateTrainingJob", {**JOB, "Tags": None})


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {"TrainingJobName": None},
            "1 validation error detected: Value 'null' at 'trainingJobName' failed to satisfy constraint: "
            "Member must not be null",
        ),
        (
            {"TrainingJobName": "a_b"},
            "1 validation error detected: Value 'a_b' at 'trainingJobName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
        ),
        (
            {"TrainingJobName": "a" * 64},
            f"1 validation error detected: Value '{'a' * 64}' at 'trainingJobName' failed to satisfy constraint: "
            "Member must have length less than or equal to 63",
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 0}},
            "1 validation error detected: Value '0' at 'stoppingCondition.maxRuntimeInSeconds' failed to satisfy "
            "constraint: Member must have value greater than or equal to 1",
        ),
        (
            {"OutputDataConfig": {"S3OutputPath": "s3://b", "CompressionType": "ZIP"}},
            "1 validation error detected: Value 'ZIP' at 'outputDataConfig.compressionType' failed to satisfy "
            "constraint: Member must satisfy enum value set: [GZIP, NONE]",
        ),
        ({"Unheard": 1}, "1 validation error detected: Unknown member 'unheard'"),
    ],
    ids=["null", "pattern", "length", "range", "enum", "unknown"],
)
def test_a_violation_is_worded_as_aws_words_it(model: ServiceModel, members: dict[str, Any], message: str) -> None:
    """Value, place, constraint."""
    error = refusal(model, **members)
    assert (error.code, error.message) == ("ValidationException", message)


def test_all_violations_are_told_at_once(model: ServiceModel) -> None:
    """With their number, and places within lists and maps."""
    error = refusal(model, Tags=[{"Key": "ok", "Value": ""}, {"Key": "#", "Value": ""}], RoleArn="short")
    assert error.message.startswith("3 validation errors detected: ") or error.message.startswith("2 validation errors")
    assert "'tags.2.member.key'" in error.message
    assert "'roleArn'" in error.message


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {"HyperParameters": {"eta": 0.2}},
            "DECIMAL_VALUE cannot be converted to String at 'hyperParameters.eta.value'",
        ),
        ({"HyperParameters": []}, "Start of list found where not expected cannot be converted to Map"),
        ({"Tags": "x"}, "STRING_VALUE cannot be converted to List at 'tags'"),
        ({"EnableNetworkIsolation": 1}, "NUMBER_VALUE cannot be converted to Boolean at 'enableNetworkIsolation'"),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": True}}, "TRUE_VALUE cannot be converted to Integer"),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": 2**31}}, "NUMBER_VALUE cannot be converted to Integer"),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": 1.5}}, "DECIMAL_VALUE cannot be converted to Integer"),
    ],
)
def test_a_value_of_another_type_cannot_be_read(model: ServiceModel, members: dict[str, Any], message: str) -> None:
    """That is an error of its own on AWS, before anything is validated."""
    error = refusal(model, **members)
    assert error.code == "SerializationException"
    assert error.message.startswith(message)


def test_a_union_has_one_member(model: ServiceModel) -> None:
    """Not none, and not two."""
    none: dict[str, Any] = {}
    for value, right in ((none, False), ({"S3Uris": []}, True), ({"S3Uris": [], "ModelPackageArns": []}, False)):
        texts = [violation.text for violation in model.check("AIAdapterSource")(value)]
        assert any("Exactly one member of: ModelPackageArns, S3Uris" in text for text in texts) is not right


def test_a_response_of_ours_that_does_not_fit_is_a_bug_of_ours(model: ServiceModel) -> None:
    """It is never sent; a client would trust it."""
    with pytest.raises(AwsError) as raised:
        model.check_response("CreateExperiment", {"ExperimentArn": "no ARN", "Extra": 1})
    assert (raised.value.code, raised.value.status) == ("InternalFailure", 500)
    assert "experimentArn" in raised.value.message
    assert "extra" in raised.value.message
    model.check_response("DeleteTags", {})
    model.check_response("DeleteModel", {})


@pytest.mark.parametrize(
    ("pattern", "right", "wrong"),
    [
        (r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", ["", "team", "größe 1", "中文", "a:b/c=d+e-f@g"], ["a#b", "a\tb", "💾"]),
        (r"\p{ASCII}*", ["", "abc\n"], ["ü"]),
        (r"\A\S[\p{Print}]*\z", ["a b"], [" a", "a\n", ""]),
        (r"[\w-_]*", ["a-b_c"], ["a b"]),
        (r"arn:[\p{Alnum}\-]+:x", ["arn:aws-cn:x"], ["arn:ü:x"]),
        (r"[ -\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*", ["a\tb💾"], ["a\nb"]),
        (r"([\p{L}]*)${1,128}", ["ab"], ["1"]),
        (r"[a-z[]+", ["a["], ["]"]),
    ],
)
def test_javas_patterns_mean_the_same_in_python(pattern: str, right: list[str], wrong: list[str]) -> None:
    """Unicode categories, POSIX classes, surrogate pairs, and what else Python spells differently."""
    assert [text for text in right if not compiled(pattern).fullmatch(text)] == []
    assert [text for text in wrong if compiled(pattern).fullmatch(text)] == []


@pytest.mark.parametrize("service", ["sagemaker", "sagemaker-runtime", "logs"])
def test_every_pattern_of_a_model_compiles(service: str) -> None:
    """So that a new botocore cannot break a request in the middle of its check."""
    for shape in service_model(service).shapes.values():
        if "pattern" in shape:
            compiled(shape["pattern"])


def test_a_long_value_does_not_hold_the_server_up(model: ServiceModel) -> None:
    """Lengths are checked before patterns, whose cost grows with the length."""
    error = refusal(model, TrainingJobName="a" + "-" * 1_000_000)
    assert "less than or equal to 63" in error.message


def test_a_request_that_is_nested_too_deeply_is_refused(model: ServiceModel) -> None:
    """Search expressions contain search expressions, as many as fit into JSON."""
    expression: dict[str, Any] = {}
    for _ in range(900):
        expression = {"SubExpressions": [expression]}
    with pytest.raises(AwsError, match="nested too deeply") as raised:
        model.check_request("Search", {"Resource": "TrainingJob", "SearchExpression": expression})
    assert raised.value.code == "SerializationException"
