"""The AWS requests of a trial, as data: what a reviewer reads here is what is sent."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from specimen.planning.debugger import TRAINING_JOB, Monitoring
from specimen.planning.images import clarify_image, xgboost_image
from specimen.planning.leaves import CONFIG, NAME, join, ref
from specimen.planning.locations import Locations
from specimen.planning.problem import Problem
from specimen.planning.search import search, text, warm_start
from specimen.spec.model import (
    Bias,
    Experiment,
    Explain,
    Facet,
    Json,
    Registry,
    Resources,
    Rule,
    Target,
    Training,
    Tuning,
)

Request = dict[str, Json]

CSV = "text/csv"
REPORT: Request = {"name": "report", "title": "Analysis Report"}
PARTS = ("train", "validation")
NUMBER = r"[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?"
RULE_COMMAND = ("python", "-m", "specimen_jobs.debugger")
AFTERWARDS = 3600  # seconds that a rule may go on after the training, whose tensors it has to read
LONGEST_PROCESSING = 777_600  # botocore's ProcessingMaxRuntimeInSeconds
MOST_EXPLAINED = 10  # features whose partial dependence is computed where none is named
MOST_LISTED = 1_000  # classes; Clarify takes so many distinct labels for numbers, which a bound divides
MOST_PLACES = 15  # columns that a path names one by one within its 63 characters


@dataclass(frozen=True)
class Requests:
    """Makes the requests of the trials that share a step; `trials` are the SageMaker trials' names."""

    experiment: Experiment
    target: Target
    trials: tuple[str, ...]

    @property
    def locations(self) -> Locations:
        """Where this experiment's objects lie."""
        return Locations.of(self.target, self.experiment.name)

    def create_experiment(self) -> Request:
        """CreateExperiment."""
        request: Request = {"ExperimentName": self.experiment.name, "Tags": self._tags()}
        if self.experiment.description:
            request["Description"] = self.experiment.description
        return request

    def create_trial(self, name: str) -> Request:
        """CreateTrial."""
        return {"TrialName": name, "ExperimentName": self.experiment.name, "Tags": self._tags()}

    def training(
        self,
        training: Training,
        monitoring: Monitoring | None = None,
        *,
        refit: bool = False,
        measures: Sequence[str] = (),
    ) -> Request:
        """CreateTrainingJob with SageMaker's XGBoost; a `refit` is given the hyperparameters that tuning has chosen.

        Of an image of our own AWS knows no metrics: `measures` names those that are found in its log.
        """
        request = {
            "TrainingJobName": ref(NAME),
            "HyperParameters": ref("hyperparameters") if refit else _texts(training),
            **self._trains(training),
            **(monitoring.members() if monitoring else {}),
            **self._tracked("Training"),
        }
        if monitoring and monitoring.jobs:
            request["AlgorithmSpecification"] = {
                "TrainingImage": monitoring.jobs,
                "TrainingInputMode": "File",
                "MetricDefinitions": [_definition(part, name) for part in PARTS for name in measures],
            }
        return request

    def rule(self, training: Training, name: str, rule: Rule | None, image: str) -> Request:
        """CreateProcessingJob with our own image, which judges a training job; `rule` is None for the profiler's."""
        resources, custom = training.resources, rule.custom if rule else None
        seconds = resources.max_wait or resources.max_runtime or 0
        output: Request = {
            "S3Uri": join(f"{self.locations.under('debugger')}/", ref(TRAINING_JOB), f"/rule-output/{name}"),
            "LocalPath": "/opt/ml/processing/output/rule",
            "S3UploadMode": "EndOfJob",
        }
        cluster: Request = {
            "InstanceType": custom.instance if custom else resources.instance,
            "InstanceCount": 1,
            "VolumeSizeInGB": (custom.volume if custom else None) or resources.volume,
        }
        return {
            "ProcessingJobName": ref(NAME),
            "AppSpecification": {"ImageUri": image, "ContainerEntrypoint": list(RULE_COMMAND)},
            "RoleArn": self.target.role,
            "ProcessingInputs": [_processing_input("rule_config", ref(CONFIG), "/opt/ml/processing/input/config")],
            "ProcessingOutputConfig": {"Outputs": [{"OutputName": "rule", "S3Output": output}]},
            "ProcessingResources": {"ClusterConfig": cluster},
            "StoppingCondition": {"MaxRuntimeInSeconds": min(seconds + AFTERWARDS, LONGEST_PROCESSING)},
            "Tags": self._tags(),
        }

    def tuning(self, training: Training, tuning: Tuning) -> Request:
        """CreateHyperParameterTuningJob with SageMaker's XGBoost, whose metrics AWS knows; it names no experiment."""
        return {
            "HyperParameterTuningJobName": ref(NAME),
            "HyperParameterTuningJobConfig": search(tuning, training.ranges),
            "TrainingJobDefinition": {"StaticHyperParameters": _texts(training), **self._trains(training)},
            **(warm_start(tuning.warm_start) if tuning.warm_start else {}),
            "Tags": self._tags(),
        }

    def _trains(self, training: Training) -> Request:
        """What every training job is told but its name and hyperparameters."""
        request: Request = {
            "AlgorithmSpecification": {
                "TrainingImage": xgboost_image(self.target.region, training.version),
                "TrainingInputMode": "File",
            },
            "RoleArn": self.target.role,
            "InputDataConfig": [_channel("train"), _channel("validation")],
            "OutputDataConfig": {"S3OutputPath": self.locations.under("training")},
            "ResourceConfig": {
                "InstanceType": training.resources.instance,
                "InstanceCount": training.resources.count,
                "VolumeSizeInGB": training.resources.volume,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": training.resources.max_runtime},
        }
        if training.resources.max_wait is not None:
            request["EnableManagedSpotTraining"] = True
            request["StoppingCondition"] = {
                "MaxRuntimeInSeconds": training.resources.max_runtime,
                "MaxWaitTimeInSeconds": training.resources.max_wait,
            }
        return request

    def model(self, training: Training) -> Request:
        """CreateModel from the job's artifact."""
        return {
            "ModelName": ref(NAME),
            "ExecutionRoleArn": self.target.role,
            "PrimaryContainer": {
                "Image": xgboost_image(self.target.region, training.version),
                "ModelDataUrl": ref("artifact"),
            },
            "Tags": self._tags(),
        }

    def bias(self, bias: Bias, stage: str) -> Request:
        """CreateProcessingJob with Clarify's image; `stage` is ``bias-pre`` or ``bias-post``."""
        return self._clarify(bias.resources, stage, "Bias")

    def explain(self, explain: Explain) -> Request:
        """CreateProcessingJob with Clarify's image, for explanations."""
        return self._clarify(explain.resources, "explain", "Explanations")

    def _clarify(self, resources: Resources, kind: str, display: str) -> Request:
        output: Request = {
            "S3Uri": join(f"{self.locations.under(kind)}/", ref(NAME)),
            "LocalPath": "/opt/ml/processing/output",
            "S3UploadMode": "EndOfJob",
        }
        return {
            "ProcessingJobName": ref(NAME),
            "AppSpecification": {"ImageUri": clarify_image(self.target.region)},
            "RoleArn": self.target.role,
            "ProcessingInputs": [
                _processing_input("analysis_config", ref(CONFIG), "/opt/ml/processing/input/config"),
                _processing_input("dataset", ref("dataset"), "/opt/ml/processing/input/data"),
            ],
            "ProcessingOutputConfig": {"Outputs": [{"OutputName": "analysis_result", "S3Output": output}]},
            "ProcessingResources": {"ClusterConfig": _cluster(resources)},
            "StoppingCondition": {"MaxRuntimeInSeconds": resources.max_runtime},
            **self._tracked(display),
        }

    def transform(self, resources: Resources, problem: Problem) -> Request:
        """CreateTransformJob over the test split: rows go in without their label and come back with it."""
        return {
            "TransformJobName": ref(NAME),
            "ModelName": ref("model"),
            "BatchStrategy": "MultiRecord",
            "MaxPayloadInMB": 6,
            "TransformInput": {
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": ref("test")}},
                "ContentType": CSV,
                "SplitType": "Line",
                "CompressionType": "None",
            },
            "TransformOutput": {
                "S3OutputPath": join(f"{self.locations.under('evaluation')}/", ref(NAME)),
                "Accept": CSV,
                "AssembleWith": "Line",
            },
            "DataProcessing": {
                "InputFilter": "$[1:]",
                "JoinSource": "Input",
                "OutputFilter": _labelled(problem.answers),
            },
            "TransformResources": {"InstanceType": resources.instance, "InstanceCount": resources.count},
            **self._tracked("Evaluation"),
        }

    def package_group(self, registry: Registry) -> Request:
        """CreateModelPackageGroup."""
        request: Request = {"ModelPackageGroupName": registry.group, "Tags": self._tags()}
        if self.experiment.description:
            request["ModelPackageGroupDescription"] = self.experiment.description
        return request

    def package(
        self, registry: Registry, training: Training, *, evaluated: bool, biased: bool, explained: bool
    ) -> Request:
        """CreateModelPackage: a version without tags of its own, since AWS takes them on the group alone."""
        instances: list[Json] = [training.resources.instance]
        request: Request = {
            "ModelPackageGroupName": registry.group,
            "ModelApprovalStatus": registry.approval,
            "InferenceSpecification": {
                "Containers": [
                    {"Image": xgboost_image(self.target.region, training.version), "ModelDataUrl": ref("artifact")}
                ],
                "SupportedContentTypes": [CSV, "text/libsvm"],
                "SupportedResponseMIMETypes": [CSV],
                "SupportedRealtimeInferenceInstanceTypes": instances,
                "SupportedTransformInstanceTypes": instances,
            },
        }
        if registry.description:
            request["ModelPackageDescription"] = registry.description
        metrics: Request = {}
        if evaluated:
            metrics["ModelQuality"] = {"Statistics": _report("statistics")}
        if biased:
            metrics["Bias"] = {"PreTrainingReport": _report("bias_pre"), "PostTrainingReport": _report("bias_post")}
        if explained:
            metrics["Explainability"] = {"Report": _report("explanations")}
        return request | ({"ModelMetrics": metrics} if metrics else {})

    def artifact(self, kind: str, argument: str) -> Request:
        """CreateArtifact for what lies at the URI that is given as `argument`."""
        return {
            "ArtifactName": f"{self._owner}-{kind.lower()}",
            "ArtifactType": kind,
            "Source": {"SourceUri": ref(argument)},
            "Tags": self._tags(),
        }

    @property
    def _owner(self) -> str:
        """The trial if it is only one, else the experiment."""
        return self.trials[0] if len(self.trials) == 1 else self.experiment.name

    def _tags(self) -> list[Json]:
        tags = {**self.experiment.labels, **self.target.tags, "specimen:experiment": self.experiment.name}
        return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]

    def _tracked(self, display: str) -> Request:
        if len(self.trials) != 1:
            return {"Tags": self._tags()}
        experiment = {
            "ExperimentName": self.experiment.name,
            "TrialName": self.trials[0],
            "TrialComponentDisplayName": display,
        }
        return {"ExperimentConfig": experiment, "Tags": self._tags()}


def analysis(dataset_label: str, bias: Bias, asked: Problem, *, trained: bool) -> Request:
    """Clarify's ``analysis_config.json``: all bias metrics of one stage.

    Before training the data brings its header; afterwards the header-less test split is named by `columns`. A
    regression's answer is the predicted label itself, which no threshold turns into a class.
    """
    config: Request = {
        "dataset_type": CSV,
        "label": dataset_label,
        "label_values_or_threshold": _favorable(bias, asked.classes),
        "facet": [_facet(facet) for facet in bias.facets],
    }
    if bias.group is not None:
        config["group_variable"] = bias.group
    stage = "post_training_bias" if trained else "pre_training_bias"
    config["methods"] = {stage: {"methods": "all"}, "report": REPORT}
    if trained:
        config["headers"] = ref("columns")
        answer: Request = {"label": 0} if asked.classes is None else {}
        config["predictor"] = {**_predictor(bias.resources), **answer}
        if asked.classes is not None:
            config["probability_threshold"] = bias.threshold
    return config


def explanation(dataset_label: str, explain: Explain, seed: int) -> Request:
    """Clarify's ``analysis_config.json`` for SHAP values and partial dependence over the header-less test split."""
    methods: Request = {
        "shap": {
            "baseline": ref("baseline"),
            "num_samples": explain.samples,
            "agg_method": explain.aggregate,
            "use_logit": explain.use_logit,
            "save_local_shap_values": explain.save_local,
            "seed": seed,
        },
    }
    if explain.pdp:
        features: Request = {} if explain.pdp.features is None else {"features": list(explain.pdp.features)}
        methods["pdp"] = {"grid_resolution": explain.pdp.grid, "top_k_features": MOST_EXPLAINED, **features}
    return {
        "dataset_type": CSV,
        "headers": ref("columns"),
        "label": dataset_label,
        "methods": {**methods, "report": REPORT},
        "predictor": _predictor(explain.resources),
    }


def _predictor(resources: Resources) -> Request:
    return {
        "model_name": ref("model"),
        "instance_type": resources.instance,
        "initial_instance_count": resources.count,
        "content_type": CSV,
        "accept_type": CSV,
    }


def _favorable(bias: Bias, classes: int | None) -> list[Json]:
    """Label values, or the bound above which they lie; Clarify takes a single number for a class where it can."""
    if bias.favorable is not None:
        return list(bias.favorable)
    if bias.favorable_above is None or classes is None or classes > MOST_LISTED:
        return [bias.favorable_above]
    return [number for number in range(classes) if number > bias.favorable_above]


def _facet(facet: Facet) -> dict[str, Json]:
    values: list[Json] = list(facet.values) if facet.values is not None else [facet.above]
    return {"name_or_index": facet.column, "value_or_threshold": values}


def _labelled(answers: int) -> str:
    """The label, which is the first column, and the answers, which are the last; AWS takes no long path."""
    if answers > MOST_PLACES:
        return f"$[0,-{answers}:]"
    return f"$[0,{','.join(str(-place) for place in range(answers, 0, -1))}]"


def _texts(training: Training) -> Request:
    return {name: text(value) for name, value in sorted(training.hyperparameters.items())}


def _definition(part: str, name: str) -> Request:
    """Where a metric stands in a line of XGBoost's container, whose tabs its log has as ``#011``."""
    regex = rf".*\[[0-9]+\].*(?:#011|\t){part}-{re.escape(name)}:({NUMBER}).*"
    return {"Name": f"{part}:{name}", "Regex": regex}


def _channel(name: str) -> Request:
    source: Request = {"S3DataType": "S3Prefix", "S3Uri": ref(name), "S3DataDistributionType": "FullyReplicated"}
    return {
        "ChannelName": name,
        "DataSource": {"S3DataSource": source},
        "ContentType": CSV,
        "CompressionType": "None",
    }


def _processing_input(name: str, uri: Json, local: str) -> Request:
    source: Request = {
        "S3Uri": uri,
        "LocalPath": local,
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
        "S3CompressionType": "None",
    }
    return {"InputName": name, "S3Input": source}


def _cluster(resources: Resources) -> Request:
    return {
        "InstanceType": resources.instance,
        "InstanceCount": resources.count,
        "VolumeSizeInGB": resources.volume,
    }


def _report(argument: str) -> Request:
    return {"ContentType": "application/json", "S3Uri": ref(argument)}
