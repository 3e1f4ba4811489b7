"""Arguments and options that several commands take."""

from pathlib import Path

import click

SPEC = click.argument("spec", type=click.Path(path_type=Path))
TARGET = click.option("--target", metavar="NAME|FILE", help="Where it runs; the built-in local target by default.")
STATE = click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="SPECIMEN_STATE",
    default=Path(".specimen"),
    show_default=True,
    help="The folder that holds the embedded SageMaker and the runs.",
)
FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
OUTPUT = click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file to write instead."
)
AWS = click.option("--aws", is_flag=True, help="Ask AWS, with your own credentials, and not the embedded SageMaker.")
