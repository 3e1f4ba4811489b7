"""The one module that imports boto3: AWS operations by name, with every way they can fail turned into ours."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from specimen_components import answers, refusals
from specimen_components.environment import Environment
from specimen_components.problems import Failure, Refused, Unreachable

if TYPE_CHECKING:
    from botocore.loaders import Loader
    from botocore.model import ServiceModel, Shape
    from botocore.session import Session

_ATTEMPTS = 8  # botocore waits up to 20 s between two of them: a throttled call is given about a minute
_ATTEMPTS_LOCALLY = 3
_CONNECTIONS = 100  # kept at most: as many as `hosting.verify.concurrency` may ask for
SERVICES = ("s3", "sagemaker", "logs", "sagemaker-runtime", "application-autoscaling")
_NOT_IMPLEMENTED = 501  # the one answer of its kind that asking again does not change


class Aws:
    """AWS for one component: clients are made when first asked for, by `make` (service name to boto3 client)."""

    def __init__(self, environment: Environment, make: Callable[[str], Any] | None = None) -> None:
        self.environment = environment
        self._make = make or _maker(environment)
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """Give the boto3 client of a service."""
        if service not in self._clients:
            with translated(f"{service} client"):
                self._clients[service] = self._make(service)
        return self._clients[service]

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Call an operation by AWS's name for it; raise `Refused` or `Unreachable`."""
        client = self.client(service)
        with translated(operation):
            response: dict[str, Any] = getattr(client, _method(operation))(**request)
        return response

    def find(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any] | None:
        """Call an operation that describes one thing; None when AWS says that there is no such thing."""
        try:
            return self.call(service, operation, request)
        except Refused as refusal:
            if answers.absent(operation, refusal.code, refusal.reason):
                return None
            raise

    def pages(self, service: str, operation: str, request: Mapping[str, Any], member: str) -> Iterator[Any]:
        """Give every item of a listing's `member`, page after page."""
        asked = dict(request)
        while True:
            page = self.call(service, operation, asked)
            yield from page.get(member, [])
            if not page.get("NextToken"):
                return
            asked["NextToken"] = page["NextToken"]


def request_shape(service: str, operation: str) -> "Shape":
    """Give botocore's model of an operation's request; no client, credentials or network needed."""
    shape = _model(service).operation_model(operation).input_shape
    if shape is None:
        raise ValueError(f"{operation} takes no request")
    return shape


@cache
def _model(service: str) -> "ServiceModel":
    return _session().get_service_model(service)


@cache
def _loader() -> "Loader":
    from botocore.loaders import create_loader

    return create_loader()


def _session() -> "Session":
    """Make a botocore session; all share one loader, which keeps the service models that it has parsed."""
    import botocore.session

    session = botocore.session.get_session()
    session.register_component("data_loader", _loader())
    return session


def preload() -> None:
    """Parse what clients are made of, once for all processes that are forked from this one; no network is needed."""
    anywhere = Environment(region="us-east-1", endpoint="http://127.0.0.1", local=True)
    make = _maker(anywhere, aws_access_key_id="none", aws_secret_access_key="none")  # noqa: S106 - it opens nothing
    for service in SERVICES:
        make(service)
    _model("sagemaker")


@contextmanager
def translated(operation: str) -> Iterator[None]:
    """Turn what boto3 raises inside into `Refused`, `Unreachable` or `Failure`, naming the operation."""
    from boto3.exceptions import Boto3Error, RetriesExceededError
    from botocore import exceptions

    try:
        yield
    except exceptions.ClientError as error:
        raise _answered(operation, error.response) from error
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError) as error:
        raise Failure(
            f"{operation}: {error}", hint="Give the pod's service account a role (IRSA or Pod Identity)."
        ) from error
    except (
        exceptions.HTTPClientError,
        exceptions.ConnectionError,
        exceptions.IncompleteReadError,
        RetriesExceededError,  # of a transfer that was cut off again and again
    ) as error:
        raise Unreachable(
            f"{operation}: no answer from AWS: {error}",
            hint="Check the network (of a local run: specimen local status); then run again.",
        ) from error
    except exceptions.ParamValidationError as error:
        reason = " ".join(str(error).split())
        raise Refused(operation, "ParamValidation", reason, hint=refusals.hint("ValidationException")) from error
    except (exceptions.BotoCoreError, Boto3Error) as error:
        cause = error.__context__
        if isinstance(cause, exceptions.ClientError):  # boto3's transfers hide AWS's answer in a text
            raise _answered(operation, cause.response) from error
        raise Failure(f"{operation}: {error}") from error


def _answered(operation: str, response: Mapping[str, Any]) -> Failure:
    error = response.get("Error", {})
    code, message = str(error.get("Code", "Unknown")), str(error.get("Message", ""))
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in refusals.TRANSIENT or (status >= 500 and status != _NOT_IMPLEMENTED):
        return Unreachable(f"{operation}: {code}: {message}", hint="AWS is busy or down; run again later.")
    return Refused(operation, code, message, hint=refusals.hint(code))


def _method(operation: str) -> str:
    from botocore import xform_name

    return str(xform_name(operation))


def _maker(environment: Environment, **keys: str) -> Callable[[str], Any]:
    """Make clients of one session; a local one speaks to its endpoint and to no proxy, whatever the variables say.

    Without `keys` the SDK finds them where they are.
    """
    import boto3
    from botocore.config import Config

    config = Config(
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS_LOCALLY if environment.local else _ATTEMPTS},
        connect_timeout=10,
        read_timeout=70,
        tcp_keepalive=True,
        max_pool_connections=_CONNECTIONS,
        proxies={} if environment.local else None,
        s3={"addressing_style": "path"} if environment.local else None,
    )
    session = boto3.session.Session(botocore_session=_session(), region_name=environment.region, **keys)

    def make(service: str) -> Any:
        untyped: Any = session
        return untyped.client(service, endpoint_url=environment.endpoint, config=config)

    return make
