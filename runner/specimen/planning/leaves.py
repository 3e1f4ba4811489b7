"""Leaves of a request that the component fills in at run time.

Their forms are those of `specimen_components.interface`.
"""

from specimen.spec.model import Json

NAME = "name"  # the component's own: the name of the job or model
CONFIG = "config"  # the component's own: the URI of the analysis configuration it has written


def ref(argument: str) -> dict[str, Json]:
    """The value of one of the component's arguments, or of a value that it makes itself."""
    return {"$ref": argument}


def join(*parts: Json) -> dict[str, Json]:
    """Strings put together."""
    return {"$join": list(parts)}
