"""The command line: the only place that turns the ends of commands, and errors, into exit codes.

What takes time to import is imported by the commands that need it: `validate` needs neither kfp nor boto3 nor pandas,
and is mostly start-up.
"""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from specimen.commands import saying
from specimen.commands.compare import compare
from specimen.commands.debug import debug
from specimen.commands.ending import End
from specimen.commands.endpoint import endpoint
from specimen.commands.lineage import lineage
from specimen.commands.local import local
from specimen.commands.planned import compile_, plan
from specimen.commands.run import run
from specimen.commands.validate import validate
from specimen.errors import Interrupted, InvalidSpec, SpecimenError, UsageError
from specimen.reporting import findings as findings_report
from specimen.text import printable

CLEAN, WRONG, USAGE, CHANGED, BUG, INTERRUPTED = 0, 1, 2, 3, 70, 130
ENDS = {End.CLEAN: CLEAN, End.WRONG: WRONG, End.CHANGED: CHANGED}


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="specimen-ml", prog_name="specimen")
def commands() -> None:
    """One YAML file describes a machine-learning experiment: checked, compiled to Kubeflow, run on a laptop."""


for command in (validate, plan, compile_, run, compare, debug, endpoint, lineage, local):
    commands.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command and exit with its code."""
    sys.exit(execute(arguments))


def execute(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give its exit code; whatever goes wrong is printed."""
    try:
        end = commands.main(args=arguments, prog_name="specimen", standalone_mode=False)
    except InvalidSpec as invalid:
        click.echo(findings_report.as_text(invalid.findings), nl=False, err=True)
        return WRONG
    except Interrupted as interruption:
        for line in (str(interruption), *interruption.stopped):
            click.echo(printable(line), err=True)
        click.echo("hint: run again to go on; what is done already is used", err=True)
        return INTERRUPTED
    except SpecimenError as error:
        saying.error(str(error), error.hint)
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
        saying.error("this is a bug in Specimen", "please report it, with the lines above, in Specimen's issue tracker")
        return BUG
    return ENDS[end] if isinstance(end, End) else CLEAN


if __name__ == "__main__":
    main()
