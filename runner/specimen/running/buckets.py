"""Files under a prefix of a bucket: the embedded server's, or AWS's with the user's own credentials."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from specimen.errors import SpecimenError, UsageError
from specimen.running import clients, storage

if TYPE_CHECKING:
    from specimen_tensors.files import Files

ABSENT = frozenset({"NoSuchBucket", "404"})
DENIED = frozenset(
    {"AccessDenied", "AllAccessDisabled", "403", "InvalidAccessKeyId", "ExpiredToken", "SignatureDoesNotMatch"}
)


@dataclass(frozen=True)
class Prefix:
    """Files under an ``s3://`` URI; what is refused is said as the errors that `embedded` and `aws` describe."""

    files: "Files"
    uri: str
    whose: str
    elsewhere: str  # where else the bucket may be

    def names(self, prefix: str) -> Sequence[str]:
        """The names that start with a prefix, sorted."""
        with self._said():
            return self.files.names(prefix)

    def read(self, name: str, start: int = 0, length: int | None = None) -> bytes:
        """A file's bytes, or a stretch of them; FileNotFoundError when there is no such file."""
        with self._said():
            return self.files.read(name, start, length)

    @contextmanager
    def _said(self) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except BotoCoreError as error:
            raise UsageError(f"{self.whose} cannot be asked for {self.uri}: {error}", hint=self.elsewhere) from error
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in ABSENT:
                bucket = storage.split(self.uri)[0]
                raise UsageError(f"{self.whose} has no bucket `{bucket}`", hint=self.elsewhere) from error
            if code in DENIED:
                raise UsageError(
                    f"{self.whose} refuses to show {self.uri}: {code}",
                    hint="s3:ListBucket and s3:GetObject are needed; AWS_PROFILE chooses other credentials",
                ) from error
            raise SpecimenError(f"{self.whose} does not show {self.uri}: {error}") from error


def embedded(server: Mapping[str, str], state: Path, uri: str) -> Prefix:
    """Files of the embedded server, whose environment is given.

    Raises:
        UsageError: the URI names no bucket; at any reading, there is no such bucket.
    """
    elsewhere = "--state names another state folder, and --aws reads from AWS with your own credentials"
    return _prefix(storage.connect(server).client, uri, f"the embedded SageMaker on {state}", elsewhere)


def aws(uri: str) -> Prefix:
    """Files of AWS, read with the credentials that the aws CLI would use.

    Raises:
        UsageError: the URI names no bucket; at any reading, credentials are missing, or the bucket is absent or closed.
    """
    elsewhere = "your own credentials are used, as the aws CLI finds them: AWS_PROFILE, or `aws configure`"
    return _prefix(clients.own()("s3"), uri, "AWS", elsewhere)


def _prefix(client: object, uri: str, whose: str, elsewhere: str) -> Prefix:
    from specimen_tensors.files import Bucket

    bucket, key = storage.split(uri)
    if not bucket:
        raise UsageError(f"{uri} names no bucket", hint="write it as s3://BUCKET/PREFIX/debug-output")
    return Prefix(Bucket(client, bucket, key), uri, whose, elsewhere)
