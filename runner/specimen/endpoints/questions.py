"""An endpoint asked about rows of the table, from its name to its answers."""

from dataclasses import dataclass

from specimen.asking import Cloud
from specimen.endpoints import known, manifests
from specimen.endpoints.answers import Answer
from specimen.endpoints.known import Endpoint
from specimen.endpoints.objectives import objectives
from specimen.errors import MissingExtra, SpecimenError


@dataclass(frozen=True)
class Question:
    """What was given to ask: a file, or ``-`` for the standard input, or single rows; and the variant that is meant."""

    file: str | None
    rows: tuple[str, ...]
    variant: str | None


def answers(cloud: Cloud, name: str, question: Question) -> tuple[Answer, ...]:
    """The endpoint's answers to the rows, in their order.

    Raises:
        UsageError: there is no such endpoint, variant or file, or an extra is missing.
        SpecimenError: the endpoint does not serve or was not made by Specimen, or the rows are not the table's.
    """
    endpoint = _serving(known.find(cloud, name))
    table = manifests.table(cloud, endpoint, question.variant)
    try:
        from specimen.endpoints import invoking, rows
    except ImportError as error:
        raise MissingExtra("this needs the `local` extra", hint="pip install 'specimen-ml[local]'") from error
    frame = rows.read(rows.Given(question.file, question.rows), table)
    asked = invoking.Asked(name, question.variant, objectives(cloud, endpoint), table)
    return tuple(invoking.invoke(cloud, asked, frame))


def _serving(endpoint: Endpoint) -> Endpoint:
    if endpoint.serves:
        return endpoint
    why = f": {endpoint.reason}" if endpoint.reason else ""
    hint = (
        "wait until it is InService"
        if endpoint.status == "Creating"
        else "run its spec again: it makes the endpoint anew"
    )
    raise SpecimenError(f"endpoint {endpoint.name} is {endpoint.status} and does not answer{why}", hint=hint)
