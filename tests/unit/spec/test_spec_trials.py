"""Trials: patches are RFC 7386's, and a finding about a patched document points into the patch."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specimen.spec.check import check
from specimen.spec.load import document
from specimen.spec.model import Experiment
from specimen.spec.objectives import goal
from specimen.spec.trials import patched

SPEC = """\
apiVersion: specimen/v1
kind: Experiment
metadata: {name: two}
dataset: {source: "s3://lake/table.csv", label: late}
training:
  version: "3.2-0"
  hyperparameters: {objective: "binary:logistic", num_round: 50}
bias: {favorable: [0], facets: {sex: [1]}, group: age}
evaluate: {}
trials:
- name: baseline
- name: other
  set: SET
select: {metric: "test:auc"}
"""

NODES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
MAPPINGS = st.dictionaries(st.sampled_from("abc"), NODES, max_size=3)


def found(patch: str) -> list[tuple[str, int, int, tuple[str | int, ...]]]:
    _, findings = check(document(SPEC.replace("SET", patch).encode(), "spec.yaml"))
    return [(one.rule, one.position.line, one.position.column, one.path) for one in findings]


def experiment(patch: str) -> Experiment:
    model, findings = check(document(SPEC.replace("SET", patch).encode(), "spec.yaml"))
    assert not findings
    assert isinstance(model, Experiment)
    return model


def merged(base: Any, patch: Any) -> Any:
    """RFC 7386, section 2, word for word."""
    if not isinstance(patch, dict):
        return patch
    target = dict(base) if isinstance(base, dict) else {}
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = merged(target.get(name), value)
    return target


def every_path(data: Any, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return {path}.union(*(every_path(value, (*path, step)) for step, value in inner))


@given(base=MAPPINGS, patch=MAPPINGS)
def test_a_patch_is_merged_as_the_standard_says_and_everything_keeps_a_place(base: Any, patch: Any) -> None:
    whole = document(json.dumps({**base, "trials": [{"name": "one", "set": patch}]}, indent=1).encode(), "f.yaml")
    (trial,) = patched(whole)
    assert trial.document.data == merged(base, patch)
    assert trial.document.values.keys() == every_path(trial.document.data)
    assert whole.values.keys() >= set(trial.origins.values())


def test_a_document_without_trials_is_its_own_only_one() -> None:
    whole = document(SPEC.partition("trials:")[0].encode(), "spec.yaml")
    (trial,) = patched(whole)
    assert (trial.name, trial.document) == ("default", whole)


def test_each_trial_is_built_from_its_own_document() -> None:
    baseline, other = experiment("{training: {hyperparameters: {max_depth: 3}}, bias: null, evaluate: {}}").trials
    assert "max_depth" not in baseline.training.hyperparameters
    assert other.training.hyperparameters == {"objective": "binary:logistic", "num_round": 50, "max_depth": 3}
    assert baseline.bias is not None
    assert other.bias is None


def test_the_goal_is_told_by_the_metric() -> None:
    assert experiment("{}").select is not None
    metrics = ("test:auc", "validation:ndcg@10-", "train:f1_macro", "test:rmse", "validation:aft-nloglik")
    assert [goal(metric) for metric in metrics] == ["maximize"] * 3 + ["minimize"] * 2


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        (
            "{training: {hyperparameters: {etaa: 3}}}",
            [("unknown-hyperparameter", 13, 38, ("trials", 1, "set", "training", "hyperparameters", "etaa"))],
        ),
        (
            "{dataset: {drop: [sex]}}",
            [("dropped-column", 13, 26, ("trials", 1, "set", "dataset", "drop", 0))],
        ),
        ("{evaluate: null}", [("gate-without-evaluate", 14, 18, ("select", "metric"))]),
        ("{metadata: {name: three}}", [("trial-patch", 13, 9, ("trials", 1, "set", "metadata"))]),
        ("{dataset: null}", [("missing-key", 13, 9, ("trials", 1, "set", "dataset"))]),
        ("[1]", [("wrong-type", 13, 8, ("trials", 1, "set"))]),
        (
            "{gates: [{metric: 'test:auc', against: basline, min: 0}]}",
            [("unknown-trial", 13, 47, ("trials", 1, "set", "gates", 0, "against"))],
        ),
        (
            "{gates: [{bias: DPPL, facet: age, against: baseline, max: 0}], bias: {group: null, facets: {age: [1]}}}",
            [("unknown-facet", 13, 37, ("trials", 1, "set", "gates", 0, "facet"))],
        ),
    ],
)
def test_what_a_patch_breaks_is_found_in_the_patch(patch: str, expected: list[Any]) -> None:
    assert found(patch) == expected


def test_what_all_trials_share_is_said_once() -> None:
    text = SPEC.replace("num_round: 50", "num_round: 0").replace("SET", "{}")
    assert [one.rule for one in check(document(text.encode(), "spec.yaml"))[1]] == ["out-of-range"]


def test_a_gate_needs_something_to_compare_with() -> None:
    text = SPEC.replace("- name: baseline", "- name: baseline\n  set: {bias: null}")
    patch = "{gates: [{bias: DPPL, facet: sex, against: baseline, max: 0}]}"
    _, findings = check(document(text.replace("SET", patch).encode(), "spec.yaml"))
    assert [one.rule for one in findings] == ["unmeasured-trial"]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("- name: baseline", "- name: other", "repeated-trial"),
        ("name: two", f"name: {'x' * 100}", "trial-name"),
        ('"test:auc"}', '"test:auc", goal: minimize}', "select-goal"),
        ("- name: other\n  set: {}\n", "", "select-without-trials"),
    ],
)
def test_trials_go_together(old: str, new: str, rule: str) -> None:
    text = SPEC.replace("SET", "{}").replace("- name: baseline", f"- name: baseline{'y' * 12}")
    text = text.replace(old if old != "- name: baseline" else f"- name: baseline{'y' * 12}", new)
    assert [one.rule for one in check(document(text.encode(), "spec.yaml"))[1]] == [rule]
