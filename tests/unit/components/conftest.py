"""AWS as it will answer, a clock that only moves when it is slept on, and calls of components over both."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber
from specimen_components.clients import Aws
from specimen_components.command import Call
from specimen_components.environment import Environment
from specimen_components.interface import Component
from specimen_components.jsondata import Json
from specimen_components.records import Recorder
from specimen_components.waiting import Clock, Pace

PACE = Pace(first=1.0, longest=4.0, outage=60.0, late=10.0, margin=100.0)
REGION = "eu-west-1"


class FakeClock(Clock):
    """Time passes in no time; `slept` holds every pause."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


class Script:
    """What AWS will be asked and answer, service by service, in order; every answer must be used."""

    def __init__(self) -> None:
        self.stubs: dict[str, Stubber] = {}

    def client(self, service: str) -> Any:
        return self._stub(service).client

    def answers(self, operation: str, response: Mapping[str, Any], request: Mapping[str, Any] | None = None) -> None:
        """Answer ``service:method`` with a response, to a request of just these members when one is given."""
        service, method = operation.split(":")
        self._stub(service).add_response(method, dict(response), None if request is None else dict(request))

    def refuses(self, operation: str, code: str, message: str = "", status: int = 400) -> None:
        service, method = operation.split(":")
        self._stub(service).add_client_error(method, code, message, status)

    def records(self, times: int = 1) -> None:
        """Take that many writes of the step's record."""
        for _ in range(times):
            self.answers(
                "s3:put_object", {}, {"Bucket": "b", "Key": "runs/r-1/step.json", "Body": ANY, "ContentType": ANY}
            )

    def recorded(self, *records: Mapping[str, Any]) -> None:
        """List and give the records of the run's other steps."""
        names = [f"runs/r-1/{record['step']}.json" for record in records]
        keys = [*names, "runs/r-1/report.html", "runs/r-1/step.json"]
        self.answers("s3:list_objects_v2", {"Contents": [{"Key": key, "Size": 1, "ETag": '"e"'} for key in keys]})
        for record in records:
            content = json.dumps(record).encode()
            self.answers("s3:get_object", {"Body": StreamingBody(io.BytesIO(content), len(content))})

    def done(self) -> None:
        for stub in self.stubs.values():
            stub.assert_no_pending_responses()

    def _stub(self, service: str) -> Stubber:
        if service not in self.stubs:
            untyped: Any = boto3.session.Session("key", "secret", region_name=REGION)
            self.stubs[service] = Stubber(untyped.client(service))
            self.stubs[service].activate()
        return self.stubs[service]


MakeCall = Callable[..., Call]


@pytest.fixture
def script() -> Iterator[Script]:
    """Scripted AWS; fails the test when an answer was not asked for."""
    made = Script()
    yield made
    made.done()


@pytest.fixture
def clock() -> FakeClock:
    """A clock of one's own."""
    return FakeClock()


@pytest.fixture
def make_call(script: Script, clock: FakeClock) -> MakeCall:
    """Makes the call of a component in run r-1 with these arguments."""

    def make(component: Component, arguments: Mapping[str, Json], *, local: bool = False) -> Call:
        aws = Aws(Environment(REGION, None, local), script.client)
        recorder = Recorder(aws, "s3://b/runs/r-1/step.json", component.name, "r-1")
        return Call(component, "r-1", arguments, aws, recorder, clock, PACE)

    return make
