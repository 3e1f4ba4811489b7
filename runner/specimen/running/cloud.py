"""AWS, or the embedded server, asked by the names of operations; what goes wrong is said."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from specimen.asking import Cloud
from specimen.errors import Refused, UsageError
from specimen.running import clients, server, storage
from specimen.running.clients import Clients

DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"})
CREDENTIALS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
IMPOSSIBLE = "failed to satisfy constraint"  # of a name that nothing can have
OWN = "your own credentials are used, as the aws CLI finds them: AWS_PROFILE, or `aws configure`"


def find(state: Path, *, aws: bool) -> Cloud:
    """Give AWS, with the user's own credentials, or the embedded server, which is started unless it is up.

    Raises:
        UsageError: there never was an embedded server in that state folder, or it cannot be started; AWS's
            configuration cannot be used; an extra is missing.
    """
    if aws:
        return Asked("AWS", OWN, clients.own())
    elsewhere = "--state names another state folder, and --aws asks AWS with your own credentials"
    return Asked(f"the embedded SageMaker on {state}", elsewhere, clients.embedded(server.kept(state)))


@dataclass(frozen=True)
class Asked:
    """A `Cloud` behind boto3."""

    name: str
    elsewhere: str
    make: Clients
    made: dict[str, Any] = field(default_factory=dict)  # the clients by service: each takes a while to make

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for an operation by AWS's name for it."""
        from botocore import xform_name

        with self._said(operation):
            answer: dict[str, Any] = getattr(self._client(service), xform_name(operation))(**request)
            if "Body" in answer:
                answer["Body"] = answer["Body"].read()
        return answer

    def find(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any] | None:
        """Ask for what there may be none of: None when the answer says so."""
        from specimen_components import answers

        try:
            return self.call(service, operation, request)
        except Refused as refusal:
            if answers.absent(operation, refusal.code, refusal.reason) or IMPOSSIBLE in refusal.reason:
                return None
            raise

    def pages(self, service: str, operation: str, request: Mapping[str, Any], member: str) -> Iterator[Any]:
        """Every item of a listing's `member`, page after page."""
        asked = dict(request)
        while True:
            page = self.call(service, operation, asked)
            yield from page.get(member, ())
            if not page.get("NextToken"):
                return
            asked["NextToken"] = page["NextToken"]

    def read(self, uri: str) -> bytes | None:
        """The object of an ``s3://`` URI; None when there is none."""
        bucket, key = storage.split(uri)
        found = self.find("s3", "GetObject", {"Bucket": bucket, "Key": key})
        content: bytes | None = found["Body"] if found else None
        return content

    def _client(self, service: str) -> Any:
        if service not in self.made:
            self.made[service] = self.make(service)
        return self.made[service]

    @contextmanager
    def _said(self, operation: str) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except ClientError as error:
            told = error.response.get("Error", {})
            code, reason = str(told.get("Code", "Unknown")), str(told.get("Message", ""))
            message = f"{self.name} answers {operation} with {code}: {reason}"
            raise Refused(message, code=code, reason=reason, hint=_hint(operation, code)) from error
        except BotoCoreError as error:
            raise UsageError(f"{self.name} cannot be asked: {error}", hint=self.elsewhere) from error


def _hint(operation: str, code: str) -> str | None:
    if code in DENIED:
        return f"the right to {operation} is needed; AWS_PROFILE chooses other credentials"
    return OWN if code in CREDENTIALS else None
