"""Checked data of `hosting` to the model that the planner reads."""

from collections.abc import Mapping, Sequence
from typing import Any

from specimen.spec.model import Autoscaling, Capture, Deployment, Hosting, Resources, Serverless, Variant, Verify
from specimen.spec.units import seconds

Data = Mapping[str, Any]
SELECTED = "selected"  # the variant of the trial that `select` has chosen, which is known at run time only


def hosting(data: Data, trials: Sequence[str], *, selected: bool) -> Hosting:
    """The endpoint of an experiment with these trials: without variants, of the selected one, or of the only one."""
    shared = None if "serverless" in data else _resources(data["resources"])
    default = Variant(SELECTED, None, 1, shared) if selected else Variant(trials[0], trials[0], 1, shared)
    variants = tuple(_variant(one, shared) for one in data.get("variants", ()))
    return Hosting(
        name=data["name"],
        variants=variants or (default,),
        serverless=_serverless(data["serverless"]) if "serverless" in data else None,
        capture=Capture(**_whole(data["capture"], "percentage")) if "capture" in data else None,
        autoscaling=_autoscaling(data["autoscaling"]) if "autoscaling" in data else None,
        deployment=_deployment(data["deployment"]) if "deployment" in data else None,
        verify=Verify(**_whole(data["verify"], "batch", "concurrency")) if "verify" in data else None,
        keep=data["keep"],
    )


def _variant(data: Data, shared: Resources | None) -> Variant:
    own = _resources(data["resources"]) if "resources" in data else shared
    return Variant(data.get("name", data["trial"]), data["trial"], data["weight"], own)


def _resources(data: Data) -> Resources:
    return Resources(data["instance"], int(data["count"]), volume=None, max_runtime=None, max_wait=None)


def _serverless(data: Data) -> Serverless:
    provisioned = int(data["provisioned"]) if "provisioned" in data else None
    return Serverless(int(data["memory"]), int(data["concurrency"]), provisioned)


def _autoscaling(data: Data) -> Autoscaling:
    return Autoscaling(
        least=int(data["min"]),
        most=int(data["max"]),
        invocations=data["invocations"],
        scale_in=_seconds(data, "scaleIn"),
        scale_out=_seconds(data, "scaleOut"),
    )


def _deployment(data: Data) -> Deployment:
    return Deployment(
        type=data["type"],
        size=int(data["size"]) if "size" in data else None,
        wait=_seconds(data, "wait"),
        terminate_after=_seconds(data, "terminateAfter"),
        max_runtime=_seconds(data, "maxRuntime"),
        alarms=tuple(data.get("alarms", ())),
    )


def _seconds(data: Data, key: str) -> int | None:
    return seconds(data[key]) if key in data else None


def _whole(data: Data, *keys: str) -> dict[str, Any]:
    """YAML may have written a whole number as 100.0."""
    return {**data, **{key: int(data[key]) for key in keys}}
