"""The hosting chapter: what was put behind the endpoint, and what became of it."""

import copy
import re
from typing import Any

import pytest
from specimen_components.report.collect import collect
from specimen_components.report.model import Report
from specimen_components.report.page import page
from specimen_components.report.results import results
from specimen_components.report.sections.hosting import hosting

from tests.unit.report.hosted import HOST, Records, hosted


@pytest.fixture(autouse=True)
def _endpoint(asked: dict[str, Any], records: Records) -> None:
    hosted(asked, records)


def collected(asked: dict[str, Any], records: Records, **ended: Any) -> Report:
    return collect("demo-001", asked, records, versions={}, **ended)


def chapter(asked: dict[str, Any], records: Records, **ended: Any) -> str:
    return hosting(collected(asked, records, **ended))


def test_a_new_endpoint(asked: dict[str, Any], records: Records) -> None:
    text = chapter(asked, records)
    assert "<dt>Endpoint</dt><dd><code>digits</code></dd>" in text
    assert "<dt>What was done</dt><dd>created</dd>" in text
    assert "<dt>Configuration</dt><dd><code>digits-0123456789</code></dd>" in text
    assert "Configuration before" not in text
    assert (
        '<th scope="row"><code>main</code></th><td>default</td><td>100.0%<small>weight 1</small></td>'
        "<td>2 × ml.m5.large</td><td><code>digits-model-0123456789</code></td>" in text
    )


def test_an_updated_endpoint_says_what_was_replaced(asked: dict[str, Any], records: Records) -> None:
    records["host"]["details"] |= {"outcome": "updated", "previous": "digits-old"}
    text = chapter(asked, records)
    assert "updated without downtime: the old variants answered until the new ones did" in text
    assert "<dt>Configuration before</dt><dd><code>digits-old</code></dd>" in text


def test_weights_are_shares_and_serverless_has_memory(asked: dict[str, Any], records: Records) -> None:
    variant = {**HOST["variants"][0], "weight": 3, "instance": None, "count": None, "memory": 2048}
    records["host"]["details"]["variants"] = [variant, {**HOST["variants"][0], "name": "other", "weight": 0.5}]
    text = chapter(asked, records)
    assert "<td>85.7%<small>weight 3</small></td><td>serverless, 2,048 MB of memory</td>" in text
    assert "<td>14.3%<small>weight 0.5</small></td><td>2 × ml.m5.large</td>" in text


def test_what_was_asked_beside_variants_is_named(asked: dict[str, Any], records: Records) -> None:
    asked["document"]["hosting"] |= {
        "capture": {"percentage": 20, "requests": True, "answers": False},
        "autoscaling": {"min": 1, "max": 4, "invocations": 1000},
        "deployment": {"type": "canary", "size": 10},
    }
    text = chapter(asked, records)
    assert "<dt>Captured</dt><dd>20% of the requests, under capture/ in S3</dd>" in text
    assert "<dd>from 1 to 4 instances a variant, 1000 invocations a minute each</dd>" in text
    assert "<dt>Deployment</dt><dd>blue/green, 10% of the capacity first</dd>" in text
    asked["document"]["hosting"] |= {
        "capture": {"percentage": 5, "requests": True, "answers": True},
        "deployment": {"type": "all"},
    }
    text = chapter(asked, records)
    assert "<dd>5% of the requests and answers, under" in text
    assert "<dd>blue/green, all requests at once</dd>" in text


@pytest.mark.parametrize(("target", "where"), [("local", ""), ("production", " --aws")])
def test_a_kept_endpoint_says_how_to_ask_it(asked: dict[str, Any], records: Records, target: str, where: str) -> None:
    asked["target"]["name"] = target
    text = page(collected(asked, records))
    assert f"<pre>specimen endpoint invoke digits FILE{where}\nspecimen endpoint delete digits{where}</pre>" in text
    assert '<dt>Endpoint</dt><dd><a href="#hosting"><code>digits</code></a>, kept</dd>' in text


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        ({}, "not to be kept"),
        ({"deleted": ["Endpoint digits was deleted."]}, "deleted at the end"),
        ({"deleted": ["It scales no more."], "undeleted": ["Endpoint digits may be left: `no`"]}, "may be left"),
    ],
)
def test_an_endpoint_that_is_not_kept_says_what_finish_said(
    asked: dict[str, Any], records: Records, ended: dict[str, Any], said: str
) -> None:
    records["host"]["details"]["keep"] = False
    text = page(collected(asked, records, notes=["TrainingJob x was stopped."], **ended))
    assert f"</code></a>, {said}</dd>" in text
    told = chapter(asked, records, **ended)
    assert "says: the end of the run deletes it.</p>" in told
    assert "endpoint invoke" not in told
    for note in (*ended.get("deleted", ()), *ended.get("undeleted", ())):
        shown = note.replace("`no`", "<code>no</code>")
        assert f"<p>{shown}</p>" in told
        assert f"<li>{shown}</li>" in text[text.index("At the end") :]


def test_an_endpoint_that_an_earlier_run_keeps_says_so(asked: dict[str, Any], records: Records) -> None:
    asked["document"]["hosting"]["keep"] = False
    told = chapter(asked, records)
    assert "It stays in spite of <code>keep: false</code>, since an earlier run was to keep it.</p>" in told
    assert "specimen endpoint delete digits" in told


def test_a_failed_step_says_why_and_what_serves(asked: dict[str, Any], records: Records) -> None:
    records["host"] |= {"state": "Failed", "reason": "the update failed, digits-old still serves: no <room>"}
    text = chapter(asked, records)
    assert "Step host failed: the update failed, digits-old still serves: no &lt;room&gt;" in text
    assert "<h3>Variants</h3>" in text
    records["host"]["details"] = {}
    assert "<h3>Variants</h3>" not in chapter(asked, records)


def test_what_was_not_asked_for_says_so(asked: dict[str, Any], records: Records) -> None:
    asked["steps"] = [step for step in asked["steps"] if step["id"] not in {"host", "verify"}]
    text = page(collected(asked, records))
    assert "Not asked for: the spec has no <code>hosting</code> section." in text
    assert "Not asked for: the spec has no <code>hosting.verify</code> section." in text


def test_of_several_trials_it_stands_once_after_the_comparison(asked: dict[str, Any], records: Records) -> None:
    _two_trials(asked, records)
    text = page(collected(asked, records))
    anchors = re.findall(r'<section id="([^"]+)"', text)
    assert anchors[:5] == ["comparison", "hosting", "verification", "asked", "steps"]
    assert [name for name in anchors if name.startswith(("hosting", "verification"))] == ["hosting", "verification"]
    assert '<a href="#hosting">Hosting</a><a href="#verification">Verification</a>' in text


def test_the_endpoints_figures_are_those_of_the_trial_behind_it(asked: dict[str, Any], records: Records) -> None:
    _two_trials(asked, records)
    default, other = results(collected(asked, records))
    groups = {group["kind"]: group["rows"] for group in default["groups"]}
    assert groups["endpoint"] == [
        {"name": "endpoint:accuracy", "value": 0.9, "ideal": 1.0},
        {"name": "endpoint:error", "value": 0.1, "ideal": 0.0},
        {"name": "endpoint:latency_p50", "value": 11.0, "ideal": 0.0},
    ]
    assert {"name": "hosted", "value": "digits"} in groups["outcome"]
    groups = {group["kind"]: group["rows"] for group in other["groups"]}
    assert groups["endpoint"] == []
    assert "hosted" not in {row["name"] for row in groups["outcome"]}


def test_of_several_trials_behind_one_endpoint_that_is_said(asked: dict[str, Any], records: Records) -> None:
    _two_trials(asked, records)
    records["host"]["details"]["variants"].append({**HOST["variants"][0], "name": "b", "trial": "other"})
    default, other = results(collected(asked, records))
    for found, beside in ((default, "other"), (other, "default")):
        groups = {group["kind"]: group["rows"] for group in found["groups"]}
        note = f"together with {beside}: the endpoint's figures are of all of them"
        assert {"name": "hosted", "value": "digits", "note": note} in groups["outcome"]
        assert len(groups["endpoint"]) == 3


def _two_trials(asked: dict[str, Any], records: Records) -> None:
    """Give the run a second trial, which shares all but the training."""
    asked["trials"] = ["default", "other"]
    for step in list(asked["steps"]):
        step["trials"] = ["default", "other"]
        if step["id"] == "train":
            step["trials"] = ["default"]
            asked["steps"].append({**step, "id": "train-other", "trials": ["other"]})
    records["train-other"] = {**copy.deepcopy(records["train"]), "step": "train-other"}
