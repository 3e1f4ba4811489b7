"""Every file in ``tests/examples`` is a case: a positive one has no finding, a negative one has those beside it.

Rewrite the texts beside the negative ones with ``SPECIMEN_REWRITE_GOLDENS=1``, and review them as what users read.
"""

import os
from pathlib import Path

import pytest
from specimen.reporting.findings import as_text
from specimen.spec.check import check_file
from specimen.spec.findings import Severity

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
POSITIVE = sorted((EXAMPLES / "positive").glob("*.yaml"))
NEGATIVE = sorted((EXAMPLES / "negative").glob("*.yaml"))


def named(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", POSITIVE, ids=named)
def test_a_positive_example_has_no_finding(path: Path) -> None:
    model, findings = check_file(path)
    assert as_text(findings) == ""
    assert model is not None


@pytest.mark.parametrize("path", NEGATIVE, ids=named)
def test_a_negative_example_has_the_findings_beside_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    model, findings = check_file(Path(path.name))
    golden = path.with_suffix(".txt")
    if os.environ.get("SPECIMEN_REWRITE_GOLDENS"):
        golden.write_text(as_text(findings), encoding="utf-8")
    assert as_text(findings) == golden.read_text(encoding="utf-8")
    assert findings
    assert (model is None) == any(finding.severity is Severity.ERROR for finding in findings)


@pytest.mark.parametrize("path", NEGATIVE, ids=named)
def test_findings_stand_in_order_and_point_into_the_file(path: Path) -> None:
    _, findings = check_file(path)
    lines = path.read_bytes().decode("utf-8", errors="replace").splitlines()
    places = [(finding.position.line, finding.position.column) for finding in findings]
    assert places == sorted(places)
    for finding in findings:
        assert 1 <= finding.position.line <= max(1, len(lines))
        assert 1 <= finding.position.column <= len(finding.excerpt) + 1


@pytest.mark.parametrize("path", NEGATIVE, ids=named)
def test_no_message_speaks_of_the_schema_language(path: Path) -> None:
    _, findings = check_file(path)
    for finding in findings:
        text = f"{finding.message} {finding.hint}"
        assert not any(word in text for word in ("oneOf", "anyOf", "not valid under", "schema", "False"))
        assert finding.hint, finding


def test_every_golden_belongs_to_an_example() -> None:
    texts = {path.stem for path in (EXAMPLES / "negative").glob("*.txt")}
    assert texts == {path.stem for path in NEGATIVE}
