"""What a run came to, as the server tells it: figures from the records, and everything that exists."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from specimen.emulator.control import Server

_FIGURES = ("metrics", "verdict", "analysis", "confusion", "final_metrics", "curves", "importance", "manifest", "rows")
_LISTED = {  # what is listed, by the member that names it
    "TrainingJob": "list_training_jobs",
    "ProcessingJob": "list_processing_jobs",
    "TransformJob": "list_transform_jobs",
    "Model": "list_models",
    "Endpoint": "list_endpoints",
    "EndpointConfig": "list_endpoint_configs",
    "Experiment": "list_experiments",
    "Trial": "list_trials",
    "ModelPackageGroup": "list_model_package_groups",
}
LINEAGE = ("nodes", "edges")
JOBS = ("TrainingJob", "ProcessingJob", "TransformJob")
_DIGEST = re.compile(r"-([0-9a-f]{10}(-\d+)?|[0-9a-f]{8})$")  # ours, or SageMaker's own for the job of a rule
_RULE = re.compile(r"-[0-9a-f]{8}$")


@dataclass(frozen=True)
class Facts:
    """A run's figures by step, and what there is: status by name of each kind; model packages and artifacts by URI."""

    figures: Mapping[str, Any]
    things: Mapping[str, Mapping[str, str]]
    packages: tuple[str, ...]
    artifacts: tuple[tuple[str, str], ...]

    @property
    def retried(self) -> bool:
        """Tell whether a job failed and gave way to another."""
        return any(len(attempts) > 1 for kind in JOBS for attempts in self.steps(kind).values())

    @property
    def failed_rules(self) -> frozenset[str]:
        """Name the rules whose job failed, as a step is named: SageMaker starts none again for the same training."""
        jobs = self.things["ProcessingJob"].items()
        return frozenset(_DIGEST.sub("", name) for name, status in jobs if _RULE.search(name) and status == "Failed")

    def steps(self, kind: str) -> Mapping[str, tuple[str, ...]]:
        """Give the statuses of all attempts at a step's job or model, by its name without digest and attempt."""
        found: dict[str, tuple[str, ...]] = {}
        for name, status in self.things[kind].items():
            step = _DIGEST.sub("", name)
            found[step] = (*found.get(step, ()), status)
        return found


class Reader:
    """Reads facts from the server itself, past the proxy."""

    def __init__(self, server: Server) -> None:
        session = boto3.Session(server.access_key, server.secret_key, region_name=server.region)
        endpoint = f"http://127.0.0.1:{server.port}"
        self.sagemaker: Any = session.client("sagemaker", endpoint_url=endpoint)
        self.s3: Any = session.client("s3", endpoint_url=endpoint)

    def facts(self, run: Path) -> Facts:
        """Read what there is, and the figures of a run."""
        things = {kind: dict(self._things(kind, method)) for kind, method in _LISTED.items()}
        packages = [
            package["ModelPackageArn"]
            for group in things["ModelPackageGroup"]
            for package in self._pages("list_model_packages", "ModelPackageSummaryList", ModelPackageGroupName=group)
        ]
        artifacts = self._pages("list_artifacts", "ArtifactSummaries")
        known = sorted((item["ArtifactType"], item["Source"]["SourceUri"]) for item in artifacts)
        return Facts(self._figures(run.name), things, tuple(packages), tuple(known))

    def _things(self, kind: str, method: str) -> Iterator[tuple[str, str]]:
        member = {"Model": "Models", "Endpoint": "Endpoints", "EndpointConfig": "EndpointConfigs"}.get(kind)
        member = member or ("ModelPackageGroupSummaryList" if kind == "ModelPackageGroup" else f"{kind}Summaries")
        for item in self._pages(method, member):
            yield item[f"{kind}Name"], item.get(f"{kind}Status", "")

    def _pages(self, method: str, member: str, **asked: str) -> Iterator[dict[str, Any]]:
        for page in self.sagemaker.get_paginator(method).paginate(**asked):
            yield from page[member]

    def _figures(self, run: str) -> dict[str, Any]:
        found = {}
        bucket = self.s3.list_buckets()["Buckets"][0]["Name"]
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"runs/{run}/"):
            for item in page.get("Contents", ()):
                if item["Key"].endswith(".json"):
                    record = json.loads(self.s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read())
                    found[record["step"]] = _figures_of(record)
        return found


def _figures_of(record: Mapping[str, Any]) -> dict[str, Any]:
    told = {**record["outputs"], **record["details"]}
    return {"state": record["state"], **{name: told[name] for name in _FIGURES if name in told}, **_graph(told)}


def _graph(told: Mapping[str, Any]) -> dict[str, int]:
    """Count what a lineage holds, without packages: a run that comes later knows of one that an earlier registered."""
    if "nodes" not in told:
        return {}
    later = {node["arn"] for node in told["nodes"] if node["type"] == "ModelPackage"}
    edges = [edge for edge in told["edges"] if not later & {edge["source"], edge["destination"]}]
    return dict(zip(LINEAGE, (len(told["nodes"]) - len(later), len(edges)), strict=True))
