"""The shadow endpoint: a model served for the length of the job, asked for predictions, and always deleted.

Source: "How it Works" of Clarify's processing jobs: an ephemeral endpoint of the model, under a name of Clarify's own.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from specimen_jobs.clarify.config import CSV, Predictor
from specimen_jobs.clarify.guard import guarded
from specimen_jobs.container import JobError, log

if TYPE_CHECKING:
    import pandas as pd

PREFIX: Final = "sm-clarify"
LONGEST_NAME: Final = 63
VARIANT: Final = "AllTraffic"
DEADLINE: Final = 30 * 60.0
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 15.0
PAYLOAD: Final = 2_000_000  # bytes a request, well under InvokeEndpoint's limit of 6 MB
SAMPLED: Final = 100
ABSENT: Final = "Could not find"  # how SageMaker answers for an endpoint that is not there


@contextmanager
def shadow_endpoint(sagemaker: Any, predictor: Predictor) -> Iterator[str]:
    """Serve the predictor's model and give the endpoint's name once it is in service; delete it whatever happens.

    Raises:
        JobError: the model does not exist, or the endpoint does not come into service.
    """
    name = endpoint_name(predictor.endpoint_name_prefix)
    with guarded(name) as deleted:
        try:
            _create(sagemaker, predictor, name)
            _wait(sagemaker, name)
            log(f"Endpoint {name} is in service")
            yield name
        finally:
            delete(sagemaker, name)
            deleted()


def endpoint_name(prefix: str) -> str:
    """Return a fresh name as Clarify makes them, within SageMaker's limit."""
    tail = f"{int(time.time())}-{secrets.token_hex(2)}"
    head = f"{PREFIX}-{prefix}" if prefix else PREFIX
    return f"{head[: LONGEST_NAME - len(tail) - 1].rstrip('-')}-{tail}"


def ask(runtime: Any, endpoint: str, features: pd.DataFrame) -> list[str]:
    """Return the endpoint's answer to each row, a CSV line each; raise JobError for an error or a missing answer."""
    from botocore.exceptions import ClientError

    lines: list[str] = []
    rows = _rows_a_request(features)
    for first in range(0, len(features), rows):
        part = features.iloc[first : first + rows]
        body = part.to_csv(header=False, index=False).encode()
        try:
            answer = runtime.invoke_endpoint(EndpointName=endpoint, ContentType=CSV, Accept=CSV, Body=body)
            text = answer["Body"].read().decode("utf-8").strip()
        except ClientError as error:
            raise JobError(f"The model answered an error to rows {first + 1} to {first + len(part)}: {error}") from None
        lines += _lines(text, len(part), first)
        log(f"Predicted {len(lines)} of {len(features)} rows")
    return lines


def _lines(text: str, rows: int, first: int) -> list[str]:
    """Return one line a row; a container may answer single values on one line, with commas between them."""
    lines = text.split("\n")
    if len(lines) == 1 and rows > 1 and text.count(",") == rows - 1:
        lines = text.split(",")
    if len(lines) != rows:
        raise JobError(f"The model answered {len(lines)} lines to {rows} rows (from row {first + 1})")
    return lines


def _rows_a_request(features: pd.DataFrame) -> int:
    head = features.head(SAMPLED)
    return max(1, PAYLOAD * len(head) // max(1, 2 * len(head.to_csv(header=False, index=False))))


def _create(sagemaker: Any, predictor: Predictor, name: str) -> None:
    from botocore.exceptions import ClientError

    log(f"Creating endpoint {name} for model {predictor.model_name} ({predictor.instance_type})")
    variant = {
        "VariantName": VARIANT,
        "ModelName": predictor.model_name,
        "InstanceType": predictor.instance_type,
        "InitialInstanceCount": predictor.instance_count,
    }
    try:
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    except ClientError as error:
        raise JobError(f"The endpoint for model {predictor.model_name} cannot be created: {error}") from None


def _wait(sagemaker: Any, name: str) -> None:
    status, reason = _settled(sagemaker, name)
    if status != "InService":
        raise JobError(f"Endpoint {name} is {status} and not in service: {reason or 'no reason given'}")


def _settled(sagemaker: Any, name: str) -> tuple[str, str]:
    """Return the endpoint's status and failure reason once it is no longer creating, or at the deadline."""
    until, pause = time.monotonic() + DEADLINE, FIRST_PAUSE
    while True:
        described = sagemaker.describe_endpoint(EndpointName=name)
        status, reason = described["EndpointStatus"], described.get("FailureReason", "")
        if status != "Creating" or time.monotonic() > until:
            return status, reason
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def delete(sagemaker: Any, name: str) -> None:
    """Delete what there is under the name, and log what cannot be: the job's own outcome matters more."""
    from botocore.exceptions import ClientError

    with suppress(ClientError):
        _settled(sagemaker, name)  # AWS refuses to delete an endpoint that is being created
    for what, delete, key in (
        ("endpoint", sagemaker.delete_endpoint, "EndpointName"),
        ("endpoint configuration", sagemaker.delete_endpoint_config, "EndpointConfigName"),
    ):
        try:
            delete(**{key: name})
            log(f"Deleted {what} {name}")
        except ClientError as error:
            if ABSENT not in str(error):
                log(f"The {what} {name} could not be deleted, delete it by hand: {error}", "WARNING")
