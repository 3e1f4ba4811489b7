"""Create a resource, or take over the one that is there already: a retried pod or a second run never pays twice.

A job is named after its request's digest. It is described first: absent, it is created; under way, it is waited for;
done, it is used again, as long as what it wrote is there. One that failed fails the step if this run made it, unless
AWS lacked capacity or broke down inside; one that an earlier run made, or whose output was deleted since, gives way to
the next attempt, which has a name of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from specimen_components import answers, naming, requests, searches, statuses, storage, trialcomponents
from specimen_components.command import Call
from specimen_components.jsondata import Json
from specimen_components.logs import Follower, Log
from specimen_components.problems import Failure, Refused, Stopped
from specimen_components.progress import say
from specimen_components.records import Resource
from specimen_components.resources import ResourceType, console
from specimen_components.statuses import Phase
from specimen_components.waiting import until

SERVICE = "sagemaker"
_CAPACITY_ATTEMPTS = 3  # how many jobs of one run may end for want of capacity
_DAY = 86_400  # AWS's own limit for a job that names none


@dataclass(frozen=True)
class Owned:
    """A resource that is there, and AWS's description of it."""

    resource: Resource
    description: Mapping[str, Any]


def job(
    call: Call,
    kind: ResourceType,
    prefix: str,
    request: Mapping[str, Json],
    values: Mapping[str, Json] | None = None,
    output: Callable[[Mapping[str, Any]], str] | None = None,
    excuse: Callable[[Mapping[str, Any]], str | None] | None = None,
) -> Owned:
    """Give the completed job or the model of a request, created if need be; raise `Failure` when it failed.

    `values` fill in the request's leaves, beside the job's own name; they are the call's arguments by default. `output`
    gives, from the job's description, the URI of the object without which it is of no use any more; `excuse` says why
    one that did not complete is as good as completed, and None where it is not.
    """
    given = call.arguments if values is None else values
    digest = requests.request_digest(request, given, kind.name)
    limit = naming.longest(SERVICE, kind.create, kind.name)
    attempt, lacking = 1, 0
    while True:
        name = naming.job_name(prefix, digest, attempt, limit)
        body = requests.prepared(SERVICE, kind.create, request, {**given, requests.NAME: name})
        body = requests.tagged({**body, kind.name: name}, {requests.RUN_TAG: call.run})
        found = _settle(call, kind, body, call.announce)
        done = phase(kind, found.description) is Phase.DONE
        reason = excuse(found.description) if excuse and not done else None
        if not done and reason is None:
            if _of_this_run(call, found):
                lacking += 1
                _give_up_unless_passing(kind, found, lacking)
            say(f"{kind.type} {name} ended as {_ending(kind, found.description)}; making the next attempt")
        elif found.resource.how == "reused" and output is not None and _gone(call, output(found.description)):
            say(f"{kind.type} {name} has completed, but its output is gone; making the next attempt")
        else:
            if reason is not None:
                say(f"{kind.type} {name} counts as done: {reason}")
            if kind.shown:
                trialcomponents.associate(call, kind, [name])
            return found
        attempt += 1


def _gone(call: Call, uri: str) -> bool:
    return call.ask(lambda: storage.find(call.aws, uri)) is None


def stable(call: Call, kind: ResourceType, request: Mapping[str, Any]) -> Owned:
    """Give the resource whose name the request holds, created if it is absent, and tagged as ours then.

    It is shared by runs, so that the step's record names it only when the caller says so.
    """
    tags = {requests.MANAGED_TAG: "true", requests.RUN_TAG: call.run}
    found = _settle(call, kind, requests.tagged(request, tags), _keep_quiet)
    if found.resource.how != "created" and requests.MANAGED_TAG not in tags_of(call, found.resource.arn):
        say(f"{kind.type} {found.resource.name} was there already and not made by Specimen; it is used as it is")
    if phase(kind, found.description) is not Phase.DONE:
        raise failure(kind, found)
    return found


def phase(kind: ResourceType, description: Mapping[str, Any]) -> Phase:
    """Give what the description's status means."""
    return Phase.DONE if kind.status is None else statuses.phase(kind.status, description[kind.status])


def tags_of(call: Call, arn: str) -> dict[str, str]:
    """Give a resource's tags."""
    listed = call.ask(lambda: list(call.aws.pages(SERVICE, "ListTags", {"ResourceArn": arn}, "Tags")))
    return {tag["Key"]: tag["Value"] for tag in listed}


def _settle(call: Call, kind: ResourceType, body: Mapping[str, Any], announce: Callable[[Resource], None]) -> Owned:
    """Describe, create if absent, announce, and wait until it is under way no more."""
    name = body[kind.name]
    how = "reused"
    while True:
        description = describe(call, kind, name)
        if description is None:
            how = _create(call, kind, body)
            description = _appeared(call, kind, name)
        going = phase(kind, description) is Phase.GOING
        how = "adopted" if going and how == "reused" else how
        found = Owned(_resource(call, kind, name, description, how), description)
        announce(found.resource)
        if going or phase(kind, description) is Phase.DONE:
            say(f"{kind.type} {name}: {how}")
        if not going:
            return found
        if (ended := wait(call, kind, name)) is not None:
            return replace(found, description=ended)
        how = "reused"  # deleted while it was waited for


def _keep_quiet(_: Resource) -> None:
    return None


def _appeared(call: Call, kind: ResourceType, name: str) -> dict[str, Any]:
    """Describe what was just created; AWS may need a moment before it shows."""
    found = until(call.clock, call.pace, lambda: call.aws.find(SERVICE, kind.describe, {kind.name: name}))
    if found is None:
        raise Failure(f"{kind.type} {name} was created but does not appear", hint="Run again; it is adopted then.")
    return found


def describe(call: Call, kind: ResourceType, name: str) -> dict[str, Any] | None:
    """Describe a resource by its name or ARN; None when it is absent."""
    return call.ask(lambda: call.aws.find(SERVICE, kind.describe, {kind.name: name}))


def _create(call: Call, kind: ResourceType, body: Mapping[str, Any]) -> str:
    """Create; "adopted" when it is there after all: made by another at the same time, or its answer was lost."""
    try:
        call.ask(lambda: call.aws.call(SERVICE, kind.create, body))
    except Refused as refusal:
        if answers.exists(kind.create, refusal.code, refusal.reason):
            return "adopted"
        raise
    return "created"


def wait(call: Call, kind: ResourceType, name: str) -> dict[str, Any] | None:
    """Wait until the resource is under way no more, saying its log's lines; None when it is gone."""
    began = call.clock.now()
    follower = Follower(Log(call.aws, kind.log_group, name) if kind.log_group else None)
    pauses = call.pace.pauses()
    told = ""
    while True:
        seen = describe(call, kind, name)
        told = _tell(kind, seen or {}, told)
        follower.follow()
        if seen is None or phase(kind, seen) is not Phase.GOING:
            follower.finish(call.clock, call.pace)
            return seen
        if call.clock.now() - began > (limit := _limit(seen) + call.pace.margin):
            raise Failure(
                f"{kind.type} {name} is still under way after {limit:.0f} s, beyond its own limit",
                hint="It was left as it is: look at it in AWS. The next run goes on waiting for it.",
            )
        call.clock.sleep(next(pauses))


def _limit(description: Mapping[str, Any]) -> float:
    """Give the seconds after which AWS itself ends a job: the wait for a spot instance includes the run."""
    if (whole := searches.limit(description)) is not None:
        return whole
    condition = description.get("StoppingCondition", {})
    return float(condition.get("MaxWaitTimeInSeconds") or condition.get("MaxRuntimeInSeconds") or _DAY)


def _tell(kind: ResourceType, description: Mapping[str, Any], told: str) -> str:
    """Say what the resource is doing when that is news; give what was said last."""
    transitions = description.get("SecondaryStatusTransitions") or [{}]
    state = description.get("SecondaryStatus") or description.get(kind.status or "", "gone")
    message = transitions[-1].get("StatusMessage")
    message = message or searches.progress(description)
    line = f"{state}: {message}" if message else str(state)
    if line != told:
        say(line)
    return line


def _of_this_run(call: Call, found: Owned) -> bool:
    resource = found.resource
    return resource.how == "created" or tags_of(call, resource.arn).get(requests.RUN_TAG) == call.run


def _give_up_unless_passing(kind: ResourceType, found: Owned, times: int) -> None:
    if not statuses.passing(found.description.get("FailureReason", "")) or times >= _CAPACITY_ATTEMPTS:
        raise failure(kind, found)


def failure(kind: ResourceType, found: Owned) -> Failure:
    """Say how a resource ended, in AWS's own words, and what to do."""
    resource, link = found.resource, found.resource.console
    ending = f"{kind.type} {resource.name} {_ending(kind, found.description)}"
    secondary = found.description.get("SecondaryStatus", "")
    if why := statuses.TIME_LIMITS.get(secondary):
        advice = "Raise maxRuntime or maxWait in the spec's resources, or ask for less work."
        return Failure(f"{ending}: {why}", hint=_with_link(advice, link))
    if phase(kind, found.description) is Phase.STOPPED:
        advice = "Somebody stopped it, or it reached its maximum run time; a new run makes the next attempt."
        return Stopped(ending, hint=_with_link(advice, link))
    return Failure(ending, hint=_with_link(what_to_do(found.description.get("FailureReason", "")), link))


def _ending(kind: ResourceType, description: Mapping[str, Any]) -> str:
    status = str(description[kind.status or ""])
    said = [description[member] for member in ("FailureReason", "ExitMessage") if description.get(member)]
    return ": ".join([status.lower(), *said])


def what_to_do(reason: str) -> str:
    """Say what to do about the reason why a job failed."""
    if statuses.passing(reason):
        return "AWS lacks capacity or is broken just now: run again later, or choose another instance type."
    if reason.startswith("AlgorithmError"):
        return "The job's own log says more; mend the spec or the data, and run again."
    if reason.startswith("ClientError"):
        return "AWS names what the job could not use: mend the spec or the target, and run again."
    return "The job's log above may say more; a new run makes the next attempt."


def _with_link(advice: str, link: str | None) -> str:
    return f"{advice} Console: {link}" if link else advice


def _resource(call: Call, kind: ResourceType, name: str, description: Mapping[str, Any], how: str) -> Resource:
    place = call.aws.environment
    return Resource(kind.type, name, description[kind.arn], how, console(place.region, kind, name, local=place.local))
