"""What an operation is given besides its request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specimen.emulator.objects import Objects
from specimen.emulator.store import Transaction

if TYPE_CHECKING:
    from specimen.emulator.jobs.launch import Launcher
    from specimen.emulator.traffic import Traffic


@dataclass(frozen=True)
class Credentials:
    """The one key pair of a server, made for its state folder: what it has not signed is refused."""

    access_key: str
    secret_key: str


@dataclass(frozen=True)
class Context:
    """One request's surroundings.

    `tx` is the request's transaction: an operation that waits for something long calls ``tx.commit()`` before it
    does. `state` is the server's own folder (store, objects, logs, jobs). `now` answers epoch seconds, which is how
    times are stored and sent. `traffic` is what is on its way to the containers of endpoints.
    """

    tx: Transaction
    objects: Objects
    state: Path
    account: str
    region: str
    endpoint: str
    credentials: Credentials
    now: Callable[[], float]
    launcher: "Launcher"
    traffic: "Traffic"

    def arn(self, resource: str, service: str = "sagemaker") -> str:
        """Form the ARN of a resource of this account and region: ``training-job/name``, types in lower case."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


Request = Mapping[str, Any]
Response = dict[str, Any]
Operation = Callable[[Context, Request], Response]
