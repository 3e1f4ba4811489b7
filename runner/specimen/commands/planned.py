"""`specimen plan` and `compile`: what an experiment comes to, with nothing run."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from specimen import files
from specimen.commands.ending import End
from specimen.commands.options import FORMAT, SPEC, TARGET
from specimen.reporting import findings as findings_report

if TYPE_CHECKING:
    from specimen.inputs import Inputs
    from specimen.planning.steps import Plan


@click.command()
@SPEC
@TARGET
@FORMAT
def plan(spec: Path, target: str | None, form: str) -> End:
    """Show the steps of an experiment, and with --format json the requests that they send."""
    from specimen.reporting import plans

    _, steps = planned(spec, target)
    click.echo(plans.as_json(steps) if form == "json" else plans.as_table(steps), nl=False)
    return End.CLEAN


@click.command("compile")
@SPEC
@TARGET
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write."
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 3 if the file is not what would be written.")
def compile_(spec: Path, target: str | None, output: Path, check: bool) -> End:
    """Compile an experiment into a Kubeflow pipeline."""
    from specimen.compiling.pipeline import compile_plan

    inputs, steps = planned(spec, target)
    text = compile_plan(steps, inputs.experiment, inputs.target)
    if check:
        same = files.holds(output, text)
        click.echo(f"{output} is {'up to date' if same else 'not what would be compiled now'}")
        return End.CLEAN if same else End.CHANGED
    files.write(output, text)
    click.echo(f"{output}: {len(steps)} steps of {inputs.experiment.name}")
    return End.CLEAN


def planned(spec: Path, target: str | None) -> "tuple[Inputs, Plan]":
    """Read a spec and plan it; its warnings are printed.

    Raises:
        SpecimenError: the spec or the target is wrong, or cannot be read.
    """
    from specimen.inputs import read_inputs
    from specimen.planning.plan import plan as make_plan

    inputs = read_inputs(spec, target)
    if inputs.warnings:
        click.echo(findings_report.as_text(inputs.warnings), nl=False, err=True)
    return inputs, make_plan(inputs.experiment, inputs.target, inputs.digests)
