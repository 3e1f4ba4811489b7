"""The explanations' part of the job's report: a bar a feature, and a line a feature's dependence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

WIDTH, HEIGHT = 240, 80  # of a curve's own coordinates
EDGE: Final = 4


def explanations(analysis: Mapping[str, Any]) -> str:
    """Return the sections on an analysis's explanations; nothing where it has none."""
    found = analysis.get("explanations", {})
    return _shap(found.get("kernel_shap", {}), analysis) + _dependence(found.get("pdp", ()))


def _shap(labels: Mapping[str, Any], analysis: Mapping[str, Any]) -> str:
    if not labels:
        return ""
    computed = analysis["computation"]
    parts = [
        "<h2>SHAP values</h2><p>What each feature contributes to the model's answers, over all rows; "
        f"{escape(computed['shap']['method'])}.</p>"
    ]
    for label, found in labels.items():
        parts.append(f"<h3>{escape(label)}, expected value {found['expected_value']:.4f}</h3>")
        parts.append(_bars(found["global_shap_values"]))
    return "\n".join(parts)


def _bars(values: Mapping[str, float]) -> str:
    most = max((abs(value) for value in values.values()), default=0) or 1.0
    ranked = sorted(values.items(), key=lambda item: -abs(item[1]))
    rows = "\n".join(_bar(name, value, abs(value) / most) for name, value in ranked)
    return (
        '<div class="wide"><table><thead><tr><th>Feature</th><th>Value</th><th></th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _bar(name: str, value: float, share: float) -> str:
    colour = "var(--bar)" if value >= 0 else "var(--minus)"
    shown = f"{value:.4g}".replace("-", "\N{MINUS SIGN}")
    return (
        f'<tr><td>{escape(name)}</td><td class="value">{shown}</td>'
        f'<td><svg viewBox="0 0 100 20" preserveAspectRatio="none" role="img" aria-label="{escape(name)} {value:.4g}">'
        f'<rect x="0" y="4" width="{100 * share:.2f}" height="12" rx="1" fill="{colour}"/></svg></td></tr>'
    )


def _dependence(found: Sequence[Mapping[str, Any]]) -> str:
    if not found:
        return ""
    head = "<h2>Partial dependence</h2><p>The mean answer when a feature has the same value in every row.</p>"
    return head + "\n".join(_curves(one) for one in found)


def _curves(found: Mapping[str, Any]) -> str:
    title = f"<h3>{escape(str(found['feature_name']))}</h3>"
    if "error" in found:
        return f"{title}<p>{escape(str(found['error']))}</p>"
    values, curves = found["feature_values"], found["model_predictions"]
    lowest, highest = min(map(min, curves)), max(map(max, curves))
    lines = "".join(
        f'<polyline points="{_points(values, curve, lowest, highest)}" fill="none" stroke="var(--bar)" '
        'stroke-width="1.5" vector-effect="non-scaling-stroke"/>'
        for curve in curves
    )
    said = f"{found['feature_name']}: answers from {lowest:.4g} to {highest:.4g}"
    return (
        f"{title}<p>{escape(str(values[0]))} to {escape(str(values[-1]))}; the mean answer goes from {lowest:.4g} to "
        f'{highest:.4g}.</p><svg class="curve" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(said)}">{lines}</svg>'
    )


def _points(values: Sequence[float], curve: Sequence[float], lowest: float, highest: float) -> str:
    across, up = (values[-1] - values[0]) or 1.0, (highest - lowest) or 1.0
    return " ".join(
        f"{EDGE + (WIDTH - 2 * EDGE) * (value - values[0]) / across:.1f},"
        f"{HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * (answer - lowest) / up:.1f}"
        for value, answer in zip(values, curve, strict=True)
    )
