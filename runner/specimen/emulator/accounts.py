"""STS, IAM and ECR, which moto answers; it is imported with the first request, since that takes a second."""

import os
import sys
import threading
from datetime import UTC
from typing import TYPE_CHECKING, Literal, get_args

from specimen.emulator.signing.gate import Key

if TYPE_CHECKING:
    from flask import Flask

Service = Literal["ecr", "iam", "sts"]
SERVICES: tuple[Service, ...] = get_args(Service)


class Accounts:
    """Moto's web applications of these services, in this process and for one account."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._lock = threading.Lock()
        self._applications: dict[Service, Flask] = {}

    def application(self, service: Service) -> "Flask":
        """Return the web application that answers for a service."""
        with self._lock:
            if service not in self._applications:
                os.environ["MOTO_ACCOUNT_ID"] = self._account  # moto reads it when it is imported
                from moto.moto_server.werkzeug_app import create_backend_app

                self._applications[service] = create_backend_app(service)
            return self._applications[service]

    def key(self, access_key: str) -> Key | None:
        """Return the temporary keys that STS gave out to someone who assumed a role, if it did."""
        if "moto" not in sys.modules:
            return None
        from moto.sts.models import sts_backends

        role = sts_backends[self._account]["aws"].get_assumed_role_from_access_key(access_key)
        if role is None:
            return None
        return Key(role.secret_access_key, role.session_token, role.expiration.replace(tzinfo=UTC).timestamp())
