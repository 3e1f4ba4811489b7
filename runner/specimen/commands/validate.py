"""`specimen validate`."""

from collections.abc import Sequence
from pathlib import Path

import click

from specimen.commands import saying
from specimen.commands.ending import End
from specimen.commands.options import FORMAT
from specimen.errors import UsageError
from specimen.reporting import findings as findings_report
from specimen.spec.check import check_file
from specimen.spec.findings import Finding, Severity


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@FORMAT
def validate(paths: Sequence[Path], form: str) -> End:
    """Check experiments and targets; a folder stands for every YAML file in it."""
    documents = [file for path in paths for file in _files(path)]
    found = tuple(finding for file in documents for finding in check_file(file)[1])
    if form == "json":
        click.echo(findings_report.as_json(found), nl=False)
    else:
        click.echo(findings_report.as_text(found), nl=False)
        click.echo(_verdict(found, documents))
    return End.WRONG if _errors(found) else End.CLEAN


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for pattern in ("*.yaml", "*.yml") for file in path.glob(pattern))
    if not found:
        raise UsageError(f"no YAML file in {path}", hint="name a file, or a folder that holds some")
    return found


def _errors(found: Sequence[Finding]) -> int:
    return sum(finding.severity is Severity.ERROR for finding in found)


def _verdict(found: Sequence[Finding], documents: Sequence[Path]) -> str:
    errors = _errors(found)
    files, warnings = saying.count(len(documents), "file"), saying.count(len(found) - errors, "warning")
    return f"{files}: {saying.count(errors, 'error')}, {warnings}"
