"""What AWS asks of a DeploymentConfig: one policy, and steps whose sizes fit the fleet.

Source: DeploymentConfig, and "Deployment guardrails for updating models in production" with its "Exclusions".
"""

from collections.abc import Mapping, Sequence
from typing import Any

from specimen.emulator.errors import validation

_PERCENT = "CAPACITY_PERCENT"
_STEP = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}


def check(config: Mapping[str, Any], instances: int) -> None:
    """Raise AWS's answer to a configuration that could not be followed for a fleet of so many instances."""
    blue_green, rolling = config.get("BlueGreenUpdatePolicy"), config.get("RollingUpdatePolicy")
    if blue_green and rolling:
        raise validation("Only one of BlueGreenUpdatePolicy and RollingUpdatePolicy can be specified.")
    if blue_green:
        _check_blue_green(blue_green, instances)
    if rolling:
        _check_rolling(rolling, instances)


def check_names(served: Sequence[str], wanted: Sequence[str]) -> None:
    """Raise AWS's answer to an update by a DeploymentConfig to variants of other names than those that are served."""
    if sorted(served) != sorted(wanted):
        raise validation(
            "The new endpoint configuration must have the same variant names as the old one where a DeploymentConfig "
            f"is given: {', '.join(served)}, and not {', '.join(wanted)}."
        )


def _check_blue_green(policy: Mapping[str, Any], instances: int) -> None:
    routing = policy["TrafficRoutingConfiguration"]
    kind = routing["Type"]
    for other, member in _STEP.items():
        if (member in routing) != (other == kind):
            said = "is required" if other == kind else "cannot be given"
            raise validation(f"{member} {said} for TrafficRoutingConfiguration of Type {kind}.")
    if kind == "CANARY":
        _check_size("CanarySize", routing["CanarySize"], instances, 1, 50)
    if kind == "LINEAR":
        _check_size("LinearStepSize", routing["LinearStepSize"], instances, 10, 50)
    waits = policy.get("TerminationWaitInSeconds", 0) + routing["WaitIntervalInSeconds"]
    _check_time(policy, waits, "TerminationWaitInSeconds and WaitIntervalInSeconds")


def _check_rolling(policy: Mapping[str, Any], instances: int) -> None:
    _check_size("MaximumBatchSize", policy["MaximumBatchSize"], instances, 5, 50)
    if "RollbackMaximumBatchSize" in policy:
        _check_size("RollbackMaximumBatchSize", policy["RollbackMaximumBatchSize"], instances, 5, 100)
    _check_time(policy, policy["WaitIntervalInSeconds"], "WaitIntervalInSeconds")


def _check_size(member: str, size: Mapping[str, Any], instances: int, least: int, most: int) -> None:
    """A size is a share of the fleet, given in per cent or in instances."""
    share = size["Value"] if size["Type"] == _PERCENT else 100 * size["Value"] / instances
    if not least <= share <= most:
        given = f"{size['Value']} {'percent' if size['Type'] == _PERCENT else 'instances'} of {instances}"
        raise validation(f"{member} must be from {least} to {most} percent of the total instance count: it is {given}.")


def _check_time(policy: Mapping[str, Any], waits: int, members: str) -> None:
    limit = policy.get("MaximumExecutionTimeoutInSeconds")
    if limit is not None and limit <= waits:
        raise validation(f"MaximumExecutionTimeoutInSeconds must be larger than {members}, {waits} seconds.")
