"""How the endpoint answered the test part: its errors, its pace, and whether the batch transform job agrees."""

from collections.abc import Iterator, Mapping, Sequence
from math import isclose
from typing import Any

from specimen_pages.markup import Markup, facts, joined, table, tag

from specimen_components.figures import short
from specimen_components.report import plots
from specimen_components.report.model import Found, Report, Trial
from specimen_components.report.numbers import duration, figure, share
from specimen_components.report.results import endpoint, hosted
from specimen_components.report.sections.confused import confused
from specimen_components.report.sections.confusion import confusion_and_roc
from specimen_components.report.sections.errors import errors
from specimen_components.report.sections.metrics import metrics
from specimen_components.report.sections.parts import class_names, code, details, why_absent

_NAME = "endpoint"  # tells this chapter's pictures from those of a trial
_LATENCIES = {"mean": "mean", "p50": "50%", "p90": "90%", "p95": "95%", "p99": "99%", "max": "slowest"}
_ALIKE = 1e-6  # of a figure: answers are texts of 32-bit numbers


def verification(report: Report) -> Markup:
    """Give what `verify` found."""
    if (nothing := why_absent(report.hosting, "verify", "hosting.verify")) is not None:
        return nothing
    section = report.hosting["verify"]
    found = details(section)
    behind = [trial for name in hosted(report) for trial in report.trials if trial.name == name]
    names = _names(found, behind)
    return joined(
        _facts(section.outputs, found),
        *_figures(found, behind),
        *(tag("p", note, class_="missing") for note in found.get("notes") or ()),
        confusion_and_roc(_NAME, names, found),
        errors(_NAME, found["rows"], found["residuals"]) if found.get("residuals") else None,
        _confused(found, names, behind),
        *_pace(found),
        *_by_variant(report, found),
    )


def _names(found: Found, behind: Sequence[Trial]) -> list[str]:
    """Give the classes' own names, if all trials behind the endpoint have the same ones."""
    known = [class_names(trial, found.get("classes") or ()) for trial in behind]
    return (
        known[0]
        if known and all(names == known[0] for names in known)
        else class_names(None, found.get("classes") or ())
    )


def _facts(outputs: Mapping[str, Any], found: Found) -> Markup:
    report = outputs.get("report")
    return facts(
        {
            "Endpoint": code(found["endpoint"]) if found.get("endpoint") else None,
            "Test rows": figure(found.get("rows")),
            "Requests": f"{figure(found.get('requests'))}, of up to {figure(found.get('batch'))} rows each",
            "Threshold": figure(found["threshold"]) if found.get("type") == "binary" else None,
            "Raw figures": tag("a", code(report), href=str(report)) if report else None,
        }
    )


def _figures(found: Found, behind: Sequence[Trial]) -> Iterator[Markup]:
    """Yield the endpoint's figures, and beside them those of the batch transform jobs of the same models."""
    judged = {trial.name: details(trial.sections["evaluate"]) for trial in behind if "evaluate" in trial.sections}
    judged = {name: evaluation for name, evaluation in judged.items() if evaluation}
    columns = {_column(name, len(judged)): _with_error(evaluation) for name, evaluation in judged.items()}
    yield metrics(str(found.get("type")), {"Endpoint": _with_error(found), **columns})
    if len(judged) == len(behind) == 1:
        yield _agreement(found, *judged.values())
    elif judged:
        yield tag("p", "The endpoint's figures are those of all its variants together.")


def _column(trial: str, several: int) -> str:
    return "Batch transform" if several == 1 else f"Batch transform, {trial}"


def _with_error(found: Found) -> dict[str, Any]:
    """Give the metrics, and the error rate where rows have classes."""
    wrong = {"error": 1 - found["metrics"]["accuracy"]} if found["metrics"].get("accuracy") is not None else {}
    return {**wrong, **found["metrics"]}


def _agreement(found: Found, evaluation: Found) -> Markup:
    """Say whether the endpoint and the batch transform job have answered alike."""
    apart = _apart(found, evaluation)
    verdict = tag("span", "differ" if apart else "agree", class_=f"badge {'bad' if apart else 'good'}")
    return tag(
        "p", "The endpoint and the batch transform job ", verdict, f": {apart}." if apart else " on the test part."
    )


def _apart(found: Found, evaluation: Found) -> str | None:
    """Say how they differ: by rows, by answers, or else by figures; None where they do not."""
    if found["rows"] != evaluation["rows"]:
        return f"the endpoint was sent {figure(found['rows'])} rows, the job {figure(evaluation['rows'])}"
    pairs = zip(_cells(found), _cells(evaluation), strict=False)
    if moved := sum(abs(here - there) for here, there in pairs) // 2:
        return f"at least {figure(moved)} of {figure(found['rows'])} rows were answered otherwise"
    both = found["metrics"].keys() & evaluation["metrics"].keys()
    far = sorted(name for name in both if not _alike(found["metrics"][name], evaluation["metrics"][name]))
    return f"see {', '.join(far)}" if far else None


def _cells(found: Found) -> list[int]:
    return [count for row in found.get("confusion") or () for count in row]


def _alike(here: float | None, there: float | None) -> bool:
    if here is None or there is None:
        return here is there
    return isclose(here, there, rel_tol=_ALIKE, abs_tol=_ALIKE)


def _confused(found: Found, names: Sequence[str], behind: Sequence[Trial]) -> Markup | None:
    """Give the confused classes; of trials with data of their own each has its test part, and its columns."""
    named = dict(zip(map(str, found.get("classes") or ()), names, strict=True))
    tests = {((trial.manifest.get("parts") or {}).get("test") or {}).get("uri") for trial in behind}
    columns = {tuple(trial.manifest.get("columns") or ())[1:] for trial in behind}
    return confused(
        found.get("confused") or (),
        named,
        columns.pop() if len(columns) == 1 else (),
        tests.pop() if len(tests) == 1 else None,
    )


def _pace(found: Found) -> Iterator[Markup]:
    """Yield how fast it answered, seen from the client."""
    latencies = found.get("latency_ms") or {}
    known = {said: latencies[key] for key, said in _LATENCIES.items() if latencies.get(key) is not None}
    yield tag("h3", "Latency and throughput")
    yield facts(
        {
            "Rows per second": _rate(found.get("rows_per_second")),
            "Took": duration(found.get("seconds")),
            "Requests at a time": figure(found.get("concurrency")),
            "Retries": figure(found.get("retries")),
        }
    )
    if known:
        said = "How long requests took: the mean, the time within which so many of them were answered, and the slowest."
        yield tag("p", said)
        yield tag("div", plots.bars(f"latency-{_NAME}", known, "milliseconds"), class_="plots")


def _rate(value: float | None) -> str:
    return figure(None) if value is None else short(value)


def _by_variant(report: Report, found: Found) -> Iterator[Markup]:
    """Yield how many rows each variant answered, if there are several."""
    counts = found.get("variants") or {}
    if len(counts) < 2:
        return
    trials = {one["name"]: one.get("trial") for one in endpoint(report).get("variants") or ()}
    rows = [
        (code(name), trials.get(name), figure(count), share(count, sum(counts.values())))
        for name, count in sorted(counts.items())
    ]
    yield tag("h3", "Rows by variant")
    yield table(("Variant", "Trial", "Rows", "Share"), rows)
