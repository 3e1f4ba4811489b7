"""A tuning job's worker as the server of its own training jobs: the same store, the same operations, no HTTP."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from specimen.emulator.context import Context, Credentials
from specimen.emulator.jobs.containers import Image, Images, repository
from specimen.emulator.jobs.job import Job
from specimen.emulator.jobs.launch import Launcher
from specimen.emulator.jobs.tuning_search import Texts
from specimen.emulator.sagemaker import jobs, training, tuning_children
from specimen.emulator.sagemaker.training import TRAINING
from specimen.emulator.sagemaker.tuning_children import Child
from specimen.emulator.store import Store
from specimen.emulator.traffic import Traffic
from specimen.warm.template import Template


class Cloud:
    """What a tuning job needs of the server's operations; training jobs are forked from `template`."""

    def __init__(self, job: Job, template: Template) -> None:
        self._job = job
        self._state = Path(job.objects).parent
        self._objects = job.store()
        self._store = Store(self._state / "store.sqlite")
        images = Images({} if job.module is None else {repository(job.image): Image(job.module)})
        self._launcher = Launcher(self._state, images, job.grace, template=template)
        self._tuned: dict[str, Texts] = {}

    def __enter__(self) -> "Cloud":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._store.close()
        self._objects.close()

    @contextmanager
    def _context(self) -> Iterator[Context]:
        with self._store.transaction() as tx:
            yield Context(
                tx=tx,
                objects=self._objects,
                state=self._state,
                account=self._job.arn.split(":")[4],
                region=self._job.region,
                endpoint=self._job.environment["AWS_ENDPOINT_URL"],
                credentials=Credentials(
                    self._job.environment["AWS_ACCESS_KEY_ID"], self._job.environment["AWS_SECRET_ACCESS_KEY"]
                ),
                now=time.time,
                launcher=self._launcher,
                traffic=Traffic(self._objects),
            )

    def known(self, metric: str) -> Sequence[tuple[Texts, float]]:
        """Return what the tuning jobs that this one goes on from have found: hyperparameters and objective."""
        parents = self._job.body.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", [])
        with self._context() as context:
            names = [parent["HyperParameterTuningJobName"] for parent in parents]
            children = [child for name in names for child in tuning_children.of(context, name)]
        valued = [(child.body["HyperParameters"], child.value(metric)) for child in children]
        return [(tried, value) for tried, value in valued if value is not None]

    def begin(self, tuned: Texts) -> str:
        """Create the next training job and return its name."""
        with self._context() as context:
            name = tuning_children.begin(context, self._job.body, tuned)
        self._tuned[name] = tuned
        return name

    def ended(self, name: str) -> Child | None:
        """Return a training job if it has ended."""
        progress = self._launcher.progress(TRAINING.name, name)
        if progress.result is None and not progress.lost:
            return None
        with self._context() as context:
            child = Child(jobs.current(context, TRAINING, name), self._tuned[name])
        return child if child.ended else None  # a lost one may have been started again

    def stop(self, name: str) -> None:
        """Ask a training job to stop, unless it has ended or is stopping already."""
        with self._context() as context:
            if jobs.current(context, TRAINING, name)[TRAINING.status] == "InProgress":
                jobs.stop(context, TRAINING, name, training.STOPPING)

    def log(self, name: str) -> Path:
        """Return the file of a training job's log stream."""
        told = self._launcher.folder(TRAINING.name, name).read("job.json")
        return Path(told["log"] if told else "")
