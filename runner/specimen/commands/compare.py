"""`specimen compare`."""

from collections.abc import Sequence
from pathlib import Path

import click

from specimen import files
from specimen.commands.ending import End
from specimen.commands.options import OUTPUT, STATE
from specimen.text import printable


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="RUN|RUN/TRIAL...")
@STATE
@click.option(
    "--format", "form", type=click.Choice(["table", "markdown", "json", "html"]), default="table", show_default=True
)
@OUTPUT
def compare(names: Sequence[str], state: Path, form: str, output: Path | None) -> End:
    """Compare runs or their trials with the first one named; `latest` is the run that began last."""
    from specimen.reporting import comparisons
    from specimen.running import past

    found = past.find(state, names)
    one_run = len({result.run for result in found}) == 1
    subjects = [(result.trial if one_run else result.name, result.groups) for result in found]
    text = comparisons.FORMATS[form](comparisons.compare(subjects))
    if output is None:
        click.echo(text, nl=False)
    else:
        files.write(output, text)
        click.echo(f"{output}: {', '.join(printable(name) for name, _ in subjects)}")
    return End.CLEAN
