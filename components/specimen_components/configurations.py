"""Configurations of jobs, written to S3 under their content's digest, so that a job's request tells them apart."""

from collections.abc import Mapping

from specimen_components import requests, storage
from specimen_components.command import Call
from specimen_components.jsondata import Json, canonical, digest, integral

_DIGITS = 16


def written(call: Call, values: Mapping[str, Json], name: str) -> str:
    """Write the call's `config`, its leaves filled in from `values`, unless it is there; give its URI."""
    config = integral(requests.filled(call.mapping("config"), values))
    uri = storage.joined(call.text("destination"), digest(config)[:_DIGITS], name)
    if call.ask(lambda: storage.find(call.aws, uri)) is None:
        call.ask(lambda: storage.write(call.aws, uri, canonical(config), "application/json"))
    return uri
