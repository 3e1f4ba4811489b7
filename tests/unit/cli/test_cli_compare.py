"""`specimen compare`: which runs are meant, what is printed, and what is said of runs that cannot be compared."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from specimen.cli import execute

Compared = Callable[..., tuple[int, str, str]]


def trial(name: str, auc: float | None) -> dict[str, Any]:
    rows = [] if auc is None else [{"name": "test:auc", "value": auc, "ideal": 1}]
    return {
        "trial": name,
        "selected": None,
        "groups": [
            {"kind": "outcome", "title": "Outcome", "rows": [{"name": "gates", "value": "hold"}]},
            {"kind": "evaluation", "title": "Test part", "rows": rows},
        ],
    }


def keep(state: Path, run: str, /, *trials: dict[str, Any], **members: Any) -> Path:
    folder = state / "runs" / run
    folder.mkdir(parents=True)
    document = {"run": run, "state": "succeeded", "started": "2026-01-01T00:00:00.000+00:00", "results": list(trials)}
    path = folder / "run.json"
    path.write_text(json.dumps(document | members), encoding="utf-8")
    return path


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Two runs of one trial, and the latest, of two."""
    keep(tmp_path, "loans-001", trial("default", 0.7))
    keep(tmp_path, "loans-002", trial("default", 0.75), started="2026-01-02T00:00:00.000+00:00")
    keep(tmp_path, "fair-001", trial("plain", 0.6), trial("smote", 0.65), started="2026-01-03T00:00:00.000+00:00")
    return tmp_path


@pytest.fixture
def compared(state: Path, capsys: pytest.CaptureFixture[str]) -> Compared:
    """Calls the command and gives its exit code and what it printed."""

    def calling(*arguments: object) -> tuple[int, str, str]:
        code = execute(["compare", *map(str, arguments), "--state", str(state)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return calling


def test_two_runs_are_compared(compared: Compared) -> None:
    assert compared("loans-001", "loans-002") == (
        0,
        """\
            loans-001  loans-002

Outcome
  gates     hold       hold

Test part
  test:auc  0.7000     0.7500  +0.0500 better

differences are from loans-001; settings, data and hyperparameters that are equal are left out
""",
        "",
    )


def test_an_endpoints_figures_are_figures(compared: Compared, state: Path) -> None:
    """Also of a run that measured nothing else."""
    for number, error in ((1, 0.05), (2, 0.04)):
        found = trial("default", None)
        rows = [{"name": "endpoint:error", "value": error, "ideal": 0}]
        found["groups"].append({"kind": "endpoint", "title": "Endpoint", "rows": rows})
        keep(state, f"digits-00{number}", found)
    code, out, _ = compared("digits-001", "digits-002")
    assert code == 0
    assert "\nEndpoint\n  endpoint:error  0.0500      0.0400  -0.0100 better\n" in out


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["latest"], ["plain", "smote"]),
        (["fair-001"], ["plain", "smote"]),
        (["fair-001/smote", "fair-001/plain"], ["smote", "plain"]),
        (["latest/smote", "loans-001"], ["fair-001/smote", "loans-001"]),
        (["loans-001", "latest"], ["loans-001", "fair-001/plain", "fair-001/smote"]),
        (["runs/loans-001/", "loans-002/default"], ["loans-001", "loans-002"]),
    ],
)
def test_what_is_named_is_compared_in_that_order(compared: Compared, names: list[str], shown: list[str]) -> None:
    code, out, _ = compared(*names, "--format", "json")
    assert code == 0
    assert json.loads(out)["compared"] == shown


def test_a_run_is_found_by_any_path(compared: Compared, state: Path) -> None:
    code, out, _ = compared(state / "runs" / "loans-001", "loans-002", "--format", "json")
    assert code == 0
    assert json.loads(out)["compared"] == ["loans-001", "loans-002"]


@pytest.mark.parametrize(
    ("form", "start"), [("markdown", "# plain, smote"), ("html", "<!DOCTYPE html>"), ("json", "{")]
)
def test_every_format_goes_to_a_file(compared: Compared, tmp_path: Path, form: str, start: str) -> None:
    output = tmp_path / "comparison"
    assert compared("latest", "--format", form, "-o", output) == (0, f"{output}: plain, smote\n", "")
    assert output.read_text(encoding="utf-8").startswith(start)


def test_a_trial_that_came_to_nothing_has_gaps(compared: Compared, state: Path) -> None:
    keep(state, "half-001", trial("one", 0.5), trial("two", None))
    code, out, _ = compared("half-001")
    assert code == 0
    assert "  test:auc  0.5000  -\n" in out


@pytest.mark.parametrize(
    ("names", "message", "hint"),
    [
        (["loan-001", "latest"], "there is no run `loan-001` in ", "did you mean `loans-001`?"),
        (["zzz", "latest"], "there is no run `zzz` in ", "there are `fair-001`, `loans-001` and `loans-002`"),
        (["zzz/smote", "latest"], "there is no run `zzz/smote` in ", "there are `fair-001`, `loans-001`"),
        (["fair-001/smot", "latest"], "run fair-001 has no trial `smot`", "did you mean `smote`?"),
        (["fair-001/xyz", "latest"], "run fair-001 has no trial `xyz`", "its trials are `plain` and `smote`"),
        (["loans-001", "loans-001"], "loans-001 would be compared with itself", "name each run or trial once"),
        (["latest", "fair-001/smote"], "fair-001/smote would be compared with itself", "name each run or trial once"),
        (["loans-001"], "there is nothing to compare loans-001 with", "name another run or trial"),
        (["latest/smote"], "there is nothing to compare fair-001/smote with", "name another run or trial"),
    ],
)
def test_what_is_misnamed_is_said(compared: Compared, names: list[str], message: str, hint: str) -> None:
    code, out, err = compared(*names)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message}")
    assert f"hint: {hint}" in err


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"state": "running"}, "has no results yet: it is still going, or was killed"),
        ({"state": "stopped"}, "has no results: it was stopped before its report was written"),
        ({"state": "failed"}, "has no results: it failed before its report was written"),
        ({"state": "succeeded"}, "has no results: the version of Specimen that wrote it kept none"),
        ({"results": [trial("default", None)]}, "has no results: no step that measures something succeeded"),
        ({"results": []}, "cannot be used: `results` is no list of trials"),
        ({"results": {"trial": "default"}}, "cannot be used: `results` is no list of trials"),
        ({"results": ["default"]}, "a trial among its `results` is not as Specimen writes it"),
        ({"results": [{"trial": "default", "groups": [{"kind": "bias"}]}]}, "is not as Specimen writes it"),
        (
            {"results": [{"trial": "d", "groups": [{"kind": "bias", "title": "", "rows": [{"name": "x"}]}]}]},
            "is not as Specimen writes it",
        ),
    ],
)
def test_a_run_without_results_says_why(compared: Compared, state: Path, members: dict[str, Any], said: str) -> None:
    keep(state, "odd-001", **({"results": None} | members))
    code, out, err = compared("loans-001", "odd-001")
    assert (code, out) == (1, "")
    assert said in err
    assert "hint: " in err


def test_a_trial_without_results_is_named(compared: Compared, state: Path) -> None:
    keep(state, "half-001", trial("one", 0.5), trial("two", None))
    code, _, err = compared("half-001/two", "loans-001")
    assert code == 1
    assert "run half-001 has no results for `two`: no step that measures something succeeded" in err


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[]", b'{"results": NaN}', b"[" * 100_000])
def test_a_damaged_file_is_said_to_be(compared: Compared, state: Path, content: bytes) -> None:
    path = keep(state, "odd-001")
    path.write_bytes(content)
    code, _, err = compared("odd-001", "loans-001")
    assert code == 1
    assert f"{path} cannot be used: " in err


def test_a_damaged_run_is_never_the_latest(compared: Compared, state: Path) -> None:
    keep(state, "odd-001").write_text("{", encoding="utf-8")
    assert compared("latest")[0] == 0


def test_a_file_that_cannot_be_read_is_a_usage_error(compared: Compared, state: Path) -> None:
    path = keep(state, "odd-001")
    path.unlink()
    path.mkdir()
    code, _, err = compared("odd-001", "loans-001")
    assert code == 2
    assert f"cannot read {path}: Is a directory" in err


def test_without_any_run_there_is_nothing_to_name(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name in ("latest", "loans-001"):
        assert execute(["compare", name, "--state", str(tmp_path / "absent")]) == 2
        assert "there is no run in " in capsys.readouterr().err


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b"])
def test_a_name_that_no_folder_can_have(compared: Compared, name: str) -> None:
    code, _, err = compared(name, "loans-001")
    assert code == 2
    assert err.startswith("error: ")
