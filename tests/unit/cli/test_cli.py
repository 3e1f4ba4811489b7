"""Exit codes and words of the command line, for what needs no run."""

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from specimen.cli import execute

ROOT = Path(__file__).resolve().parents[3]
SPEC = ROOT / "specs" / "credit-default.yaml"

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls the command line in this process and gives its exit code and what it printed."""

    def calling(*arguments: object) -> tuple[int, str, str]:
        code = execute([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return calling


@pytest.fixture
def moved(tmp_path: Path) -> Path:
    """The demo's spec in a folder without its table."""
    path = tmp_path / "experiment.yaml"
    path.write_text(SPEC.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def test_validate_is_content_with_the_demos_spec(call: Call) -> None:
    assert call("validate", SPEC) == (0, "1 file: 0 errors, 0 warnings\n", "")


def test_validate_takes_a_folder(call: Call) -> None:
    code, out, _ = call("validate", ROOT / "specs", ROOT / "specs" / "targets")
    assert (code, out) == (0, "5 files: 0 errors, 0 warnings\n")


def test_validate_prints_every_finding_with_its_place(call: Call, moved: Path) -> None:
    text = moved.read_text(encoding="utf-8").replace("max_depth", "max_dept").replace("label:", "lable:")
    moved.write_text(text, encoding="utf-8")
    code, out, _ = call("validate", moved)
    assert code == 1
    for misspelt, meant in (("max_dept", "max_depth"), ("lable", "label")):
        line = next(n for n, line in enumerate(text.splitlines(), 1) if misspelt in line)
        assert f"{moved}:{line}:" in out
        assert meant in out


def test_validate_as_json_is_data(call: Call, moved: Path) -> None:
    moved.write_text(moved.read_text(encoding="utf-8").replace("kind: Experiment", "kind: Experimnt"), encoding="utf-8")
    code, out, _ = call("validate", "--format", "json", moved)
    assert code == 1
    assert json.loads(out)


def test_a_table_that_is_absent_is_a_warning_to_validate_and_an_error_to_plan(call: Call, moved: Path) -> None:
    code, out, _ = call("validate", moved)
    assert (code, out.splitlines()[-1]) == (0, "1 file: 0 errors, 1 warning")
    code, out, err = call("plan", moved)
    assert (code, out) == (1, "")
    assert "dataset" in err
    assert f"{moved}:" in err


@pytest.mark.parametrize("command", [("validate",), ("plan",), ("compile", "-o", "x.yaml"), ("run",)])
def test_a_spec_that_is_not_there_is_a_usage_error(call: Call, tmp_path: Path, command: tuple[str, ...]) -> None:
    code, _, err = call(*command, tmp_path / "absent.yaml")
    assert code == 2
    assert "absent.yaml" in err


def test_an_empty_folder_is_a_usage_error(call: Call, tmp_path: Path) -> None:
    code, _, err = call("validate", tmp_path)
    assert code == 2
    assert err.startswith(f"error: no YAML file in {tmp_path}")


def test_a_target_is_found_by_name_beside_the_spec(call: Call) -> None:
    code, out, _ = call("plan", SPEC, "--target", "production", "--format", "json")
    assert code == 0
    steps = {step["id"]: step for step in json.loads(out)["steps"]}
    assert ".eu-west-1." in steps["model"]["arguments"]["request"]["PrimaryContainer"]["Image"]


def test_a_target_that_is_not_there_is_a_usage_error(call: Call) -> None:
    code, _, err = call("plan", SPEC, "--target", "staging")
    assert code == 2
    assert "targets/staging.yaml" in err


def test_an_experiment_is_no_target(call: Call) -> None:
    code, _, err = call("plan", SPEC, "--target", SPEC)
    assert code == 2
    assert "not of kind Target" in err


def test_compile_writes_and_check_compares(call: Call, tmp_path: Path) -> None:
    output = tmp_path / "pipeline.yaml"
    assert call("compile", SPEC, "-o", output, "--check")[0] == 3
    assert not output.exists()
    assert call("compile", SPEC, "-o", output)[0] == 0
    assert yaml.safe_load(output.read_text(encoding="utf-8"))["pipelineInfo"]["name"] == "credit-default"
    assert call("compile", SPEC, "-o", output, "--check")[0] == 0
    output.write_text("changed", encoding="utf-8")
    assert call("compile", SPEC, "-o", output, "--check")[0] == 3
    assert [path.name for path in tmp_path.iterdir()] == ["pipeline.yaml"]


@pytest.mark.parametrize(("folder", "reason"), [("absent", "No such file or directory"), ("file", "Not a directory")])
def test_a_file_that_cannot_be_written_is_a_usage_error(call: Call, tmp_path: Path, folder: str, reason: str) -> None:
    (tmp_path / "file").touch()
    code, _, err = call("compile", SPEC, "-o", tmp_path / folder / "pipeline.yaml")
    assert code == 2
    assert f"pipeline.yaml: {reason}" in err
    assert "hint: " in err


def test_what_was_there_stays_when_a_spec_is_wrong(call: Call, moved: Path, tmp_path: Path) -> None:
    output = tmp_path / "pipeline.yaml"
    output.write_text("kept", encoding="utf-8")
    assert call("compile", moved, "-o", output)[0] == 1
    assert output.read_text(encoding="utf-8") == "kept"


def test_a_state_folder_that_is_a_file_is_a_usage_error(call: Call, tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    code, _, err = call("run", SPEC, "--state", tmp_path / "state")
    assert code == 2
    assert "state" in err


def test_a_port_in_use_is_a_usage_error(call: Call, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = call("local", "start", "--state", tmp_path, "--port", port)
    assert code == 2
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use\nhint: " in err


def test_nothing_runs_on_a_new_state_folder(call: Call, tmp_path: Path) -> None:
    assert call("local", "status", "--state", tmp_path) == (1, f"not running on {tmp_path}\n", "")
    assert call("local", "stop", "--state", tmp_path) == (0, f"nothing was running on {tmp_path}\n", "")
    code, out, err = call("local", "env", "--state", tmp_path)
    assert (code, out) == (2, "")
    assert "specimen local start" in err


def test_the_environment_for_other_programs_passes_a_proxy_by(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is reached without a proxy already stays so."""
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example.com:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("NO_PROXY", "localhost,.example.com")
    assert call("local", "start", "--state", tmp_path)[0] == 0
    try:
        code, out, _ = call("local", "env", "--state", tmp_path)
    finally:
        call("local", "stop", "--state", tmp_path)
    assert code == 0
    exported = dict(line.removeprefix("export ").split("=", 1) for line in out.splitlines())
    assert exported["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert exported["NO_PROXY"] == exported["no_proxy"] == "localhost,.example.com,127.0.0.1"


def test_an_unknown_command_is_a_usage_error(call: Call) -> None:
    assert call("evaluate")[0] == 2
