"""Every error that a component raises on purpose; `command.run` turns them into exit codes.

::

    Failure                  exit code 1: the step failed; the text says what, `hint` says what to do
    ├── Unusable             exit code 2: the command line or the environment cannot be used
    ├── Stopped              exit code 1: somebody stopped the job; the record says Stopped
    ├── Refused              AWS answered with an error
    └── Unreachable          no answer came, or one that says to ask again

Anything else is a bug, and its traceback is printed.
"""


class Failure(Exception):
    """What a user or AWS can cause; its text is one clear message, and `hint` says what to do."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class Unusable(Failure):
    """A bad argument or environment: nothing was begun."""


class Stopped(Failure):
    """The job was stopped, by a person or by a limit, and not by this component."""


class Refused(Failure):
    """AWS answered an operation with an error; `code` and `reason` are AWS's own."""

    def __init__(self, operation: str, code: str, reason: str, *, hint: str | None = None) -> None:
        super().__init__(f"{operation}: {code}: {reason}", hint=hint)
        self.operation = operation
        self.code = code
        self.reason = reason


class Unreachable(Failure):
    """An operation got no answer, or AWS said to slow down, after all of botocore's own attempts."""
