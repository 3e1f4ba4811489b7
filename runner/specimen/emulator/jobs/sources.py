"""What a training job's channels lead to: the objects of a prefix or a manifest, dealt among the instances."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from specimen.emulator.errors import AwsError
from specimen.emulator.jobs import channels
from specimen.emulator.jobs.job import Job, JobFailed
from specimen.emulator.objects import Meta, Objects

MANIFEST = "ManifestFile"
SHARDED = "ShardedByS3Key"
Found = Sequence[tuple[Meta, str]]  # objects, each with its path in a channel


def objects_of(job: Job, objects: Objects, source: Mapping[str, Any]) -> Found:
    """Return the objects of a channel's source in the order of their keys; `JobFailed` if there are none."""
    uri = source["S3Uri"]
    found = _listed(objects, uri) if source["S3DataType"] == MANIFEST else list(channels.matches(objects, uri))
    if not found:
        raise JobFailed("ClientError: " + channels.missing(uri, job.region, job.body["RoleArn"]))
    return found


def dealt(found: Found, source: Mapping[str, Any], place: int, count: int) -> Found:
    """Return what an instance gets of a channel's objects: all, or its share, which may be nothing.

    AWS says that sharding gives each of n instances "approximately 1/n of the number of S3 objects"; here they are
    dealt out one after the other.
    """
    return found[place::count] if source.get("S3DataDistributionType") == SHARDED else found


def _listed(objects: Objects, uri: str) -> Found:
    """Read a manifest: a list of one prefix and of what follows it in each object's URI."""
    try:
        with objects.open(*channels.split(uri)) as stream:
            entries = json.load(stream)
        prefix, *names = entries
        start = prefix["prefix"]
        return [(_meta(objects, start + name), name) for name in names]
    except (AwsError, ValueError, TypeError, KeyError) as problem:
        raise JobFailed(f"ClientError: Data download failed: the manifest {uri} cannot be read: {problem}") from problem


def _meta(objects: Objects, uri: str) -> Meta:
    meta = objects.get(*channels.split(uri))
    if meta is None:
        raise JobFailed(f"ClientError: Data download failed: {uri}, which the manifest lists, is not there.")
    return meta


def download(objects: Objects, found: Found, target: Path) -> None:
    """Copy objects below a folder, which is there afterwards even if there are none."""
    target.mkdir(parents=True, exist_ok=True)
    channels.copy(objects, found, target)
