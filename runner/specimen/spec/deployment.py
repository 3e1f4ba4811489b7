"""Whether an endpoint's update is one that SageMaker makes: blue/green with its traffic, or rolling."""

from collections.abc import Iterator
from math import ceil

from specimen.spec.document import Path
from specimen.spec.findings import Finding
from specimen.spec.units import duration, seconds
from specimen.spec.view import View

SECTION: Path = ("hosting", "deployment")
LEAST = {"canary": 1, "linear": 10, "rolling": 5}  # percent; at most 50 of each
LONGEST_WAIT = 3_600  # seconds (botocore)
SHORTEST, LONGEST = 600, 28_800  # seconds of the whole update (botocore)


def deployment_rules(view: View) -> Iterator[Finding]:
    """Every finding about how an endpoint is updated.

    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html
    """
    kind, size = view.text(*SECTION, "type"), view.number(*SECTION, "size")
    if kind is None:
        return
    if size is not None and size < LEAST.get(kind, 1):
        message = f"`type: {kind}` goes on by at least {LEAST[kind]} percent, and `size` is {size:g}"
        yield view.finding("deployment-size", (*SECTION, "size"), message, hint=f"write {LEAST[kind]} to 50")
    if kind == "rolling":
        yield from _rolling(view)
    yield from _times(view, kind, size)


def _rolling(view: View) -> Iterator[Finding]:
    serverless = view.document.has(("hosting", "serverless"))
    if serverless or len(view.items("hosting", "variants")) > 1:
        what = "serverless endpoints" if serverless else "endpoints of several variants"
        message = f"AWS has no rolling update of {what}"
        yield view.finding("rolling-endpoint", (*SECTION, "type"), message, hint="take all, canary or linear")
    if view.document.has((*SECTION, "terminateAfter")):
        message = "`terminateAfter` can't stand here: a rolling update ends each old instance as it goes on"
        yield view.finding("key-in-the-way", (*SECTION, "terminateAfter"), message, hint="remove it", key=True)


def _times(view: View, kind: str, size: float | None) -> Iterator[Finding]:
    for key in ("wait", "terminateAfter"):
        text = view.text(*SECTION, key)
        if text and seconds(text) > LONGEST_WAIT:
            message = f"`{key}` {text} is more than AWS allows"
            yield view.finding("out-of-range", (*SECTION, key), message, hint=f"at most {duration(LONGEST_WAIT)}")
    text = view.text(*SECTION, "maxRuntime")
    if text is None:
        yield from _endless(view, kind, size)
        return
    if not SHORTEST <= seconds(text) <= LONGEST:
        wrong = "less" if seconds(text) < SHORTEST else "more"
        message = f"`maxRuntime` {text} is {wrong} than AWS allows for an update"
        hint = f"at least {duration(SHORTEST)} and at most {duration(LONGEST)}"
        yield view.finding("out-of-range", (*SECTION, "maxRuntime"), message, hint=hint)
    elif (least := _least(view, kind, size)) >= seconds(text):
        message = f"`maxRuntime` {text} is over before the update can be: its waits alone are {duration(least)}"
        hint = "write more, or shorten the waits"
        yield view.finding("deployment-time", (*SECTION, "maxRuntime"), message, hint=hint)


def _endless(view: View, kind: str, size: float | None) -> Iterator[Finding]:
    """No `maxRuntime` that AWS takes would be enough."""
    if (least := _least(view, kind, size)) >= LONGEST:
        message = f"the update would wait for {duration(least)}, and AWS gives it up after {duration(LONGEST)} at most"
        hint = "shorten `wait` and `terminateAfter`, or write a larger `size`"
        yield view.finding("deployment-time", SECTION, message, hint=hint, key=True)


def _least(view: View, kind: str, size: float | None) -> int:
    """The seconds that an update waits in all."""
    wait, stay = (seconds(view.text(*SECTION, key) or "0s") for key in ("wait", "terminateAfter"))
    waits = {"canary": 1, "all": 0}.get(kind, ceil(100 / size) - 1 if size else 0)
    return wait * waits + stay
