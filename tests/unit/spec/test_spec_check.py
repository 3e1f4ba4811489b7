"""Checks whose point is what they do not say: no noise, and nothing that only follows from something else."""

import subprocess
import sys
from pathlib import Path

import pytest
from specimen.spec.check import check, check_file
from specimen.spec.findings import Severity
from specimen.spec.load import Header, document
from specimen.spec.model import Experiment
from specimen.spec.table import SOURCE

SPEC = """\
apiVersion: specimen/v1
kind: Experiment
metadata: {name: example}
dataset: {source: table.csv, label: answer, drop: [id]}
training:
  version: "3.2-0"
  hyperparameters: {objective: binary:logistic, num_round: 10}
evaluate: {}
bias: {favorable: [1], facets: {sex: [1]}, group: age}
gates: [{metric: "test:auc", min: 0.6}, {bias: DPL, facet: sex, max: 0.5}]
"""
COLUMNS = Header(("id", "sex", "age", "income", "answer"))


def found(old: str, new: str, header: Header | None = COLUMNS) -> list[tuple[str, str]]:
    """The rules of a spec with one change, each with the text that its caret marks."""
    assert old in SPEC
    _, findings = check(
        document(SPEC.replace(old, new).encode(), "spec.yaml"), lambda _: {SOURCE: header} if header else {}
    )
    return [(one.rule, one.excerpt[one.position.column - 1 :][: one.length]) for one in findings]


def test_the_spec_is_clean_as_it_stands() -> None:
    assert found("", "") == []


@pytest.mark.parametrize(
    ("old", "new", "findings"),
    [
        ("label: answer", "lable: answer", [("unknown-key", "lable")]),
        ("favorable: [1]", "favourable: [1]", [("unknown-key", "favourable")]),
        ("kind: Experiment", "kind: experiment", [("not-allowed-value", "experiment")]),
        ("bias: {favorable: [1], facets: {sex: [1]}, group: age}", "bias: 5", [("wrong-type", "5")]),
        ("evaluate: {}", "evaluate: no", [("wrong-type", "no")]),
        ("version: ", "image: mine\n  version: ", [("not-available-yet", "image")]),
        ('version: "3.2-0"', "image: mine", [("not-available-yet", "image")]),
        ("num_round: 10", "num_round: {min: 1, max: [2}]", [("yaml-syntax", "}")]),
        (
            "num_round: 10",
            "num_round: {min: {}, max: []}",
            [("ranges-without-tuning", "num_round"), ("wrong-type", "{"), ("wrong-type", "[")],
        ),
        ("source: table.csv", "source: {train: a, validation: b, test: 1}", [("wrong-type", "1")]),
        ("drop: [id]", "drop: [id, 5]", [("wrong-type", "5")]),
        ("objective: binary:logistic", "objective: binary:logistc", [("not-allowed-value", "binary:logistc")]),
        ("facets: {sex: [1]}", "facets: 1", [("wrong-type", "1")]),
        ("label: answer", "label: [answer]", [("wrong-type", "[")]),
        ("evaluate: {}", "evaluate: {}\nevaluate: {}", [("yaml-duplicate-key", "evaluate")]),
    ],
)
def test_one_mistake_gives_one_finding(old: str, new: str, findings: list[tuple[str, str]]) -> None:
    assert found(old, new) == findings


@pytest.mark.parametrize("share", ["0.7, validation: 0.2, test: 0.1", "0.34, validation: 0.33, test: 0.33"])
def test_shares_that_are_whole_up_to_rounding_are_whole(share: str) -> None:
    assert found("drop: [id]", f"drop: [id], split: {{train: {share}}}") == []


@pytest.mark.parametrize("share", ["1", "0", "-0.1", "1.5"])
def test_a_share_is_between_none_and_all(share: str) -> None:
    assert found("drop: [id]", f"drop: [id], split: {{train: {share}}}") == [("out-of-range", share)]


@pytest.mark.parametrize("threshold", ["0", "1", "1.5"])
def test_a_threshold_is_a_probability_that_some_reach_and_some_do_not(threshold: str) -> None:
    assert found("group: age", f"group: age, threshold: {threshold}") == [("out-of-range", threshold)]


@pytest.mark.parametrize(
    ("metrics", "gate", "fine"),
    [
        ("", "validation:logloss", True),
        ("", "train:logloss", True),
        ("", "validation:auc", False),
        (", eval_metric: auc", "validation:auc", True),
        (", eval_metric: auc", "validation:logloss", False),
        (", eval_metric: [auc, error@0.7]", "validation:error@0.7", True),
    ],
)
def test_a_gate_on_training_s_metrics_needs_them_measured(metrics: str, gate: str, fine: bool) -> None:
    text = SPEC.replace("num_round: 10", f"num_round: 10{metrics}").replace("test:auc", gate)
    _, findings = check(document(text.encode(), "spec.yaml"), lambda _: {SOURCE: COLUMNS})
    assert [one.rule for one in findings] == ([] if fine else ["metric-not-measured"])


def test_without_a_table_on_this_machine_columns_are_not_checked() -> None:
    assert found("source: table.csv", 'source: "s3://bucket/table.csv"', None) == []


def test_a_table_is_looked_up_beside_the_spec(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC, encoding="utf-8")
    model, findings = check_file(tmp_path / "spec.yaml")
    assert isinstance(model, Experiment)
    assert [(one.rule, one.severity) for one in findings] == [("source-absent", Severity.WARNING)]
    (tmp_path / "table.csv").write_text("id,sex,age,income,answer\n", encoding="utf-8")
    assert check_file(tmp_path / "spec.yaml")[1] == ()


@pytest.mark.parametrize("name", ["t.libsvm", "t.svm", "t.svmlight", "t.libsvm.gz", "a/b.c.svm.gz"])
def test_a_source_s_name_tells_that_it_is_libsvm(name: str) -> None:
    text = SPEC.replace("table.csv, label: answer", f"{name}, label: answer, features: [id, sex, age]")
    model, findings = check(document(text.encode(), "spec.yaml"))
    assert findings == ()
    assert isinstance(model, Experiment)
    assert {(trial.dataset.format, trial.dataset.features) for trial in model.trials} == {
        ("libsvm", ("id", "sex", "age"))
    }


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "libsvm", "t.svm.csv", "t.xsvm", "t.svm.zip"])
def test_any_other_name_is_that_of_csv(name: str) -> None:
    model, findings = check(document(SPEC.replace("table.csv", name).encode(), "spec.yaml"))
    assert findings == ()
    assert isinstance(model, Experiment)
    assert model.trials[0].dataset.format == "csv"


def test_many_columns_are_not_all_listed() -> None:
    _, findings = check(
        document(SPEC.replace("label: answer", "label: quite_another").encode(), "spec.yaml"),
        lambda _: {SOURCE: Header(("id", "sex", "age", *(f"c{number}" for number in range(100))))},
    )
    assert [one.hint for one in findings] == ["it has 103 others"]


def test_checking_imports_nothing_heavy() -> None:
    """A CI job that only checks specs must not wait for kfp, boto3 or pandas."""
    program = "import sys, specimen.spec.check; print(sorted({'kfp', 'boto3', 'pandas', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
