"""The AWS requests of a trial, as data: what a reviewer reads here is what is sent."""

from dataclasses import dataclass

from specimen.planning.images import xgboost_image
from specimen.planning.leaves import NAME, join, ref
from specimen.planning.problem import Problem
from specimen.planning.processing import ProcessingRequests
from specimen.planning.protection import network, output_key, volume_key
from specimen.planning.sender import CSV, Request
from specimen.planning.trainings import TrainingRequests
from specimen.spec.model import Evaluate, Json, Registry, Training

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

    def transform(self, evaluate: Evaluate, problem: Problem) -> Request:
        """CreateTransformJob over the test split: rows go in without their label and come back with it."""
        resources = evaluate.resources
        return {
            "TransformJobName": ref(NAME),
            "ModelName": ref("model"),
            "BatchStrategy": evaluate.strategy,
            "MaxPayloadInMB": evaluate.payload,
            **({} if evaluate.concurrent is None else {"MaxConcurrentTransforms": evaluate.concurrent}),
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
                **output_key(self.target),
            },
            "DataProcessing": {
                "InputFilter": "$[1:]",
                "JoinSource": "Input",
                "OutputFilter": _labelled(problem.answers),
            },
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
