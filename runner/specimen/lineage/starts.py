"""What a name stands for, and the entities that its lineage begins with."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from specimen.asking import SAGEMAKER, Cloud
from specimen.errors import SpecimenError, UsageError
from specimen.spec.words import any_of, closest

ENDPOINT, GROUP, JOB, EXPERIMENT = "endpoint", "package-group", "training-job", "experiment"
_MOST = 200  # names of a kind that a misspelt one is compared with


@dataclass(frozen=True)
class Start:
    """The kind of thing that a name stands for, the entities, and the other kinds that have the name too."""

    kind: str
    arns: tuple[str, ...]
    others: tuple[str, ...]


def find(cloud: Cloud, name: str, kind: str | None) -> Start:
    """What the name stands for: the first kind that has it, unless one is chosen.

    An endpoint that was deleted counts: its lineage is kept.

    Raises:
        UsageError: nothing has the name.
        SpecimenError: nothing was recorded of it.
    """
    kinds = [kind] if kind else list(_FINDERS)
    found = {one: arns for one in kinds if (arns := _FINDERS[one](cloud, name)) is not None}
    if not found:
        raise _absent(cloud, name, kinds)
    first, *others = found
    if not found[first]:
        raise SpecimenError(f"{cloud.name} has recorded no lineage of {first} {name}", hint="it was made before that")
    return Start(first, tuple(found[first]), tuple(others))


def _endpoint(cloud: Cloud, name: str) -> list[str] | None:
    body = cloud.find(SAGEMAKER, "DescribeEndpoint", {"EndpointName": name})
    if body is not None:
        return _contexts(cloud, body["EndpointArn"])
    return [arn for arn, source in _endpoints(cloud) if source.rpartition("/")[2] == name.lower()] or None


def _group(cloud: Cloud, name: str) -> list[str] | None:
    body = cloud.find(SAGEMAKER, "DescribeModelPackageGroup", {"ModelPackageGroupName": name})
    return None if body is None else _contexts(cloud, body["ModelPackageGroupArn"])


def _job(cloud: Cloud, name: str) -> list[str] | None:
    body = cloud.find(SAGEMAKER, "DescribeTrainingJob", {"TrainingJobName": name})
    return None if body is None else _components(cloud, {"SourceArn": body["TrainingJobArn"]})


def _experiment(cloud: Cloud, name: str) -> list[str] | None:
    body = cloud.find(SAGEMAKER, "DescribeExperiment", {"ExperimentName": name})
    return None if body is None else _components(cloud, {"ExperimentName": name})


_FINDERS: Mapping[str, Callable[[Cloud, str], list[str] | None]] = {
    ENDPOINT: _endpoint,
    GROUP: _group,
    JOB: _job,
    EXPERIMENT: _experiment,
}
KINDS = tuple(_FINDERS)
_LISTS = {
    GROUP: ("ListModelPackageGroups", "ModelPackageGroupSummaryList", "ModelPackageGroupName"),
    JOB: ("ListTrainingJobs", "TrainingJobSummaries", "TrainingJobName"),
    EXPERIMENT: ("ListExperiments", "ExperimentSummaries", "ExperimentName"),
}


def _contexts(cloud: Cloud, source: str) -> list[str]:
    found = cloud.pages(SAGEMAKER, "ListContexts", {"SourceUri": source}, "ContextSummaries")
    return [one["ContextArn"] for one in found]


def _components(cloud: Cloud, request: Mapping[str, str]) -> list[str]:
    """The trial components of training jobs."""
    found = cloud.pages(SAGEMAKER, "ListTrialComponents", request, "TrialComponentSummaries")
    of_jobs = [one for one in found if one.get("TrialComponentSource", {}).get("SourceType") == "SageMakerTrainingJob"]
    return [one["TrialComponentArn"] for one in of_jobs]


def _endpoints(cloud: Cloud) -> Iterator[tuple[str, str]]:
    """The contexts of endpoints, with the endpoints' ARNs."""
    for one in cloud.pages(SAGEMAKER, "ListContexts", {"ContextType": "Endpoint"}, "ContextSummaries"):
        yield one["ContextArn"], one.get("Source", {}).get("SourceUri", "")


def _absent(cloud: Cloud, name: str, kinds: list[str]) -> UsageError:
    known = [(one, kind) for kind in kinds for one in islice(_names(cloud, kind), _MOST)]
    near = closest(name, [one for one, _ in known])
    meant = next((f"did you mean {kind} `{one}`?" for one, kind in known if one == near), cloud.elsewhere)
    return UsageError(f"{cloud.name} has no {any_of(kinds, quoted=False)} `{name}`", hint=meant)


def _names(cloud: Cloud, kind: str) -> Iterator[str]:
    if kind == ENDPOINT:
        yield from (source.rpartition("/")[2] for _, source in _endpoints(cloud))
        return
    operation, member, name = _LISTS[kind]
    yield from (one[name] for one in cloud.pages(SAGEMAKER, operation, {}, member))
