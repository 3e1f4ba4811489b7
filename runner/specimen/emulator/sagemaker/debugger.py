"""Debugger on training jobs: what is checked, the processing jobs that evaluate the rules, and what these find."""

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from specimen.emulator.context import Context, Request, Response
from specimen.emulator.errors import validation
from specimen.emulator.jobs import channels
from specimen.emulator.jobs.debugger import INTERVAL, end, profiles, tensors
from specimen.emulator.sagemaker import jobs, processing, tags
from specimen.emulator.sagemaker.processing import PROCESSING

KIND = "RuleJobs"  # one entry a training job with rules: the processing jobs that evaluate them
INTERVALS = (100, 200, 500, 1000, 5000, 60000)  # milliseconds
OUTPUT = "/opt/ml/processing/output/rule"
INSTANCE = "ml.t3.medium"  # on which AWS evaluates a rule where nobody says
DISK = 10  # gigabytes
RUNTIME = 4 * 24 * 3600  # seconds
MET = "RuleEvaluationConditionMet"  # how the exit message begins of a rule that has found an issue
_PART = 26  # characters of the training job's and of the rule's name in the name of a rule's job
_KINDS = ("Debug", "Profiler")  # of rules, as the names of members begin

Body = Mapping[str, Any]


def check(request: Request) -> None:
    """Refuse a configuration of Debugger that SageMaker refuses."""
    rules = [*_rules(request, "Debug"), *_rules(request, "Profiler")]
    _unique("RuleConfigurationName", [rule["RuleConfigurationName"] for rule in rules])
    hook = request.get("DebugHookConfig", {})
    collections = [entry.get("CollectionName") for entry in hook.get("CollectionConfigurations", [])]
    _unique("CollectionName", [name for name in collections if name is not None])
    if _rules(request, "Debug") and not hook:
        raise validation("DebugHookConfig is required when DebugRuleConfigurations are specified.")
    _check_profiler(request)
    for rule in rules:
        if not f"{rule.get('LocalPath', OUTPUT)}/".startswith(processing.ROOT):
            raise validation(f"LocalPath must begin with {processing.ROOT} (rule {rule['RuleConfigurationName']})")


def _check_profiler(request: Request) -> None:
    config = request.get("ProfilerConfig", {})
    interval = config.get("ProfilingIntervalInMilliseconds", INTERVAL)
    if interval not in INTERVALS:
        allowed = ", ".join(map(str, INTERVALS))
        raise validation(f"ProfilingIntervalInMilliseconds must be one of {allowed}, but is {interval}.")
    if not _rules(request, "Profiler"):
        return
    if config.get("DisableProfiler"):
        raise validation("ProfilerRuleConfigurations cannot be specified when DisableProfiler is true.")
    if "S3OutputPath" not in config:
        raise validation("ProfilerConfig.S3OutputPath is required when ProfilerRuleConfigurations are specified.")


def _unique(member: str, names: Sequence[str]) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise validation(f"{member} must be unique, but {', '.join(twice)} is used more than once.")


def _rules(body: Body, kind: str) -> Sequence[Body]:
    rules: Sequence[Body] = body.get(f"{kind}RuleConfigurations", ())
    return rules


def filled(request: Request) -> dict[str, Any]:
    """Return the members of a training job's description that Debugger adds to what was asked for."""
    added: dict[str, Any] = {"ProfilingStatus": "Enabled" if profiles(request) else "Disabled"}
    if "ProfilerConfig" in request:
        defaults = {"ProfilingIntervalInMilliseconds": INTERVAL, "DisableProfiler": False}
        added["ProfilerConfig"] = {**defaults, **request["ProfilerConfig"]}
    for kind in _KINDS:
        if rules := _rules(request, kind):
            added[f"{kind}RuleConfigurations"] = [{"VolumeSizeInGB": 0, **rule} for rule in rules]
    return added


def begin(context: Context, body: Body, arn: str) -> None:
    """Start the processing jobs that evaluate a training job's rules, with its tags."""
    entry = {kind: [_begin(context, body, arn, rule) for rule in _rules(body, kind)] for kind in _KINDS}
    if any(entry.values()):
        context.tx.put(KIND, body["TrainingJobName"], entry)


def _begin(context: Context, body: Body, arn: str, rule: Body) -> dict[str, str]:
    title = rule["RuleConfigurationName"]
    name = f"{body['TrainingJobName'][:_PART]}-{title[:_PART]}-{secrets.token_hex(4)}"
    job = processing.brief(context, request(body, arn, rule, name), PROCESSING.arn(context, name.lower()))
    jobs.begin(context, PROCESSING, replace(job, rule=told(body, rule)))
    tags.give(context, job.arn, body.get("Tags", []))
    return {"RuleConfigurationName": title, "ProcessingJobName": name}


def request(body: Body, arn: str, rule: Body, name: str) -> dict[str, Any]:
    """Form the request of the processing job that evaluates a rule; its output goes beside the training job's."""
    where = rule.get("S3OutputPath", body["OutputDataConfig"]["S3OutputPath"])
    target = channels.join(where, body["TrainingJobName"], "rule-output", rule["RuleConfigurationName"])
    output = {"S3Uri": target, "LocalPath": rule.get("LocalPath", OUTPUT), "S3UploadMode": "EndOfJob"}
    cluster = {
        "InstanceCount": 1,
        "InstanceType": rule.get("InstanceType", INSTANCE),
        "VolumeSizeInGB": rule.get("VolumeSizeInGB") or DISK,
    }
    return {
        "ProcessingJobName": name,
        "ProcessingResources": {"ClusterConfig": cluster},
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "rule", "S3Output": output}]},
        "AppSpecification": {"ImageUri": rule["RuleEvaluatorImage"]},
        "StoppingCondition": {"MaxRuntimeInSeconds": RUNTIME},
        "RoleArn": body["RoleArn"],
        "TrainingJobArn": arn,
    }


def told(body: Body, rule: Body) -> dict[str, Any]:
    """Form what the container of a rule is told: the rule, and where it finds what the training writes."""
    parameters = rule.get("RuleParameters", {})
    places = {"tensors": tensors(body), "profiler": profiles(body), "source": parameters.get("source_s3_uri")}
    return {
        "rule": parameters.get("rule_to_invoke", rule["RuleConfigurationName"]),
        "name": rule["RuleConfigurationName"],
        "parameters": parameters,
        "other_trials": list(_others(parameters)),
        "training_job": body["TrainingJobName"],
        **{name: place for name, place in places.items() if place is not None},
    }


def _others(parameters: Mapping[str, str]) -> Iterator[str]:
    """Go through the trials that a rule compares with, which the SDK numbers: ``other_trial_0``."""
    numbered = (name.removeprefix("other_trial_") for name in parameters if name.startswith("other_trial_"))
    for number in sorted(int(text) for text in numbered if text.isdecimal()):
        yield parameters[f"other_trial_{number}"]
    yield from (uri.strip() for uri in parameters.get("other_trials", "").split(",") if uri.strip())


def statuses(context: Context, training_job: str) -> Response:
    """Return what the rules of a training job have come to, as its description tells it."""
    entry = context.tx.get(KIND, training_job) or {}
    found = {kind: [_status(context, rule) for rule in entry.get(kind, [])] for kind in _KINDS}
    return {f"{kind}RuleEvaluationStatuses": listed for kind, listed in found.items() if listed}


def _status(context: Context, rule: Body) -> dict[str, Any]:
    job = jobs.current(context, PROCESSING, rule["ProcessingJobName"])
    status, details = _verdict(job)
    described = {
        "RuleConfigurationName": rule["RuleConfigurationName"],
        "RuleEvaluationJobArn": job["ProcessingJobArn"],
        "RuleEvaluationStatus": status,
        "LastModifiedTime": job["LastModifiedTime"],
    }
    return {**described, "StatusDetails": details} if details else described


def _verdict(job: Body) -> tuple[str, str]:
    """Return AWS's word for how an evaluation stands, and its details."""
    message = job.get("ExitMessage", "")
    match job["ProcessingJobStatus"]:
        case "Completed":
            return ("IssuesFound", message) if message.startswith(MET) else ("NoIssuesFound", "")
        case "Failed":
            return "Error", message or job.get("FailureReason", "")
        case going:
            return going, ""


def lost(context: Context, body: Body) -> None:
    """Say in place of a worker that was lost that nothing more comes, so that no rule waits for it."""
    end(body, context.objects)
