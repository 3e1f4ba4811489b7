"""What AWS asks of the production variants of an endpoint configuration.

Source: CreateEndpointConfig, "Serverless Inference" (its sizes, and the features that it excludes).
"""

from collections.abc import Mapping
from typing import Any

from specimen.emulator.context import Request
from specimen.emulator.errors import AwsError, validation
from specimen.emulator.sagemaker import jobs

MEMORY_MB = tuple(range(1024, 6145, 1024))
MOST_CONCURRENT = 200
_ON_INSTANCES = ("InstanceType", "InitialInstanceCount", "VolumeSizeInGB")
_NOT_YET = ("InferenceAmiVersion", "InstancePools", "ManagedInstanceScaling", "RoutingConfig")


def check(request: Request) -> None:
    """Raise AWS's answer to variants that cannot be served."""
    variants = request["ProductionVariants"]
    names = [variant["VariantName"] for variant in variants]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise validation(f"Production variant names must be unique. {twice} is given more than once.")
    for variant in variants:
        _check_variant(variant)
    if any("ServerlessConfig" in variant for variant in variants):
        _check_alone(request)


def _check_variant(variant: Mapping[str, Any]) -> None:
    if "ModelName" not in variant:
        raise jobs.unsupported("production variants without a model (inference components)")
    jobs.refuse(variant, *_NOT_YET)
    if "ServerlessConfig" in variant:
        given = [name for name in _ON_INSTANCES if name in variant]
        if given:
            raise validation(
                f"{given[0]} cannot be given for variant {variant['VariantName']}: it has ServerlessConfig."
            )
        check_serverless(variant["ServerlessConfig"])
        return
    missing = [name for name in _ON_INSTANCES[:2] if name not in variant]
    if missing:
        raise validation(
            f"{missing[0]} is required for variant {variant['VariantName']}, which has no ServerlessConfig."
        )


def check_serverless(config: Mapping[str, Any]) -> None:
    """Raise AWS's answer to a memory size or a concurrency that serverless endpoints do not come in."""
    if config["MemorySizeInMB"] not in MEMORY_MB:
        raise _constraint("memorySizeInMB", config["MemorySizeInMB"], f"enum value set: {list(MEMORY_MB)}")
    if config["MaxConcurrency"] > MOST_CONCURRENT:
        raise _constraint("maxConcurrency", config["MaxConcurrency"], f"a value of at most {MOST_CONCURRENT}")
    if config.get("ProvisionedConcurrency", 1) > config["MaxConcurrency"]:
        raise validation("ProvisionedConcurrency must be less than or equal to MaxConcurrency.")


def _check_alone(request: Request) -> None:
    """Serverless endpoints have one variant, and no data capture."""
    if len(request["ProductionVariants"]) > 1:
        raise validation("An endpoint configuration with ServerlessConfig can have one production variant only.")
    if request.get("DataCaptureConfig"):
        raise validation("DataCaptureConfig is not supported for serverless endpoints.")


def _constraint(member: str, value: object, wanted: str) -> AwsError:
    return validation(
        f"1 validation error detected: Value '{value}' at 'productionVariants.1.member.serverlessConfig.{member}' "
        f"failed to satisfy constraint: Member must satisfy {wanted}"
    )
