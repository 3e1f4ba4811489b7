"""Debugger on training jobs: tensors and profiles go to S3 while the container runs, and rules are processing jobs."""

import json
import os
import re
import signal
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from specimen.emulator.errors import AwsError
from specimen.emulator.jobs.worker import YIELDING
from specimen.emulator.sagemaker import tags

if TYPE_CHECKING:
    from .conftest import Cloud

Eventually = Callable[[Callable[[], Any]], Any]

BASE = """
    import json, os, pathlib, sys, threading
    base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])

    def config(name):
        return json.loads((base / "input/config" / f"{name}.json").read_text())

    def write(path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name(path.name + ".tmp").write_text(text)
        path.with_name(path.name + ".tmp").rename(path)

    def wait(name):
        print("waiting for", name, flush=True)
        while not (base / name).exists():
            threading.Event().wait(0.01)
"""
TRAINER = (
    BASE
    + """
    hook = config("debughookconfig")
    tensors = pathlib.Path(hook["LocalPath"])
    write(tensors / "collections/000000000/worker_0_collections.json", json.dumps(hook))
    for step in (0, 5):
        write(tensors / f"events/{step:012}/{step:012}_worker_0.tfevents", f"events of {step}")
        write(tensors / f"index/000000000/{step:012}_worker_0.json", f"index of {step}")
        wait(f"after-{step}")
    (tensors / "half.tfevents.tmp").write_text("half")
    sys.exit(int(os.environ.get("CODE", "0")))
"""
)
RULE = """
    import json, os, pathlib, sys, threading
    base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
    told = json.loads((base / "processing/input/config/rule_config.json").read_text())
    print("rule", told["rule"], "nice", os.nice(0), flush=True)
    (pathlib.Path(told.pop("output")) / "told.json").write_text(json.dumps(told))
    parameters = told["parameters"]
    if "wait" in parameters:
        threading.Event().wait()
    (base / "output/message").write_text(parameters.get("message", "") + chr(10))
    sys.exit(int(parameters.get("code", "0")))
"""


class Scene:
    """A cloud with a trainer that waits after each step, and an image that evaluates rules."""

    def __init__(self, cloud: "Cloud", eventually: Eventually) -> None:
        self.cloud = cloud
        self.eventually = eventually
        cloud.put("train/part.csv", b"1,2\n")
        self.trainer = cloud.image("trainer", TRAINER)
        self.rules = cloud.image("rules", RULE)

    def rule(self, title: str, **parameters: str) -> dict[str, Any]:
        """Form the configuration of a rule."""
        told = {"RuleParameters": {"rule_to_invoke": title, **parameters}} if parameters else {}
        return {"RuleConfigurationName": title, "RuleEvaluatorImage": self.rules, **told}

    def train(self, *rules: dict[str, Any], **more: Any) -> None:
        """Create a training job that saves tensors, and has rules."""
        hook = {"S3OutputPath": f"s3://{self.cloud.bucket}/debug/"}
        asked = {"DebugHookConfig": hook, **({"DebugRuleConfigurations": list(rules)} if rules else {})}
        self.cloud.train("A-job", self.trainer, **{**asked, **more})

    def let(self, *steps: int) -> None:
        """Let the trainer go on after steps."""
        for step in steps:
            self.eventually(partial(self.waits, step))
            self.folder.joinpath(f"after-{step}").touch()

    def waits(self, step: int) -> bool:
        """Tell whether the trainer waits after a step."""
        return f"waiting for after-{step}" in self.cloud.log("A-job")

    @property
    def folder(self) -> Path:
        """Return the base folder of the trainer's container."""
        return self.cloud.launcher.folder("TrainingJob", "A-job").path / "ml"

    def ended(self) -> dict[str, Any]:
        """Let the trainer go on to its end, and return the job."""
        self.let(0, 5)
        return self.cloud.ended("TrainingJob", "A-job")

    def saved(self) -> Sequence[str]:
        """Return what there is of the tensors on S3."""
        prefix = "debug/A-job/debug-output/"
        return [key.removeprefix(prefix) for key in self.cloud.list(prefix)]

    def statuses(self, kind: str = "Debug") -> list[dict[str, Any]]:
        """Wait until no rule is in progress, and return what they have come to."""

        def final() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = self.cloud.describe("TrainingJob", "A-job")[f"{kind}RuleEvaluationStatuses"]
            going = [rule for rule in found if rule["RuleEvaluationStatus"] in ("InProgress", "Stopping")]
            return [] if going else found

        found: list[dict[str, Any]] = self.eventually(final)
        return found

    def job(self, number: int = 0) -> str:
        """Return the name of the processing job that evaluates a rule."""
        summaries = self.cloud.call("ListProcessingJobs", SortOrder="Ascending")["ProcessingJobSummaries"]
        return str(summaries[number]["ProcessingJobName"])


@pytest.fixture
def scene(cloud: "Cloud", eventually: Eventually) -> Scene:
    """The scene."""
    return Scene(cloud, eventually)


STEPS = (
    ["collections/000000000/worker_0_collections.json"],
    [f"events/{step:012}/{step:012}_worker_0.tfevents" for step in (0, 5)],
    [f"index/000000000/{step:012}_worker_0.json" for step in (0, 5)],
)


def test_tensors_are_on_s3_while_the_container_goes_on(scene: Scene, eventually: Eventually) -> None:
    """Of each step as soon as it is whole; the end is marked when the job has ended, and what was left half is not."""
    scene.train()
    eventually(lambda: any("index" in name for name in scene.saved()))
    assert scene.saved() == [STEPS[0][0], STEPS[1][0], STEPS[2][0]]
    scene.ended()
    assert set(scene.saved()) == {*STEPS[0], *STEPS[1], *STEPS[2], "half.tfevents.tmp", "training_job_end.ts"}
    assert scene.cloud.get("debug/A-job/debug-output/" + STEPS[1][1]) == b"events of 5"


def test_the_container_is_told_of_its_collections_and_where_to_save(scene: Scene) -> None:
    collections = [{"CollectionName": "metrics", "CollectionParameters": {"save_interval": "5"}}]
    hook = {
        "S3OutputPath": f"s3://{scene.cloud.bucket}/debug",
        "LocalPath": "/opt/ml/output/elsewhere",
        "HookParameters": {"save_interval": "10"},
        "CollectionConfigurations": collections,
    }
    scene.train(DebugHookConfig=hook)
    job = scene.ended()
    assert job["DebugHookConfig"] == hook
    told = json.loads(scene.cloud.get("debug/A-job/debug-output/" + STEPS[0][0]))
    assert told == {**hook, "LocalPath": str(scene.folder / "output/elsewhere")}


@pytest.mark.parametrize("how", ["failed", "stopped", "lost"])
def test_the_end_is_marked_however_the_job_ends(scene: Scene, how: str, eventually: Eventually) -> None:
    """Whoever follows the tensors would otherwise wait for ever."""
    profiler = {"S3OutputPath": f"s3://{scene.cloud.bucket}/profile"}
    scene.train(Environment={"CODE": "1"}, ProfilerConfig=profiler)
    eventually(lambda: scene.waits(0))
    match how:
        case "stopped":
            scene.cloud.call("StopTrainingJob", TrainingJobName="A-job")
        case "lost":
            scene.cloud.worker("TrainingJob", "A-job").signal(signal.SIGKILL)
        case _:
            scene.let(0, 5)
    job = scene.cloud.ended("TrainingJob", "A-job")
    assert job["TrainingJobStatus"] == ("Stopped" if how == "stopped" else "Failed")
    assert "training_job_end.ts" in scene.saved()
    marks = [key for key in scene.cloud.list("profile/") if key.endswith("training_job_end.ts")]
    assert marks == [f"profile/A-job/profiler-output/{part}/training_job_end.ts" for part in ("framework", "system")]


def test_tensors_that_s3_refuses_fail_the_job(scene: Scene) -> None:
    scene.train(DebugHookConfig={"S3OutputPath": "s3://no-such-bucket/debug"})
    reason = scene.ended()["FailureReason"]
    assert reason.startswith("ClientError: Data upload failed: The specified bucket does not exist")
    assert "s3://no-such-bucket/debug/A-job/debug-output" in reason


MET = (
    "RuleEvaluationConditionMet: Evaluation of the rule LossNotDecreasing at step 5 resulted in the condition being met"
)
VERDICTS: dict[str, tuple[dict[str, str], str, str | None]] = {
    "Met": ({"message": MET}, "IssuesFound", MET),
    "NotMet": ({"message": "No issue was found."}, "NoIssuesFound", None),
    "Crashed": ({"message": "KeyError: 'loss'", "code": "1"}, "Error", "KeyError: 'loss'"),
    "GaveUp": ({"code": "1"}, "Error", "AlgorithmError: See job logs for more information"),
}


def test_what_rules_find_stands_in_the_training_jobs_description(scene: Scene) -> None:
    """By the exit of each rule's job and its message; also of the profiler's rules, and after the training's end."""
    rules = [scene.rule(title, **parameters) for title, (parameters, _, _) in VERDICTS.items()]
    profiled = scene.rule("ProfilerReport", message=MET)
    place = {"S3OutputPath": f"s3://{scene.cloud.bucket}/profile"}
    scene.train(*rules, ProfilerRuleConfigurations=[profiled], ProfilerConfig=place)
    found = scene.statuses()
    told = {one["RuleConfigurationName"]: (one["RuleEvaluationStatus"], one.get("StatusDetails")) for one in found}
    assert told == {title: (status, details) for title, (_, status, details) in VERDICTS.items()}
    (report,) = scene.statuses("Profiler")
    assert (report["RuleConfigurationName"], report["RuleEvaluationStatus"]) == ("ProfilerReport", "IssuesFound")
    for number, one in enumerate(found):
        arn = scene.cloud.describe("ProcessingJob", scene.job(number))["ProcessingJobArn"]
        assert arn == one["RuleEvaluationJobArn"]
        assert arn == f"arn:aws:sagemaker:us-east-1:111122223333:processing-job/{scene.job(number).lower()}"
    scene.ended()
    assert scene.statuses() == found


def test_a_rule_is_evaluated_by_a_processing_job_like_any_other(scene: Scene, eventually: Eventually) -> None:
    """It runs while the training does; it is listed, described, logged and stopped, and its output is stored."""
    given = [{"Key": "run", "Value": "r-1"}]
    scene.train(scene.rule("TreeDepth", wait="1"), scene.rule("Overfit"), Tags=given)
    name = scene.job()
    assert re.fullmatch(r"A-job-TreeDepth-[0-9a-f]{8}", name)
    eventually(lambda: "rule TreeDepth" in scene.cloud.log(name))
    waiting, done = scene.eventually(
        lambda: [found for found in [_statuses(scene)] if found[1]["RuleEvaluationStatus"] == "NoIssuesFound"]
    )[0]
    assert waiting["RuleEvaluationStatus"] == "InProgress"
    job = scene.cloud.describe("ProcessingJob", name)
    assert job["ProcessingJobStatus"] == "InProgress"
    assert job["TrainingJobArn"] == "arn:aws:sagemaker:us-east-1:111122223333:training-job/A-job"
    assert job["AppSpecification"] == {"ImageUri": scene.rules}
    with scene.cloud.store.transaction() as tx:
        assert tags.of(scene.cloud.context(tx), job["ProcessingJobArn"]) == given
    scene.cloud.call("StopProcessingJob", ProcessingJobName=name)
    stopped, same = scene.statuses()
    assert (stopped["RuleEvaluationStatus"], same) == ("Stopped", done)
    scene.ended()
    assert scene.cloud.list("output/A-job/rule-output/") == (
        "output/A-job/rule-output/Overfit/told.json",
        "output/A-job/rule-output/TreeDepth/told.json",
    )


def _statuses(scene: Scene) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = scene.cloud.describe("TrainingJob", "A-job")["DebugRuleEvaluationStatuses"]
    return found


def test_a_long_name_is_cut_as_sagemaker_cuts_it(scene: Scene) -> None:
    long = "x" * 20 + "-and-a-training-job-too-long"
    hook = {"S3OutputPath": f"s3://{scene.cloud.bucket}/debug"}
    rule = scene.rule("FeatureImportanceOverweightOnTrees")
    scene.cloud.train(long, scene.trainer, DebugHookConfig=hook, DebugRuleConfigurations=[rule])
    assert re.fullmatch(r"x{20}-and-a-FeatureImportanceOverweigh-[0-9a-f]{8}", scene.job())


def test_a_rule_is_told_what_to_do_and_where_the_output_is(scene: Scene) -> None:
    parameters = {
        "rule_to_invoke": "Custom",
        "source_s3_uri": "s3://rules/custom.py",
        "other_trial_1": "s3://second",
        "other_trial_0": "s3://first",
        "threshold": "3",
    }
    rule = {
        "RuleConfigurationName": "Mine",
        "RuleEvaluatorImage": scene.rules,
        "S3OutputPath": f"s3://{scene.cloud.bucket}/found/",
        "LocalPath": "/opt/ml/processing/mine",
        "InstanceType": "ml.m5.large",
        "VolumeSizeInGB": 7,
        "RuleParameters": parameters,
    }
    profiler = {"S3OutputPath": f"s3://{scene.cloud.bucket}/profile"}
    scene.train(rule, ProfilerConfig=profiler)
    scene.ended()
    scene.statuses()
    assert json.loads(scene.cloud.get("found/A-job/rule-output/Mine/told.json")) == {
        "rule": "Custom",
        "name": "Mine",
        "parameters": parameters,
        "other_trials": ["s3://first", "s3://second"],
        "training_job": "A-job",
        "tensors": f"s3://{scene.cloud.bucket}/debug/A-job/debug-output",
        "profiler": f"s3://{scene.cloud.bucket}/profile/A-job/profiler-output",
        "source": "s3://rules/custom.py",
    }
    cluster = scene.cloud.describe("ProcessingJob", scene.job())["ProcessingResources"]["ClusterConfig"]
    assert cluster == {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 7}


def test_a_rule_whose_image_is_not_known_is_an_error(scene: Scene) -> None:
    uri = "503895931360.dkr.ecr.us-east-1.amazonaws.com/detailed-profiler-processing:latest"
    scene.train({**scene.rule("Mine"), "RuleEvaluatorImage": uri})
    (found,) = scene.statuses()
    assert found["RuleEvaluationStatus"] == "Error"
    assert found["StatusDetails"].startswith("ClientError: Cannot pull algorithm container.")


def test_a_request_that_fails_after_all_leaves_no_rule_behind(scene: Scene) -> None:
    def fail() -> None:
        raise AwsError("InternalFailure", "the answer could not be given", 500)

    scene.cloud.afterwards = fail
    with pytest.raises(AwsError, match="could not be given"):
        scene.train(scene.rule("Overfit"))
    assert scene.cloud.launcher.names("ProcessingJob") == ()
    assert scene.cloud.launcher.names("TrainingJob") == ()


def test_a_rule_leaves_the_processor_to_the_training(scene: Scene) -> None:
    scene.train(scene.rule("Overfit"))
    scene.ended()
    scene.statuses()
    assert f"nice {min(19, os.nice(0) + YIELDING)}\n" in scene.cloud.log(scene.job())


def test_rules_outlive_the_server(scene: Scene) -> None:
    scene.train(scene.rule("Overfit", message=MET))
    scene.cloud.restart()
    scene.ended()
    (found,) = scene.statuses()
    assert found["RuleEvaluationStatus"] == "IssuesFound"


def test_what_is_not_asked_for_is_not_done(scene: Scene) -> None:
    source = "import os, pathlib\nbase = pathlib.Path(os.environ['SAGEMAKER_BASE_DIR'])\n"
    source += "print(sorted(path.name for path in (base / 'input/config').iterdir()))"
    disabled = {"S3OutputPath": f"s3://{scene.cloud.bucket}/profile", "DisableProfiler": True}
    scene.cloud.train("job", scene.cloud.image("plain", source), ProfilerConfig=disabled)
    job = scene.cloud.ended("TrainingJob", "job")
    assert "['hyperparameters.json', 'inputdataconfig.json', 'resourceconfig.json']" in scene.cloud.log("job")
    assert job["ProfilingStatus"] == "Disabled"
    assert "DebugRuleEvaluationStatuses" not in job
    assert scene.cloud.list("profile") == ()


RULES = [{"RuleConfigurationName": "Overfit", "RuleEvaluatorImage": "rules"}]
HOOK = {"S3OutputPath": "s3://a-bucket/debug"}
PROFILER = {"S3OutputPath": "s3://a-bucket/profile"}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "rules without a hook": ({"DebugHookConfig": {}, "DebugRuleConfigurations": RULES}, "DebugHookConfig is required"),
    "a rule twice": ({"DebugRuleConfigurations": RULES * 2}, "RuleConfigurationName must be unique, but Overfit"),
    "a rule of both kinds": (
        {"DebugRuleConfigurations": RULES, "ProfilerRuleConfigurations": RULES, "ProfilerConfig": PROFILER},
        "RuleConfigurationName must be unique, but Overfit",
    ),
    "a collection twice": (
        {"DebugHookConfig": {**HOOK, "CollectionConfigurations": [{"CollectionName": "metrics"}] * 2}},
        "CollectionName must be unique, but metrics",
    ),
    "an interval": (
        {"ProfilerConfig": {**PROFILER, "ProfilingIntervalInMilliseconds": 250}},
        "ProfilingIntervalInMilliseconds must be one of 100, 200, 500, 1000, 5000, 60000, but is 250",
    ),
    "profiler rules without a place": (
        {"ProfilerRuleConfigurations": RULES},
        "ProfilerConfig.S3OutputPath is required",
    ),
    "profiler rules without a profiler": (
        {"ProfilerRuleConfigurations": RULES, "ProfilerConfig": {**PROFILER, "DisableProfiler": True}},
        "cannot be specified when DisableProfiler is true",
    ),
    "a rule's output": ({"DebugRuleConfigurations": [{**RULES[0], "LocalPath": "/opt"}]}, "LocalPath must begin with"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_sagemaker_refuses_is_refused_and_nothing_is_created(scene: Scene, case: str) -> None:
    request, message = REFUSED[case]
    with pytest.raises(AwsError, match=message) as refused:
        scene.train(**request)
    assert refused.value.code == "ValidationException"
    assert scene.cloud.launcher.names("TrainingJob") == ()
