"""`specimen debug` of runs and of S3: their tensors and records are the embedded server's, unless AWS is asked for."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from specimen.cli import execute
from specimen.emulator import control
from specimen.running import storage

from tests.saved_tensors import save

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

Call = Callable[..., tuple[int, str, str]]
BUCKET, RECORDS = "kept", "s3://kept/runs"
TENSORS = "s3://kept/loans/debugger/job-1/debug-output"
MET = "RuleEvaluationConditionMet: Evaluation of the rule TreeDepth at step 5 resulted in the condition being met\n"


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls the command and gives its exit code and what it printed."""

    def calling(*arguments: object) -> tuple[int, str, str]:
        code = execute(["debug", *map(str, arguments)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return calling


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A state folder with a run of one trial, and a later one of two."""
    state = tmp_path_factory.mktemp("state")
    client = storage.connect(control.start(state).environment()).client
    client.create_bucket(Bucket=BUCKET)
    saved = save(tmp_path_factory.mktemp("saved"))
    for path in saved.rglob("*"):
        if path.is_file():
            client.upload_file(str(path), *storage.split(f"{TENSORS}/{path.relative_to(saved).as_posix()}"))
    prepare = {"outputs": {"columns": ["late", "age", "sex", "\x1bpay"]}}
    rules = [
        {"name": "CreateXgboostReport", "status": "NoIssuesFound", "details": None},
        {"name": "deep", "status": "IssuesFound", "details": MET},
    ]
    keep(state, client, "loans-001", [step("prepare"), step("train"), step("debug")])
    record(client, "loans-001", "prepare", prepare)
    record(client, "loans-001", "debug", {"details": {"tensors": TENSORS, "rules": rules}})
    steps = [step("debug", "plain", "a"), step("debug", "smote", "b"), step("prepare", "plain", "p", more=["smote"])]
    keep(state, client, "fair-001", steps, started="2026-01-03T00:00:00.000+00:00")
    record(client, "fair-001", "p", prepare)
    record(client, "fair-001", "a", {"details": {"tensors": f"{TENSORS}-gone", "rules": []}})
    record(client, "fair-001", "b", {"details": {"tensors": TENSORS, "rules": []}})
    yield state
    control.stop(state)


def step(component: str, trial: str = "default", name: str | None = None, /, more: Any = (), **told: Any) -> Any:
    return {"id": name or component, "component": component, "trials": [trial, *more], "state": "succeeded", **told}


def keep(state: Path, client: "S3Client", run: str, steps: list[Any], /, **members: Any) -> None:
    folder = state / "runs" / run
    folder.mkdir(parents=True)
    started = "2026-01-01T00:00:00.000+00:00"
    document = {"run": run, "started": started, "records": f"{RECORDS}/{run}", "steps": steps, **members}
    (folder / "run.json").write_text(json.dumps(document), encoding="utf-8")


def record(client: "S3Client", run: str, name: str, content: Any) -> None:
    bucket, key = storage.split(f"{RECORDS}/{run}/{name}.json")
    client.put_object(Bucket=bucket, Key=key, Body=json.dumps(content).encode())


def test_a_run_tells_its_rules_verdicts_and_its_features(call: Call, state: Path) -> None:
    report = state / "runs" / "loans-001" / "artifacts" / "debug" / "xgboost_report.html"
    report.parent.mkdir(parents=True)
    report.touch()
    code, out, err = call("loans-001", "--state", state)
    assert (code, err) == (0, "")
    assert out.startswith(
        f"""\
{TENSORS}: 25 tensors, steps 0 to 10, every 5; the training has ended

rule                 verdict
CreateXgboostReport  NoIssuesFound
deep                 IssuesFound    {MET.strip()}

report: {report}

tensor                             feature  collections         steps
average_shap/bias                           average_shap        0 to 10, every 5
average_shap/f0                    age      average_shap        0 to 10, every 5
average_shap/f1                    sex      average_shap        0 to 10, every 5
average_shap/f2                    \\x1bpay  average_shap        0 to 10, every 5
"""
    )
    assert json.loads(call("loans-001", "--state", state, "--format", "json")[1])["rules"][1] == {
        "name": "deep",
        "status": "IssuesFound",
        "details": MET.strip(),
    }


def test_values_are_headed_by_the_features_columns(call: Call, state: Path) -> None:
    _, out, _ = call("loans-001", "--regex", "average_shap/f[01]", "--step", 5, "--state", state)
    assert out == "average_shap\n  step  age     sex\n  5     0.5000  -0.6000\n"
    rows = call("loans-001", "average_shap/f1", "--step", 5, "--format", "csv", "--state", state)[1].splitlines()
    assert rows == ["tensor,feature,step,index,value", "average_shap/f1,sex,5,,-0.6"]


def test_a_server_that_is_down_is_started_and_one_that_never_was_is_not(
    call: Call, state: Path, tmp_path: Path
) -> None:
    control.stop(state)
    code, out, err = call("loans-001", "train-rmse", "--step", 0, "--state", state)
    assert (code, out) == (0, "metrics\n  step  train-rmse\n  0     4.0000\n")
    assert err == f"started the embedded SageMaker, which stays up; specimen local stop --state {state} ends it\n"
    assert call("loans-001", "train-rmse", "--state", state)[2] == ""
    code, _, err = call(TENSORS, "--state", tmp_path)
    assert (code, list(tmp_path.iterdir())) == (2, [])
    assert err.startswith(f"error: no embedded SageMaker has kept anything in {tmp_path}\nhint: --state names another")


def test_a_trial_of_several_is_named(call: Call, state: Path) -> None:
    for name in ("fair-001/smote", "latest/smote"):
        assert call(name, "train-rmse", "--step", 0, "--state", state)[0] == 0
    code, out, err = call("latest", "--state", state)
    assert (code, out) == (2, "")
    assert err == (
        "error: run fair-001 has tensors of several trainings\nhint: name `fair-001/plain` or `fair-001/smote`\n"
    )
    code, _, err = call("latest/smot", "--state", state)
    assert (code, err) == (2, "error: run fair-001 has no trial `smot`\nhint: did you mean `smote`?\n")


def test_a_uri_is_the_embedded_servers(call: Call, state: Path) -> None:
    code, out, err = call(f"{TENSORS}/", "train-rmse", "--step", 0, "--state", state)
    assert (code, out, err) == (0, "metrics\n  step  train-rmse\n  0     4.0000\n", "")


@pytest.mark.parametrize(
    ("uri", "message", "hint"),
    [
        ("s3://", "s3:// names no bucket", "write it as s3://BUCKET/PREFIX/debug-output"),
        (
            "s3://elsewhere/x",
            "the embedded SageMaker on {state} has no bucket `elsewhere`",
            "--state names another state folder, and --aws reads from AWS with your own credentials",
        ),
        ("s3://kept/loans", "there are no saved tensors in s3://kept/loans", "a training job saves to a folder"),
        ("s3://kept/loans/debugger/job-1/", "there are no saved tensors in ", f"did you mean {TENSORS}?"),
        ("fair-001/plain", f"there are no saved tensors in {TENSORS}-gone", "a training job saves to a folder"),
        ("latset", "there is no run `latset` in {state}/runs", "did you mean `latest`?"),
        ("loans-002", "there is no run `loans-002` in {state}/runs", "did you mean `loans-001`?"),
    ],
)
def test_a_place_without_tensors_is_said_to_be(call: Call, state: Path, uri: str, message: str, hint: str) -> None:
    code, out, err = call(uri, "--state", state)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message.format(state=state)}")
    assert f"hint: {hint}" in err


def test_tensors_are_read_while_the_training_goes_on(call: Call, state: Path) -> None:
    client = storage.connect(control.start(state).environment()).client
    train = step("train", saves="s3://kept/loans/debugger", state="running")
    keep(state, client, "going-001", [train, step("debug", state="waiting")])
    code, _, err = call("going-001", "--state", state)
    assert (code, err.splitlines()[0]) == (1, "error: run going-001 has no tensors: its step debug is waiting")
    record(client, "going-001", "train", {"resource": {"type": "TrainingJob", "name": "job-1"}})
    assert call("going-001", "train-rmse", "--state", state)[0] == 0


@pytest.mark.parametrize(
    ("run", "members", "said"),
    [
        ("a-001", {"steps": [step("train")]}, "run a-001 saved no tensors: its spec has no `debugger`"),
        ("b-001", {"steps": [step("debug")]}, "run b-001 has no tensors: its step debug is succeeded"),
        ("c-001", {"steps": [step("debug")], "records": None}, "`records` says not where the steps' records are"),
        ("d-001", {"steps": None}, "cannot be used: `steps` is no list"),
        ("e-001", {"steps": [{"id": "debug"}]}, "cannot be used: a step has no `id` or no `component`"),
        ("f-001", {"steps": [{"id": "debug", "component": "debug"}]}, "the version of Specimen that wrote it"),
    ],
)
def test_a_run_without_tensors_says_why(call: Call, state: Path, run: str, members: Any, said: str) -> None:
    client = storage.connect(control.start(state).environment()).client
    keep(state, client, run, members["steps"], **{key: value for key, value in members.items() if key != "steps"})
    code, out, err = call(run, "--state", state)
    assert (code, out) == (1, "")
    assert said in err
    assert "hint: " in err


def test_a_run_whose_rules_ended_without_tensors_says_so(call: Call, state: Path) -> None:
    client = storage.connect(control.start(state).environment()).client
    keep(state, client, "none-001", [step("debug")])
    record(client, "none-001", "debug", {"details": {"tensors": None, "rules": []}})
    assert call("none-001", "--state", state)[2].startswith("error: run none-001 saved no tensors\nhint: add `debugger")


def test_aws_is_asked_only_by_name_and_with_the_users_credentials(
    call: Call, state: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What stands for AWS here is the embedded server, under the user's own variables."""
    server = control.start(state)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.endpoint)
    code, out, err = call(TENSORS, "--aws", "--state", tmp_path)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: AWS cannot be asked for {TENSORS}: Unable to locate credentials\nhint: your own ")
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    assert call(TENSORS, "train-rmse", "--aws", "--state", tmp_path)[0] == 0
    assert call("s3://elsewhere/x", "--aws")[2].startswith("error: AWS has no bucket `elsewhere`\n")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    assert f"AWS refuses to show {TENSORS}: SignatureDoesNotMatch" in call(TENSORS, "--aws")[2]
    monkeypatch.setenv("AWS_PROFILE", "absent")
    assert "AWS cannot be asked: The config profile (absent) could not be found" in call(TENSORS, "--aws")[2]
    assert not (tmp_path / "aws").exists()
