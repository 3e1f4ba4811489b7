"""The analysis configurations of a plan are what the SageMaker SDK makes and accepts for Clarify."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from specimen.planning.analyses import analysis, explanation
from specimen.planning.problem import Problem, problem
from specimen.spec.check import check
from specimen.spec.load import document
from specimen.spec.model import Dependence, Experiment

ASK = """
import json, sys
from sagemaker.clarify import ANALYSIS_CONFIG_SCHEMA_V1_0, PDPConfig, SHAPConfig
asked = json.load(sys.stdin)
for config in asked["configs"]:
    ANALYSIS_CONFIG_SCHEMA_V1_0.validate(config)
shap = SHAPConfig(**asked["shap"]).get_explainability_config()
pdp = PDPConfig(**asked["pdp"]).get_explainability_config()
print(json.dumps({**shap, **pdp}))
"""
SPEC = b"""
apiVersion: specimen/v1
kind: Experiment
metadata: {name: loans}
dataset: {source: s3://lake/loans.csv, label: late}
training:
  version: "3.2-0"
  hyperparameters: {objective: binary:logistic, num_round: 10}
bias: {favorable: [0], facets: {sex: [1], age: {above: 40}}, group: region}
explain: {pdp: {features: [age, region], grid: 7}}
"""
NUMBERS = Problem("regression", 1, None, None)
VALUES: dict[str, Any] = {
    "columns": ["late", "sex", "age", "region"],
    "model": "loans-model",
    "baseline": "s3://b/baseline.csv",
}


def filled(value: Any) -> Any:
    match value:
        case {"$ref": name}:
            return VALUES[name]
        case dict():
            return {key: filled(inner) for key, inner in value.items()}
        case list():
            return [filled(inner) for inner in value]
    return value


def test_the_sdk_takes_every_configuration_and_asks_for_explanations_alike(oracle: Callable[[str], Path]) -> None:
    experiment, findings = check(document(SPEC, "loans.yaml"))
    assert isinstance(experiment, Experiment), findings
    (trial,) = experiment.trials
    assert trial.bias
    assert trial.explain
    explain = trial.explain
    configs = [
        analysis("late", trial.bias, problem(trial), trained=False),
        analysis("late", trial.bias, problem(trial), trained=True),
        analysis("late", trial.bias, NUMBERS, trained=True),
        explanation("late", explain, seed=42),
        explanation("late", replace(explain, pdp=Dependence(None, 5)), seed=42),
    ]
    made = filled(configs[3])["methods"]
    shap = {"baseline": VALUES["baseline"], "num_samples": 100, "agg_method": "mean_abs", "seed": 42}
    pdp = {"features": ["age", "region"], "grid_resolution": 7}
    given = json.dumps({"configs": [filled(config) for config in configs], "shap": shap, "pdp": pdp})
    done = subprocess.run(
        [oracle("sagemaker2"), "-W", "ignore", "-c", ASK],
        input=given,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert {name: made[name] for name in ("shap", "pdp")} == json.loads(done.stdout.splitlines()[-1])
