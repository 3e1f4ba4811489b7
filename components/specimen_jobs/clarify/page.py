"""The job's report for people: one HTML file that needs nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, Final

from specimen_jobs.clarify.bias import Label, favorable_text
from specimen_jobs.clarify.explanations.page import explanations
from specimen_jobs.clarify.metrics import METRICS

if TYPE_CHECKING:
    import pandas as pd

HEADINGS: Final = {
    "pre_training_bias_metrics": ("Pre-training bias", "What the data says, before any model."),
    "post_training_bias_metrics": ("Post-training bias", "What the model answers to the same rows."),
}
MEANINGS: Final = {metric.name: metric.meaning for metric in METRICS}
PARITY: Final = {"DI": 1.0}  # every other metric is 0 at parity
STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b2733; --soft: #5d6b7a; --line: #dde3ea; --bar: #2f6fb0; --minus: #b0562f;
  --page: #fff; --card: #f6f8fa; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa7b4; --line: #30363d; --bar: #6aa9e9;
  --minus: #e59a6a; --page: #0d1117; --card: #161b22; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 62rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 0 0 1rem; font-size: 1.8rem; }
h2 { margin: 2.5rem 0 0; font-size: 1.3rem; }
h3 { margin: 1.5rem 0 .5rem; font-size: 1.05rem; }
p { margin: .25rem 0; color: var(--soft); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 0; }
dl div { padding: .6rem .8rem; background: var(--card); border-radius: .5rem; }
dt { color: var(--soft); font-size: .8rem; }
dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .5rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--soft); font-size: .8rem; font-weight: 600; }
td.value { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
td small { display: block; color: var(--soft); }
svg { display: block; width: 7rem; height: 1.4rem; }
svg.curve { width: 30rem; max-width: 100%; height: 10rem; background: var(--card); }
@media print { body { max-width: none; padding: 0; } tr { break-inside: avoid; } }
"""


def page(analysis: Mapping[str, Any], title: str, table: pd.DataFrame, label: Label | None) -> str:
    """Return the report on an analysis of a table."""
    sections = "".join(
        _section(heading, lead, analysis[key]) for key, (heading, lead) in HEADINGS.items() if key in analysis
    )
    facts = {
        "Rows": f"{len(table):,}",
        "Columns": str(table.shape[1]),
        **({"Label": label.name, "Favorable": favorable_text(label)} if label else {}),
    }
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head>\n<body><h1>{escape(title)}</h1>{_facts(facts)}{explanations(analysis)}{sections}</body></html>\n"
    )


def _facts(facts: Mapping[str, str]) -> str:
    cells = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts.items())
    return f"<dl>{cells}</dl>"


def _section(heading: str, lead: str, section: Mapping[str, Any]) -> str:
    parts = [f"<h2>{escape(heading)}</h2><p>{escape(lead)}</p>"]
    for facet, reports in section["facets"].items():
        for report in reports:
            what = f"{facet}: {report['value_or_threshold']} against the rest"
            parts.append(f"<h3>{escape(what)}</h3>{_table(report['metrics'])}")
    return "\n".join(parts)


def _table(metrics: Sequence[Mapping[str, Any]]) -> str:
    rows = "\n".join(_row(metric) for metric in metrics)
    return (
        '<div class="wide"><table><thead><tr><th>Metric</th><th>Value</th><th>From parity</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(metric: Mapping[str, Any]) -> str:
    name, value = metric["name"], metric["value"]
    note = metric.get("error") or MEANINGS[name]
    shown = "none" if value is None else f"{float(value):.4f}".replace("inf", "∞").replace("-", "\N{MINUS SIGN}")
    return (
        f"<tr><td><strong>{escape(name)}</strong> {escape(_title(metric))}<small>{escape(note)}</small></td>"
        f'<td class="value">{shown}</td><td>{_bar(name, value)}</td></tr>'
    )


def _title(metric: Mapping[str, Any]) -> str:
    return str(metric["description"]).removesuffix(f" ({metric['name']})")


def _bar(name: str, value: float | str | None) -> str:
    """Return a bar from the middle, where there is parity, cut at a distance of 1."""
    if value is None:
        return ""
    distance = max(-1.0, min(1.0, float(value) - PARITY.get(name, 0.0)))
    width = abs(distance) * 50
    start = 50 if distance >= 0 else 50 - width
    colour = "var(--bar)" if distance >= 0 else "var(--minus)"
    described = "infinite" if math.isinf(float(value)) else f"{float(value):.4f}"
    return (
        f'<svg viewBox="0 0 100 20" preserveAspectRatio="none" role="img" aria-label="{escape(name)} {described}">'
        f'<rect x="{start:.2f}" y="4" width="{width:.2f}" height="12" rx="1" fill="{colour}"/>'
        '<rect x="49.6" y="0" width=".8" height="20" fill="var(--soft)"/></svg>'
    )
