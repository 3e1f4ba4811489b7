"""A plan as text and as JSON."""

import json

import pytest
from specimen.planning.steps import Plan, Ref, Step
from specimen.reporting.plans import as_json, as_table
from specimen.spec.model import Json

REQUEST: dict[str, Json] = {
    "TrainingJobName": {"$ref": "name"},
    "ResourceConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 5},
    "StoppingCondition": {"MaxRuntimeInSeconds": 5400},
}
DEFAULT = frozenset({"default"})
STEPS: Plan = (
    Step("prepare", "prepare", {"source": "s3://b/k"}, DEFAULT),
    Step("train", "train", {"request": REQUEST, "train": Ref("prepare", "train")}, DEFAULT),
    Step("register", "register", {}, DEFAULT, gates=("prepare",)),
)


def test_the_table_shows_what_is_created_where_and_after_what() -> None:
    assert as_table(STEPS) == (
        "step      creates            on                after\n"
        "prepare\n"
        "train     CreateTrainingJob  2 × ml.m5.xlarge  prepare\n"
        "register                                       prepare (must pass)\n"
        "\n"
        "at most 3 instance hours, as far as the jobs' time limits bound them\n"
    )


@pytest.mark.parametrize(("limits", "hours"), [({}, "60"), ({"MaxRuntimeInSeconds": 7200}, "16")])
def test_a_search_counts_as_the_jobs_that_it_may_run(limits: dict[str, Json], hours: str) -> None:
    """20 jobs of 1.5 hours on two instances, unless the search is ended before: 4 at a time for 2 hours."""
    amounts: dict[str, Json] = {"MaxNumberOfTrainingJobs": 20, "MaxParallelTrainingJobs": 4, **limits}
    request: Json = {
        "HyperParameterTuningJobName": {"$ref": "name"},
        "HyperParameterTuningJobConfig": {"ResourceLimits": amounts},
        "TrainingJobDefinition": {key: value for key, value in REQUEST.items() if key != "TrainingJobName"},
    }
    table = as_table((Step("tune", "tune", {"request": request}, DEFAULT),)).splitlines()
    assert table[1] == "tune  CreateHyperParameterTuningJob  20 jobs, each 2 × ml.m5.xlarge"
    assert table[-1].startswith(f"at most {hours} instance hours")


def test_json_holds_the_requests_and_names_what_is_known_later() -> None:
    steps = json.loads(as_json(STEPS))["steps"]
    assert steps[1] == {
        "id": "train",
        "component": "train",
        "trials": ["default"],
        "needs": ["prepare"],
        "arguments": {"request": REQUEST, "train": {"$step": "prepare", "$output": "train"}},
    }


def test_every_step_of_a_real_plan_has_its_line(steps: Plan) -> None:
    lines = as_table(steps).splitlines()
    assert [line.split()[0] for line in lines[1 : len(steps) + 1]] == [step.id for step in steps]


def test_terminal_sequences_in_a_spec_are_shown_as_text() -> None:
    assert "\\x1b[2J" in as_table((Step("\x1b[2J", "train", {}, DEFAULT),))
