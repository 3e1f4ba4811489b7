"""Several hosts train one model: the one that bare XGBoost trains on the same shards through its collective."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost
from specimen_jobs.container import Container
from specimen_jobs.xgboost.hosts import Hosts

HYPERPARAMETERS = {
    "objective": "multi:softprob",
    "num_class": "3",
    "num_round": "4",
    "max_depth": "3",
    "eval_metric": "merror,mlogloss",
}
BARE = """
import json, sys
import numpy as np, xgboost
from xgboost.collective import CommunicatorContext
rank, port, shard, out = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
rows = np.loadtxt(shard, delimiter=",", dtype=np.float32, ndmin=2)
asked = json.loads(sys.argv[5]) | {"nthread": 1}
rounds = int(asked.pop("num_round"))
asked["eval_metric"] = asked["eval_metric"].split(",")
with CommunicatorContext(dmlc_tracker_uri="127.0.0.1", dmlc_tracker_port=port, dmlc_task_id=str(rank)):
    data = xgboost.DMatrix(rows[:, 1:], label=rows[:, 0], nthread=1)
    booster = xgboost.train(asked, data, rounds, evals=[(data, "train")], verbose_eval=False)
    if rank == 0:
        booster.save_model(out)
"""


@dataclass(frozen=True)
class Ended:
    """What a host has come to."""

    container: Container
    code: int
    log: str

    @property
    def failure(self) -> str:
        return self.container.failure.read_text()

    @property
    def saved(self) -> list[str]:
        return [path.name for path in self.container.model.glob("*")]


@dataclass(frozen=True)
class Job:
    """Hosts on this machine, a folder each; `channels` of a host are texts by channel name."""

    folder: Path

    def run(
        self,
        hosts: Sequence[Mapping[str, str]],
        kind: str = "text/csv",
        hyperparameters: Mapping[str, str] = HYPERPARAMETERS,
        **more: Any,
    ) -> list[Ended]:
        names = [f"algo-{number + 1}" for number in range(len(hosts))]
        containers = [Container(self.folder / name) for name in names]
        for name, container, channels in zip(names, containers, hosts, strict=True):
            told = {channel: {"ContentType": kind, "TrainingInputMode": "File"} for channel in hosts[0]}
            configs = {
                "hyperparameters": dict(hyperparameters),
                "inputdataconfig": told,
                "resourceconfig": {"hosts": names, "current_host": name},
                **more,
            }
            for config, content in configs.items():
                path = container.config(config)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(content))
            for channel, text in channels.items():
                container.channel(channel).mkdir(parents=True, exist_ok=True)
                (container.channel(channel) / "part").write_text(text)
        for file in self.folder.glob("tracker-*"):
            file.unlink()
        return self._ended(containers)

    def _ended(self, containers: Sequence[Container]) -> list[Ended]:
        command = [sys.executable, "-m", "specimen_jobs.xgboost", "train"]
        common = {**os.environ, "SPECIMEN_TRACKER": str(self.folder / "tracker"), "OMP_NUM_THREADS": "1"}
        running = [
            subprocess.Popen(
                command,
                env={**common, "SAGEMAKER_BASE_DIR": str(container.base)},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for container in containers
        ]
        logs = [process.communicate(timeout=60)[0] for process in running]
        return [
            Ended(*each) for each in zip(containers, (process.returncode for process in running), logs, strict=True)
        ]


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


def shard(seed: int, rows: int = 60, features: int = 4) -> str:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, features)).round(3)
    labels = np.digitize(values[:, 0], [-0.4, 0.4])
    return "".join(f"{label},{','.join(map(str, row))}\n" for label, row in zip(labels, values, strict=True))


def libsvm(text: str) -> str:
    lines = [line.split(",") for line in text.splitlines()]
    return "".join(f"{row[0]} {' '.join(f'{at}:{value}' for at, value in enumerate(row[1:]))}\n" for row in lines)


def bare(folder: Path, shards: Sequence[str]) -> xgboost.Booster:
    """Return what two plain processes train with XGBoost's own collective."""
    from xgboost.tracker import RabitTracker

    tracker = RabitTracker(n_workers=len(shards), host_ip="127.0.0.1", sortby="task")
    tracker.start()
    port = str(tracker.worker_args()["dmlc_tracker_port"])
    out = folder / "bare.ubj"
    running = []
    for rank, text in enumerate(shards):
        path = folder / f"shard-{rank}.csv"
        path.write_text(text)
        command = [sys.executable, "-c", BARE, str(rank), port, str(path), str(out), json.dumps(HYPERPARAMETERS)]
        running.append(subprocess.Popen(command))
    assert [process.wait(60) for process in running] == [0] * len(shards)
    tracker.wait_for(5)
    tracker.free()
    return xgboost.Booster(model_file=str(out))


def trees(booster: xgboost.Booster) -> Any:
    """Return what a model learned, without what it was told and names."""
    model = json.loads(booster.save_raw("json"))["learner"]
    return model["gradient_booster"], model["learner_model_param"]


def test_two_hosts_train_the_model_that_bare_xgboost_trains_on_the_same_shards(job: Job) -> None:
    shards = [shard(1), shard(2, rows=40)]
    first, second = job.run([{"train": text} for text in shards])
    assert (first.code, second.code) == (0, 0), first.log + second.log
    assert (first.saved, second.saved) == (["xgboost-model"], [])
    booster = xgboost.Booster(model_file=bytearray((first.container.model / "xgboost-model").read_bytes()))
    assert trees(booster) == trees(bare(job.folder, shards))
    assert "[3]#011train-merror:" in first.log
    assert "[3]#011" not in second.log, "the master alone logs metrics"


def test_a_host_whose_sparse_rows_name_fewer_features_trains_with_the_others(job: Job) -> None:
    wide, narrow = shard(1), shard(2)
    cut = "".join(" ".join(line.split()[:-1]) + "\n" for line in libsvm(narrow).splitlines())
    first, second = job.run([{"train": cut}, {"train": libsvm(wide)}], "text/libsvm")
    assert (first.code, second.code) == (0, 0), first.log + second.log
    booster = xgboost.Booster(model_file=bytearray((first.container.model / "xgboost-model").read_bytes()))
    assert booster.num_features() == 4


@pytest.mark.parametrize("empty", [0, 2])
def test_a_host_without_data_drops_out(job: Job, empty: int) -> None:
    shards = [shard(1), shard(2)]
    given: list[dict[str, str]] = [{"train": text} for text in shards]
    given.insert(empty, {"train": ""})
    ended = job.run(given)
    assert [each.code for each in ended] == [0, 0, 0], "".join(each.log for each in ended)
    left = ended.pop(empty)
    assert "takes no part in the training" in left.log
    assert [each.saved for each in (left, *ended)] == [[], ["xgboost-model"], []]
    booster = xgboost.Booster(model_file=bytearray((ended[0].container.model / "xgboost-model").read_bytes()))
    assert trees(booster) == trees(bare(job.folder, shards))


def test_one_host_with_data_trains_alone(job: Job) -> None:
    first, second = job.run([{"train": ""}, {"train": shard(1)}])
    assert (first.code, second.code, second.saved) == (0, 0, ["xgboost-model"]), first.log + second.log


def test_a_host_that_lacks_validation_data_drops_out_too(job: Job) -> None:
    first, second = job.run([{"train": shard(1), "validation": shard(3)}, {"train": shard(2), "validation": ""}])
    assert (first.code, second.code) == (0, 0), first.log + second.log
    assert "#011validation-merror:" in first.log
    assert "takes no part in the training" in second.log


def test_no_host_with_data_fails(job: Job) -> None:
    ended = job.run([{"train": ""}, {"train": ""}])
    assert [each.code for each in ended] == [1, 1]
    assert {each.failure for each in ended} == {"No hosts received training data."}


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (shard(2, features=3), "The hosts' train channels differ in their feature columns: [4, 3]"),
        (shard(2).replace("2,", "7,", 1), "label must be discrete values"),
    ],
)
def test_what_is_wrong_on_one_host_ends_both(job: Job, second: str, said: str) -> None:
    ended = job.run([{"train": shard(1)}, {"train": second}])
    assert [each.code for each in ended] == [1, 1], "".join(each.log for each in ended)
    first_to_fail = min(ended, key=lambda each: each.container.failure.stat().st_mtime_ns)
    assert said in first_to_fail.failure
    assert all("Traceback" not in each.log for each in ended), "".join(each.log for each in ended)


def test_debugger_saves_on_the_master_alone(job: Job) -> None:
    collections = ["metrics", "average_shap", "full_shap", "predictions", "trees", "feature_importance"]
    hook = {
        "LocalPath": "/opt/ml/output/tensors",
        "CollectionConfigurations": [
            {"CollectionName": name, "CollectionParameters": {"save_interval": "1"}} for name in collections
        ],
    }
    channels = [{"train": shard(1), "validation": shard(3)}, {"train": shard(2), "validation": shard(4)}]
    first, second = job.run(channels, debughookconfig=hook)
    assert (first.code, second.code) == (0, 0), first.log + second.log
    saved = [list((each.container.base / "output/tensors").rglob("*.tfevents")) for each in (first, second)]
    assert len(saved[0]) == 4
    assert not saved[1]


def test_hosts_are_ordered_by_their_numbers(tmp_path: Path) -> None:
    container = Container(tmp_path)
    assert Hosts.of(container) == Hosts(("algo-1",), "algo-1")
    path = container.config("resourceconfig")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"hosts": ["algo-10", "algo-2", "algo-1"], "current_host": "algo-10"}))
    hosts = Hosts.of(container)
    assert hosts.names == ("algo-1", "algo-2", "algo-10")
    assert (hosts.place, hosts.alone) == (2, False)
