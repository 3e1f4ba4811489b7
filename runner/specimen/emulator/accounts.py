"""STS, IAM and ECR, which moto answers; it is imported with the first request, since that takes a second."""

import os
import sys
import threading
from typing import TYPE_CHECKING, Literal, get_args

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

    def issued(self, access_key: str) -> bool:
        """Tell whether STS gave out this key, to someone who assumed a role."""
        if "moto" not in sys.modules:
            return False
        from moto.sts.models import sts_backends

        backend = sts_backends[self._account]["aws"]
        return backend.get_assumed_role_from_access_key(access_key) is not None
