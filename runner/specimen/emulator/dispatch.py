"""From a service and an operation to the function that answers, with both messages checked against the model."""

import contextlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from specimen.emulator import autoscaling, logs, sagemaker
from specimen.emulator.context import Context, Credentials, Operation
from specimen.emulator.errors import AwsError, unimplemented
from specimen.emulator.jobs.launch import Launcher
from specimen.emulator.objects import Objects
from specimen.emulator.sagemaker import runtime
from specimen.emulator.shapes import ServiceModel, service_model
from specimen.emulator.store import MustWrite, Store, Transaction
from specimen.emulator.traffic import Traffic

ACCOUNT = "111122223333"
REGION = "us-east-1"
_READING = (
    "Describe",
    "Filter",
    "Get",
    "Invoke",
    "List",
    "Query",
    "Search",
)  # as operations begin that mostly write nothing

SERVICES: Mapping[str, Mapping[str, Operation]] = {
    "sagemaker": sagemaker.OPERATIONS,
    "sagemaker-runtime": runtime.OPERATIONS,
    "logs": logs.OPERATIONS,
    "application-autoscaling": autoscaling.OPERATIONS,
}


@dataclass(frozen=True)
class Identity:
    """Who this AWS is: its account and region, where it answers, and the key pair that it answers to."""

    account: str
    region: str
    endpoint: str
    credentials: Credentials


class Emulator:
    """Everything that a server needs to answer, without HTTP."""

    def __init__(
        self,
        state: Path,
        identity: Identity,
        launcher: Launcher | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.state = state
        self.identity = identity
        self.objects = Objects(state / "objects")
        self.store = Store(state / "store.sqlite")
        self.launcher = launcher or Launcher(state)
        self.traffic = Traffic(self.objects)
        self.now = now

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer one request; raise `AwsError` as AWS does."""
        model = service_model(service)
        function = find(model, service, operation)
        model.check_request(operation, request)

        def answer(tx: Transaction) -> dict[str, Any]:
            response = function(self.context(tx), request)
            model.check_response(operation, response)
            return response

        if operation.startswith(_READING):
            with contextlib.suppress(MustWrite), self.store.reading() as tx:  # a job's new status, most of all
                return answer(tx)
        with self.store.transaction() as tx:
            return answer(tx)

    def context(self, tx: Transaction) -> Context:
        """Form the surroundings of an operation."""
        return Context(
            tx=tx,
            objects=self.objects,
            state=self.state,
            account=self.identity.account,
            region=self.identity.region,
            endpoint=self.identity.endpoint,
            credentials=self.identity.credentials,
            now=self.now,
            launcher=self.launcher,
            traffic=self.traffic,
        )

    def close(self) -> None:
        """Close the store and the object index, and end the template of workers."""
        self.traffic.close()
        self.launcher.close()
        self.store.close()
        self.objects.close()


def find(model: ServiceModel, service: str, operation: str) -> Operation:
    """Return the function of an operation, or raise an error that names the operation."""
    if operation not in model.operations:
        raise AwsError("UnknownOperationException", f"{service} has no operation {operation!r}.")
    function = SERVICES[service].get(operation)
    if function is None:
        raise unimplemented(service, operation)
    return function


def new_credentials() -> Credentials:
    """Make a key pair of AWS's look."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return Credentials("AKIA" + "".join(secrets.choice(alphabet) for _ in range(16)), secrets.token_urlsafe(30))
