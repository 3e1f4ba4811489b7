"""What can be asked of AWS, whoever answers: AWS itself, or the embedded SageMaker."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

SAGEMAKER, RUNTIME, SCALING = "sagemaker", "sagemaker-runtime", "application-autoscaling"


class Cloud(Protocol):
    """Who answers; every method raises `Refused` when the answer is an error, `UsageError` when there is none."""

    @property
    def name(self) -> str:
        """How a sentence names it."""

    @property
    def elsewhere(self) -> str:
        """Where else what is not there may be."""

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Ask for an operation by AWS's name for it."""

    def find(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any] | None:
        """Ask for what there may be none of: None when the answer says so."""

    def pages(self, service: str, operation: str, request: Mapping[str, Any], member: str) -> Iterator[Any]:
        """Every item of a listing's `member`, page after page."""

    def read(self, uri: str) -> bytes | None:
        """The object of an ``s3://`` URI; None when there is none."""
