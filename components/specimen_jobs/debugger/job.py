"""The job: a rule's configuration in, its verdict as exit message, its actions done, its reports out."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from specimen_tensors.errors import LayoutError
from specimen_tensors.files import Bucket
from specimen_tensors.trial import Trial

from specimen_jobs.aws import connect
from specimen_jobs.container import FAILURE_LIMIT, Container, JobError, log, read_json, run
from specimen_jobs.debugger import actions, config, parameters, table
from specimen_jobs.debugger.actions import Clients
from specimen_jobs.debugger.config import Asked, Location
from specimen_jobs.debugger.custom import trial as custom
from specimen_jobs.debugger.custom.loading import load
from specimen_jobs.debugger.evaluation import Report, Rule, Verdict, evaluate
from specimen_jobs.debugger.follower import Follower
from specimen_jobs.debugger.reports import usage
from specimen_jobs.debugger.reports.profile import Profile
from specimen_jobs.debugger.rule import LOGGER
from specimen_jobs.debugger.stalled import StalledTrainingRule

ENDED = frozenset({"Completed", "Failed", "Stopped"})


def main(clients: Clients = connect) -> int:
    """Run the job and return its exit code; what crashes a rule is in the log whole, its last line the exit message."""
    container = Container.from_environment()
    try:
        return run(lambda: work(container, clients), container.message)
    except Exception as error:
        traceback.print_exc(file=sys.stdout)
        last = traceback.format_exception_only(error)[-1].strip()
        container.message.parent.mkdir(parents=True, exist_ok=True)
        container.message.write_text(last[:FAILURE_LIMIT], encoding="utf-8")
        return 1


def work(container: Container, clients: Clients) -> None:
    """Evaluate the rule that the configuration asks for; raise JobError as the job's exit message."""
    from botocore.exceptions import BotoCoreError, ClientError

    asked = config.read(read_json(container.processing("input", "config", config.NAME)))
    log(f"Rule {asked.rule} ({asked.name}) on training job {asked.training_job}")
    todo = actions.read(asked.actions)
    try:
        verdict = _verdict(asked, container, clients)
    except LayoutError as error:
        raise JobError(f"The tensors cannot be read: {error}") from None
    except (BotoCoreError, ClientError) as error:
        raise JobError(f"AWS refused what the rule needs: {error}") from None
    log(verdict.text.strip())
    if verdict.step is not None:
        actions.do(todo, clients, asked.training_job, verdict.text.strip())
    container.message.parent.mkdir(parents=True, exist_ok=True)
    container.message.write_text(verdict.text, encoding="utf-8")


def _verdict(asked: Asked, container: Container, clients: Clients) -> Verdict:
    storage = clients("s3")
    if asked.rule == "ProfilerReport" and asked.source is None:
        return _profiled(asked, container, storage, clients)
    trial = _trial(storage, _needed(asked.tensors, "tensors"))
    others = [_trial(storage, other) for other in asked.others]
    rule = _custom(asked, trial, others, storage) if asked.source else _built_in(asked, trial, others)
    verdict = evaluate(asked.rule, rule, Follower(trial, lambda: _over(clients, asked.training_job)))
    if verdict.step is not None and isinstance(rule, StalledTrainingRule) and rule.stop_training_on_fire:
        stop = actions.Stop(rule.training_job_name_prefix)
        actions.do((stop,), clients, asked.training_job, verdict.text.strip())
    if isinstance(rule, Report):
        return Verdict(verdict.step, rule.write(_output(asked, container)))
    return verdict


def _profiled(asked: Asked, container: Container, storage: Any, clients: Clients) -> Verdict:
    where = _needed(asked.profiler, "profiler")
    profile = Profile(Bucket(storage, where.bucket, where.key))
    report = table.find(asked.rule).make(
        profile=profile, training_job=asked.training_job, given=usage.read(asked.parameters)
    )
    follower = Follower(profile, lambda: _over(clients, asked.training_job))
    verdict = evaluate(asked.rule, report, follower, "profile")
    return Verdict(verdict.step, report.write(_output(asked, container)))


def _built_in(asked: Asked, trial: Trial, others: list[Trial]) -> Rule:
    known = table.find(asked.rule)
    given = parameters.read(asked.rule, known.parameters, asked.parameters)
    extra: dict[str, Any] = {}
    if asked.rule == "SimilarAcrossRuns":
        extra = {"others": others}
    elif asked.rule == "CreateXgboostReport":
        extra = {"training_job": asked.training_job}
    rule: Rule = known.make(trial=trial, **extra, **given)
    return rule


def _custom(asked: Asked, trial: Trial, others: list[Trial], storage: Any) -> Rule:
    source = _needed(asked.source, "source")
    with TemporaryDirectory() as folder:
        path = Path(folder) / source.key.rpartition("/")[2]
        try:
            path.write_bytes(Bucket(storage, source.bucket, "").read(source.key))
        except FileNotFoundError:
            raise JobError(f"There is no rule's source at {source.uri}") from None
        shown = custom.Trial(trial, _needed(asked.tensors, "tensors").uri, LOGGER)
        compared = [custom.Trial(other, where.uri, LOGGER) for other, where in zip(others, asked.others, strict=True)]
        return load(path, asked.rule, shown, compared, asked.parameters)


def _output(asked: Asked, container: Container) -> Path:
    """Return the folder whose content SageMaker stores."""
    return container.processing("output", "rule") if asked.output is None else container.local(asked.output)


def _trial(storage: Any, where: Location) -> Trial:
    return Trial(Bucket(storage, where.bucket, where.key))


def _needed(where: Location | None, key: str) -> Location:
    if where is None:
        raise JobError(f"{config.NAME}: {key} is needed")
    return where


def _over(clients: Clients, training_job: str) -> bool:
    """Tell whether SageMaker says that the job has ended; where it will not say, the tensors alone can."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        status = clients("sagemaker").describe_training_job(TrainingJobName=training_job)["TrainingJobStatus"]
    except (BotoCoreError, ClientError) as error:
        log(f"SageMaker does not say how the training goes: {error}", "WARNING")
        return False
    return status in ENDED
