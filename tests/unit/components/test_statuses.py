"""The status and answer tables say what AWS says."""

import botocore.session
import pytest
from specimen_components import answers, resources, statuses
from specimen_components.statuses import Phase

SESSION = botocore.session.get_session()
MODEL, RUNTIME, SCALING = map(SESSION.get_service_model, ("sagemaker", "sagemaker-runtime", "application-autoscaling"))
KINDS = [kind for kind in vars(resources).values() if isinstance(kind, resources.ResourceType)]


@pytest.mark.parametrize("shape", sorted(statuses.STATUSES))
def test_every_status_that_botocore_declares_has_a_phase(shape: str) -> None:
    assert set(statuses.STATUSES[shape]) == set(getattr(MODEL.shape_for(shape), "enum"))  # noqa: B009 - a StringShape


def test_every_secondary_status_of_training_is_known() -> None:
    assert set(getattr(MODEL.shape_for("SecondaryStatus"), "enum")) == statuses.SECONDARY  # noqa: B009 - a StringShape


def test_a_status_from_the_future_is_on_its_way() -> None:
    assert statuses.phase("TrainingJobStatus", "Levitating") is Phase.GOING


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_every_resource_has_the_operations_and_members_it_names(kind: resources.ResourceType) -> None:
    created = MODEL.operation_model(kind.create).input_shape
    described = MODEL.operation_model(kind.describe)
    assert kind.name in getattr(created, "members")  # noqa: B009 - a StructureShape
    assert kind.name in getattr(described.input_shape, "members")  # noqa: B009 - a StructureShape
    assert {kind.arn, *([kind.status] if kind.status else [])} <= set(getattr(described.output_shape, "members"))  # noqa: B009
    assert kind.status is None or kind.status in statuses.STATUSES
    assert kind.describe in answers.ABSENT


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_the_embedded_sagemaker_answers_as_the_table_says(kind: resources.ResourceType) -> None:
    """One understanding of AWS's answers on both sides of the wire."""
    emulated = pytest.importorskip("specimen.emulator.sagemaker.answers")
    missing = emulated.absent(kind.type, "the-name", "arn:aws:sagemaker:eu-west-1:111122223333:thing/the-name")
    taken = emulated.exists(kind.type, "the-name", "arn:aws:sagemaker:eu-west-1:111122223333:thing/the-name")
    assert answers.absent(kind.describe, missing.code, missing.message)
    assert answers.exists(kind.create, taken.code, taken.message)
    assert not answers.absent(kind.describe, taken.code, taken.message)


def test_another_validation_error_is_neither_absent_nor_existing() -> None:
    said = ("ValidationException", "1 validation error detected: Value at 'roleArn' failed to satisfy constraint")
    assert not any(answers.absent(operation, *said) for operation in answers.ABSENT)
    assert not any(answers.exists(operation, *said) for operation in answers.EXISTS)


@pytest.mark.parametrize(
    "operation",
    sorted({*answers.ABSENT, *answers.EXISTS} - {"GetLogEvents", "DescribeLogStreams", "GetObject", "HeadObject"}),
)
def test_every_operation_of_the_table_is_one(operation: str) -> None:
    assert operation in {*MODEL.operation_names, *RUNTIME.operation_names, *SCALING.operation_names}


@pytest.mark.parametrize(
    ("reason", "passing"),
    [
        ("CapacityError: Unable to provision requested ML compute capacity.", True),
        ("InternalServerError: We encountered an internal error. Please try again.", True),
        ("AlgorithmError: exit code 1: CapacityError in my code", False),
        ("ClientError: no such image", False),
        ("", False),
    ],
)
def test_only_capacity_and_internal_failures_pass(reason: str, passing: bool) -> None:
    assert statuses.passing(reason) is passing
