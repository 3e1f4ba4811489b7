"""The clients of AWS that a job uses: the endpoint, the region and the credentials come from its environment."""

from __future__ import annotations

import os
from typing import Any, Final

ATTEMPTS: Final = 10  # with pauses that double from half a second to 20 s


def connect(service: str) -> Any:
    """Return a client of a service, which asks for about a minute before it takes AWS for gone."""
    import boto3
    from botocore.config import Config

    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    patient = Config(retries={"mode": "standard", "total_max_attempts": ATTEMPTS})
    return boto3.session.Session(region_name=region).client(service, config=patient)  # type: ignore[call-overload]
