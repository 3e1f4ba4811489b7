"""Bodies whose chunks are signed one by one, each signature made with the one before it."""

import hashlib
from dataclasses import dataclass

from specimen.emulator.errors import AwsError
from specimen.emulator.signing.canonical import equal, sign
from specimen.emulator.signing.claims import Scope

_NOTHING = hashlib.sha256().hexdigest()
_MISMATCH = "The request signature we calculated does not match the signature you provided. Check your key and signing"


@dataclass
class ChunkSignatures:
    """The chain of signatures of one body; `previous` begins with the request's own. `trailing` ones end in trailers.

    Raises `SignatureDoesNotMatch` at the first link that is wrong.
    """

    key: bytes
    time: str
    scope: Scope
    previous: str
    trailing: bool

    def check(self, sha256: str, signature: str) -> None:
        """Check a chunk's signature by the chunk's SHA-256."""
        self._follow("AWS4-HMAC-SHA256-PAYLOAD", f"{_NOTHING}\n{sha256}", signature)

    def check_trailers(self, trailers: str, signature: str) -> None:
        """Check the signature of the trailers, lines of ``name:value`` that each end with a line feed."""
        self._follow("AWS4-HMAC-SHA256-TRAILER", hashlib.sha256(trailers.encode()).hexdigest(), signature)

    def _follow(self, algorithm: str, hashes: str, signature: str) -> None:
        text = "\n".join([algorithm, self.time, str(self.scope), self.previous, hashes])
        self.previous = sign(self.key, text)
        if not equal(self.previous, signature):
            raise AwsError("SignatureDoesNotMatch", f"{_MISMATCH} method. (A chunk of the body.)", 403)
