"""The job's model: served by a shadow endpoint while the job asks it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from specimen_jobs.clarify import endpoint
from specimen_jobs.clarify.config import Predictor
from specimen_jobs.container import JobError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Served:
    """A model in service, and the session with which the job reaches AWS."""

    predictor: Predictor
    session: Any
    name: str

    def ask(self, features: pd.DataFrame) -> list[str]:
        """Return the model's answer to each row, a CSV line each; raise JobError for an error or a missing answer."""
        return endpoint.ask(self.session.client("sagemaker-runtime"), self.name, features)


@contextmanager
def served(predictor: Predictor) -> Iterator[Served]:
    """Serve the predictor's model; raise JobError for what AWS refuses, then and later."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    session = boto3.session.Session(region_name=region)
    try:
        with endpoint.shadow_endpoint(session.client("sagemaker"), predictor) as name:
            yield Served(predictor, session, name)
    except (BotoCoreError, ClientError) as error:
        raise JobError(f"SageMaker cannot be asked for predictions: {error}") from None
