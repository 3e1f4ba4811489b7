"""What a training ran on: instances, how the data came to them, and what spot capacity saved and cost."""

from collections.abc import Mapping
from typing import Any

from specimen_components.report.model import Found
from specimen_components.report.numbers import duration, figure

_DISTRIBUTIONS = {
    "FullyReplicated": "replicated: every instance read all of the training part",
    "ShardedByS3Key": "sharded: each instance read its own files of the training part",
}
_MODES = {
    "File": "as files, copied before the training",
    "FastFile": "as files, fetched while they were read",
    "Pipe": "through a pipe, never stored",
}

Facts = dict[str, str | None]


def ran_on(found: Found, manifest: Found) -> Facts:
    """Give the instances and their input; nothing of a record from before these were kept."""
    if not (cluster := found.get("cluster") or {}).get("instance"):
        return {}
    several = (cluster.get("count") or 1) > 1
    return {
        "Instances": f"{figure(cluster.get('count') or 1)} × {cluster['instance']}",
        "Distribution": _named(_DISTRIBUTIONS, cluster.get("distribution")) if several else None,
        "Files of the training part": _files(manifest),
        "Read": _read(cluster),
        "Between the instances": "encrypted" if several and cluster.get("encrypted_traffic") else None,
        "Instances kept afterwards": _kept(cluster),
        "Spot capacity": _spot(cluster),
        "Started again": f"{_times(cluster['restarts'])}, after a failure of AWS's"
        if cluster.get("restarts")
        else None,
    }


def billed(found: Found) -> Facts:
    """Give what was billed, of each instance, and what spot capacity saved of the time."""
    seconds, billable = found.get("seconds"), found.get("billable_seconds")
    if not billable:
        return {}
    cluster = found.get("cluster") or {}
    count = cluster.get("count") or 1
    saved = f"{1 - billable / seconds:.0%} of the time" if cluster.get("spot") and seconds else None
    each = f", of each of {count} instances" if count > 1 else ""
    return {"Billable time": f"{duration(billable)}{each}", "Saved by spot": saved}


def _files(manifest: Found) -> str | None:
    files = ((manifest.get("parts") or {}).get("train") or {}).get("files") or ()
    return figure(len(files)) if len(files) > 1 else None


def _read(cluster: Mapping[str, Any]) -> str:
    """Say in which format and by which way, where the job says so."""
    content = str(cluster.get("content_type") or "").rpartition("/")[2]
    compressed = f" by {str(cluster['compression']).lower()}" if cluster.get("compression") else ""
    what = f"{content}, packed{compressed}, " if compressed else f"{content}, " if content else ""
    return f"{what}{_named(_MODES, cluster.get('input_mode'))}"


def _kept(cluster: Mapping[str, Any]) -> str | None:
    if not cluster.get("keep_alive"):
        return None
    status = f" (warm pool: {cluster['warm_pool']})" if cluster.get("warm_pool") else ""
    return f"for {duration(cluster['keep_alive'])}{status}"


def _spot(cluster: Mapping[str, Any]) -> str | None:
    if not cluster.get("spot"):
        return None
    if not (times := cluster.get("interruptions")):
        return "never interrupted"
    then = "went on from its checkpoints" if cluster.get("checkpoints") else "began anew, as it kept no checkpoints"
    return f"interrupted {_times(times)}; it {then}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{figure(count)} times"


def _named(words: Mapping[str, str], value: Any) -> str:
    return words.get(str(value), str(value))
