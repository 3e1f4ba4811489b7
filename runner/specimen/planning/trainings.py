"""The requests for training jobs, and for tuning jobs, which are many of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from specimen.planning.debugger import Monitoring
from specimen.planning.images import xgboost_image
from specimen.planning.leaves import NAME, ref
from specimen.planning.search import search, text, warm_start
from specimen.planning.sender import CSV, Request, Sender
from specimen.spec.model import Training, Tuning

PARTS = ("train", "validation")
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
            **(monitoring.members() if monitoring else {}),
            **self.tracked("Training"),
        }
        if monitoring and monitoring.jobs:
            request["AlgorithmSpecification"] = {
                "TrainingImage": monitoring.jobs,
                "TrainingInputMode": "File",
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
            "Tags": self.tags(),
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
