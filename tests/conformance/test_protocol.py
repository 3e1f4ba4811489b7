"""Every operation that the embedded SageMaker claims keeps to botocore's model, with requests made from the model."""

from collections.abc import Iterator

import pytest
from specimen.emulator.context import Credentials
from specimen.emulator.dispatch import SERVICES, Emulator, Identity
from specimen.emulator.errors import AwsError
from specimen.emulator.shapes import service_model

from tests.conformance.generated import broken, valid

TARGETED = ("sagemaker", "logs", "application-autoscaling")
MODELLED = (*TARGETED, "sagemaker-runtime")
CLAIMED = [(service, operation) for service in MODELLED for operation in sorted(SERVICES[service])]
REFUSALS = frozenset({"SerializationException", "ValidationError", "ValidationException"})
OUR_FAULT = frozenset({"InternalFailure", "UnknownOperationException", "SerializationException"})


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    keys = Credentials("AKIATEST", "secret")
    identity = Identity("111122223333", "us-east-1", "http://127.0.0.1:1", keys)
    emulator = Emulator(tmp_path_factory.mktemp("cloud"), identity)
    yield emulator
    emulator.close()


@pytest.mark.parametrize(("service", "operation"), CLAIMED)
@pytest.mark.parametrize("everything", [False, True], ids=["required members", "all members"])
def test_a_valid_request_is_understood(cloud: Emulator, service: str, operation: str, everything: bool) -> None:
    """The answer fits the model, or is an error about the account's resources: never one about the shape."""
    model = service_model(service)
    shape = model.input_shape(operation)
    request = {} if shape is None else valid(model, shape, everything)
    model.check_request(operation, request)
    try:
        cloud.call(service, operation, request)
    except AwsError as error:
        assert error.code not in OUR_FAULT, error.message
        assert "validation error detected" not in error.message


@pytest.mark.parametrize(("service", "operation"), CLAIMED)
def test_each_broken_member_is_refused_by_name(cloud: Emulator, service: str, operation: str) -> None:
    """One member broken at a time: the request is refused before anything is done, and the member is named."""
    for case in broken(service_model(service), operation):
        with pytest.raises(AwsError) as raised:
            cloud.call(service, operation, case.request)
        assert raised.value.code in REFUSALS, case.title
        assert case.mentions in raised.value.message, case.title


@pytest.mark.parametrize("service", MODELLED)
def test_only_operations_that_aws_has_are_claimed(service: str) -> None:
    """A table that claimed an operation botocore does not know could never be called."""
    assert SERVICES[service].keys() <= service_model(service).operations.keys()


@pytest.mark.parametrize("service", TARGETED)
def test_an_operation_that_is_not_claimed_is_named(cloud: Emulator, service: str) -> None:
    """Whoever calls one learns which it was, and that it is this server's lack."""
    unclaimed = sorted(service_model(service).operations.keys() - SERVICES[service].keys())
    for operation in unclaimed:
        with pytest.raises(AwsError, match=rf"{service}:{operation}\b") as raised:
            cloud.call(service, operation, {})
        assert raised.value.code == "NotImplemented"
