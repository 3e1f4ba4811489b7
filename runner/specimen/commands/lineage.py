"""`specimen lineage`."""

from pathlib import Path

import click

from specimen import files
from specimen.commands import saying
from specimen.commands.ending import End
from specimen.commands.options import AWS, OUTPUT, STATE
from specimen.lineage.starts import KINDS


@click.command()
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), help="What has the name; the first of these by default.")
@click.option("--format", "form", type=click.Choice(["text", "json", "mermaid"]), default="text", show_default=True)
@OUTPUT
@AWS
@STATE
def lineage(name: str, kind: str | None, form: str, output: Path | None, aws: bool, state: Path) -> End:
    """Draw what led to an endpoint, a model package group, a training job or an experiment, from the data on."""
    from specimen.lineage.walking import walk
    from specimen.reporting.lineage import FORMATS
    from specimen.running import cloud

    with saying.if_started(state, aws=aws):
        start, graph = walk(cloud.find(state, aws=aws), name, kind)
    for other in start.others:
        click.echo(f"drawn for {graph.subject}; --kind {other} draws what else has the name", err=True)
    content = FORMATS[form](graph)
    if output is None:
        click.echo(content, nl=False)
    else:
        files.write(output, content)
        click.echo(f"{output}: lineage of {graph.subject}")
    return End.CLEAN
