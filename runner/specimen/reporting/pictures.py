"""Charts of saved tensors, as the bytes of a PNG or an SVG."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from specimen.errors import MissingExtra, SpecimenError, UsageError

if TYPE_CHECKING:
    from specimen_tensors.plots import Chart
    from specimen_tensors.series import Series

KINDS = {"metrics": ("metrics", "metrics"), "shap": ("average SHAP values", "average_shap")}  # and their collections
FORMS = {".png": "png", ".svg": "svg"}  # by the ending of the file's name
GAIN = "gain"  # the type of importance that most people mean
TOP = 8  # features: as many as there are colours


def form(output: Path | None, kind: str, by: str | None, steps: Sequence[int | str]) -> str:
    """The form of a picture's file, by its name.

    Raises:
        UsageError: no file is named, or one of another kind; or something is asked for that is not drawn.
    """
    if steps:
        raise UsageError("a picture shows all steps", hint="leave --step out")
    if by and kind != "importance":
        raise UsageError(f"--by is a type of importance, and {kind} have none", hint="leave --by out")
    if output is None or output.suffix.lower() not in FORMS:
        what = "a picture needs a file" if output is None else f"{output} is no name of a picture's file"
        raise UsageError(what, hint="name it with -o, and let it end in .png or .svg")
    return FORMS[output.suffix.lower()]


def draw(series: "Series", kind: str, where: str, form: str) -> bytes:
    """Draw metrics, average SHAP values, or importance of the type that `kind` names, by step.

    Raises:
        SpecimenError: nothing of the kind was saved.
        MissingExtra: matplotlib is not installed.
    """
    from specimen_tensors import plots

    charts = _charts(series, kind)
    if not charts:
        what, collection = KINDS.get(kind, (f"importance by {kind}", "feature_importance"))
        raise SpecimenError(
            f"{where} holds no {what}",
            hint=f"let the spec collect them: `debugger: {{collect: {{{collection}: 5}}}}`",
        )
    try:
        return plots.picture(charts, form)
    except ImportError as error:
        raise MissingExtra("drawing needs the `local` extra", hint="pip install 'specimen-ml[local]'") from error


def _charts(series: "Series", kind: str) -> "tuple[Chart, ...]":
    from specimen_tensors import plots

    if kind == "metrics":
        return plots.metrics(series.metrics)
    if kind == "shap":
        return (plots.shap(series.shap),) if series.shap.values else ()
    found = series.importance.get(kind)
    return (plots.importance(kind, found),) if found else ()
