"""What a tuning job's worker does: it suggests hyperparameters, and starts and follows the training jobs.

It does both over the server's own store, as a server would: training jobs begin and end while no server is there, and
are jobs like any other, which outlive this worker as well. They are forked from this worker's template.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from specimen.emulator.jobs.folder import Folder
from specimen.emulator.jobs.instance import Instance
from specimen.emulator.jobs.job import Job, Result, Stop
from specimen.emulator.jobs.tuning_cloud import Cloud
from specimen.emulator.jobs.tuning_curves import Curve, lags
from specimen.emulator.jobs.tuning_search import Search, search
from specimen.emulator.sagemaker.tuning_children import Child, best, not_improving

TICK = 0.02  # seconds between two looks at the training jobs
ATTEMPTS = 5  # training jobs of which one must have succeeded
STAGNATION = 30  # training jobs in a row that find nothing better: the tuning job has converged
NONE_SUCCEEDED = (
    "No training job succeeded after {count} attempts. Please take a look at the training job failures to get more "
    "details."
)
ALL_FAILED = "All training jobs failed. Please take a look at the training jobs failures to get more details."
NO_OBJECTIVE = (
    "No objective metrics found after running {count} training jobs. Please ensure that the custom algorithm is "
    "emitting the objective metric as defined by the regular expression provided."
)


def run(job: Job, folder: Folder, stop: Stop, instance: Instance) -> Result:
    """Run a tuning job to its end and tell how that was."""
    with Cloud(job, instance.template) as cloud:
        return Tuner(job, cloud).run(stop)


class Tuner:
    """A tuning job's training jobs: those that run by their numbers, and those that have ended."""

    def __init__(self, job: Job, cloud: Cloud) -> None:
        self._job = job
        self._cloud = cloud
        self._config: Mapping[str, Any] = job.body["HyperParameterTuningJobConfig"]
        self._objective: Mapping[str, str] = self._config["HyperParameterTuningJobObjective"]
        self._search: Search = search(job.name, self._config, cloud.known(self._objective["MetricName"]))
        self._running: dict[int, str] = {}
        self._ended: list[Child] = []
        self._curves: list[Curve] = []
        self._halted: set[int] = set()  # told to stop
        self._lagging: set[int] = set()  # those of them whose objective was the reason
        self._exhausted = False
        self._converged: float | None = None

    def run(self, stop: Stop) -> Result:
        """Start, follow and end training jobs until no more are to come."""
        started = time.time()
        deadline = started + self._config["ResourceLimits"].get("MaxRuntimeInSeconds", float("inf"))
        while not self._exhausted or self._running:
            self._reap()
            if stop.requested or time.time() > deadline or self._done():
                self._end()
            self._fill()
            if self._watched:
                self._halt_lagging()
            time.sleep(TICK if self._running else 0)
        status, reason = ("Stopped", None) if stop.requested else self._outcome()
        return Result(status, started, time.time(), reason=reason, converged=self._converged)

    @property
    def _watched(self) -> bool:
        auto = self._config.get("TrainingJobEarlyStoppingType") == "Auto"
        return auto or self._config["Strategy"] == "Hyperband"

    def _reap(self) -> None:
        """Let the search learn from training jobs that have ended."""
        for number, name in tuple(self._running.items()):
            child = self._cloud.ended(name)
            if child is not None:
                del self._running[number]
                self._ended.append(child)
                self._search.tell(number, child.value(self._objective["MetricName"]), pruned=number in self._lagging)

    def _fill(self) -> None:
        """Start as many training jobs as there is room for."""
        limits = self._config["ResourceLimits"]
        while not self._exhausted and len(self._running) < limits["MaxParallelTrainingJobs"]:
            number = len(self._curves)
            tuned = None if number >= limits.get("MaxNumberOfTrainingJobs", float("inf")) else self._search.ask()
            if tuned is None:
                self._exhausted = True
                return
            name = self._cloud.begin(tuned)
            self._running[number] = name
            self._curves.append(Curve(self._cloud.log(name), self._regex()))

    def _regex(self) -> str:
        definitions = self._job.body["TrainingJobDefinition"]["AlgorithmSpecification"]["MetricDefinitions"]
        return next(str(entry["Regex"]) for entry in definitions if entry["Name"] == self._objective["MetricName"])

    def _halt_lagging(self) -> None:
        """Stop the training jobs whose objective lags behind the others'."""
        read = [curve.read() for curve in self._curves]
        for number in self._running:
            if number not in self._halted and self._lags(number, read):
                self._halt(number)
                self._lagging.add(number)

    def _lags(self, number: int, read: Sequence[Sequence[float]]) -> bool:
        if self._search.lags(number, read[number]):
            return True
        others = [curve for other, curve in enumerate(read) if other != number]
        auto = self._config.get("TrainingJobEarlyStoppingType") == "Auto"
        return auto and lags(read[number], others, self._objective["Type"] == "Maximize")

    def _end(self) -> None:
        """Start nothing more, and stop what runs."""
        self._exhausted = True
        for number in self._running:
            self._halt(number)

    def _halt(self, number: int) -> None:
        if number not in self._halted:
            self._halted.add(number)
            self._cloud.stop(self._running[number])

    def _done(self) -> bool:
        """Tell whether there is nothing left to be hoped for, or nothing more asked."""
        found = best(self._ended, self._objective)
        if found is None:
            return len(self._ended) >= ATTEMPTS and all(child.status == "Failed" for child in self._ended)
        criteria = self._config.get("TuningJobCompletionCriteria", {})
        stale = not_improving(self._ended, self._objective)
        converges = criteria.get("ConvergenceDetected", {}).get("CompleteOnConvergence") == "Enabled"
        if converges and stale >= STAGNATION and self._converged is None:
            self._converged = time.time()
        patience = criteria.get("BestObjectiveNotImproving", {}).get("MaxNumberOfTrainingJobsNotImproving")
        reached = self._reached(found, criteria.get("TargetObjectiveMetricValue"))
        return reached or self._converged is not None or (patience is not None and stale >= patience)

    def _reached(self, found: Child, target: float | None) -> bool:
        value = found.value(self._objective["MetricName"])
        if target is None or value is None:
            return False
        return value >= target if self._objective["Type"] == "Maximize" else value <= target

    def _outcome(self) -> tuple[str, str | None]:
        """Return the tuning job's status and why it failed, with the first training job's reason."""
        if best(self._ended, self._objective) is not None:
            return "Completed", None
        failed = [child for child in self._ended if child.status == "Failed"]
        if len(failed) < len(self._ended) or not failed:
            return "Failed", NO_OBJECTIVE.format(count=len(self._ended))
        words = NONE_SUCCEEDED.format(count=len(failed)) if len(failed) >= ATTEMPTS else ALL_FAILED
        return "Failed", f"{words} The first one, {failed[0].name}: {failed[0].body.get('FailureReason', '')}"
