"""Charts and the lineage: text as text, the same bytes each time, nothing from outside."""

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from specimen_components.report import picture, plots
from specimen_pages.markup import Markup

NASTY = "<script>$x_1$</script>\x01"
GRAPH: dict[str, Any] = {
    "nodes": [
        {"arn": "a", "name": NASTY, "type": "Dataset"},
        {"arn": "b", "name": "a-name-that-is-much-too-long-for-its-box", "type": "TrainingJob"},
        {"arn": "c", "name": "model", "type": "Model"},
    ],
    "edges": [
        {"source": "a", "destination": "b", "type": "ContributedTo"},
        {"source": "b", "destination": "c", "type": "Produced"},
        {"source": "x", "destination": "c", "type": "Produced"},
    ],
}
DRAWN: dict[str, Callable[[], Markup]] = {
    "bars": lambda: plots.bars("n", {NASTY: 3.0, "b" * 60: 1.0}, "gain"),
    "curves": lambda: plots.learning_curves("n", NASTY, {"train": [0.5, None, 0.4], "test": [None], "none": []}),
    "roc": lambda: plots.roc("n", [0.0, 0.2, 1.0], [0.0, 0.8, 1.0], 0.8),
    "roc without auc": lambda: plots.roc("n", [0.0, 1.0], [0.0, 1.0], None),
    "lineage": lambda: picture.lineage("n", GRAPH),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_wellformed_harmless_and_always_the_same(name: str) -> None:
    text = DRAWN[name]()
    assert text == DRAWN[name]()
    ElementTree.fromstring(text)  # noqa: S314 - our own text
    assert "<script" not in text
    assert not re.search(r"(?:href|src)=\"(?!#)", text)
    assert "<style" not in text
    assert "font-family" not in text


def test_text_in_a_chart_can_be_read_and_a_dollar_is_a_dollar() -> None:
    text = DRAWN["bars"]()
    assert ">&lt;script&gt;$x_1$&lt;/script&gt;\ufffd</text>" in text
    assert f">{'b' * 25}…</text>" in text
    assert ">gain</text>" in text


def test_large_figures_are_written_out_and_rounds_are_whole() -> None:
    assert ">21,990</text>" in plots.bars("n", {"a": 21990.2, "b": 12.5}, "gain")
    assert ">12.5</text>" in plots.bars("n", {"a": 21990.2, "b": 12.5}, "gain")
    rounds = plots.learning_curves("n", "rmse", {"train": [1.0 / (index + 1) for index in range(20)]})
    assert ">15</text>" in rounds
    assert ">7.5</text>" not in rounds


def test_two_charts_share_no_reference() -> None:
    ids = [set(re.findall(r'id="([^"]+)"', plots.bars(name, {"a": 1.0}, "gain"))) for name in ("one", "two")]
    assert not ids[0] & ids[1]


def test_the_machines_own_style_does_not_show(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    before = DRAWN["bars"]()
    import matplotlib as mpl

    monkeypatch.setitem(mpl.rcParams, "axes.labelsize", 40)
    assert DRAWN["bars"]() == before


def test_a_curve_says_its_ends_to_who_cannot_see_it() -> None:
    text = plots.learning_curves("n", "auc", {"train": [0.5, 0.75], "validation": [0.5, 0.625]})
    assert 'aria-label="auc by boosting round; at the end: train 0.75, validation 0.625"' in text


def boxes(text: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r'<rect x="([\d.]+)" y="([\d.]+)"', text)]


def test_a_lineage_goes_from_left_to_right() -> None:
    text = picture.lineage("n", GRAPH)
    places = boxes(text)
    assert [x for x, _ in places] == sorted({x for x, _ in places})
    assert text.count("marker-end") == 2
    assert "Dataset" in text
    assert "a-name-that-…-for-its-box" in text
    assert "TrainingJob a-name-that-is-much-too-long-for-its-box Produced Model model" in text


def test_a_box_holds_the_longest_name_of_wide_letters() -> None:
    names = re.findall(r'class="name">([^<]+)<', picture.lineage("n", GRAPH))
    (width,) = set(re.findall(r'<rect [^>]*width="(\d+)"', picture.lineage("n", GRAPH)))
    assert len(names[1]) == 25
    assert int(width) > 25 * 7.7 + 10


def test_several_sources_stand_below_each_other() -> None:
    nodes = [{"arn": arn, "name": arn, "type": "Dataset"} for arn in "abc"]
    edges = [{"source": arn, "destination": "c", "type": "ContributedTo"} for arn in "ab"]
    (x1, y1), (x2, y2), (x3, y3) = boxes(picture.lineage("n", {"nodes": nodes, "edges": edges}))
    assert x1 == x2 < x3
    assert y1 < y3 < y2


def test_a_circle_ends() -> None:
    nodes = [{"arn": arn, "name": arn, "type": "Model"} for arn in "ab"]
    edges = [{"source": s, "destination": d, "type": "T"} for s, d in ("ab", "ba", "aa")]
    assert len(boxes(picture.lineage("n", {"nodes": nodes, "edges": edges}))) == 2
