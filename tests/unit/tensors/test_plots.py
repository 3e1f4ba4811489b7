"""Charts of what a training saved, as files."""

import re
import struct
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure
from specimen_tensors import plots
from specimen_tensors.series import Course

METRICS = Course((0, 5), {"train-rmse": (4.0, 3.0), "validation-rmse": (4.5, None), "train-ndcg@5-": (0.5, 0.75)})
SHAP = Course((0, 5), {f"_{number}": (0.0, 1.0 - number / 4) for number in range(20)})


def test_metrics_have_a_chart_each_with_a_line_for_each_part() -> None:
    assert plots.metrics(METRICS) == (
        plots.Chart("ndcg@5-", Course((0, 5), {"train": (0.5, 0.75)})),
        plots.Chart("rmse", Course((0, 5), {"train": (4.0, 3.0), "validation": (4.5, None)})),
    )
    assert plots.metrics(Course((), {})) == ()


def test_a_chart_says_where_its_lines_end() -> None:
    chart = plots.importance("total_gain", Course((0, 5), {"a\x1b": (0.25, 0.5), "b": (None, None)}))
    assert chart.spoken == "share of total gain by step; at the end: a\ufffd 0.5, b none"


def test_an_svg_is_wellformed_and_always_the_same() -> None:
    content = plots.picture(plots.metrics(METRICS), "svg")
    assert content == plots.picture(plots.metrics(METRICS), "svg")
    ElementTree.fromstring(content)  # noqa: S314 - our own text
    texts = re.findall(r">([^<>]+)</text>", content.decode())
    assert {"ndcg@5-", "rmse", " train", " validation", "step"} <= set(texts)


def test_a_png_has_room_for_all_charts() -> None:
    one, two = (plots.picture([plots.shap(SHAP)] * number, "png") for number in (1, 2))
    assert one[:8] == b"\x89PNG\r\n\x1a\n"
    (width, height), (same, twice) = (struct.unpack(">II", picture[16:24]) for picture in (one, two))
    assert (width, height) == (1470, 450)
    assert (same, twice) == (width, 2 * height)


@pytest.mark.parametrize("name", ["$x_1$", "_hidden", "列", "<b>", "a" * 60, "\x00\u202e"])
def test_any_name_stands_in_the_legend(name: str) -> None:
    content = plots.picture([plots.shap(Course((0,), {name: (1.0,), "other": (0.5,)}))], "svg")
    texts = [element.text or "" for element in ElementTree.fromstring(content).iter()]  # noqa: S314 - our own text
    (shown,) = (text for text in texts if text.startswith(" ") and text != " other")
    assert shown[1:4] == name[:3].replace("\x00", "\ufffd").replace("\u202e", "\ufffd")


def test_lines_are_told_apart_and_named_from_the_highest_down() -> None:
    axes = Figure().add_subplot()
    plots.draw(axes, plots.shap(SHAP))
    lines = axes.get_lines()[1:]  # after the level
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 20
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [f" _{number}" for number in range(20)]
