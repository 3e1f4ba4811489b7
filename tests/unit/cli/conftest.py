"""An embedded SageMaker after a run whose models are served, for the commands that look at endpoints and lineage."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from specimen.cli import execute
from specimen.emulator import control
from specimen.running import clients

Call = Callable[..., tuple[int, str, str]]
SPEC = """\
apiVersion: specimen/v1
kind: Experiment
metadata: {name: loans}
dataset:
  source: loans.csv
  label: paid
  drop: [id]
  encode: {city: onehot, grade: ordinal, paid: ordinal}
  split: {train: 0.6, validation: 0.2, test: 0.2, seed: 1}
training:
  algorithm: xgboost
  version: "1.7-1"
  hyperparameters: {objective: binary:logistic, num_round: 5, max_depth: 2, eta: 0.9}
  resources: {instance: ml.m5.large, maxRuntime: 10m}
registry: {group: loans}
trials:
  - name: likely
  - name: certain
    set: {training: {hyperparameters: {objective: multi:softmax, num_class: 2}}}
"""
CITIES = ("Bonn", "Köln", "Ulm")
HEADER = "id,income,city,grade,paid"


def row(number: int) -> str:
    """A row of the table: who earns 50 or more pays."""
    income = number * 37 % 100
    return f"{number},{income},{CITIES[number % 3]},{(10, 20)[number % 2]},{'yes' if income >= 50 else 'no'}"


@dataclass(frozen=True)
class Served:
    """A state folder, and the clients of its embedded SageMaker."""

    state: Path
    client: Any

    def variant(self, name: str, trial: str, weight: float = 1.0) -> dict[str, Any]:
        """A production variant of the model that a trial made."""
        model = self.output(f"model-{trial}", "model")
        sizes = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1, "InitialVariantWeight": weight}
        return {"VariantName": name, "ModelName": model, **sizes}

    def output(self, step: str, name: str) -> str:
        """An output of one of the run's steps, as its record has it."""
        document = json.loads((self.state / "runs/loans-001/run.json").read_text(encoding="utf-8"))
        s3 = clients.embedded(control.start(self.state).environment())("s3")
        bucket, _, prefix = document["records"].removeprefix("s3://").partition("/")
        record = json.loads(s3.get_object(Bucket=bucket, Key=f"{prefix}/{step}.json")["Body"].read())
        return str(record["outputs"][name])

    def host(self, name: str, variants: list[dict[str, Any]], **tags: str) -> None:
        """Make an endpoint, and its configuration, with these tags."""
        given = [{"Key": key, "Value": value} for key, value in tags.items()]
        self.client.create_endpoint_config(EndpointConfigName=f"{name}-config", ProductionVariants=variants, Tags=given)
        self.client.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-config", Tags=given)
        self.client.get_waiter("endpoint_in_service").wait(EndpointName=name, WaiterConfig={"Delay": 0.05})


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Two trials of one table, each with its model; of the endpoints one is for a single model and one for both."""
    folder = tmp_path_factory.mktemp("served")
    lines = [HEADER, *map(row, range(200))]
    (folder / "loans.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "loans.yaml").write_text(SPEC, encoding="utf-8")
    state = folder / "state"
    try:
        yield _served(folder / "loans.yaml", state)
    finally:
        control.stop(state)


def _served(spec: Path, state: Path) -> Served:
    assert execute(["run", str(spec), "--state", str(state)]) == 0
    made = Served(state, clients.embedded(control.start(state).environment())("sagemaker"))
    ours = {"specimen:experiment": "loans", "specimen:run": "loans-001", "specimen:keep": "true"}
    uri = made.output("prepare", "manifest")
    made.host("loans", [made.variant("likely", "likely")], **ours, **{"specimen:manifest:likely": uri})
    both = [made.variant("a", "likely", 0.0), made.variant("b", "certain")]
    made.host("both", both, **ours, **{f"specimen:manifest:{name}": uri for name in "ab"})
    made.host("foreign", [made.variant("v", "likely")])
    return made


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls the command line in this process and gives its exit code and what it printed."""

    def calling(*arguments: object) -> tuple[int, str, str]:
        code = execute([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return calling
