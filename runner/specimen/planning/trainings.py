"""The requests for training jobs, and for tuning jobs, which are many of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from specimen.planning.debugger import Monitoring
from specimen.planning.images import xgboost_image
from specimen.planning.leaves import NAME, join, ref
from specimen.planning.protection import network, output_key, volume_key
from specimen.planning.search import search, text, warm_start
from specimen.planning.sender import CONTENT_TYPES, Request, Sender
from specimen.spec.model import Resources, Training, Tuning

PARTS = ("train", "validation")
DISTRIBUTIONS = {"replicated": "FullyReplicated", "sharded": "ShardedByS3Key"}
NUMBER = r"[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?"


@dataclass(frozen=True)
class TrainingRequests(Sender):
    """Makes the requests of what trains."""

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
            **self._once(training, monitoring),
            **self.tracked("Training", training.tags),
        }
        if monitoring and monitoring.jobs:
            request["AlgorithmSpecification"] = {
                "TrainingImage": monitoring.jobs,
                "TrainingInputMode": training.input.mode,
                "MetricDefinitions": [_definition(part, name) for part in PARTS for name in measures],
            }
        return request

    def tuning(self, training: Training, tuning: Tuning) -> Request:
        """CreateHyperParameterTuningJob with SageMaker's XGBoost, whose metrics AWS knows; it names no experiment."""
        return {
            "HyperParameterTuningJobName": ref(NAME),
            "HyperParameterTuningJobConfig": search(tuning, training.ranges),
            "TrainingJobDefinition": {"StaticHyperParameters": _texts(training), **self._trains(training)},
            **(warm_start(tuning.warm_start) if tuning.warm_start else {}),
            "Tags": self.tags(training.tags),
        }

    def _once(self, training: Training, monitoring: Monitoring | None) -> Request:
        """What one training job is told, and a tuning job's are not: where its state goes, and who watches it.

        The training jobs of a tuning job would all write to the same place.
        """
        found: Request = {}
        if training.checkpoints:
            found["CheckpointConfig"] = {"S3Uri": join(f"{self.locations.under('checkpoints')}/", ref(NAME))}
        watched = monitoring.members() if monitoring else {}
        environment = watched.get("Environment")
        if training.environment and isinstance(environment, Mapping):
            watched["Environment"] = {**training.environment, **environment}
        return {**found, **watched}

    def _trains(self, training: Training) -> Request:
        """What every training job is told but its name and hyperparameters."""
        request: Request = {
            "AlgorithmSpecification": {
                "TrainingImage": xgboost_image(self.target.region, training.version),
                "TrainingInputMode": training.input.mode,
            },
            "RoleArn": self.target.role,
            # every instance measures itself on the whole validation part, so that metrics are those of all of it
            "InputDataConfig": [
                _channel("train", training, training.distribution),
                _channel("validation", training, "replicated"),
            ],
            "OutputDataConfig": {"S3OutputPath": self.locations.under("training"), **output_key(self.target)},
            "ResourceConfig": self._cluster(training.resources),
            "StoppingCondition": _limits(training.resources),
            **network(self.target),
        }
        if training.resources.max_wait is not None:
            request["EnableManagedSpotTraining"] = True
        if training.environment:
            request["Environment"] = dict(training.environment)
        if training.retries is not None:
            request["RetryStrategy"] = {"MaximumRetryAttempts": training.retries}
        if training.encrypt_traffic:
            request["EnableInterContainerTrafficEncryption"] = True
        return request

    def _cluster(self, resources: Resources) -> Request:
        found: Request = {
            "InstanceType": resources.instance,
            "InstanceCount": resources.count,
            "VolumeSizeInGB": resources.volume,
            **volume_key(self.target, resources.instance),
        }
        return found if resources.keep_alive is None else {**found, "KeepAlivePeriodInSeconds": resources.keep_alive}


def _limits(resources: Resources) -> Request:
    limits = {
        "MaxRuntimeInSeconds": resources.max_runtime,
        "MaxWaitTimeInSeconds": resources.max_wait,
        "MaxPendingTimeInSeconds": resources.max_pending,
    }
    return {name: limit for name, limit in limits.items() if limit is not None}


def _texts(training: Training) -> Request:
    return {name: text(value) for name, value in sorted(training.hyperparameters.items())}


def _definition(part: str, name: str) -> Request:
    """Where a metric stands in a line of XGBoost's container, whose tabs its log has as ``#011``."""
    regex = rf".*\[[0-9]+\].*(?:#011|\t){part}-{re.escape(name)}:({NUMBER}).*"
    return {"Name": f"{part}:{name}", "Regex": regex}


def _channel(name: str, training: Training, distribution: str) -> Request:
    source: Request = {
        "S3DataType": "S3Prefix",
        "S3Uri": ref(name),
        "S3DataDistributionType": DISTRIBUTIONS[distribution],
    }
    return {
        "ChannelName": name,
        "DataSource": {"S3DataSource": source},
        "ContentType": CONTENT_TYPES[training.content_type],
        "CompressionType": training.input.compression or "None",
    }
