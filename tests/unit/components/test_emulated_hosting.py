"""Hosting against the embedded SageMaker: one endpoint whatever happens, updated without a pause, gone in the end."""

import io
import json
import tarfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import xgboost
from specimen_components import finish, host, verify
from specimen_components.jsondata import Json

from tests.unit.components import test_emulated
from tests.unit.components.test_emulated import IMAGE, ROLE, Local

local = test_emulated.local

COLUMNS = ["y", "LIMIT", "AGE"]
ROWS = np.random.default_rng(5).random((300, 3)).round(4)
ROWS[:, 0] = ROWS[:, 1] > 0.5


class Hosted:
    """An endpoint of its own in a test's corner, with the records of the steps before it."""

    def __init__(self, own: Local) -> None:
        self.local, self.name = own, own.prefix
        self.test = own.put("test.csv", "\n".join(",".join(f"{v:g}" for v in row) for row in ROWS).encode() + b"\n")
        self.manifest = own.put("manifest.json", b"{}")

    def model(self, depth: int = 2, content: bytes | None = None) -> None:
        """The records of a run whose model is of this depth, or made of this content."""
        booster = xgboost.train(
            {"objective": "binary:logistic", "max_depth": depth}, xgboost.DMatrix(ROWS[:, 1:], ROWS[:, 0]), 3
        )
        raw = bytes(booster.save_raw("ubj")) if content is None else content
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            member = tarfile.TarInfo("xgboost-model")
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))
        name = f"{self.name}-{depth}"
        container = {"Image": IMAGE, "ModelDataUrl": self.local.put(f"{name}/model.tar.gz", packed.getvalue())}
        self.local.sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
        for run in ("r-1", "r-2"):
            self.recorded(run, "model", {"model": name})
            self.recorded(run, "prepare", {"manifest": self.manifest, "test": self.test, "columns": COLUMNS})

    def recorded(self, run: str, step: str, outputs: Mapping[str, Json]) -> None:
        record = {"step": step, "component": step, "state": "Succeeded", "outputs": outputs}
        self.local.put(f"runs/{run}/{step}.json", json.dumps(record).encode())

    def ends(self, run: str) -> None:
        """A run has come to its end."""
        self.local.put(f"runs/{self.local.prefix}-{run}/finish.json", b"{}")

    @property
    def variants(self) -> list[Json]:
        problem: dict[str, Json] = {"type": "binary", "threshold": 0.5, "classes": 2}
        steps: dict[str, Json] = {
            "model": "model",
            "prepare": "prepare",
            "content_type": "text/csv",
            "problem": problem,
        }
        return [{"name": "main", "trial": "default", "candidates": {"default": steps}}]

    def host(self, run: str = "r-1", *, keep: bool = True, experiment: str = "demo") -> list[str]:
        """The command line of `host`."""
        tags: list[Json] = [{"Key": "specimen:experiment", "Value": experiment}]
        variant: dict[str, Json] = {
            "VariantName": "main",
            "ModelName": {"$ref": "model:main"},
            "InitialVariantWeight": 1.0,
            "InitialInstanceCount": 1.0,
            "InstanceType": "ml.m5.large",
        }
        arguments: dict[str, Json] = {
            "prefix": self.name,
            "request": {"EndpointConfigName": {"$ref": "name"}, "ProductionVariants": [variant], "Tags": tags},
            "endpoint_request": {"EndpointName": self.name, "Tags": tags},
            "variants": self.variants,
            "keep": str(keep).lower(),
        }
        return self.local.argv(arguments, run=run, step="host")

    def verify(self, **changes: Json) -> list[str]:
        """The command line of `verify`."""
        arguments: dict[str, Json] = {
            "endpoint": self.name,
            "variants": self.variants,
            "batch": 100.0,
            "concurrency": 2.0,
            "payload": 6e6,
            "destination": self.local.put("verification", b"").removesuffix("/"),
        }
        return self.local.argv({**arguments, **changes}, step="verify")

    def finish(self, run: str = "r-1", *, keep: bool = False, experiment: str = "demo") -> list[str]:
        """The command line of `finish`, of a plan without steps."""
        told: dict[str, Json] = {
            "name": experiment,
            "labels": {},
            "document": {},
            "digest": "d",
            "trials": ["default"],
            "steps": [],
            "target": {"name": "local", "region": "us-east-1"},
            "hosting": {"name": self.name, "keep": keep},
        }
        return self.local.argv({"experiment": told}, run=run, step="finish")

    @property
    def endpoints(self) -> list[str]:
        listed = self.local.sagemaker.list_endpoints(NameContains=self.name)["Endpoints"]
        return [one["EndpointName"] for one in listed]

    @property
    def configs(self) -> list[str]:
        listed = self.local.sagemaker.list_endpoint_configs(NameContains=self.name)["EndpointConfigs"]
        return [one["EndpointConfigName"] for one in listed]

    def tags(self) -> dict[str, str]:
        described = self.local.sagemaker.describe_endpoint(EndpointName=self.name)
        listed = self.local.sagemaker.list_tags(ResourceArn=described["EndpointArn"])["Tags"]
        return {tag["Key"]: tag["Value"] for tag in listed}


@pytest.fixture
def hosted(local: Local) -> Any:
    made = Hosted(local)
    yield made
    for name in made.endpoints:
        local.sagemaker.delete_endpoint(EndpointName=name)


def test_an_endpoint_is_made_once_asked_and_deleted(hosted: Hosted) -> None:
    hosted.model()
    for outcome in ("created", "reused"):
        assert host.main(hosted.host(keep=False)) == 0
        record = hosted.local.record(step="host")
        assert (record["details"]["outcome"], record["resource"]["name"]) == (outcome, hosted.name)
    assert hosted.tags()["specimen:manifest:main"] == hosted.manifest
    assert verify.main(hosted.verify()) == 0
    details = hosted.local.record(step="verify")["details"]
    assert (details["rows"], details["requests"], details["variants"]) == (300, 3, {"main": 300})
    assert sum(map(sum, details["confusion"])) == 300
    assert {"roc", "residuals", "notes"} < details.keys()  # as `evaluate` tells of itself, for the report
    assert hosted.local.record(step="verify")["outputs"]["metrics"]["endpoint:error"] < 0.05
    assert finish.main(hosted.finish()) == 0
    deleted = hosted.local.record(step="finish")["details"]["deleted"]
    assert [line.split()[0] for line in deleted] == ["Endpoint", "EndpointConfig"]
    assert (hosted.endpoints, hosted.configs) == ([], [])


def test_another_model_takes_the_place_of_the_one_that_serves(hosted: Hosted) -> None:
    hosted.model()
    assert host.main(hosted.host()) == 0
    before = hosted.local.record(step="host")["outputs"]["config"]
    hosted.model(depth=4)
    assert host.main(hosted.host("r-2", keep=False)) == 0
    details = hosted.local.record("r-2", "host")["details"]
    assert (details["outcome"], details["previous"]) == ("updated", before)
    serving = hosted.local.sagemaker.describe_endpoint(EndpointName=hosted.name)["EndpointConfigName"]
    assert serving == details["config"] != before
    assert hosted.tags()["specimen:keep"] == "true"
    assert finish.main(hosted.finish("r-2")) == 0
    assert hosted.endpoints == [hosted.name] and set(hosted.configs) == {before, serving}


def test_a_model_that_does_not_start_leaves_the_old_one_serving(hosted: Hosted, capsys: Any) -> None:
    hosted.model()
    assert host.main(hosted.host()) == 0
    before = hosted.local.record(step="host")["outputs"]["config"]
    hosted.model(depth=4, content=b"no model")
    assert host.main(hosted.host("r-2")) == 1
    error = capsys.readouterr().err
    assert f"the update of endpoint {hosted.name} failed, {before} still serves: " in error
    assert "Traceback" not in error
    assert verify.main(hosted.verify()) == 0


def test_a_failed_endpoint_gives_way_in_the_next_run(hosted: Hosted, capsys: Any) -> None:
    hosted.model(content=b"no model")
    for _ in range(2):
        assert host.main(hosted.host(keep=False)) == 1
        assert f"error: Endpoint {hosted.name} failed: " in capsys.readouterr().err
    hosted.model(depth=4)
    assert host.main(hosted.host("r-2", keep=False)) == 0
    assert hosted.local.record("r-2", "host")["details"]["outcome"] == "created"


def test_an_endpoint_of_another_experiment_is_neither_used_nor_deleted(hosted: Hosted, capsys: Any) -> None:
    hosted.model()
    assert host.main(hosted.host(keep=False, experiment="other")) == 0
    before = hosted.tags()
    assert host.main(hosted.host("r-2", keep=False)) == 1
    assert "belongs to the experiment other; it was left untouched" in capsys.readouterr().err
    assert finish.main(hosted.finish("r-2")) == 0
    assert (hosted.tags(), len(hosted.configs)) == (before, 1)


def test_what_an_earlier_run_left_is_deleted_by_the_next(hosted: Hosted) -> None:
    hosted.model()
    assert host.main(hosted.host(keep=False)) == 0
    hosted.ends("r-1")
    assert finish.main(hosted.finish("r-2")) == 0
    assert (hosted.endpoints, hosted.configs) == ([], [])


def test_an_endpoint_is_deleted_after_a_failure_too_and_while_it_is_created(hosted: Hosted) -> None:
    hosted.model()
    argv = hosted.host(keep=False)
    with hosted.local.start("host", argv) as process:
        assert process.stdout is not None
        next(line for line in process.stdout if line == "Creating\n")
        process.terminate()
        process.communicate(timeout=30)
    assert finish.main(hosted.finish()) == 0
    assert (hosted.endpoints, hosted.configs) == ([], [])


def test_two_runs_at_once_share_one_endpoint(hosted: Hosted) -> None:
    hosted.model()
    started = [hosted.local.start("host", hosted.host(run, keep=False)) for run in ("r-1", "r-2")]
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(lambda process: process.communicate(timeout=120), started))
    assert [process.returncode for process in started] == [0, 0], ended
    assert (len(hosted.endpoints), len(hosted.configs)) == (1, 1)
    outcomes = [hosted.local.record(run, "host")["details"]["outcome"] for run in ("r-1", "r-2")]
    assert sorted(outcomes) == ["created", "reused"]
    hosted.ends("r-2")  # else the first waits for it
    assert finish.main(hosted.finish()) == 0
    assert finish.main(hosted.finish("r-2")) == 0
    assert (hosted.endpoints, hosted.configs) == ([], [])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"endpoint": "nobody"}, "endpoint nobody is not in service any more"),
        ({"payload": 10.0}, "row 1 of the test part has 13 bytes, and a request holds 10 at most"),
    ],
)
def test_what_stands_in_verifications_way_is_said(
    hosted: Hosted, capsys: Any, changes: dict[str, Json], said: str
) -> None:
    hosted.model()
    assert verify.main(hosted.verify(**changes)) == 1
    error = capsys.readouterr().err
    assert said in error and "\nhint: " in error and "Traceback" not in error


def test_a_test_part_of_other_columns_is_refused_by_the_model(hosted: Hosted, capsys: Any) -> None:
    hosted.model()
    assert host.main(hosted.host(keep=False)) == 0
    hosted.local.put("test.csv", b"1,0.5,0.5,0.5,0.5\n")
    assert verify.main(hosted.verify()) == 1
    assert "row 1 of the test part: the model answers with an error" in capsys.readouterr().err
