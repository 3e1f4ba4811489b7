"""Clients of AWS's services: of the embedded server, or of AWS itself."""

import os
from collections.abc import Callable, Mapping
from typing import Any

from specimen.errors import MissingExtra, UsageError

ATTEMPTS = 3
Clients = Callable[[str], Any]  # a service's name to its boto3 client


def embedded(server: Mapping[str, str]) -> Clients:
    """Clients of the embedded server; `server` is its environment.

    Raises:
        MissingExtra: boto3 is not installed.
    """
    try:
        import boto3
        from botocore.config import Config
        from botocore.session import Session
    except ImportError as error:
        raise _missing() from error
    # Neither a profile nor a configuration file of the user's, nor a proxy, has a say in what stays on this machine.
    own = Session(session_vars={"profile": (None, None, None, None), "config_file": (None, None, os.devnull, None)})
    session: Any = boto3.Session(
        botocore_session=own,
        aws_access_key_id=server["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=server["AWS_SECRET_ACCESS_KEY"],
        region_name=server["AWS_DEFAULT_REGION"],
    )
    config = Config(proxies={}, retries={"mode": "standard", "total_max_attempts": ATTEMPTS})
    return lambda service: session.client(service, endpoint_url=server["AWS_ENDPOINT_URL"], config=config)


def own() -> Clients:
    """Clients of AWS, as the user's own configuration has it; only what asks for AWS by name uses them.

    Raises:
        MissingExtra: boto3 is not installed.
        UsageError: the configuration cannot be used; when the client is made, too.
    """
    try:
        import boto3
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        raise _missing() from error

    def make(service: str) -> Any:
        try:
            session: Any = boto3.Session()
            return session.client(service)
        except BotoCoreError as error:
            raise UsageError(f"AWS cannot be asked: {error}", hint="see that the aws CLI works") from error

    return make


def _missing() -> MissingExtra:
    return MissingExtra("this needs the `local` extra", hint="pip install 'specimen-ml[local]'")
