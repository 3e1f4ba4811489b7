"""`specimen debug`."""

from collections.abc import Sequence
from pathlib import Path

import click

from specimen import files
from specimen.commands import saying
from specimen.commands.ending import End
from specimen.commands.options import OUTPUT, STATE
from specimen.text import printable


def _steps(context: click.Context, parameter: click.Parameter, given: Sequence[str]) -> tuple[int | str, ...]:
    """The steps that are asked for; `last` is that of each tensor."""
    for text in given:
        if text != "last" and not (text.isascii() and text.isdigit()):
            raise click.BadParameter(f"{text!r} is neither a whole number nor `last`.")
    return tuple(text if text == "last" else int(text) for text in given)


@click.command()
@click.argument("subject", metavar="RUN|RUN/TRIAL|S3-URI|FOLDER")
@click.argument("names", nargs=-1, metavar="[TENSOR]...")
@click.option("--collection", "collections", multiple=True, metavar="NAME", help="All tensors of a collection.")
@click.option("--regex", metavar="PATTERN", help="All tensors in whose name the pattern is found.")
@click.option(
    "--step", "steps", multiple=True, metavar="N|last", callback=_steps, help="At this step; may be repeated."
)
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True)
@click.option("--plot", type=click.Choice(["metrics", "importance", "shap"]), help="Draw them by step into a file.")
@click.option(
    "--by",
    type=click.Choice(["gain", "weight", "cover", "total_gain", "total_cover"]),
    help="The type of importance that is drawn; gain by default.",
)
@OUTPUT
@click.option("--aws", is_flag=True, help="Read an s3:// URI from AWS, with your own credentials.")
@STATE
def debug(
    subject: str,
    names: tuple[str, ...],
    collections: tuple[str, ...],
    regex: str | None,
    steps: tuple[int | str, ...],
    form: str,
    plot: str | None,
    by: str | None,
    output: Path | None,
    aws: bool,
    state: Path,
) -> End:
    """List the tensors that a training saved; of those that are chosen, show the values by step.

    For a run may stand the s3:// URI or the folder that a training saved to, which ends in debug-output. A URI is the
    embedded SageMaker's unless --aws is given.
    """
    from specimen import tensors
    from specimen.reporting import pictures
    from specimen.reporting.pictures import GAIN, TOP
    from specimen.reporting.tensors import FORMATS, Listing
    from specimen.running.tensors import find

    choice = tensors.Choice(names, collections, regex, steps)
    picture = pictures.form(output, plot, by, steps) if plot else ""
    with saying.if_started(state):
        saved = find(state, subject, aws=aws)
    if plot:
        kind = by or GAIN if plot == "importance" else plot
        found = tensors.series(saved, choice, kind, TOP)
        content: str | bytes = pictures.draw(found, kind, saved.where, picture)
        what = f"{plot} by {by or GAIN}" if plot == "importance" else plot
    else:
        chosen = tensors.listed(saved) if choice.everything else tensors.read(saved, choice)
        content = FORMATS[form](Listing(saved.where, saved.trial.ended, saved.rules, saved.reports, chosen))
        what = saying.count(len(chosen), "tensor")
    if output is None:
        click.echo(content, nl=False)
    else:
        files.write(output, content)
        click.echo(f"{output}: {what} of {printable(saved.where)}")
    return End.CLEAN
