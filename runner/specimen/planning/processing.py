"""The requests for processing jobs: Clarify's, and those that run a rule of Debugger."""

from dataclasses import dataclass

from specimen.planning.debugger import TRAINING_JOB
from specimen.planning.images import clarify_image
from specimen.planning.leaves import CONFIG, NAME, join, ref
from specimen.planning.protection import output_key, processing_network, volume_key
from specimen.planning.sender import Request, Sender
from specimen.spec.model import Bias, Explain, Json, Resources, Rule, Training

RULE_COMMAND = ("python", "-m", "specimen_jobs.debugger")
AFTERWARDS = 3600  # seconds that a rule may go on after the training, whose tensors it has to read
LONGEST_PROCESSING = 777_600  # botocore's ProcessingMaxRuntimeInSeconds


@dataclass(frozen=True)
class ProcessingRequests(Sender):
    """Makes the requests of what judges data, models and trainings in jobs."""

    def rule(self, training: Training, name: str, rule: Rule | None, image: str) -> Request:
        """CreateProcessingJob with our own image, which judges a training job; `rule` is None for the profiler's."""
        resources, custom = training.resources, rule.custom if rule else None
        seconds = resources.max_wait or resources.max_runtime or 0
        output: Request = {
            "S3Uri": join(f"{self.locations.under('debugger')}/", ref(TRAINING_JOB), f"/rule-output/{name}"),
            "LocalPath": "/opt/ml/processing/output/rule",
            "S3UploadMode": "EndOfJob",
        }
        instance = custom.instance if custom else resources.instance
        cluster: Request = {
            "InstanceType": instance,
            "InstanceCount": 1,
            "VolumeSizeInGB": (custom.volume if custom else None) or resources.volume,
            **volume_key(self.target, instance),
        }
        return {
            "ProcessingJobName": ref(NAME),
            "AppSpecification": {"ImageUri": image, "ContainerEntrypoint": list(RULE_COMMAND)},
            "RoleArn": self.target.role,
            "ProcessingInputs": [_processing_input("rule_config", ref(CONFIG), "/opt/ml/processing/input/config")],
            "ProcessingOutputConfig": self._outputs("rule", output),
            "ProcessingResources": {"ClusterConfig": cluster},
            "StoppingCondition": {"MaxRuntimeInSeconds": min(seconds + AFTERWARDS, LONGEST_PROCESSING)},
            **processing_network(self.target),
            "Tags": self.tags(),
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
            "ProcessingOutputConfig": self._outputs("analysis_result", output),
            "ProcessingResources": {"ClusterConfig": self._machines(resources)},
            "StoppingCondition": {"MaxRuntimeInSeconds": resources.max_runtime},
            **processing_network(self.target),
            **self.tracked(display),
        }

    def _outputs(self, name: str, output: Request) -> Request:
        return {"Outputs": [{"OutputName": name, "S3Output": output}], **output_key(self.target)}

    def _machines(self, resources: Resources) -> Request:
        return {
            "InstanceType": resources.instance,
            "InstanceCount": resources.count,
            "VolumeSizeInGB": resources.volume,
            **volume_key(self.target, resources.instance),
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
