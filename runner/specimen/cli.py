"""The command line: parse, wire, print; the only place that turns errors into exit codes.

What takes time to import is imported by the commands that need it: `validate` needs neither kfp nor boto3 nor pandas,
and is mostly start-up.
"""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from specimen import files
from specimen.errors import Interrupted, InvalidSpec, RunFailed, SpecimenError, UsageError
from specimen.reporting import findings as findings_report
from specimen.spec.check import check_file
from specimen.spec.findings import Finding, Severity
from specimen.text import printable

if TYPE_CHECKING:
    from specimen.inputs import Inputs
    from specimen.planning.steps import Plan
    from specimen.running.local import Finished, Watcher

CLEAN, WRONG, USAGE, CHANGED, BUG, INTERRUPTED = 0, 1, 2, 3, 70, 130

LOOPBACK = "127.0.0.1"  # where the embedded SageMaker answers

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


def _steps(context: click.Context, parameter: click.Parameter, given: Sequence[str]) -> tuple[int | str, ...]:
    """The steps that are asked for; `last` is that of each tensor."""
    for text in given:
        if text != "last" and not (text.isascii() and text.isdigit()):
            raise click.BadParameter(f"{text!r} is neither a whole number nor `last`.")
    return tuple(text if text == "last" else int(text) for text in given)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="specimen-ml", prog_name="specimen")
def commands() -> None:
    """One YAML file describes a machine-learning experiment: checked, compiled to Kubeflow, run on a laptop."""


@commands.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@FORMAT
def validate(paths: Sequence[Path], form: str) -> int:
    """Check experiments and targets; a folder stands for every YAML file in it."""
    documents = [file for path in paths for file in _files(path)]
    found = tuple(finding for file in documents for finding in check_file(file)[1])
    if form == "json":
        click.echo(findings_report.as_json(found), nl=False)
    else:
        click.echo(findings_report.as_text(found), nl=False)
        click.echo(_verdict(found, documents))
    return WRONG if _errors(found) else CLEAN


@commands.command()
@SPEC
@TARGET
@FORMAT
def plan(spec: Path, target: str | None, form: str) -> int:
    """Show the steps of an experiment, and with --format json the requests that they send."""
    from specimen.reporting import plans

    _, steps = _planned(spec, target)
    click.echo(plans.as_json(steps) if form == "json" else plans.as_table(steps), nl=False)
    return CLEAN


@commands.command("compile")
@SPEC
@TARGET
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write."
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 3 if the file is not what would be written.")
def compile_(spec: Path, target: str | None, output: Path, check: bool) -> int:
    """Compile an experiment into a Kubeflow pipeline."""
    from specimen.compiling.pipeline import compile_plan

    inputs, steps = _planned(spec, target)
    text = compile_plan(steps, inputs.experiment, inputs.target)
    if check:
        same = files.holds(output, text)
        click.echo(f"{output} is {'up to date' if same else 'not what would be compiled now'}")
        return CLEAN if same else CHANGED
    files.write(output, text)
    click.echo(f"{output}: {len(steps)} steps of {inputs.experiment.name}")
    return CLEAN


@commands.command()
@SPEC
@STATE
def run(spec: Path, state: Path) -> int:
    """Run an experiment on this machine, against the embedded SageMaker."""
    from specimen.running import local
    from specimen.running.circumstances import differences

    inputs, steps = _planned(spec, None)
    request = local.Request(spec, inputs, steps, state)
    for difference in differences(inputs.experiment):
        click.echo(f"differs from AWS: {difference}")
    with _watching() as watcher:
        finished = local.run(request, watcher)
    return _say_end(finished, state)


@commands.command()
@click.argument("names", nargs=-1, required=True, metavar="RUN|RUN/TRIAL...")
@STATE
@click.option(
    "--format", "form", type=click.Choice(["table", "markdown", "json", "html"]), default="table", show_default=True
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file to write instead.")
def compare(names: Sequence[str], state: Path, form: str, output: Path | None) -> int:
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
    return CLEAN


@commands.command()
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
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file to write instead.")
@click.option("--aws", is_flag=True, help="Read an s3:// URI from AWS, with your own credentials.")
@STATE
def debug(
    subject: str,
    names: tuple[str, ...],
    collections: tuple[str, ...],
    regex: str | None,
    steps: "tuple[int | str, ...]",
    form: str,
    plot: str | None,
    by: str | None,
    output: Path | None,
    aws: bool,
    state: Path,
) -> int:
    """List the tensors that a training saved; of those that are chosen, show the values by step.

    For a run may stand the s3:// URI or the folder that a training saved to, which ends in debug-output. A URI is the
    embedded SageMaker's unless --aws is given.
    """
    from specimen import tensors
    from specimen.reporting import pictures
    from specimen.reporting.pictures import GAIN, TOP
    from specimen.reporting.tensors import FORMATS, Listing
    from specimen.running import server
    from specimen.running.tensors import find

    choice = tensors.Choice(names, collections, regex, steps)
    picture = pictures.form(output, plot, by, steps) if plot else ""
    was_up = server.status(state) is not None
    saved = find(state, subject, aws=aws)
    if server.status(state) and not was_up:
        click.echo(f"started the embedded SageMaker, which stays up; {_stopped_by(state)}", err=True)
    if plot:
        kind = by or GAIN if plot == "importance" else plot
        found = tensors.series(saved, choice, kind, TOP)
        content: str | bytes = pictures.draw(found, kind, saved.where, picture)
        what = f"{plot} by {by or GAIN}" if plot == "importance" else plot
    else:
        chosen = tensors.listed(saved) if choice.everything else tensors.read(saved, choice)
        content = FORMATS[form](Listing(saved.where, saved.trial.ended, saved.rules, saved.reports, chosen))
        what = _count(len(chosen), "tensor")
    if output is None:
        click.echo(content, nl=False)
    else:
        files.write(output, content)
        click.echo(f"{output}: {what} of {printable(saved.where)}")
    return CLEAN


@commands.group()
def local() -> None:
    """The embedded SageMaker, for other programs."""


@local.command()
@STATE
@click.option("--port", type=click.IntRange(1, 65535), help="A free one by default.")
def start(state: Path, port: int | None) -> int:
    """Start it, unless it is up."""
    from specimen.running import server

    click.echo(f"the embedded SageMaker answers at {server.start(state, port).endpoint}")
    click.echo(f'for other programs: eval "$(specimen local env --state {state})"')
    return CLEAN


@local.command()
@STATE
def stop(state: Path) -> int:
    """Stop it; what it holds is kept, and jobs under way go on."""
    from specimen.running import server

    click.echo("stopped" if server.stop(state) else f"nothing was running on {state}")
    return CLEAN


@local.command()
@STATE
@FORMAT
def status(state: Path, form: str) -> int:
    """Say whether it is up, and where."""
    from specimen.running import server

    found = server.status(state)
    if form == "json":
        import json

        click.echo(json.dumps({"running": found is not None, "endpoint": found.endpoint if found else None}))
    else:
        click.echo(f"running at {found.endpoint}, process {found.pid}" if found else f"not running on {state}")
    return CLEAN if found else WRONG


@local.command()
@STATE
def env(state: Path) -> int:
    """Print the shell commands that lead boto3 and the aws CLI to it."""
    import shlex

    from specimen.running import server

    found = server.status(state)
    if found is None:
        raise UsageError(f"the embedded SageMaker is not running on {state}", hint="start it: specimen local start")
    hosts = _without_proxy(LOOPBACK)
    for name, value in (found.environment() | {"NO_PROXY": hosts, "no_proxy": hosts}).items():
        click.echo(f"export {name}={shlex.quote(value)}")
    return CLEAN


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and exit with its code."""
    sys.exit(execute(arguments))


def execute(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give its exit code; whatever goes wrong is printed."""
    try:
        code = commands.main(args=arguments, prog_name="specimen", standalone_mode=False)
    except InvalidSpec as invalid:
        click.echo(findings_report.as_text(invalid.findings), nl=False, err=True)
        return WRONG
    except Interrupted as interruption:
        for line in (str(interruption), *interruption.stopped):
            click.echo(printable(line), err=True)
        click.echo("hint: run again to go on; what is done already is used", err=True)
        return INTERRUPTED
    except SpecimenError as error:
        _say_error(str(error), error.hint)
        return USAGE if isinstance(error, UsageError) else WRONG
    except click.ClickException as error:
        error.show()
        return USAGE
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains at its end
        return WRONG
    except Exception:
        import traceback

        traceback.print_exc()
        _say_error("this is a bug in Specimen", "please report it, with the lines above, in Specimen's issue tracker")
        return BUG
    return code if isinstance(code, int) else CLEAN


def _planned(spec: Path, target: str | None) -> "tuple[Inputs, Plan]":
    from specimen.inputs import read_inputs
    from specimen.planning.plan import plan as make_plan

    inputs = read_inputs(spec, target)
    if inputs.warnings:
        click.echo(findings_report.as_text(inputs.warnings), nl=False, err=True)
    return inputs, make_plan(inputs.experiment, inputs.target, inputs.digests)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for pattern in ("*.yaml", "*.yml") for file in path.glob(pattern))
    if not found:
        raise UsageError(f"no YAML file in {path}", hint="name a file, or a folder that holds some")
    return found


def _without_proxy(host: str) -> str:
    """The hosts that are reached without a proxy here, and this one."""
    known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    return ",".join(dict.fromkeys([*filter(None, known.split(",")), host]))


def _errors(found: Sequence[Finding]) -> int:
    return sum(finding.severity is Severity.ERROR for finding in found)


def _verdict(found: Sequence[Finding], documents: Sequence[Path]) -> str:
    errors = _errors(found)
    return f"{_count(len(documents), 'file')}: {_count(errors, 'error')}, {_count(len(found) - errors, 'warning')}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


@contextmanager
def _watching() -> Iterator["Watcher"]:
    """Show a run as it goes on; a request to end is an interruption, as Ctrl-C is."""
    from specimen.running.progress import LivePicture, PlainLines, Screen

    screen = Screen()
    picture = LivePicture(screen) if screen.is_terminal else PlainLines(screen)
    for ending in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(ending) is not signal.SIG_IGN:  # as nohup leaves it
            signal.signal(ending, _interrupt)
    try:
        yield picture
    finally:
        picture.closed()


def _interrupt(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _say_end(finished: "Finished", state: Path) -> int:
    from specimen.running import server

    for step, outcome in finished.causes.items():
        _say_error(f"{step}: {outcome.reason}", f"its log: {finished.folder.log(step)}")
    if finished.folder.report.exists():
        click.echo(f"report: {finished.folder.report}")
    if server.status(state):
        click.echo(f"the embedded SageMaker stays up for the next run; {_stopped_by(state)}")
    if finished.failures:
        raise RunFailed(f"run {finished.folder.name} failed")
    return CLEAN


def _stopped_by(state: Path) -> str:
    return f"specimen local stop --state {state} ends it"


def _say_error(message: str, hint: str | None) -> None:
    """Say what went wrong and what to do; the words may come from data and jobs, hence without control characters."""
    lines = f"error: {message}".splitlines() + (f"hint: {hint}".splitlines() if hint else [])
    for line in lines:
        click.echo(printable(line), err=True)


if __name__ == "__main__":
    main()
