"""The job's model: served by a shadow endpoint while the job asks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from specimen_jobs.aws import connect
from specimen_jobs.clarify import endpoint
from specimen_jobs.clarify.config import Predictor
from specimen_jobs.container import JobError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Served:
    """A model in service, and the clients of AWS that the job uses meanwhile."""

    predictor: Predictor
    client: Callable[[str], Any]  # by the service's name
    name: str

    def ask(self, features: pd.DataFrame) -> list[str]:
        """Return the model's answer to each row, a CSV line each; raise JobError for an error or a missing answer."""
        return endpoint.ask(self.client("sagemaker-runtime"), self.name, features)


@contextmanager
def served(predictor: Predictor) -> Iterator[Served]:
    """Serve the predictor's model; raise JobError for what AWS refuses, then and later."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        with endpoint.shadow_endpoint(connect("sagemaker"), predictor) as name:
            yield Served(predictor, connect, name)
    except (BotoCoreError, ClientError) as error:
        raise JobError(f"SageMaker cannot be asked for predictions: {error}") from None
