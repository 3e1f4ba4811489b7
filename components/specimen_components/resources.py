"""The AWS resources that components own, described as data: the operations, members and pages that belong to each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ResourceType:
    """One type of SageMaker resource; `status` is both the member and the name of its shape."""

    type: str
    page: str  # its place in the console
    status: str | None = None  # None: it is there as soon as it is created
    log_group: str | None = None
    shown: bool = True  # whether SageMaker makes a trial component of it, as it does of every job but a tuning job

    @property
    def create(self) -> str:
        """The operation that creates one."""
        return f"Create{self.type}"

    @property
    def describe(self) -> str:
        """The operation that describes one."""
        return f"Describe{self.type}"

    @property
    def name(self) -> str:
        """The member that holds its name."""
        return f"{self.type}Name"

    @property
    def arn(self) -> str:
        """The member that holds its ARN."""
        return f"{self.type}Arn"


TRAINING_JOB = ResourceType("TrainingJob", "jobs", "TrainingJobStatus", "/aws/sagemaker/TrainingJobs")
TUNING_JOB = ResourceType("HyperParameterTuningJob", "hyper-tuning-jobs", "HyperParameterTuningJobStatus", shown=False)
PROCESSING_JOB = ResourceType(
    "ProcessingJob", "processing-jobs", "ProcessingJobStatus", "/aws/sagemaker/ProcessingJobs"
)
TRANSFORM_JOB = ResourceType("TransformJob", "transform-jobs", "TransformJobStatus", "/aws/sagemaker/TransformJobs")
MODEL = ResourceType("Model", "models")
ENDPOINT_CONFIG = ResourceType("EndpointConfig", "endpointConfig", shown=False)
ENDPOINT = ResourceType("Endpoint", "endpoints", "EndpointStatus", shown=False)
EXPERIMENT = ResourceType("Experiment", "experiments")
TRIAL = ResourceType("Trial", "trials")
PACKAGE_GROUP = ResourceType("ModelPackageGroup", "model-packages", "ModelPackageGroupStatus")
PACKAGE = ResourceType("ModelPackage", "model-packages", "ModelPackageStatus")


def console(region: str, kind: ResourceType, name: str, *, local: bool) -> str | None:
    """Give the console's page of a resource; None locally, where there is no console."""
    if local:
        return None
    return f"https://{region}.console.aws.amazon.com/sagemaker/home?region={region}#/{kind.page}/{name}"
