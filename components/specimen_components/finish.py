"""The end of a run, whatever has become of it: jobs left going are stopped, what is not to be kept is deleted, and the
report is written.

It fails when a step failed or a gate did not hold, so that the run does; a step without a record did not start.
"""

import platform
import sys
from collections.abc import Sequence
from importlib import metadata

from specimen_components import leftovers, siblings, storage
from specimen_components.command import Call, Result, run
from specimen_components.hosting import ending
from specimen_components.interface import FINISH
from specimen_components.problems import Failure
from specimen_components.progress import say
from specimen_components.report.collect import collect
from specimen_components.report.model import Report, Trouble
from specimen_components.report.page import page
from specimen_components.report.results import results

_SHOWN = ("specimen-ml", "boto3", "pandas", "scikit-learn", "imbalanced-learn", "xgboost-cpu", "xgboost", "matplotlib")


def work(call: Call) -> Result:
    """Tidy up, write ``report.html`` beside the records, and fail if the run did."""
    left = leftovers.stop(call)
    for line in (*left.stopped, *left.problems):
        say(line)
    ended = _ended(call)
    report = collect(
        call.run,
        call.mapping("experiment"),
        siblings.records(call),
        versions=versions(),
        notes=(*left.stopped, *left.problems),
        deleted=ended.deleted,
        undeleted=ended.problems,
    )
    text = page(report)
    uri = storage.joined(siblings.folder(call), "report.html")
    call.ask(lambda: storage.write(call.aws, uri, text.encode(), "text/html; charset=utf-8"))
    say(f"report: {uri}")
    return Result(
        {},
        artifacts={"report": text},
        details={
            "report": uri,
            "stopped": list(left.stopped),
            "deleted": list(ended.deleted),
            "results": results(report),
        },
        failure=None if report.ok else failure(report, None if call.aws.environment.local else uri),
    )


def _ended(call: Call) -> ending.Ended:
    """Delete the endpoint that is not to be kept."""
    asked = call.mapping("experiment")
    match asked.get("hosting"):
        case {"name": str(name), "keep": False}:
            return ending.end(call, str(asked["name"]), name)
        case _:
            return ending.Ended()


def failure(report: Report, uri: str | None) -> Failure:
    """Say why the run failed: every cause in a line, and where to read more, which a local run says itself."""
    causes = [_line(trouble) for trouble in report.troubles]
    more = f"The report: {uri}" if uri else ""
    return Failure("the run failed: " + "; ".join(causes), hint=f"{_hint(report.troubles)}{more}".strip() or None)


def _line(trouble: Trouble) -> str:
    return f"{trouble.where}: {trouble.what}"


def _hint(troubles: Sequence[Trouble]) -> str:
    return f"{troubles[0].hint} " if troubles[0].hint else ""


def versions() -> dict[str, str]:
    """Give the versions of what has computed the figures; what is not installed as a package is left out."""
    found = {"Python": platform.python_version()}
    for name in _SHOWN:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Run the component on a command line and give its exit code."""
    return run(FINISH, work, argv)


if __name__ == "__main__":
    sys.exit(main())
