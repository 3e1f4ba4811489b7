"""What Application Auto Scaling has stored: scalable targets, and their policies, by what they scale.

Nothing scales here: an endpoint's variant is one container, however many instances are asked for.
"""

from collections.abc import Mapping
from typing import Any

from specimen.emulator.store import Transaction

TARGET = "ScalableTarget"
POLICY = "ScalingPolicy"
Body = dict[str, Any]


def key(body: Mapping[str, Any]) -> str:
    """Return the name under which a target is stored; its policies' names begin with it."""
    return f"{body['ResourceId']}|{body['ScalableDimension']}|"


def policy_key(body: Mapping[str, Any]) -> str:
    """Return the name under which a policy is stored."""
    return key(body) + str(body["PolicyName"])


def policies(tx: Transaction, target: Mapping[str, Any]) -> list[Body]:
    """Return the policies of a target."""
    return [body for body in tx.list(POLICY) if key(body) == key(target)]


def delete(tx: Transaction, target: Mapping[str, Any]) -> None:
    """Forget a target with its policies."""
    for policy in policies(tx, target):
        tx.delete(POLICY, policy_key(policy))
    tx.delete(TARGET, key(target))


def forget_endpoint(tx: Transaction, endpoint: str, kept: frozenset[str] = frozenset()) -> None:
    """Forget the targets of an endpoint's variants, except of those that are kept; SageMaker deregisters them."""
    for target in tx.list(TARGET):
        _, name, _, variant = target["ResourceId"].split("/")
        if name == endpoint and variant not in kept:
            delete(tx, target)
