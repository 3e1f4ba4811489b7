"""The components tell "absent" and "exists" by what the embedded SageMaker answers."""

import pytest
from specimen.emulator.sagemaker import answers
from specimen_components import answers as understood

ARN = "arn:aws:sagemaker:us-east-1:111122223333:thing/one"


@pytest.mark.parametrize("kind", [kind for kind in answers.ABSENT if f"Describe{kind}" in understood.ABSENT])
def test_absent_is_understood(kind: str) -> None:
    error = answers.absent(kind, "one", ARN)
    assert understood.absent(f"Describe{kind}", error.code, error.message)
    assert not understood.absent(f"Describe{kind}", "ValidationException", "1 validation error detected: …")


@pytest.mark.parametrize("kind", [kind for kind in answers.EXISTS if f"Create{kind}" in understood.EXISTS])
def test_exists_is_understood(kind: str) -> None:
    error = answers.exists(kind, "one", ARN)
    assert understood.exists(f"Create{kind}", error.code, error.message)
    assert not understood.exists(f"Create{kind}", "ValidationException", "1 validation error detected: …")


def test_what_the_components_look_for_is_there() -> None:
    """A kind that fell out of either table would be tested by nothing."""
    described = {operation.removeprefix("Describe") for operation in understood.ABSENT if operation[:8] == "Describe"}
    assert described - {"LogStreams"} <= answers.ABSENT.keys()
    created = {operation.removeprefix("Create") for operation in understood.EXISTS if operation[:6] == "Create"}
    assert created - {"Artifact"} <= answers.EXISTS.keys()
