"""The job's model: served by a shadow endpoint while the job asks it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from specimen_jobs.clarify import endpoint
from specimen_jobs.clarify.config import Predictor
from specimen_jobs.container import JobError

if TYPE_CHECKING:
    import pandas as pd


ATTEMPTS: Final = 10  # with pauses that double from half a second to 20 s


@dataclass(frozen=True)
class Served:
    """A model in service, and the clients of AWS that the job uses meanwhile."""

    predictor: Predictor
    client: Callable[[str], Any]  # by the service's name
    name: str

    def ask(self, features: pd.DataFrame) -> list[str]:
        """Return the model's answer to each row, a CSV line each; raise JobError for an error or a missing answer."""
        return endpoint.ask(self.client("sagemaker-runtime"), self.name, features)


def connect(service: str) -> Any:
    """Return a client of a service, which asks for about a minute before it takes AWS for gone."""
    import boto3
    from botocore.config import Config

    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    patient = Config(retries={"mode": "standard", "total_max_attempts": ATTEMPTS})
    return boto3.session.Session(region_name=region).client(service, config=patient)  # type: ignore[call-overload]


@contextmanager
def served(predictor: Predictor) -> Iterator[Served]:
    """Serve the predictor's model; raise JobError for what AWS refuses, then and later."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        with endpoint.shadow_endpoint(connect("sagemaker"), predictor) as name:
            yield Served(predictor, connect, name)
    except (BotoCoreError, ClientError) as error:
        raise JobError(f"SageMaker cannot be asked for predictions: {error}") from None
