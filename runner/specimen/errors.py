"""Every error that Specimen raises on purpose.

::

    SpecimenError            exit code 1: something is wrong inside a readable file, or a run failed
    ├── InvalidSpec          the findings say what and where
    ├── RunFailed            a step failed, or a gate did not hold
    ├── Interrupted          a run was ended from outside (exit code 130)
    ├── Refused              AWS, or the embedded SageMaker, answered with an error
    └── UsageError           exit code 2: a missing or unreadable file, a port, a state folder, a disk
        └── MissingExtra     a part that the installed extras do not bring

Anything else is a bug: the command line prints its traceback and says where to report it (exit code 70).
Only `specimen.cli` turns errors into exit codes.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from specimen.spec.findings import Finding


class SpecimenError(Exception):
    """What a user can mend; its text is one clear message, and `hint` says what to do."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class InvalidSpec(SpecimenError):
    """A document has findings that are errors."""

    def __init__(self, findings: "tuple[Finding, ...]") -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = findings


class RunFailed(SpecimenError):
    """A run ended, and not all of it went well."""


class Interrupted(SpecimenError):
    """A run was ended from outside, by Ctrl-C or SIGTERM; `stopped` says which jobs were stopped therefore."""

    def __init__(self, message: str, stopped: tuple[str, ...]) -> None:
        super().__init__(message)
        self.stopped = stopped


class Refused(SpecimenError):
    """An operation was answered with an error; `code` and `reason` are AWS's own."""

    def __init__(self, message: str, *, code: str, reason: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.reason = reason


class UsageError(SpecimenError):
    """What was asked for cannot be begun."""


class MissingExtra(UsageError):
    """A command needs an extra that is not installed."""
