"""What a target asks of everything that runs there: its network, and the key that all is encrypted with."""

import re

from specimen.planning.sender import Request
from specimen.spec.model import Target

# Disks of these instance types are encrypted by themselves, and AWS refuses a key for them:
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/InstanceStorage.html#instance-store-volumes
OWN_DISKS = re.compile(r"ml\.([a-z]+[0-9][a-z]*d[a-z]*|g[5-9][a-z]*|p[5-9][a-z0-9-]*|trn[0-9][a-z]*|[id][0-9][a-z]*)\.")


def network(target: Target) -> Request:
    """The members of a training job, of a tuning job's definition and of a model."""
    found = _vpc(target)
    if target.network_isolation:
        found["EnableNetworkIsolation"] = True
    return found


def processing_network(target: Target) -> Request:
    """The member of a processing job, which is never isolated: Clarify asks a model, and rules read tensors, over it.

    https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-vpc.html
    """
    found = _vpc(target)
    return {"NetworkConfig": found} if found else {}


def _vpc(target: Target) -> Request:
    if target.vpc is None:
        return {}
    return {"VpcConfig": {"SecurityGroupIds": list(target.vpc.security_groups), "Subnets": list(target.vpc.subnets)}}


def output_key(target: Target) -> Request:
    """The member by which what is written to S3 is encrypted."""
    return {"KmsKeyId": target.kms_key} if target.kms_key else {}


def volume_key(target: Target, instance: str, member: str = "VolumeKmsKeyId") -> Request:
    """The member by which an instance's disk is encrypted; none where AWS takes none."""
    return {member: target.kms_key} if target.kms_key and not OWN_DISKS.match(instance) else {}
