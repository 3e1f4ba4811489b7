"""The steps: states, times, and the AWS resources that they own."""

from specimen_pages.markup import Child, Markup, joined, table, tag

from specimen_components.report.model import Outcome, Report, Step
from specimen_components.report.numbers import duration
from specimen_components.report.sections.parts import code

_CLASSES = {Outcome.SUCCEEDED: "good", Outcome.SKIPPED: "quiet", Outcome.NOT_STARTED: "quiet"}


def steps(report: Report) -> Markup:
    """Give a row for each step, in the plan's order."""
    everybody = len(report.trials)
    rows = (_row(step, everybody) for step in report.steps)
    return table(("Step", "State", "Time", "Resource"), rows, class_="steps")


def _row(step: Step, everybody: int) -> tuple[Child, ...]:
    state = tag("span", step.outcome.value, class_=f"badge {_CLASSES.get(step.outcome, 'bad')}")
    some = 1 < len(step.trials) < everybody  # of one trial alone the ID says it
    name = joined(step.id, tag("small", f"for {', '.join(step.trials)}")) if some else step.id
    return name, state, duration(step.seconds), _resource(step)


def _resource(step: Step) -> Child:
    if not (resource := step.resource):
        return None
    name: Child = code(resource["name"])
    if (console := resource.get("console")) and str(console).startswith("https://"):
        name = tag("a", name, href=console, rel="noopener noreferrer")
    return [f"{resource['type']} ", name, f" ({resource['how']})"]
