"""What SageMaker notes of a job by itself: its trial component, and where it stands in the lineage."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from specimen.emulator.context import Context
from specimen.emulator.sagemaker import components, graph
from specimen.emulator.sagemaker.entities import COMPONENT, EXPERIMENT, TRIAL, add, change, find, need
from specimen.emulator.sagemaker.metrics import summaries
from specimen.emulator.sagemaker.paging import Body

_FINAL = frozenset({"Completed", "Failed", "Stopped"})
_MEDIA = re.compile(r"(?=.{1,64}$)[-\w]+/[-\w+]+")  # what a trial component can show; a channel may say more
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Sketch:
    """What a trial component shows of a job's request: each artifact has a value, and a media type or None."""

    image: str | None
    resources: Mapping[str, Any]
    parameters: Mapping[str, str]
    inputs: Mapping[str, tuple[str, str | None]]
    outputs: Mapping[str, tuple[str, str | None]]


def record_job(context: Context, kind: str, body: Mapping[str, Any]) -> None:
    """Note a job as it is now; called when it is created and whenever its description changes.

    `kind` is TrainingJob, ProcessingJob or TransformJob. The first call makes ``<job>-aws-training-job`` (and its
    like) one of the trial that the job's ExperimentConfig names; a trial or experiment that does not exist is refused.
    """
    sketch = _SKETCHES[kind](body)
    name = f"{body[f'{kind}Name']}-aws-{kind.removesuffix('Job').lower()}-job"
    config = body.get("ExperimentConfig", {})
    found = find(context, COMPONENT, name)
    if found is None:
        title = config.get("TrialComponentDisplayName", name)
        add(context, COMPONENT, name, {COMPONENT.name_member: name, "DisplayName": title, **_fixed(kind, body, sketch)})
        _enrol(context, name, config)
        found = need(context, COMPONENT, name)
    changes = _moving(kind, body)
    if kind == "TrainingJob" and body[f"{kind}Status"] in _FINAL:
        changes["Metrics"] = summaries(context, body)
    if any(found.get(member) != value for member, value in changes.items()):
        change(context, COMPONENT, found, changes)
    _trace(context, found["TrialComponentArn"], sketch, done=body[f"{kind}Status"] == "Completed")


def _enrol(context: Context, name: str, config: Mapping[str, str]) -> None:
    if "ExperimentName" in config:
        need(context, EXPERIMENT, config["ExperimentName"])
    if "TrialName" in config:
        components.join(context, need(context, TRIAL, config["TrialName"])["TrialName"], name)


def _fixed(kind: str, body: Mapping[str, Any], sketch: Sketch) -> Body:
    resources = {
        f"SageMaker.{name}": {"NumberValue": float(value)} if isinstance(value, int) else {"StringValue": value}
        for name, value in sketch.resources.items()
        if name in ("InstanceCount", "InstanceType", "VolumeSizeInGB")
    }
    image = {"SageMaker.ImageUri": {"StringValue": sketch.image}} if sketch.image else {}
    return {
        "Source": {"SourceArn": body[f"{kind}Arn"], "SourceType": f"SageMaker{kind}"},
        "Sources": [{"SourceArn": body[f"{kind}Arn"], "SourceType": f"SageMaker{kind}"}],
        "Job": {"Kind": kind, "Name": body[f"{kind}Name"]},
        "Parameters": {**{name: _parameter(text) for name, text in sketch.parameters.items()}, **image, **resources},
        "InputArtifacts": _artifacts(sketch.inputs),
        "OutputArtifacts": _artifacts(sketch.outputs),
    }


def _parameter(text: str) -> dict[str, Any]:
    return {"NumberValue": float(text)} if _NUMBER.fullmatch(text) else {"StringValue": text}


def _artifacts(named: Mapping[str, tuple[str, str | None]]) -> Body:
    return {
        name: {"Value": value} | ({"MediaType": media} if media and _MEDIA.fullmatch(media) else {})
        for name, (value, media) in named.items()
    }


def _moving(kind: str, body: Mapping[str, Any]) -> Body:
    """Return the members that follow the job's status."""
    status = body[f"{kind}Status"]
    secondary = body.get("SecondaryStatus", status)
    message = f"Status: {status}, secondary status: {secondary}, failure reason: {body.get('FailureReason', '')}."
    prefix = kind.removesuffix("Job")
    times = {member: body[f"{prefix}{member}"] for member in ("StartTime", "EndTime") if f"{prefix}{member}" in body}
    return {"Status": {"PrimaryStatus": status, "Message": message[:1024]}, **times}


def _trace(context: Context, component: str, sketch: Sketch, done: bool) -> None:
    """Connect a job with the artifacts it reads and, once it is done, with those it wrote."""
    ensure = partial(graph.ensure_artifact, context)
    for uri, _ in sketch.inputs.values():
        graph.ensure_edge(context, ensure(uri, "DataSet"), component, "ContributedTo")
    if sketch.image:
        graph.ensure_edge(context, ensure(sketch.image, "Image"), component, "ContributedTo")
    for name, (uri, _) in sketch.outputs.items() if done else ():
        kind = "Model" if name == "SageMaker.ModelArtifact" else "DataSet"
        graph.ensure_edge(context, component, ensure(uri, kind), "Produced")


def _training(body: Mapping[str, Any]) -> Sketch:
    outputs: dict[str, tuple[str, str | None]] = {
        "SageMaker.ModelArtifact": (body["ModelArtifacts"]["S3ModelArtifacts"], None)
    }
    return Sketch(
        image=body["AlgorithmSpecification"].get("TrainingImage"),
        resources=body.get("ResourceConfig", {}),
        parameters=body.get("HyperParameters", {}),
        inputs=dict(_channels(body.get("InputDataConfig", []))),
        outputs=outputs,
    )


def _channels(channels: list[Any]) -> Iterator[tuple[str, tuple[str, str | None]]]:
    for channel in channels:
        source = channel["DataSource"].get("S3DataSource")
        if source:
            yield channel["ChannelName"], (source["S3Uri"], channel.get("ContentType"))


def _processing(body: Mapping[str, Any]) -> Sketch:
    inputs = [item for item in body.get("ProcessingInputs", []) if "S3Input" in item]
    outputs = body.get("ProcessingOutputConfig", {}).get("Outputs", [])
    return Sketch(
        image=body["AppSpecification"]["ImageUri"],
        resources=body["ProcessingResources"]["ClusterConfig"],
        parameters={},
        inputs={item["InputName"]: (item["S3Input"]["S3Uri"], None) for item in inputs},
        outputs={item["OutputName"]: (item["S3Output"]["S3Uri"], None) for item in outputs if "S3Output" in item},
    )


def _transform(body: Mapping[str, Any]) -> Sketch:
    data = body["TransformInput"]
    return Sketch(
        image=None,
        resources=body["TransformResources"],
        parameters={"SageMaker.ModelName": body["ModelName"]},
        inputs={"SageMaker.TransformInput": (data["DataSource"]["S3DataSource"]["S3Uri"], data.get("ContentType"))},
        outputs={"SageMaker.TransformOutput": (body["TransformOutput"]["S3OutputPath"], None)},
    )


_SKETCHES = {"TrainingJob": _training, "ProcessingJob": _processing, "TransformJob": _transform}
