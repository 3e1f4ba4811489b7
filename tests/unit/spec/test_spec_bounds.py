"""What a hostile file costs is bounded: each is checked in a process of 1 GiB, which is ended if it hangs."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from specimen.spec.check import MOST, check
from specimen.spec.load import Header, document
from specimen.spec.table import SOURCE
from specimen.spec.words import several

MEMORY = 2**30  # bytes
HANGS = 60  # seconds; the slowest takes a few
CHECK = "import sys; from specimen.cli import main; main(['validate', '--format', 'json', *sys.argv[1:]])"
HEAD = """apiVersion: specimen/v1
kind: Experiment
metadata: {name: a}
dataset: {source: "s3://bucket/x.csv", label: y, drop: [DROP]}
training: {version: "3.2-0", hyperparameters: {objective: "binary:logistic", num_round: 5, HYPER}}
"""


def spec(rest: str = "", drop: str = "", hyper: str = "") -> str:
    return HEAD.replace("DROP", drop).replace("HYPER", hyper) + rest


def repeated(form: str, times: int) -> str:
    return ", ".join(form.replace("#", str(number)) for number in range(times))


FACETS = f"bias: {{favorable: [0], facets: {{{repeated('column#: [1]', 3000)}}}}}\n"
HOSTILE = {
    "gates-of-misspelt-facets": spec(FACETS + f"gates: [{repeated('{bias: DPPL, facet: colunm#, min: 0}', 1500)}]"),
    "empty-gates": spec(f"gates: [{repeated('{}', 5000)}]"),
    "values-of-two-types": spec(drop=repeated("a#, #", 9000)),
    "long-text-many-times": spec("x: &a '" + "z" * 400_000 + f"'\nbias: {{facets: {{{repeated('c#: *a', 9000)}}}}}"),
    "keys-twice-on-one-line": spec(f"x: {{{repeated('a: 1', 9000)}}}"),
    "numbers-that-are-none": spec(f"x: [{repeated('.nan' + ' ' * 40, 19000)}]"),
    "ranges-not-available-yet": spec(hyper=repeated("h#: {}", 9000)),
    "deep-flow": "[" * 900_000,
    "deep-block": "- " * 450_000,
    "keys-alone": "? " * 450_000,
    "comments": spec("# c\n" * 200_000),
    "digits": spec("x: " + "9" * 900_000),
    "lines-of-text": spec("x: " + "a\n  " * 200_000),
}


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_costs_little(name: str, tmp_path: Path) -> None:
    """Little time, little memory, and findings that a person or a program can still take in."""
    path = tmp_path / "hostile.yaml"
    path.write_text(HOSTILE[name], encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", CHECK, str(path)],
        capture_output=True,
        text=True,
        timeout=HANGS,
        preexec_fn=limited,
        check=False,
    )
    assert done.stderr == ""
    findings = json.loads(done.stdout)
    assert len(findings) <= MOST + 1
    assert done.returncode == bool(findings)
    assert all(finding["line"] >= 1 and finding["column"] >= 1 for finding in findings)


def test_the_last_of_too_many_findings_says_so() -> None:
    model, findings = check(document(spec(drop=repeated("#", MOST + 20)).encode(), "f.yaml"))
    assert model is None
    assert [finding.rule for finding in findings] == ["wrong-type"] * MOST + ["too-many-findings"]
    assert findings[-1].message == "there is more to say than these 100 findings"


def test_a_wide_table_is_searched_without_comparing_every_name() -> None:
    header = Header(tuple(f"column{number}" for number in range(100_000)))
    _, findings = check(document(spec(drop=repeated("columm#", 15_000)).encode(), "f.yaml"), lambda _: {SOURCE: header})
    assert {finding.hint for finding in findings[:MOST]} == {"it has 100000 others"}


def test_a_value_stands_twice_as_json_schema_sees_it() -> None:
    """1 and 1.0 are one number; 1 and "1" are two values."""
    twice = 'bias: {favorable: [1, "1", 1.0], facets: {c: [0]}}'
    _, findings = check(document(spec(twice).encode(), "f.yaml"))
    assert [(finding.rule, finding.path) for finding in findings] == [("repeated-value", ("bias", "favorable"))]


def test_a_long_list_of_names_is_cut() -> None:
    assert several(["a", "b"]) == "`a` and `b`"
    assert several([str(number) for number in range(1013)]).endswith("`11` and 1,001 more")
