"""What a component reads from its environment, checked: region, endpoint, and that a local run stays local."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from specimen_components.problems import Unusable


@dataclass(frozen=True)
class Environment:
    """Where AWS is; `endpoint` is None for AWS itself, and always a loopback address when `local`."""

    region: str
    endpoint: str | None
    local: bool


def read(variables: Mapping[str, str]) -> Environment:
    """Read the environment; raise `Unusable` when a local run could reach anything but this machine."""
    local = bool(variables.get("SPECIMEN_LOCAL"))
    endpoint = variables.get("AWS_ENDPOINT_URL") or None
    if local and (endpoint is None or not _loopback(endpoint)):
        raise Unusable(
            f"a local run must not reach AWS: AWS_ENDPOINT_URL is {endpoint or 'not set'}",
            hint='Start the embedded SageMaker and take its environment: eval "$(specimen local env)"',
        )
    region = variables.get("AWS_DEFAULT_REGION") or variables.get("AWS_REGION")
    if not region:
        raise Unusable("AWS_DEFAULT_REGION is not set", hint="Set it to the region of the target, such as eu-west-1.")
    return Environment(region, endpoint, local)


def _loopback(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
