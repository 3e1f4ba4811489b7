"""The AWS requests of a trial, as data: what a reviewer reads here is what is sent."""

from dataclasses import dataclass

from specimen.planning.images import xgboost_image
from specimen.planning.leaves import NAME, join, ref
from specimen.planning.problem import Problem
from specimen.planning.processing import ProcessingRequests
from specimen.planning.protection import network, output_key, volume_key
from specimen.planning.sender import CSV, Request, asked_in
from specimen.planning.trainings import TrainingRequests
from specimen.spec.model import Evaluate, Json, Registry, Training, Trial

MOST_PLACES = 15  # columns that a path names one by one within its 63 characters


@dataclass(frozen=True)
class Requests(TrainingRequests, ProcessingRequests):
    """Makes the requests of the trials that share a step; `trials` are the SageMaker trials' names."""

    def create_experiment(self) -> Request:
        """CreateExperiment."""
        request: Request = {"ExperimentName": self.experiment.name, "Tags": self.tags()}
        if self.experiment.description:
            request["Description"] = self.experiment.description
        return request

    def create_trial(self, name: str) -> Request:
        """CreateTrial."""
        return {"TrialName": name, "ExperimentName": self.experiment.name, "Tags": self.tags()}

    def model(self, training: Training) -> Request:
        """CreateModel from the job's artifact."""
        return {
            "ModelName": ref(NAME),
            "ExecutionRoleArn": self.target.role,
            "PrimaryContainer": {
                "Image": xgboost_image(self.target.region, training.version),
                "ModelDataUrl": ref("artifact"),
            },
            **network(self.target),
            "Tags": self.tags(),
        }

    def transform(self, evaluate: Evaluate, training: Training, problem: Problem) -> Request:
        """CreateTransformJob over the test split: rows go in without their label and come back with it.

        SageMaker cannot take libsvm apart: its rows go in whole, and only answers come back, in the rows' order.
        """
        resources, content_type = evaluate.resources, asked_in(training)
        processing: Request = {
            "InputFilter": "$[1:]",
            "JoinSource": "Input",
            "OutputFilter": _labelled(problem.answers),
        }
        return {
            "TransformJobName": ref(NAME),
            "ModelName": ref("model"),
            "BatchStrategy": evaluate.strategy,
            "MaxPayloadInMB": evaluate.payload,
            **({} if evaluate.concurrent is None else {"MaxConcurrentTransforms": evaluate.concurrent}),
            "TransformInput": {
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": ref("test")}},
                "ContentType": content_type,
                "SplitType": "Line",
                "CompressionType": "None",
            },
            "TransformOutput": {
                "S3OutputPath": join(f"{self.locations.under('evaluation')}/", ref(NAME)),
                "Accept": CSV,
                "AssembleWith": "Line",
                **output_key(self.target),
            },
            **({"DataProcessing": processing} if content_type == CSV else {}),
            "TransformResources": {
                "InstanceType": resources.instance,
                "InstanceCount": resources.count,
                **volume_key(self.target, resources.instance),
            },
            **self.tracked("Evaluation"),
        }

    def package_group(self, registry: Registry) -> Request:
        """CreateModelPackageGroup."""
        request: Request = {"ModelPackageGroupName": registry.group, "Tags": self.tags()}
        if self.experiment.description:
            request["ModelPackageGroupDescription"] = self.experiment.description
        return request

    def package(self, registry: Registry, trial: Trial) -> Request:
        """CreateModelPackage: a version without tags of its own, since AWS takes them on the group alone."""
        training = trial.training
        request: Request = {
            "ModelPackageGroupName": registry.group,
            "ModelApprovalStatus": registry.approval,
            "InferenceSpecification": {
                "Containers": [
                    {"Image": xgboost_image(self.target.region, training.version), "ModelDataUrl": ref("artifact")}
                ],
                "SupportedContentTypes": [asked_in(training)],
                "SupportedResponseMIMETypes": [CSV],
                "SupportedRealtimeInferenceInstanceTypes": self._serving(trial),
                "SupportedTransformInstanceTypes": [(trial.evaluate or training).resources.instance],
            },
        }
        if registry.description:
            request["ModelPackageDescription"] = registry.description
        metrics: Request = {}
        if trial.evaluate:
            metrics["ModelQuality"] = {"Statistics": _report("statistics")}
        if trial.bias:
            metrics["Bias"] = {"PreTrainingReport": _report("bias_pre"), "PostTrainingReport": _report("bias_post")}
        if trial.explain:
            metrics["Explainability"] = {"Report": _report("explanations")}
        return request | ({"ModelMetrics": metrics} if metrics else {})

    def _serving(self, trial: Trial) -> list[Json]:
        """The instance types that the trial's model is served on; those of its training where none are asked for."""
        hosting = self.experiment.hosting
        variants = [one for one in hosting.variants if one.trial in (None, trial.name)] if hosting else []
        hosted = dict.fromkeys(one.resources.instance for one in variants if one.resources)
        return list(hosted) or [trial.training.resources.instance]

    def artifact(self, kind: str, argument: str) -> Request:
        """CreateArtifact for what lies at the URI that is given as `argument`."""
        return {
            "ArtifactName": f"{self.owner}-{kind.lower()}",
            "ArtifactType": kind,
            "Source": {"SourceUri": ref(argument)},
            "Tags": self.tags(),
        }


def _labelled(answers: int) -> str:
    """The label, which is the first column, and the answers, which are the last; AWS takes no long path."""
    if answers > MOST_PLACES:
        return f"$[0,-{answers}:]"
    return f"$[0,{','.join(str(-place) for place in range(answers, 0, -1))}]"


def _report(argument: str) -> Request:
    return {"ContentType": "application/json", "S3Uri": ref(argument)}
