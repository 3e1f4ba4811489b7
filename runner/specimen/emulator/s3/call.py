"""What S3's operations are given."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from specimen.emulator.errors import AwsError
from specimen.emulator.objects import Objects
from specimen.emulator.protocol.http import HttpRequest, HttpResponse


@dataclass(frozen=True)
class Call:
    """One request to S3: `bucket` and `key` decoded, "" where the path has none."""

    objects: Objects
    region: str
    request: HttpRequest
    bucket: str
    key: str

    def header(self, name: str, default: str = "") -> str:
        """Return a header by lower-case name."""
        return self.request.headers.get(name, default)

    def query(self, name: str, default: str = "") -> str:
        """Return a query parameter."""
        return self.request.query.get(name, default)

    def number(self, name: str, default: int, most: int) -> int:
        """Return a query parameter that is a number, cut to `most`."""
        text = self.query(name, str(default))
        if not text.isascii() or not text.isdigit() or len(text) > 10:
            raise AwsError("InvalidArgument", f"Provided {name} not an integer or within integer range", 400)
        return min(int(text), most)


Handler = Callable[[Call], HttpResponse]


def decoded(text: str) -> str:
    """Decode a percent-encoded bucket or key; bytes that are not UTF-8 are refused."""
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as problem:
        raise AwsError("InvalidURI", "Couldn't parse the specified URI.", 400) from problem
