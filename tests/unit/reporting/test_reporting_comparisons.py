"""Runs and trials beside each other, in every format to the letter."""

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from specimen.reporting.comparisons import FORMATS, TOP, Comparison, as_html, as_json, as_markdown, as_table, compare


def group(kind: str, title: str, *rows: tuple[Any, ...]) -> dict[str, Any]:
    """A group of (name, value, ideal, note), the last ones absent at will."""
    named = [dict(zip(("name", "value", "ideal", "note"), row, strict=False)) for row in rows]
    return {"kind": kind, "title": title, "rows": named}


ONE = [
    group("outcome", "Outcome", ("gates", "hold")),
    group("hyperparameters", "Hyperparameters", ("eta", "0.2"), ("max_depth", "5"), ("objective", "binary:logistic")),
    group("evaluation", "Test part", ("test:auc", 0.75, 1), ("test:rmse", 12345.6, 0), ("test:odd", 0.5)),
    group("bias", "Bias of the predictions: SEX = 1", ("DI", 0.9, 1), ("TE", "Infinity", 0), ("GE", None, 0)),
    group("shap", "SHAP values", ("AGE", 0.3), ("SEX", -0.2)),
]
TWO = [
    group("outcome", "Outcome", ("gates", "fail", None, "test:auc is 0.7, 0.05 too low")),
    group("hyperparameters", "Hyperparameters", ("eta", "0.3"), ("max_depth", "5"), ("alpha", "1")),
    group("evaluation", "Test part", ("test:auc", 0.7, 1), ("test:rmse", 12345.6, 0), ("test:odd", 0.75)),
    group("bias", "Bias of the predictions: SEX = 1", ("DI", 1.05, 1), ("TE", 2.0, 0), ("GE", 0.1, 0)),
    group("shap", "SHAP values", ("AGE", 0.1)),
]


@pytest.fixture
def comparison() -> Comparison:
    """Two trials of which the second is less good and more even."""
    return compare([("one", ONE), ("two", TWO)])


def test_the_table(comparison: Comparison) -> None:
    assert as_table(comparison) == (
        """\
             one              two

Outcome
  gates      hold             fail

Hyperparameters
  eta        0.2              0.3     +0.1000
  objective  binary:logistic  -
  alpha      -                1

Test part
  test:auc   0.7500           0.7000  -0.0500 worse
  test:rmse  12,346           12,346  =
  test:odd   0.5000           0.7500  +0.2500

Bias of the predictions: SEX = 1
  DI         0.9000           1.0500  +0.1500 better
  TE         Infinity         2.0000
  GE         undefined        0.1000

SHAP values
  AGE        0.3000           0.1000  -0.2000
  SEX        -0.2000          -

two: gates: fail (test:auc is 0.7, 0.05 too low)
differences are from one; settings, data and hyperparameters that are equal are left out
"""
    )


def test_the_markdown(comparison: Comparison) -> None:
    text = as_markdown(comparison)
    assert text.startswith("# one, two\n\n## Outcome\n\n|  | one | two |\n| --- | --- | --- |\n| gates | hold | fail (")
    assert "\n| test:auc | 0.7500 | 0.7000 -0.0500 worse |\n" in text
    assert "\n| eta | 0.2 | 0.3 +0.1000 |\n" in text
    assert "max" not in text
    assert text.endswith("Differences are from one; settings, data and hyperparameters that are equal are left out.\n")


def test_the_json_holds_all_lines_in_one_order(comparison: Comparison) -> None:
    document = json.loads(as_json(comparison))
    assert list(document) == ["compared", "sections"]
    assert document["compared"] == ["one", "two"]
    sections = {section["title"]: section["rows"] for section in document["sections"]}
    assert list(sections) == [group["title"] for group in ONE]
    assert [row["name"] for row in sections["Hyperparameters"]] == ["eta", "max_depth", "objective", "alpha"]
    assert sections["Hyperparameters"][0]["differences"] == [None, 0.1]
    assert list(sections["Test part"][0].items()) == [
        ("name", "test:auc"),
        ("ideal", 1),
        ("values", [0.75, 0.7]),
        ("differences", [None, -0.05]),
        ("better", [None, False]),
        ("notes", [None, None]),
    ]
    assert sections["Bias of the predictions: SEX = 1"][1]["values"] == ["Infinity", 2.0]
    assert sections["Bias of the predictions: SEX = 1"][1]["differences"] == [None, None]
    assert sections["SHAP values"][1]["values"] == [-0.2, None]


def test_the_html(comparison: Comparison) -> None:
    text = as_html(comparison)
    assert "<h1>one, two</h1>" in text
    assert (
        '<tr><th scope="row">test:auc</th><td>0.7500</td><td>0.7000<small class="worse">-0.0500 worse</small>' in text
    )
    assert "<td>fail<small>test:auc is 0.7, 0.05 too low</small></td>" in text
    assert "http" not in text


def test_sections_stand_in_the_order_of_their_kinds_whoever_has_them() -> None:
    late = group("bias", "Bias of the training data: SEX = 1", ("CI", 0.1, 0))
    found = compare([("one", [ONE[2], ONE[3], ONE[4]]), ("two", [TWO[2], late, TWO[3]])])
    assert [section.title for section in found.sections] == [
        "Test part",
        "Bias of the predictions: SEX = 1",
        "Bias of the training data: SEX = 1",
        "SHAP values",
    ]
    assert [cell and cell.value for cell in found.sections[2].lines[0].cells] == [None, 0.1]


def test_of_many_features_people_see_the_largest() -> None:
    features = [(f"f{index:02}", index / 100) for index in range(TOP + 5)]
    found = compare([("one", [group("shap", "SHAP values", *features)]), ("two", [])])
    text = as_table(found)
    assert f"SHAP values (the {TOP} largest of {TOP + 5})" in text
    assert "f14" in text
    assert "f04" not in text
    assert "f04" in as_json(found)


def test_what_is_equal_everywhere_is_left_out_of_settings() -> None:
    same = group("data", "Data", ("training rows", 4200), ("test rows", 900))
    more = group("data", "Data", ("training rows", 4948), ("test rows", 900))
    text = as_table(compare([("one", [same]), ("two", [more]), ("three", [same])]))
    assert "  training rows  4,200  4,948  +748  4,200  =\n" in text
    assert "test rows" not in text
    assert "Data" not in as_table(compare([("one", [same]), ("two", [same])]))


def test_of_one_without_settings_none_were_made_and_of_one_without_data_nothing_is_known() -> None:
    made = group("settings", "Set by the trial", ("dataset.balance.facet", "SEX"))
    data = group("data", "Data", ("training rows", 4200))
    text = as_table(compare([("one", [made, data]), ("two", [made, data]), ("three", [])]))
    assert "  dataset.balance.facet  SEX  SEX  -\n" in text
    assert "training rows" not in text


def test_a_long_name_takes_the_place_of_figure_and_difference() -> None:
    first, second, _ = as_table(compare([("n" * 30, [ONE[2]]), ("m" * 30, [TWO[2]])])).split("\n", 2)
    assert first == " " * 13 + "n" * 30 + "  " + "m" * 30
    assert second == ""


def test_a_long_value_is_cut_in_its_middle() -> None:
    source = group("data", "Data", ("source", "s3://bucket/" + "0" * 64 + "/table.csv"))
    other = group("data", "Data", ("source", "s3://b/t.csv"))
    text = as_table(compare([("one", [source]), ("two", [other])]))
    assert "  s3://bucket/0000000…0000000000/table.csv  s3://b/t.csv" in text
    assert "0" * 64 in as_markdown(compare([("one", [source]), ("two", [other])]))


NASTY = "<script>|\x1b]0;x\x07&\u202e*_`"


class Elements(HTMLParser):
    """Gathers the elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)


@pytest.mark.parametrize("form", FORMATS)
def test_no_text_does_harm(form: str) -> None:
    """Names and values may come from tables and logs: nothing of them steers a terminal or becomes markup."""
    groups = [group(kind, NASTY, (NASTY, NASTY, None, NASTY)) for kind in ("outcome", "evaluation", "hyperparameters")]
    text = FORMATS[form](compare([(NASTY, groups), ("two", [])]))
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    if form == "html":
        parser = Elements()
        parser.feed(text)
        assert "script" not in parser.seen
    if form == "markdown":
        assert "<script" not in text
        rows = [line.replace("\\|", "") for line in text.splitlines() if line.startswith("|")]
        assert {row.count("|") for row in rows} == {4}
