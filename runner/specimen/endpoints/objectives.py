"""What an endpoint's model was trained for: its answers are classes, probabilities, or numbers of another kind."""

from collections.abc import Mapping
from typing import Any

from specimen.asking import SAGEMAKER, Cloud
from specimen.endpoints.known import Endpoint

OUTPUT = ("output", "model.tar.gz")  # how a training job's model ends, behind the job's name


def objectives(cloud: Cloud, endpoint: Endpoint) -> dict[str, str | None]:
    """The objective of the training job that made each variant's model; None where that is not known."""
    config = cloud.find(SAGEMAKER, "DescribeEndpointConfig", {"EndpointConfigName": endpoint.config}) or {}
    return {one["VariantName"]: _of(cloud, one["ModelName"]) for one in config.get("ProductionVariants", ())}


def _of(cloud: Cloud, model: str) -> str | None:
    body = cloud.find(SAGEMAKER, "DescribeModel", {"ModelName": model}) or {}
    parts: list[str] = _container(body).get("ModelDataUrl", "").split("/")
    *_, job, folder, file = ["", "", "", *parts]
    if (folder, file) != OUTPUT:
        return None
    trained = cloud.find(SAGEMAKER, "DescribeTrainingJob", {"TrainingJobName": job}) or {}
    given: str | None = trained.get("HyperParameters", {}).get("objective")
    return given


def _container(model: Mapping[str, Any]) -> Mapping[str, Any]:
    containers = [model.get("PrimaryContainer", {}), *model.get("Containers", ())]
    return next((container for container in containers if container), {})
