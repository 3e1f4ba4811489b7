"""What each component takes and gives: the one module of this package that the runner imports.

The argument parser, the Kubeflow component and the local command line all derive from `Component`, so that they
cannot disagree. Standard library only.

A `JSON` argument named ``request`` is a full AWS request. Where a value is only known at run time it holds a leaf

* ``{"$ref": "train"}``: the value of the component's own argument ``train``, or of a value that the component makes
  itself (``name``, the job's name; ``config``, the URI of a configuration it has written);
* ``{"$join": ["s3://bucket/jobs/", {"$ref": "name"}]}``: strings put together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """How a value passes between steps; the values are KFP's parameter types."""

    STRING = "STRING"
    NUMBER = "NUMBER_DOUBLE"
    JSON = "STRUCT"
    LIST = "LIST"  # JSON too; KFP tells lists from structures


class Artifact(Enum):
    """What a component writes for people; the values are KFP's artifact schemas."""

    METRICS = "system.Metrics"
    CLASSIFICATION = "system.ClassificationMetrics"
    HTML = "system.HTML"
    MARKDOWN = "system.Markdown"


@dataclass(frozen=True)
class Component:
    """One component: ``python -m specimen_components.<name>``.

    Every component also takes ``--run`` (the run's name), ``--record`` (the S3 URI of this step's record) and
    ``--executor-input`` (KFP's own JSON, which says where outputs go).
    """

    name: str
    inputs: Mapping[str, Kind]
    outputs: Mapping[str, Kind] = field(default_factory=dict)
    artifacts: Mapping[str, Artifact] = field(default_factory=dict)
    actions: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Refuse an optional input that is no input, and a name for two things, which KFP takes for one."""
        if unknown := self.optional - self.inputs.keys():
            raise ValueError(f"{self.name}: optional but not an input: {sorted(unknown)}")
        if twice := self.inputs.keys() & (self.outputs.keys() | self.artifacts.keys()):
            raise ValueError(f"{self.name}: an input and an output: {sorted(twice)}")


def option(name: str) -> str:
    """The command-line option of an input: ``train_with_header`` is given as ``--train-with-header``."""
    return "--" + name.replace("_", "-")


_S3 = frozenset({"s3:GetObject", "s3:PutObject", "s3:ListBucket"})
_LOGS = frozenset({"logs:GetLogEvents", "logs:DescribeLogStreams"})
_ROLE = frozenset({"iam:PassRole"})  # of what runs under the target's role
_JOB = frozenset({"sagemaker:AddTags", "sagemaker:ListTags"}) | _LOGS | _S3


def _sagemaker(*operations: str) -> frozenset[str]:
    return frozenset(f"sagemaker:{operation}" for operation in operations)


def _autoscaling(*operations: str) -> frozenset[str]:
    return frozenset(f"application-autoscaling:{operation}" for operation in operations)


_SHARED = _sagemaker("DescribeTrialComponent", "AssociateTrialComponent")  # of a job that several trials share

PREPARE = Component(
    name="prepare",
    inputs={
        "source": Kind.STRING,  # s3:// URI of the table
        "parts": Kind.JSON,  # or those of its parts, by "train", "validation" and "test"
        "dataset": Kind.JSON,  # format, label, drop, split, encode, shards, and the columns that bias speaks of
        "destination": Kind.STRING,  # s3:// prefix under which the content-addressed parts are written
    },
    optional=frozenset({"source", "parts"}),
    outputs={
        "train": Kind.STRING,  # in the training's content type, label first; of part files their prefix, with a "/"
        "validation": Kind.STRING,
        "test": Kind.STRING,  # header-less CSV, or libsvm where the training reads that
        "train_with_header": Kind.STRING,  # CSV; empty where bias asks for nothing
        "manifest": Kind.STRING,
        "columns": Kind.LIST,  # names in the order written: label first
        "baseline": Kind.STRING,  # header-less CSV of features, against which answers are explained; empty when unasked
    },
    artifacts={"summary": Artifact.MARKDOWN},
    actions=_S3,
)
EXPERIMENT = Component(
    name="experiment",
    inputs={"request": Kind.JSON, "trials": Kind.LIST},  # CreateExperiment; a list of CreateTrial
    outputs={"experiment": Kind.STRING},
    actions=_sagemaker("CreateExperiment", "DescribeExperiment", "CreateTrial", "DescribeTrial", "AddTags", "ListTags")
    | _S3,
)
TRAIN = Component(
    name="train",
    inputs={
        "prefix": Kind.STRING,  # readable part of the job's name
        "request": Kind.JSON,
        "train": Kind.STRING,
        "validation": Kind.STRING,
        "columns": Kind.LIST,
        "hyperparameters": Kind.JSON,  # those that `tune` has chosen, of a training that repeats its best
        "stoppers": Kind.LIST,  # rules, run by steps of their own, that may stop the job
        "trials": Kind.LIST,  # SageMaker trials that share the job
    },
    optional=frozenset({"hyperparameters", "stoppers", "trials"}),
    outputs={"job": Kind.STRING, "arn": Kind.STRING, "artifact": Kind.STRING, "metrics": Kind.JSON},
    artifacts={"metrics_view": Artifact.METRICS},
    actions=_sagemaker("CreateTrainingJob", "DescribeTrainingJob") | _SHARED | _JOB | _ROLE,
)
TUNE = Component(
    name="tune",
    inputs={
        "prefix": Kind.STRING,
        "request": Kind.JSON,  # CreateHyperParameterTuningJob
        "train": Kind.STRING,
        "validation": Kind.STRING,
        "columns": Kind.LIST,
        "trials": Kind.LIST,  # SageMaker trials that the training jobs are shown in
    },
    outputs={
        "job": Kind.STRING,  # the best training job, as `train` gives its own
        "arn": Kind.STRING,
        "artifact": Kind.STRING,
        "metrics": Kind.JSON,
        "hyperparameters": Kind.JSON,
        "tuning_job": Kind.STRING,
    },
    artifacts={"metrics_view": Artifact.METRICS},
    actions=_sagemaker(
        "CreateHyperParameterTuningJob",
        "DescribeHyperParameterTuningJob",
        "ListTrainingJobsForHyperParameterTuningJob",
        "DescribeTrainingJob",
    )
    | _SHARED
    | _JOB
    | _ROLE,
)
RULE = Component(
    name="rule",
    inputs={
        "prefix": Kind.STRING,
        "request": Kind.JSON,  # CreateProcessingJob
        "config": Kind.JSON,  # rule_config.json; may hold $ref leaves too
        "destination": Kind.STRING,  # s3:// prefix for the configuration
        "train": Kind.STRING,  # the step beside this one whose training job is judged
    },
    outputs={
        "training_job": Kind.STRING,  # empty when there was none
        "status": Kind.STRING,  # as AWS's Debugger has it
        "details": Kind.STRING,
        "arn": Kind.STRING,  # of the processing job
    },
    actions=_sagemaker("CreateProcessingJob", "DescribeProcessingJob") | _JOB | _ROLE,
)
DEBUG = Component(
    name="debug",
    inputs={
        "job": Kind.STRING,  # the training job's name
        "asked": Kind.LIST,  # of each rule its name in the job, what it is, what an issue does, its report, its step
        "prefix": Kind.STRING,  # s3:// prefix under which all that Debugger writes lies, in a folder of the job's name
        "columns": Kind.LIST,
    },
    outputs={
        "verdict": Kind.STRING,  # "pass" or "warn"; where a rule says "fail", the step fails
        "tensors": Kind.STRING,  # s3:// prefix of the tensors
        "rules": Kind.LIST,  # of each rule its name, status and details
    },
    artifacts={"xgboost_report": Artifact.HTML, "profiler_report": Artifact.HTML},
    actions=_sagemaker("DescribeTrainingJob") | _S3,
)
MODEL = Component(
    name="model",
    inputs={"prefix": Kind.STRING, "request": Kind.JSON, "artifact": Kind.STRING},
    outputs={"model": Kind.STRING, "arn": Kind.STRING},
    actions=_sagemaker("CreateModel", "DescribeModel", "AddTags") | _S3 | _ROLE,
)
BIAS = Component(
    name="bias",
    inputs={
        "prefix": Kind.STRING,
        "request": Kind.JSON,  # CreateProcessingJob
        "config": Kind.JSON,  # analysis_config.json; may hold $ref leaves too
        "destination": Kind.STRING,  # s3:// prefix for the configuration
        "dataset": Kind.STRING,
        "columns": Kind.LIST,
        "model": Kind.STRING,
        "trials": Kind.LIST,
    },
    optional=frozenset({"columns", "model", "trials"}),
    outputs={"job": Kind.STRING, "analysis": Kind.STRING, "report": Kind.STRING, "metrics": Kind.JSON},
    artifacts={"report_view": Artifact.HTML, "metrics_view": Artifact.METRICS},
    actions=_sagemaker("CreateProcessingJob", "DescribeProcessingJob") | _SHARED | _JOB | _ROLE,
)
EXPLAIN = Component(
    name="explain",
    inputs={
        "prefix": Kind.STRING,
        "request": Kind.JSON,  # CreateProcessingJob
        "config": Kind.JSON,  # analysis_config.json; may hold $ref leaves too
        "destination": Kind.STRING,  # s3:// prefix for the configuration
        "dataset": Kind.STRING,
        "columns": Kind.LIST,
        "model": Kind.STRING,
        "baseline": Kind.STRING,
        "trials": Kind.LIST,
    },
    optional=frozenset({"trials"}),
    outputs={"job": Kind.STRING, "analysis": Kind.STRING, "report": Kind.STRING, "metrics": Kind.JSON},
    artifacts={"report_view": Artifact.HTML, "metrics_view": Artifact.METRICS},
    actions=_sagemaker("CreateProcessingJob", "DescribeProcessingJob") | _SHARED | _JOB | _ROLE,
)
EVALUATE = Component(
    name="evaluate",
    inputs={
        "prefix": Kind.STRING,
        "request": Kind.JSON,  # CreateTransformJob
        "problem": Kind.JSON,  # {"type": "binary" | "multiclass" | "regression", "threshold", "classes"}
        "model": Kind.STRING,
        "test": Kind.STRING,
        "trials": Kind.LIST,
    },
    optional=frozenset({"trials"}),
    outputs={"job": Kind.STRING, "predictions": Kind.STRING, "statistics": Kind.STRING, "metrics": Kind.JSON},
    artifacts={"metrics_view": Artifact.METRICS, "classification_view": Artifact.CLASSIFICATION},
    actions=_sagemaker("CreateTransformJob", "DescribeTransformJob") | _SHARED | _JOB,
)
GATE = Component(
    name="gate",
    inputs={
        "gates": Kind.LIST,  # a list of gates, as in the spec
        "evaluation": Kind.JSON,  # outputs `metrics` of evaluate, bias and train
        "bias_pre": Kind.JSON,
        "bias_post": Kind.JSON,
        "training": Kind.JSON,
    },
    optional=frozenset({"evaluation", "bias_pre", "bias_post", "training"}),
    outputs={"verdict": Kind.STRING},  # "pass" or "fail"
    artifacts={"verdict_view": Artifact.MARKDOWN},
    actions=_S3,
)
SELECT = Component(
    name="select",
    inputs={
        "candidates": Kind.LIST,  # of each trial its name, the steps that measure it and that judge its gates
        "metric": Kind.STRING,
        "goal": Kind.STRING,  # "maximize" or "minimize"
    },
    outputs={
        "trial": Kind.STRING,  # empty when no trial can be selected
        "verdict": Kind.STRING,  # "pass" where a trial was selected, else "fail"
    },
    artifacts={"selection_view": Artifact.MARKDOWN},
    actions=_S3,
)
REGISTER = Component(
    name="register",
    inputs={
        "group": Kind.JSON,  # CreateModelPackageGroup
        "request": Kind.JSON,  # CreateModelPackage
        "artifact": Kind.STRING,
        "statistics": Kind.STRING,  # URI of the model quality statistics
        "bias_pre": Kind.STRING,  # URIs of analysis.json
        "bias_post": Kind.STRING,
        "explanations": Kind.STRING,
        "selected": Kind.STRING,  # the trial that `select` has chosen
        "trials": Kind.LIST,  # the trials whose model this is, by their names in the spec
    },
    optional=frozenset({"statistics", "bias_pre", "bias_post", "explanations", "selected", "trials"}),
    outputs={"arn": Kind.STRING, "version": Kind.STRING},
    actions=_sagemaker(
        "CreateModelPackageGroup",
        "DescribeModelPackageGroup",
        "CreateModelPackage",
        "DescribeModelPackage",
        "ListModelPackages",
        "UpdateModelPackage",
        "AddTags",
        "ListTags",
    )
    | _S3,
)
HOST = Component(
    name="host",
    inputs={
        "prefix": Kind.STRING,
        "request": Kind.JSON,  # CreateEndpointConfig; a variant's ModelName is {"$ref": "model:<its name>"}
        "endpoint_request": Kind.JSON,  # EndpointName, Tags, and the DeploymentConfig that an update follows
        "variants": Kind.LIST,  # of each its name, its trial unless `select` chooses, and of each trial the steps
        "selected": Kind.STRING,  # the trial that `select` has chosen
        "autoscaling": Kind.LIST,  # of each variant RegisterScalableTarget (`target`) and PutScalingPolicy (`policy`)
        "keep": Kind.STRING,  # "true", or "false" where `finish` deletes the endpoint
    },
    optional=frozenset({"selected", "autoscaling"}),
    outputs={
        "endpoint": Kind.STRING,
        "arn": Kind.STRING,
        "config": Kind.STRING,
        "manifests": Kind.JSON,  # of each variant the URI of its data's manifest
    },
    actions=_sagemaker(
        "CreateEndpointConfig",
        "DescribeEndpointConfig",
        "DeleteEndpointConfig",
        "CreateEndpoint",
        "DescribeEndpoint",
        "UpdateEndpoint",
        "DeleteEndpoint",
        "AddTags",
        "DeleteTags",
        "ListTags",
    )
    | _autoscaling(
        "RegisterScalableTarget",
        "PutScalingPolicy",
        "DescribeScalableTargets",
        "DescribeScalingPolicies",
        "DeregisterScalableTarget",
    )
    | _LOGS
    | _S3
    | _ROLE,
)
VERIFY = Component(
    name="verify",
    inputs={
        "endpoint": Kind.STRING,
        "variants": Kind.LIST,  # as `host` takes them; of each trial also its content type and problem
        "selected": Kind.STRING,
        "batch": Kind.NUMBER,  # rows a request
        "concurrency": Kind.NUMBER,  # requests in flight
        "payload": Kind.NUMBER,  # bytes that a request may have at most
        "destination": Kind.STRING,  # s3:// prefix for the report
    },
    optional=frozenset({"selected"}),
    outputs={"metrics": Kind.JSON, "report": Kind.STRING},
    artifacts={"metrics_view": Artifact.METRICS, "classification_view": Artifact.CLASSIFICATION},
    actions=_sagemaker("InvokeEndpoint") | _S3,
)
LINEAGE = Component(
    name="lineage",
    inputs={
        "dataset": Kind.JSON,  # CreateArtifact for the training data
        "model": Kind.JSON,  # CreateArtifact for the model
        "job": Kind.STRING,
        "train": Kind.STRING,
        "artifact": Kind.STRING,
    },
    outputs={"dataset_arn": Kind.STRING, "model_arn": Kind.STRING},
    actions=_sagemaker(
        "CreateArtifact",
        "ListArtifacts",
        "DescribeArtifact",
        "AddAssociation",
        "ListAssociations",
        "DescribeTrialComponent",
        "AddTags",
    )
    | _S3,
)
FINISH = Component(
    name="finish",
    inputs={"experiment": Kind.JSON},  # what was asked: the spec's summary and the plan's steps
    artifacts={"report": Artifact.HTML},
    actions=_sagemaker(
        "ListHyperParameterTuningJobs",
        "ListTrainingJobs",
        "ListProcessingJobs",
        "ListTransformJobs",
        "DescribeHyperParameterTuningJob",
        "DescribeTrainingJob",
        "DescribeProcessingJob",
        "DescribeTransformJob",
        "ListTags",
        "StopHyperParameterTuningJob",
        "StopTrainingJob",
        "StopProcessingJob",
        "StopTransformJob",
        "DescribeEndpoint",
        "DeleteEndpoint",
        "ListEndpointConfigs",
        "DeleteEndpointConfig",
    )
    | _autoscaling("DescribeScalableTargets", "DeregisterScalableTarget")
    | _S3,
)

COMPONENTS: Mapping[str, Component] = {
    component.name: component
    for component in (
        PREPARE,
        EXPERIMENT,
        TRAIN,
        TUNE,
        RULE,
        DEBUG,
        MODEL,
        BIAS,
        EXPLAIN,
        EVALUATE,
        GATE,
        SELECT,
        REGISTER,
        HOST,
        VERIFY,
        LINEAGE,
        FINISH,
    )
}
