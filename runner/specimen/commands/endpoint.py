"""`specimen endpoint`: endpoints looked up, asked and deleted by hand."""

from pathlib import Path

import click

from specimen import files
from specimen.commands import saying
from specimen.commands.ending import End
from specimen.commands.options import AWS, FORMAT, OUTPUT, STATE
from specimen.errors import UsageError
from specimen.text import printable

NAME = click.argument("name")


@click.group()
def endpoint() -> None:
    """Endpoints of the embedded SageMaker, or with --aws of AWS: looked up, asked, deleted."""


@endpoint.command("list")
@FORMAT
@AWS
@STATE
def list_(form: str, aws: bool, state: Path) -> End:
    """List endpoints, with the experiments that made them."""
    from specimen.endpoints import known
    from specimen.reporting import endpoints
    from specimen.running import cloud

    with saying.if_started(state, aws=aws):
        found = known.listed(cloud.find(state, aws=aws))
    click.echo(endpoints.as_json(found) if form == "json" else endpoints.as_text(found), nl=False)
    return End.CLEAN


@endpoint.command()
@NAME
@click.argument("file", required=False, metavar="[FILE|-]")
@click.option("--row", "rows", multiple=True, metavar="FIELDS", help="A row, in the table's order; may be repeated.")
@click.option("--variant", help="Ask this production variant; else the weights decide.")
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@OUTPUT
@AWS
@STATE
def invoke(
    name: str,
    file: str | None,
    rows: tuple[str, ...],
    variant: str | None,
    form: str,
    output: Path | None,
    aws: bool,
    state: Path,
) -> End:
    """Ask an endpoint about rows in the columns that the table had, before anything was encoded.

    FILE is CSV with a line of names, parquet, npz or libsvm, as its name says, or - for CSV on the standard input.
    Each answer is a line: the label's value, and the probabilities of its values where the model tells them.
    """
    from specimen.endpoints import questions
    from specimen.reporting import endpoints
    from specimen.running import cloud

    if (file is None) == (not rows):
        raise UsageError("what is to be asked is one of FILE and --row", hint=f"specimen endpoint invoke {name} FILE")
    with saying.if_started(state, aws=aws):
        found = questions.answers(cloud.find(state, aws=aws), name, questions.Question(file, rows, variant))
    content = endpoints.answers_as_json(found) if form == "json" else endpoints.answers_as_csv(found)
    if output is None:
        for line in content.splitlines():
            click.echo(printable(line))
    else:
        files.write(output, content)
        click.echo(f"{output}: {saying.count(len(found), 'answer')} of {name}")
    return End.CLEAN


@endpoint.command()
@NAME
@AWS
@STATE
def delete(name: str, aws: bool, state: Path) -> End:
    """Delete an endpoint that an experiment made, and its configuration unless another endpoint has it."""
    from specimen.endpoints import deleting
    from specimen.running import cloud

    with saying.if_started(state, aws=aws):
        deleting.delete(cloud.find(state, aws=aws), name, lambda line: click.echo(printable(line)))
    return End.CLEAN
