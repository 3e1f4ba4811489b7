"""A step as a process, up to where AWS would be needed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from specimen.planning.locations import Locations
from specimen.planning.steps import Ref, Step
from specimen.running.folder import new_run
from specimen.running.outcome import Outcome, State
from specimen.running.process import Processes, environment
from specimen.warm.template import Template

SERVER = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_DEFAULT_REGION": "us-east-1"}


Start = Callable[..., tuple[Processes, list[str]]]


@pytest.fixture(scope="module")
def template() -> Iterator[Template]:
    with Template() as started:
        yield started


@pytest.fixture
def processes(tmp_path: Path, template: Template) -> Start:
    """Makes the processes of a run, whose components find surroundings of the test's own, and what they say."""

    def make(**surroundings: str) -> tuple[Processes, list[str]]:
        said: list[str] = []
        told = environment(SERVER) | surroundings
        folder, places = new_run(tmp_path, "loans"), Locations("s3://b", "loans")
        return Processes(folder, places, told, template, lambda step, line: said.append(line)), said

    return make


def test_nothing_in_a_components_environment_leads_to_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL_S3", "AWS_WEB_IDENTITY_TOKEN_FILE"):
        monkeypatch.setenv(name, "real")
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("https_proxy", "http://proxy.example.com")
    told = environment(SERVER)
    assert {name: value for name, value in told.items() if name.startswith(("AWS_", "SPECIMEN_"))} == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        "SPECIMEN_LOCAL": "1",
    }
    assert told["LANG"] == "C.UTF-8"
    assert "https_proxy" not in told


def test_a_component_that_fails_gives_its_own_words_and_a_log(processes: Start) -> None:
    """The component refuses to start: the endpoint is not on this machine."""
    run, said = processes(AWS_ENDPOINT_URL="https://example.com")
    step = Step("gate", "gate", {"gates": []}, frozenset({"default"}))
    outcome = run.execute(step, {})
    assert outcome.state is State.FAILED
    assert outcome.reason
    assert "example.com" in outcome.reason
    assert said
    assert "example.com" in run.folder.log("gate").read_text(encoding="utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_a_step_whose_log_cannot_be_written_fails_and_its_component_is_ended(processes: Start) -> None:
    """The component waits for a server that is not there, and says so."""
    run, _ = processes(AWS_ACCESS_KEY_ID="a", AWS_SECRET_ACCESS_KEY="b")
    run.folder.log("gate").symlink_to("/dev/full")
    outcome = run.execute(Step("gate", "gate", {"gates": []}, frozenset({"default"})), {})
    assert outcome == Outcome(State.FAILED, reason="the component could not be run: No space left on device")


def test_after_the_end_no_step_begins(processes: Start) -> None:
    run, said = processes()
    run.end()
    outcome = run.execute(Step("gate", "gate", {"gates": []}, frozenset({"default"})), {})
    assert outcome == Outcome(State.STOPPED, reason="the run was stopped")
    assert said == []


def test_an_argument_that_no_process_can_take_is_a_failure_of_the_step(processes: Start) -> None:
    run, _ = processes()
    gates: Any = ["x" * 200_000]
    outcome = run.execute(Step("gate", "gate", {"gates": gates}, frozenset({"default"})), {})
    assert outcome.state is State.FAILED
    assert outcome.reason == "the component could not be run: Argument list too long"


def test_a_ref_is_the_output_of_the_step_it_names(processes: Start) -> None:
    """The value is on the command line, where the component finds it wanting."""
    run, _ = processes()
    step = Step("gate", "gate", {"gates": Ref("other", "list")}, frozenset({"default"}))
    outcome = run.execute(step, {"other": Outcome(State.SUCCEEDED, {"list": "no JSON"})})
    assert outcome.state is State.FAILED
