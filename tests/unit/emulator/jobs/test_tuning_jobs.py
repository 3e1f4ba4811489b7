"""Tuning jobs suggest, run training jobs of their own, and end as SageMaker's do."""

import signal
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pytest
from specimen.emulator.errors import AwsError
from specimen.emulator.jobs.containers import BUILT_IN, Image
from specimen.emulator.sagemaker import search, tags

if TYPE_CHECKING:
    from .conftest import Cloud

KIND = "HyperParameterTuningJob"
OBJECTIVE = {"MetricName": "validation:score", "Type": "Maximize"}
REGEX = r".*\[[0-9]+\].*#011validation-score:(\S+)"
# Prints its objective once: x, or fails for a negative one.
MODEL = """
    import json, os, pathlib, sys
    base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
    told = json.loads((base / "input/config/hyperparameters.json").read_text())
    (base / "model/told.json").write_text(json.dumps(told))
    if float(told["x"]) < 0:
        (base / "output/failure").write_text(f"x is {told['x']}")
        sys.exit(1)
    print(f"[0]\\ttrain-score:9\\tvalidation-score:{told['x']}")
"""
# Prints its objective, then waits to be told to end.
ENDLESS = """
    import json, os, pathlib, threading
    base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
    told = json.loads((base / "input/config/hyperparameters.json").read_text())
    print(f"[0]\\tvalidation-score:{told['x']}", flush=True)
    if float(told["x"]) > 0.5:
        threading.Event().wait()
"""
Eventually = Callable[[Callable[[], Any]], Any]


@pytest.fixture(autouse=True)
def data(cloud: "Cloud") -> None:
    """One object for the channel."""
    cloud.put("train/part.csv", b"1,2\n")


def request(
    cloud: "Cloud", image: str, config: Mapping[str, Any], definition: Mapping[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """Form a tuning job's request, all of it but its name."""
    limits = {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2}
    metric = {"Name": OBJECTIVE["MetricName"], "Regex": REGEX}
    return {
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "HyperParameterTuningJobObjective": OBJECTIVE,
            "ResourceLimits": limits,
            "ParameterRanges": {"ContinuousParameterRanges": [{"Name": "x", "MinValue": "0", "MaxValue": "1"}]},
            "RandomSeed": 7,
            **config,
        },
        "TrainingJobDefinition": {
            "AlgorithmSpecification": {
                "TrainingImage": image,
                "TrainingInputMode": "File",
                "MetricDefinitions": [metric],
            },
            "RoleArn": cloud.role,
            "InputDataConfig": [cloud.channel("train")],
            "OutputDataConfig": {"S3OutputPath": f"s3://{cloud.bucket}/output/"},
            "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 5},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
            "StaticHyperParameters": {"rounds": "3"},
            **(definition or {}),
        },
        **more,
    }


def tune(cloud: "Cloud", name: str, image: str, config: Mapping[str, Any] | None = None, **more: Any) -> None:
    """Create a tuning job."""
    cloud.call(f"Create{KIND}", HyperParameterTuningJobName=name, **request(cloud, image, config or {}, **more))


def grid(*values: str) -> dict[str, Any]:
    """Form the configuration of a grid over x, one training job at a time."""
    ranges = {"CategoricalParameterRanges": [{"Name": "x", "Values": list(values)}]}
    return {"Strategy": "Grid", "ParameterRanges": ranges, "ResourceLimits": {"MaxParallelTrainingJobs": 1}}


def children(cloud: "Cloud", name: str, **more: Any) -> list[dict[str, Any]]:
    """List a tuning job's training jobs."""
    answer = cloud.call("ListTrainingJobsForHyperParameterTuningJob", HyperParameterTuningJobName=name, **more)
    return list(answer["TrainingJobSummaries"])


def values(cloud: "Cloud", name: str, **more: Any) -> list[str]:
    """Return what was tried for x, in the order of a listing."""
    return [entry["TunedHyperParameters"]["x"] for entry in children(cloud, name, **more)]


def test_every_suggestion_becomes_a_training_job_of_its_own(cloud: "Cloud") -> None:
    tune(cloud, "job", cloud.image("trainer", MODEL), Tags=[{"Key": "team", "Value": "risk"}])
    job = cloud.ended(KIND, "job")
    assert job["HyperParameterTuningJobStatus"] == "Completed", job
    assert job["HyperParameterTuningJobArn"].endswith(":hyper-parameter-tuning-job/job")
    assert job["TrainingJobStatusCounters"] == {
        "Completed": 4,
        "InProgress": 0,
        "RetryableError": 0,
        "NonRetryableError": 0,
        "Stopped": 0,
    }
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 4, "Pending": 0, "Failed": 0}
    assert job["ConsumedResources"]["RuntimeInSeconds"] >= 1
    assert job["HyperParameterTuningEndTime"] >= job["CreationTime"]
    listed = children(cloud, "job")
    assert [entry["TrainingJobName"][:8] for entry in listed] == ["job-001-", "job-002-", "job-003-", "job-004-"]
    for entry in listed:
        assert len(entry["TrainingJobName"]) == len("job-001-") + 8
        told = cloud.describe("TrainingJob", entry["TrainingJobName"])
        tuned = entry["TunedHyperParameters"]
        assert told["TuningJobArn"] == job["HyperParameterTuningJobArn"]
        assert told["HyperParameters"] == {"rounds": "3", "_tuning_objective_metric": "validation:score", **tuned}
        assert f"validation-score:{tuned['x']}\n" in cloud.log(entry["TrainingJobName"])
        assert b'"rounds": "3"' in cloud.packed(f"output/{entry['TrainingJobName']}/output/model.tar.gz")["told.json"]
        metric = entry["FinalHyperParameterTuningJobObjectiveMetric"]
        assert metric == {**OBJECTIVE, "Value": pytest.approx(float(tuned["x"]))}
        with cloud.store.transaction() as tx:
            assert tags.of(cloud.context(tx), told["TrainingJobArn"]) == [{"Key": "team", "Value": "risk"}]
    best = max(listed, key=lambda entry: float(entry["TunedHyperParameters"]["x"]))
    assert job["BestTrainingJob"] == best
    ordinary = cloud.call("ListTrainingJobs", NameContains="job-0")["TrainingJobSummaries"]
    assert {entry["TrainingJobName"] for entry in ordinary} == {entry["TrainingJobName"] for entry in listed}


def test_its_own_way_of_naming_instances_is_a_training_jobs_too(cloud: "Cloud") -> None:
    uri = cloud.image("trainer", MODEL)
    asked = request(cloud, uri, grid("0.5"))
    definition = asked["TrainingJobDefinition"]
    definition["HyperParameterTuningResourceConfig"] = definition["ResourceConfig"]
    with pytest.raises(AwsError, match="either a ResourceConfig or a HyperParameterTuningResourceConfig, not both"):
        cloud.call(f"Create{KIND}", HyperParameterTuningJobName="job", **asked)
    definition["HyperParameterTuningResourceConfig"] = {"InstanceType": "ml.m5.large", "InstanceCount": 1}
    del definition["ResourceConfig"]
    cloud.call(f"Create{KIND}", HyperParameterTuningJobName="job", **asked)
    (entry,) = (cloud.ended(KIND, "job"), children(cloud, "job"))[1]
    told = cloud.describe("TrainingJob", entry["TrainingJobName"])
    assert told["ResourceConfig"] == {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30}


def test_less_is_better_where_the_objective_says_so(cloud: "Cloud") -> None:
    minimize = {"HyperParameterTuningJobObjective": {**OBJECTIVE, "Type": "Minimize"}}
    tune(cloud, "job", cloud.image("trainer", MODEL), {**grid("0.5", "0.2", "0.4"), **minimize})
    assert cloud.ended(KIND, "job")["BestTrainingJob"]["TunedHyperParameters"] == {"x": "0.2"}


def test_a_seed_gives_the_same_suggestions_again(cloud: "Cloud") -> None:
    image = cloud.image("trainer", MODEL)
    limits = {"ResourceLimits": {"MaxNumberOfTrainingJobs": 8, "MaxParallelTrainingJobs": 1}}
    for name in ("one", "two"):
        tune(cloud, name, image, {"Strategy": "Bayesian", **limits})
    for name in ("one", "two"):
        assert cloud.ended(KIND, name)["HyperParameterTuningJobStatus"] == "Completed"
    assert len(set(values(cloud, "one"))) == 8
    assert values(cloud, "one") == values(cloud, "two")


def test_training_jobs_are_listed_in_order_by_status_and_page(cloud: "Cloud") -> None:
    tune(cloud, "job", cloud.image("trainer", MODEL), grid("0.3", "-1", "0.9", "0.1"))
    assert cloud.ended(KIND, "job")["HyperParameterTuningJobStatus"] == "Completed"
    assert values(cloud, "job") == ["0.3", "-1", "0.9", "0.1"]
    assert values(cloud, "job", SortOrder="Descending") == ["0.1", "0.9", "-1", "0.3"]
    assert values(cloud, "job", SortBy="CreationTime") == ["0.3", "-1", "0.9", "0.1"]
    assert values(cloud, "job", SortBy="Status")[-1] == "-1"
    by = {"SortBy": "FinalObjectiveMetricValue"}
    assert values(cloud, "job", **by) == ["0.1", "0.3", "0.9"]
    assert values(cloud, "job", **by, SortOrder="Descending") == ["0.9", "0.3", "0.1"]
    assert values(cloud, "job", StatusEquals="Failed") == ["-1"]
    first = cloud.call("ListTrainingJobsForHyperParameterTuningJob", HyperParameterTuningJobName="job", MaxResults=3)
    assert values(cloud, "job", MaxResults=3, NextToken=first["NextToken"]) == ["0.1"]


def test_failed_training_jobs_are_counted_and_the_others_go_on(cloud: "Cloud") -> None:
    tune(cloud, "job", cloud.image("trainer", MODEL), grid("-1", "0.2", "-2"))
    job = cloud.ended(KIND, "job")
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["TrainingJobStatusCounters"]["NonRetryableError"] == 2
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 1, "Pending": 0, "Failed": 2}
    failed = children(cloud, "job", StatusEquals="Failed")
    assert [entry["FailureReason"] for entry in failed] == [
        "AlgorithmError: x is -1, exit code: 1",
        "AlgorithmError: x is -2, exit code: 1",
    ]
    assert [entry["ObjectiveStatus"] for entry in failed] == ["Failed", "Failed"]


def test_it_fails_with_the_first_reason_when_all_training_jobs_fail(cloud: "Cloud") -> None:
    tune(cloud, "job", cloud.image("trainer", MODEL), grid("-1", "-2"))
    job = cloud.ended(KIND, "job")
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("All training jobs failed. Please take a look at the training jobs failures")
    assert job["FailureReason"].endswith("AlgorithmError: x is -1, exit code: 1")
    assert "BestTrainingJob" not in job


def test_it_gives_up_after_five_attempts_of_which_none_succeeded(cloud: "Cloud") -> None:
    tune(cloud, "job", cloud.image("trainer", MODEL), grid(*(str(-number) for number in range(1, 21))))
    job = cloud.ended(KIND, "job")
    assert job["FailureReason"].startswith("No training job succeeded after 5 attempts. Please take a look")
    assert len(children(cloud, "job")) == 5


def test_an_objective_that_is_never_printed_fails_it(cloud: "Cloud") -> None:
    tune(cloud, "job", cloud.image("trainer", "print('nothing')"), grid("1", "2"))
    job = cloud.ended(KIND, "job")
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("No objective metrics found after running 2 training jobs.")
    assert job["ObjectiveStatusCounters"]["Failed"] == 2


def test_stopping_it_stops_its_training_jobs(cloud: "Cloud", eventually: Eventually) -> None:
    tune(cloud, "job", cloud.image("trainer", ENDLESS), grid("0.1", "0.9", "0.2"))

    def waiting() -> list[dict[str, Any]]:
        return [e for e in children(cloud, "job") if e["TunedHyperParameters"]["x"] == "0.9"]

    (entry,) = eventually(waiting)
    eventually(lambda: "validation-score:0.9" in cloud.log(entry["TrainingJobName"]))
    running = cloud.describe(KIND, "job")
    assert running["TrainingJobStatusCounters"]["InProgress"] == 1
    assert running["ObjectiveStatusCounters"] == {"Succeeded": 1, "Pending": 1, "Failed": 0}
    cloud.call(f"Stop{KIND}", HyperParameterTuningJobName="job")
    assert cloud.describe(KIND, "job")["HyperParameterTuningJobStatus"] in ("Stopping", "Stopped")
    job = cloud.ended(KIND, "job")
    assert job["HyperParameterTuningJobStatus"] == "Stopped"
    assert job["TrainingJobStatusCounters"]["Completed"] == job["TrainingJobStatusCounters"]["Stopped"] == 1
    assert job["BestTrainingJob"]["TunedHyperParameters"] == {"x": "0.9"}  # what it had printed by then counts
    with pytest.raises(AwsError, match=r"is in status Stopped\.$"):
        cloud.call(f"Stop{KIND}", HyperParameterTuningJobName="job")


def test_it_goes_on_while_the_server_is_away(cloud: "Cloud", eventually: Eventually) -> None:
    tune(cloud, "job", cloud.image("trainer", MODEL))
    worker = cloud.worker(KIND, "job")
    cloud.launcher.close()
    eventually(lambda: not worker.alive())
    cloud.restart()
    cloud.launcher.sweep(lambda kind, name: _known(cloud, kind, name))
    assert cloud.describe(KIND, "job")["TrainingJobStatusCounters"]["Completed"] == 4


def _known(cloud: "Cloud", kind: str, name: str) -> bool:
    with cloud.store.transaction() as tx:
        return tx.get(kind, name) is not None


def test_a_lost_worker_fails_it_and_its_training_jobs_are_stopped(cloud: "Cloud", eventually: Eventually) -> None:
    tune(cloud, "job", cloud.image("trainer", ENDLESS), grid("0.9", "0.2"))
    (entry,) = eventually(lambda: children(cloud, "job"))
    eventually(lambda: "validation-score" in cloud.log(entry["TrainingJobName"]))
    cloud.worker(KIND, "job").signal(signal.SIGKILL, group=True)
    job = cloud.ended(KIND, "job")
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("InternalServerError: ")
    assert cloud.ended("TrainingJob", entry["TrainingJobName"])["TrainingJobStatus"] == "Stopped"
    assert len(children(cloud, "job")) == 1


def test_a_target_that_is_reached_completes_it(cloud: "Cloud") -> None:
    criteria = {"TuningJobCompletionCriteria": {"TargetObjectiveMetricValue": 0.4}}
    tune(cloud, "job", cloud.image("trainer", MODEL), {**grid("0.1", "0.5", "0.9"), **criteria})
    assert cloud.ended(KIND, "job")["HyperParameterTuningJobStatus"] == "Completed"
    assert values(cloud, "job") == ["0.1", "0.5"]


def test_it_completes_when_nothing_better_comes(cloud: "Cloud") -> None:
    patience = {"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}}
    config = grid("0.1", "0.9", "0.2", "0.3", "0.4", "0.95")
    tune(cloud, "job", cloud.image("trainer", MODEL), {**config, "TuningJobCompletionCriteria": patience})
    job = cloud.ended(KIND, "job")
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert values(cloud, "job") == ["0.1", "0.9", "0.2", "0.3", "0.4"]
    assert job["TuningJobCompletionDetails"] == {"NumberOfTrainingJobsObjectiveNotImproving": 3}


def test_warm_start_goes_on_from_what_was_found(cloud: "Cloud") -> None:
    image = cloud.image("trainer", MODEL)
    limits = {"ResourceLimits": {"MaxNumberOfTrainingJobs": 3, "MaxParallelTrainingJobs": 1}}
    tune(cloud, "first", image, grid("0.1", "0.99"))
    first = cloud.ended(KIND, "first")["BestTrainingJob"]
    parents = [{"HyperParameterTuningJobName": "first"}]
    for name, kind in (("same", "IdenticalDataAndAlgorithm"), ("other", "TransferLearning")):
        start = {"ParentHyperParameterTuningJobs": parents, "WarmStartType": kind}
        ranges = {"ContinuousParameterRanges": [{"Name": "x", "MinValue": "0", "MaxValue": "0.5"}]}
        tune(cloud, name, image, {"Strategy": "Bayesian", "ParameterRanges": ranges, **limits}, WarmStartConfig=start)
        job = cloud.ended(KIND, name)
        assert job["HyperParameterTuningJobStatus"] == "Completed", job
        overall = job.get("OverallBestTrainingJob")
        assert overall == ({**first, "TuningJobName": "first"} if name == "same" else None)


def test_jobs_are_listed_searched_and_deleted(cloud: "Cloud") -> None:
    image = cloud.image("trainer", MODEL)
    for name in ("a-one", "b-two"):
        tune(cloud, name, image, grid("0.1"))
        cloud.ended(KIND, name)

    def names(**more: Any) -> list[str]:
        answer = cloud.call("ListHyperParameterTuningJobs", **more)["HyperParameterTuningJobSummaries"]
        return [entry["HyperParameterTuningJobName"] for entry in answer]

    assert names() == ["a-one", "b-two"]
    assert names(SortBy="CreationTime", SortOrder="Descending") == ["b-two", "a-one"]
    assert names(NameContains="two", StatusEquals="Completed") == ["b-two"]
    (entry,) = cloud.call("ListHyperParameterTuningJobs", MaxResults=1)["HyperParameterTuningJobSummaries"]
    assert entry["Strategy"] == "Grid"
    assert entry["TrainingJobStatusCounters"]["Completed"] == 1
    with cloud.store.transaction() as tx:
        found = search.search(cloud.context(tx), {"Resource": KIND})
    assert [hit[KIND]["HyperParameterTuningJobName"] for hit in found["Results"]] == ["b-two", "a-one"]
    (trained,) = children(cloud, "a-one")
    cloud.call(f"Delete{KIND}", HyperParameterTuningJobName="a-one")
    assert names() == ["b-two"]
    assert cloud.describe("TrainingJob", trained["TrainingJobName"])["TrainingJobStatus"] == "Completed"
    with pytest.raises(AwsError, match="a-one") as absent:
        cloud.describe(KIND, "a-one")
    assert absent.value.code == "ResourceNotFound"


def test_a_name_is_taken_and_a_running_job_is_not_deleted(cloud: "Cloud", eventually: Eventually) -> None:
    image = cloud.image("trainer", ENDLESS)
    tune(cloud, "job", image, grid("0.9"))
    with pytest.raises(AwsError, match=r"with the name, job, already exists\. Choose a different name\.$") as taken:
        tune(cloud, "job", image, grid("0.9"))
    assert taken.value.code == "ResourceInUse"
    with pytest.raises(AwsError, match="cannot be deleted"):
        cloud.call(f"Delete{KIND}", HyperParameterTuningJobName="job")
    eventually(lambda: children(cloud, "job"))
    cloud.call(f"Stop{KIND}", HyperParameterTuningJobName="job")
    assert cloud.ended(KIND, "job")["HyperParameterTuningJobStatus"] == "Stopped"


# Prints x twenty times, a round after the other; a small x waits for its end after the fifth round.
ROUNDS = """
    import json, os, pathlib, threading
    base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
    told = json.loads((base / "input/config/hyperparameters.json").read_text())
    for number in range(20):
        if float(told["x"]) < 0.5 and number == 5:
            threading.Event().wait()
        print(f"[{number}]\\tvalidation-score:{told['x']}", flush=True)
"""


def test_early_stopping_ends_what_lags_behind_the_median(cloud: "Cloud") -> None:
    config = {**grid("0.8", "0.7", "0.9", "0.1", "0.6"), "TrainingJobEarlyStoppingType": "Auto"}
    tune(cloud, "job", cloud.image("trainer", ROUNDS), config)
    job = cloud.ended(KIND, "job")
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    statuses = {entry["TunedHyperParameters"]["x"]: entry["TrainingJobStatus"] for entry in children(cloud, "job")}
    assert statuses["0.1"] == "Stopped"
    assert {statuses[x] for x in ("0.8", "0.7", "0.9")} == {"Completed"}
    assert job["ObjectiveStatusCounters"]["Succeeded"] == 5  # what a stopped one had printed counts


def test_hyperband_runs_to_its_end(cloud: "Cloud") -> None:
    resources = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 20}}
    tune(cloud, "job", cloud.image("trainer", MODEL), {"Strategy": "Hyperband", "StrategyConfig": resources})
    job = cloud.ended(KIND, "job")
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["ObjectiveStatusCounters"]["Succeeded"] == 4


TUNABLE: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "definitions": (
        {},
        {"MetricDefinitions": [{"Name": "m", "Regex": "(.*)"}]},
        "You can't override the metric definitions for Amazon SageMaker algorithms",
    ),
    "untunable": (
        {"ParameterRanges": {"CategoricalParameterRanges": [{"Name": "booster", "Values": ["gbtree", "dart"]}]}},
        {},
        r"untunable hyperparameters: \[booster\]\. For the algorithm, .*, you can tune only \[depth, x\]\.",
    ),
    "metric": (
        {"HyperParameterTuningJobObjective": {"MetricName": "train:score", "Type": "Maximize"}},
        {},
        r"tuning job, \[train:score\], isn't valid for the \[.*\] algorithm\. Choose a valid objective metric\.",
    ),
    "goal": (
        {"HyperParameterTuningJobObjective": {**OBJECTIVE, "Type": "Minimize"}},
        {},
        r"metric type, \[Minimize\], .* \[validation:score\], isn't valid .* Choose a valid objective metric type",
    ),
    "integers": (
        {"ParameterRanges": {"ContinuousParameterRanges": [{"Name": "depth", "MinValue": "0", "MaxValue": "1"}]}},
        {},
        "depth of the algorithm, .*, needs an integer range",
    ),
}


@pytest.mark.parametrize("case", TUNABLE)
def test_an_algorithm_says_what_can_be_tuned(cloud: "Cloud", case: str) -> None:
    config, algorithm, message = TUNABLE[case]
    uri = cloud.image("built-in", MODEL)
    cloud.table["built-in"] = Image(
        cloud.table["built-in"].module,
        {OBJECTIVE["MetricName"]: REGEX, "train:score": REGEX},
        {OBJECTIVE["MetricName"]: "Maximize"},
        {"depth": "Integer", "x": "Continuous"},
    )
    specification = {"TrainingImage": uri, "TrainingInputMode": "File", **algorithm}
    with pytest.raises(AwsError, match=message) as refused:
        tune(cloud, "job", uri, config, definition={"AlgorithmSpecification": specification})
    assert refused.value.code == "ValidationException"
    assert cloud.call("ListHyperParameterTuningJobs")["HyperParameterTuningJobSummaries"] == []


def test_an_algorithms_own_metrics_are_tuned_for(cloud: "Cloud") -> None:
    uri = cloud.image("built-in", MODEL)
    metrics = {OBJECTIVE["MetricName"]: REGEX}
    cloud.table["built-in"] = Image(
        cloud.table["built-in"].module, metrics, {OBJECTIVE["MetricName"]: "Maximize"}, {"x": "Continuous"}
    )
    tune(
        cloud,
        "job",
        uri,
        definition={"AlgorithmSpecification": {"TrainingImage": uri, "TrainingInputMode": "File"}},
    )
    job = cloud.ended(KIND, "job")
    assert job["ObjectiveStatusCounters"]["Succeeded"] == 4
    algorithm = job["TrainingJobDefinition"]["AlgorithmSpecification"]
    assert algorithm["MetricDefinitions"] == [{"Name": OBJECTIVE["MetricName"], "Regex": REGEX}]


def test_training_jobs_may_have_several_instances_and_checkpoints_of_their_own(cloud: "Cloud") -> None:
    """Children train on two spot instances each, and none goes on from another one's checkpoints."""
    cloud.table["sagemaker-xgboost"] = BUILT_IN.table["sagemaker-xgboost"]
    image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.0-5"
    cloud.objects.delete(cloud.bucket, "train/part.csv")
    for channel in ("train", "validation"):
        for part in range(2):
            rows = "".join(f"{n % 2},{n * 7 % 11},{n % 2 * 3 + n % (5 + part)}\n" for n in range(40))
            cloud.put(f"{channel}/{part}.csv", rows.encode())
    definition = {
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
        "InputDataConfig": [cloud.channel("train"), cloud.channel("validation")],
        "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 600},
        "EnableManagedSpotTraining": True,
        "CheckpointConfig": {"S3Uri": f"s3://{cloud.bucket}/kept"},
        "StaticHyperParameters": {"objective": "binary:logistic", "num_round": "3"},
    }
    config = {
        "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:logloss"},
        "ParameterRanges": {
            "ContinuousParameterRanges": [
                {"Name": "eta", "MinValue": "0.1", "MaxValue": "0.9", "ScalingType": "Linear"}
            ]
        },
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 2},
    }
    tune(cloud, "job", image, config, definition=definition)
    job = cloud.ended(KIND, "job")
    assert job["HyperParameterTuningJobStatus"] == "Completed", job["FailureReason"]
    names = [entry["TrainingJobName"] for entry in children(cloud, "job")]
    for name in names:
        told = cloud.describe("TrainingJob", name)
        assert told["CheckpointConfig"]["S3Uri"] == f"s3://{cloud.bucket}/kept/{name}"
        assert "takes no part" not in cloud.log(name)
        assert "Resuming" not in cloud.log(name)
        assert len(cloud.list(f"kept/{name}/")) == 3
