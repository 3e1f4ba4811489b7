"""The embedded SageMaker without HTTP: operations over a real store in a folder of the test's own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from specimen.emulator.context import Credentials
from specimen.emulator.dispatch import Emulator, Identity
from specimen.emulator.errors import AwsError
from specimen.emulator.objects import Objects

ARN = "arn:aws:sagemaker:us-east-1:111122223333:"
CONTAINER = {"Image": "repository/image:1", "ModelDataUrl": "s3://models/model.tar.gz"}
SPECIFICATION = {
    "Containers": [CONTAINER],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    seconds: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Cloud:
    """Asks an emulator as a client would, with a clock of the test's own."""

    emulator: Emulator
    clock: Clock = field(default_factory=Clock)

    def ask(self, operation: str, service: str = "sagemaker", /, **request: Any) -> dict[str, Any]:
        """Return the answer to an operation."""
        self.clock.seconds += 1
        return self.emulator.call(service, operation, request)

    def refused(self, operation: str, service: str = "sagemaker", /, **request: Any) -> AwsError:
        """Return the error that an operation answers."""
        with pytest.raises(AwsError) as raised:
            self.ask(operation, service, **request)
        return raised.value


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    """An emulator in a folder of its own, with one bucket and a model in it."""
    keys = Credentials("AKIATEST", "secret")
    clock = Clock()
    identity = Identity("111122223333", "us-east-1", "http://127.0.0.1:1", keys)
    emulator = Emulator(tmp_path, identity, now=clock)
    emulator.objects.create_bucket("models")
    emulator.objects.put("models", "model.tar.gz", b"model")
    yield Cloud(emulator, clock)
    emulator.close()


@pytest.fixture
def objects(tmp_path: Path) -> Iterator[Objects]:
    """An object store without buckets in the test's folder."""
    opened = Objects(tmp_path)
    yield opened
    opened.close()
