"""An experiment and a target as data, for the packages that begin where the spec has been read."""

from dataclasses import replace
from typing import Any

import pytest
from specimen.planning.plan import plan
from specimen.planning.steps import Plan
from specimen.spec.model import (
    Bias,
    Completion,
    Dataset,
    Dependence,
    Evaluate,
    Experiment,
    Explain,
    Facet,
    Gate,
    Images,
    Input,
    Range,
    Registry,
    Resources,
    Split,
    Target,
    Training,
    Trial,
    Tuning,
    WarmStart,
)

RESOURCES = Resources(instance="ml.m5.xlarge", count=1, volume=5, max_runtime=1800, max_wait=None)
PLAIN: dict[str, Any] = {  # a training without anything that need not be said
    "content_type": "csv",
    "distribution": "replicated",
    "input": Input("File", None),
    "checkpoints": False,
    "environment": {},
    "retries": None,
    "encrypt_traffic": False,
    "tags": {},
}


@pytest.fixture
def trial() -> Trial:
    """A trial that asks for everything."""
    return Trial(
        name="default",
        dataset=Dataset(
            source="data/loans.csv",
            parts=None,
            format="csv",
            features=None,
            label="late",
            drop=("id",),
            categorical=(),
            split=Split(train=0.7, validation=0.15, test=0.15, seed=42, stratify=True),
            impute=None,
            balance=None,
            encode={},
            shards=1,
        ),
        training=Training(
            version="1.7-1",
            hyperparameters={"objective": "binary:logistic", "num_round": 50, "eta": 0.2, "gamma": 4.0},
            ranges={},
            resources=RESOURCES,
            **PLAIN,
        ),
        tuning=None,
        debugger=None,
        bias=Bias(
            favorable=(0,),
            favorable_above=None,
            facets=(Facet(column="sex", values=(1,), above=None), Facet(column="age", values=None, above=40.0)),
            group="region",
            threshold=0.5,
            resources=RESOURCES,
        ),
        explain=Explain(
            baseline="median",
            samples=100,
            aggregate="mean_abs",
            use_logit=False,
            save_local=True,
            pdp=Dependence(features=("age",), grid=10),
            resources=RESOURCES,
        ),
        evaluate=Evaluate(RESOURCES, strategy="MultiRecord", payload=6, concurrent=None),
        gates=(Gate(metric="test:auc", bias=None, facet=None, minimum=0.7, maximum=None, against=None),),
        registry=Registry(group="loans", approval="PendingManualApproval", description=None),
    )


@pytest.fixture
def tuned(trial: Trial) -> Trial:
    """The same trial with ranges of every type, and all that a search can be told."""
    training = Training(
        version="1.7-1",
        hyperparameters={"objective": "binary:logistic", "num_round": 50},
        ranges={
            "max_depth": Range("Integer", 1, 10, None, ()),
            "eta": Range("Continuous", 0.01, 0.5, "log", ()),
            "gamma": Range("Categorical", None, None, None, (0, 1.5)),
        },
        resources=RESOURCES,
        **PLAIN,
    )
    tuning = Tuning(
        metric="validation:auc",
        goal="maximize",
        jobs=20,
        parallel=4,
        strategy="bayesian",
        early_stopping=True,
        completion=Completion(target=0.9, not_improving=5, converged=True),
        warm_start=WarmStart(("earlier-tune",), "TransferLearning"),
        seed=7,
        max_runtime=7200,
    )
    return replace(trial, training=training, tuning=tuning)


@pytest.fixture
def experiment(trial: Trial) -> Experiment:
    """An experiment of that one trial."""
    return Experiment(
        name="loans",
        description="Who pays late?",
        labels={"team": "risk"},
        trials=(trial,),
        select=None,
        document={"kind": "Experiment"},
    )


@pytest.fixture
def bare(experiment: Experiment, trial: Trial) -> Experiment:
    """The same experiment with training alone."""
    training_alone = replace(trial, bias=None, explain=None, evaluate=None, gates=(), registry=None)
    return replace(experiment, description=None, trials=(training_alone,))


@pytest.fixture
def target() -> Target:
    """A target in another region than the built-in one."""
    return Target(
        name="production",
        region="eu-west-1",
        role="arn:aws:iam::111122223333:role/sagemaker",
        bucket="risk-ml",
        prefix="experiments",
        tags={"cost-center": "42"},
        debugger="managed",
        images=Images(components="registry.example.com/components:1", jobs="registry.example.com/jobs:1"),
    )


@pytest.fixture
def steps(experiment: Experiment, target: Target) -> Plan:
    """The plan of that experiment."""
    return plan(experiment, target, {"data/loans.csv": "abc123"})
