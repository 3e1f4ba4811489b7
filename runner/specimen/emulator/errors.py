"""Every error that the embedded SageMaker raises on purpose.

::

    EmulatorError            the server cannot do what it was started for; `hint` says what to do
    ├── StateUnusable        the state folder cannot be created, read or written
    ├── PortInUse            another program listens on the port asked for
    └── StartFailed          the server process ended, or was not ready in time
    AwsError                 an answer to a request: AWS's own code, message and HTTP status

Nothing here is known to the rest of Specimen: whoever starts the server translates.
"""

from collections.abc import Mapping


class EmulatorError(Exception):
    """What whoever starts the server can mend; its text is one clear message."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class StateUnusable(EmulatorError):
    """The state folder cannot be created, read or written."""


class PortInUse(EmulatorError):
    """Another program listens on the port that was asked for."""


class StartFailed(EmulatorError):
    """The server process ended early, or was not ready in time."""


class AwsError(Exception):
    """An error as AWS answers it: `code` is its name on the wire, `status` its HTTP status, `members` what it adds."""

    def __init__(
        self, code: str, message: str, status: int = 400, members: Mapping[str, str | int] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members or {}


def validation(message: str) -> AwsError:
    """Answer what SageMaker says to most things that are wrong in a request."""
    return AwsError("ValidationException", message)


def too_long(member: str, limit: int) -> AwsError:
    """Answer what SageMaker Runtime says to a member of more bytes than it takes."""
    text = f"Value at '{member}' failed to satisfy constraint: Member must have length less than or equal to {limit}"
    return AwsError("ValidationError", f"1 validation error detected: {text}")


def not_found(message: str) -> AwsError:
    """Answer ``ResourceNotFound``, as SageMaker's newer operations do for what is absent."""
    return AwsError("ResourceNotFound", message)


def in_use(message: str) -> AwsError:
    """Answer ``ResourceInUse``: SageMaker's word for a name that is taken."""
    return AwsError("ResourceInUse", message)


def conflict(message: str) -> AwsError:
    """Answer ``ConflictException``: another change, or another registration, stands in the way."""
    return AwsError("ConflictException", message, 409)


def limit_exceeded(message: str) -> AwsError:
    """Answer ``ResourceLimitExceeded``: an account's quota is used up."""
    return AwsError("ResourceLimitExceeded", message)


def unimplemented(service: str, operation: str) -> AwsError:
    """Name an operation that this server does not implement."""
    return AwsError("NotImplemented", f"The embedded SageMaker does not implement {service}:{operation}.", 501)
