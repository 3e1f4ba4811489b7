"""`specimen local`: the embedded SageMaker, for other programs."""

import os
from pathlib import Path

import click

from specimen.commands.ending import End
from specimen.commands.options import FORMAT, STATE
from specimen.errors import UsageError

LOOPBACK = "127.0.0.1"  # where the embedded SageMaker answers


@click.group()
def local() -> None:
    """The embedded SageMaker, for other programs."""


@local.command()
@STATE
@click.option("--port", type=click.IntRange(1, 65535), help="A free one by default.")
def start(state: Path, port: int | None) -> End:
    """Start it, unless it is up."""
    from specimen.running import server

    click.echo(f"the embedded SageMaker answers at {server.start(state, port).endpoint}")
    click.echo(f'for other programs: eval "$(specimen local env --state {state})"')
    return End.CLEAN


@local.command()
@STATE
def stop(state: Path) -> End:
    """Stop it; what it holds is kept, and jobs under way go on."""
    from specimen.running import server

    click.echo("stopped" if server.stop(state) else f"nothing was running on {state}")
    return End.CLEAN


@local.command()
@STATE
@FORMAT
def status(state: Path, form: str) -> End:
    """Say whether it is up, and where."""
    from specimen.running import server

    found = server.status(state)
    if form == "json":
        import json

        click.echo(json.dumps({"running": found is not None, "endpoint": found.endpoint if found else None}))
    else:
        click.echo(f"running at {found.endpoint}, process {found.pid}" if found else f"not running on {state}")
    return End.CLEAN if found else End.WRONG


@local.command()
@STATE
def env(state: Path) -> End:
    """Print the shell commands that lead boto3 and the aws CLI to it."""
    import shlex

    from specimen.running import server

    found = server.status(state)
    if found is None:
        raise UsageError(f"the embedded SageMaker is not running on {state}", hint="start it: specimen local start")
    hosts = _without_proxy(LOOPBACK)
    for name, value in (found.environment() | {"NO_PROXY": hosts, "no_proxy": hosts}).items():
        click.echo(f"export {name}={shlex.quote(value)}")
    return End.CLEAN


@local.command()
@click.argument("job")
@STATE
def interrupt(job: str, state: Path) -> End:
    """Take the spot instances of a training job away, as AWS may; it goes on from its checkpoints."""
    from specimen.running import server

    server.interrupt(state, job)
    click.echo(f"{job}: its spot instances were taken away; it starts again from its checkpoints")
    return End.CLEAN


def _without_proxy(host: str) -> str:
    """The hosts that are reached without a proxy here, and this one."""
    known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    return ",".join(dict.fromkeys([*filter(None, known.split(",")), host]))
