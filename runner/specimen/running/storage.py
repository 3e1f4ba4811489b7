"""The local run's own dealings with S3: sources go up, records come down."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from specimen.emulator.control import READY_SECONDS
from specimen.errors import SpecimenError
from specimen.running import clients
from specimen.running.runs import AGAIN
from specimen.spec.model import Json

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


OUTAGE_SECONDS = READY_SECONDS  # to bear: as long as a server that is started again may take to come up
BUSY_SECONDS = 10.0  # to bear that one which is up answers with failures of its own, as on a full disk
PAUSE_SECONDS = 0.2
_NOT_IMPLEMENTED = 501  # the one answer of its kind that asking again does not change
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Storage:
    """Objects by their ``s3://`` URIs, on the embedded server alone."""

    client: "S3Client"

    def ensure_bucket(self, bucket: str) -> None:
        """Create the bucket unless it is there."""
        with _ours():
            _patiently(lambda: self.client.create_bucket(Bucket=bucket))

    def upload(self, path: Path, uri: str) -> bool:
        """Put a file where the plan expects it, once; whether it had to be sent."""
        bucket, key = split(uri)
        with _ours():
            listed = _patiently(lambda: self.client.list_objects_v2(Bucket=bucket, Prefix=key))
            if any(found["Key"] == key for found in listed.get("Contents", ())):
                return False
            _patiently(lambda: self.client.upload_file(str(path), bucket, key))
        return True

    def record(self, uri: str) -> Mapping[str, Json] | None:
        """A step's record, if it has written one."""
        bucket, key = split(uri)
        with _ours():
            try:
                body = _patiently(lambda: self.client.get_object(Bucket=bucket, Key=key)["Body"].read())
            except self.client.exceptions.NoSuchKey:
                return None
        try:
            record = json.loads(body)
        except ValueError as error:
            raise SpecimenError(f"{uri} is no record of a step: {error}", hint=AGAIN) from error
        return record if isinstance(record, dict) else None


def connect(server: Mapping[str, str]) -> Storage:
    """A client of the embedded server; `server` is its environment."""
    return Storage(clients.embedded(server)("s3"))


def split(uri: str) -> tuple[str, str]:
    """Bucket and key of an ``s3://`` URI."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def _patiently(ask: Callable[[], Answer]) -> Answer:
    """Ask until an answer comes: the run starts a server that has ended again, and meanwhile there is none."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    began = time.monotonic()
    while True:
        try:
            return ask()
        except (Boto3Error, BotoCoreError, ClientError) as error:
            if time.monotonic() - began >= _borne(error):
                raise
            time.sleep(PAUSE_SECONDS)


def _borne(error: BaseException | None) -> float:
    """Give the seconds for which asking again may help; 0 if it never does."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import ClientError, ConnectionError, HTTPClientError, IncompleteReadError

    if isinstance(error, Boto3Error):  # of a transfer, which hides the answer in a text
        return _borne(error.__context__)
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return BUSY_SECONDS if status >= 500 and status != _NOT_IMPLEMENTED else 0.0
    return OUTAGE_SECONDS if isinstance(error, (ConnectionError, HTTPClientError, IncompleteReadError)) else 0.0


@contextmanager
def _ours() -> Iterator[None]:
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (Boto3Error, BotoCoreError, ClientError) as error:
        raise SpecimenError(
            f"the embedded SageMaker's object store: {error}", hint="its log is aws/server.log in the state folder"
        ) from error
