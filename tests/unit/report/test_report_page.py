"""The page: what it shows of a run, that it needs nothing else, and that nothing breaks out of it."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from specimen_components.report.biasmetrics import MEANINGS
from specimen_components.report.collect import collect
from specimen_components.report.numbers import duration, figure, share
from specimen_components.report.page import page

from tests.unit.report.hosted import hosted

VOID = {"meta", "br", "img"}


class Tags(HTMLParser):
    """Checks that every element is closed, and gathers elements, IDs and targets."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.ids += [str(value) for name, value in attrs if name == "id"]
        self.links += [str(value) for name, value in attrs if name in {"href", "src", "xlink:href"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.ids += [str(value) for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def written(asked: dict[str, Any], records: dict[str, Any], **options: Any) -> str:
    return page(collect("demo-001", asked, records, versions={"Python": "3.11"}, **options))


def parsed(text: str) -> Tags:
    tags = Tags()
    tags.feed(text)
    assert tags.open == []
    return tags


def chapter(text: str, anchor: str) -> str:
    found = re.search(rf'<section id="{anchor}">(.*?)</section>', text, re.DOTALL)
    assert found, anchor
    return found[1]


def test_the_page_is_whole_and_needs_nothing_from_outside(asked: dict[str, Any], records: dict[str, Any]) -> None:
    text = written(asked, records)
    tags = parsed(text)
    assert text == written(asked, records)
    assert not {"script", "link", "img", "iframe", "object"} & set(tags.seen)
    assert len(tags.ids) == len(set(tags.ids))
    outside = [link for link in tags.links if not link.startswith(("#", "s3://"))]
    assert outside == [records["train"]["resource"]["console"]]
    assert "url(http" not in text
    assert "@import" not in text
    assert all(link[1:] in tags.ids for link in tags.links if link.startswith("#"))


@pytest.mark.parametrize(
    ("anchor", "snippet"),
    [
        ("asked", "<dt>Label</dt><dd>y</dd>"),
        ("asked", "<dt>Split</dt><dd>train 0.7, validation 0.15, test 0.15; seed 42</dd>"),
        ("asked", "<dt>Algorithm</dt><dd>xgboost 3.2-0</dd>"),
        ("steps", '<th scope="row">prepare</th><td><span class="badge good">succeeded</span></td><td>2.5 s</td>'),
        ("steps", "<code>demo-train-0123456789</code></a> (created)"),
        ("data", '<th scope="row">train</th><td>140</td><td>70.0%</td>'),
        ("data", "<span>105<small> 75.0%</small></span>"),
        ("data", '<th scope="row"><code>x</code></th><td>4</td><td>2.0%</td>'),
        ("training", "<dd>Training with the installed XGBoost 3.1.9</dd>"),
        ("training", "validation:logloss</code></th><td>0.5500</td>"),
        ("training", "<code>x</code></th><td>20.2500</td><td>7</td>"),
        ("evaluation", "<code>auc</code></th><td><b>0.7712</b></td><td>chance that a random row of class 1"),
        ("evaluation", "<code>logloss</code></th><td><b>\u2013</b></td>"),
        ("evaluation", '<p class="missing">Log loss is undefined.</p>'),
        ("evaluation", '<span class="shade" style="--share: 0.870">20<small>87.0%</small></span>'),
        ("bias", "<h3>In the training data, before training: <code>SEX</code> = 1</h3>"),
        ("bias", "<b>DPL</b><small>Difference in proportions of labels</small></th><td>0.2000</td><td>0<small>"),
        ("bias", "the sensitive group has the favorable label less often"),
        ("bias", "the sensitive group has more rows"),
        ("bias", "<td>0.5000</td><td>1<small>0 to ∞</small></td><td>the model favors the sensitive group less often"),
        ("bias", "<td>∞</td><td>0<small>\u2212∞ to ∞</small></td><td>errors go against the sensitive group"),
        ("bias", "<td>\u2013</td><td>0<small>0 to ∞</small></td><td>undefined here</td>"),
        ("gates", '<span class="badge good">holds</span></th><td>test:auc is 0.77</td>'),
        ("lineage", '<text x="16" y="25" class="kind">Dataset</text>'),
        ("registry", "<dt>Version</dt><dd>3</dd>"),
        ("registry", "<dt>Approval</dt><dd>PendingManualApproval</dd>"),
        (
            "files",
            '<th scope="row">train: artifact</th><td><a href="s3://b/m.tar.gz"><code>s3://b/m.tar.gz</code></a></td>',
        ),
        ("files", "of a local run, after <code>eval"),
        ("versions", "<dt>Python</dt><dd><code>3.11</code></dd>"),
    ],
)
def test_what_a_chapter_shows(well: str, anchor: str, snippet: str) -> None:
    assert snippet in chapter(well, anchor)


def test_a_failed_run_says_why_before_everything_else(asked: dict[str, Any], records: dict[str, Any]) -> None:
    records["train"] |= {"state": "Failed", "reason": "no <capacity>", "hint": "Try again."}
    for name in ("bias-post", "evaluate", "lineage", "gate", "register"):
        del records[name]
    text = written(asked, records)
    parsed(text)
    assert '<span class="badge bad">Failed</span>' in text
    assert (
        "<h2>Why this run failed</h2><ol><li><strong>Step train failed</strong><p>no &lt;capacity&gt;</p>"
        "<p><b>What to do: </b>Try again.</p></li></ol>" in text
    )
    assert text.index("Why this run failed") < text.index("What was asked")
    assert "Step evaluate did not start, because train failed." in chapter(text, "evaluation")
    assert "Step bias-post did not start, because train failed." in chapter(text, "bias")


def test_an_interrupted_run_is_headed_as_one(asked: dict[str, Any], records: dict[str, Any]) -> None:
    records["register"] |= {"state": "Running", "ended": None}
    text = written(asked, records)
    assert '<span class="badge bad">Interrupted</span>' in text
    assert "<h2>Why this run was interrupted</h2>" in text


def test_a_section_that_was_not_asked_for_says_so(asked: dict[str, Any], records: dict[str, Any]) -> None:
    kept = ("prepare", "train", "lineage")
    asked["steps"] = [step for step in asked["steps"] if step["id"] in kept]
    text = written(asked, {name: records[name] for name in kept})
    for anchor, key in {"evaluation": "evaluate", "bias": "bias", "gates": "gates", "registry": "registry"}.items():
        assert f"Not asked for: the spec has no <code>{key}</code> section." in chapter(text, anchor)


def test_bias_is_drawn_before_and_after_training_side_by_side(asked: dict[str, Any], records: dict[str, Any]) -> None:
    text = chapter(written(asked, records), "bias")
    drawn = text[text.index("<h3>Before and after training: SEX = 1</h3>") :]
    assert 'aria-label="Bias of the training data: CI -0.1; DPL 0.2"' in drawn
    assert 'aria-label="Bias of the predictions: DI -0.5"' in drawn
    del records["bias-post"]
    assert "Before and after" not in chapter(written(asked, records), "bias")


def test_what_was_tidied_up_is_told(asked: dict[str, Any], records: dict[str, Any]) -> None:
    assert "<li>job x was stopped</li>" in written(asked, records, notes=["job x was stopped"])


def test_sparse_records_leave_gaps_and_no_error(asked: dict[str, Any], records: dict[str, Any]) -> None:
    records["train"]["details"] = {"curves": {}, "importance": None, "importance_reason": "the model is damaged"}
    records["prepare"]["details"]["manifest"]["label"]["counts"] = {}
    records["prepare"]["details"]["manifest"]["missing"] = {}
    records["lineage"]["details"] = {"nodes": [], "edges": []}
    records["evaluate"]["details"] |= {"roc": None, "confusion": [], "classes": [], "type": "regression"}
    text = written(asked, records)
    assert "No feature importance: the model is damaged" in text
    assert "The job&#x27;s log holds no metrics by round." in text
    assert "they are not counted one by one" in text
    assert "No value is missing" in text
    assert "knows of no associations" in text
    assert "Confusion matrix" not in text


def test_rows_stand_in_an_order_that_people_expect(asked: dict[str, Any], records: dict[str, Any]) -> None:
    """JSON keeps keys by their names: 10 must not stand before 2, nor accuracy before AUC."""
    counts = {"10": 1, "2": 1, "other": 1}
    records["prepare"]["details"]["manifest"]["label"]["counts"] = dict.fromkeys(
        ("train", "validation", "test"), counts
    )
    records["evaluate"]["details"]["metrics"] = {"accuracy": 0.5, "auc": 0.5, "zzz": 1}
    text = written(asked, records)
    label = chapter(text, "data").split("Label")[1]
    assert label.index("<code>2<") < label.index("<code>10<") < label.index("<code>other<")
    metrics = chapter(text, "evaluation")
    assert metrics.index("<code>auc<") < metrics.index("<code>accuracy<") < metrics.index("<code>zzz<")


NASTY = "<script>alert(1)</script>\x1b\u202e\"'&"


def poisoned(value: Any) -> Any:
    """Put the nasty text into every text and every key of a document."""
    match value:
        case str() if value[:2].isdigit() or value in {"Succeeded", "binary"}:
            return value
        case str():
            return value + NASTY
        case list():
            return [poisoned(item) for item in value]
        case dict():
            return {key if key in KEYS else key + NASTY: poisoned(item) for key, item in value.items()}
        case _:
            return value


KEYS: set[str] = set()


def keys(value: Any) -> set[str]:
    match value:
        case list():
            return {key for item in value for key in keys(item)}
        case dict():
            return set(value) | {key for item in value.values() for key in keys(item)}
        case _:
            return set()


def test_nothing_breaks_out_wherever_it_comes_from(asked: dict[str, Any], records: dict[str, Any]) -> None:
    """Every text of spec, data and records holds a script, control characters, quotes; no element comes of it."""
    hosted(asked, records)
    plain = parsed(written(asked, records))
    KEYS.update(keys(records) - {"SEX", "x", "max_depth"}, keys(asked))
    poison = {name: {**poisoned(record), "step": name} for name, record in records.items()}
    for name in ("label", "facets"):
        poison["prepare"]["details"]["manifest"][name] = {
            **records["prepare"]["details"]["manifest"][name],
            **({"name": NASTY} if name == "label" else {}),
        }
    poison["gate"]["outputs"] = records["gate"]["outputs"]
    text = written({**poisoned(asked), "steps": asked["steps"], "trials": asked["trials"]}, poison)
    tags = parsed(text)
    assert "script" not in tags.seen
    assert set(tags.seen) == set(plain.seen)
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", text)


def test_a_console_link_is_a_link_only_to_https(asked: dict[str, Any], records: dict[str, Any]) -> None:
    records["train"]["resource"]["console"] = "javascript:alert(1)"
    assert "javascript" not in written(asked, records)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "\u2013"),
        (0.0, "0.0000"),
        (0.77123, "0.7712"),
        (-0.5, "\u22120.5000"),
        (1e-5, "1e\u221205"),
        (1234.56, "1,234.6"),
        (-123456.7, "\u2212123,457"),
        (1.5e10, "1.5e+10"),
        (30_000, "30,000"),
        (float("-inf"), "\u2212∞"),
        (float("nan"), "undefined"),
        (True, "true"),
        ("x", "x"),
    ],
)
def test_figures_read_well(value: Any, text: str) -> None:
    assert figure(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "\u2013"),
        (0, "0.0 s"),
        (0.0374, "37 ms"),
        (0.44, "0.4 s"),
        (12.4, "12 s"),
        (185, "3 min 5 s"),
        (7800, "2 h 10 min"),
    ],
)
def test_durations_read_well(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


def test_a_share_of_nothing_is_a_dash() -> None:
    assert (share(1, 3), share(0, 0)) == ("33.3%", "\u2013")


def test_every_metric_of_clarify_is_explained() -> None:
    pre = {"CI", "DPL", "KL", "JS", "LP", "TVD", "KS", "CDDL"}
    post = {"DPPL", "DI", "DCA", "DCR", "DAR", "DRR", "RD", "SD", "AD", "TE", "CDDPL", "FT", "GE"}
    assert MEANINGS.keys() == pre | post
    for meaning in MEANINGS.values():
        assert meaning.reading(meaning.ideal) == "even"
        assert meaning.reading(meaning.ideal + 1) == meaning.above
        assert meaning.sentence.endswith(".")
