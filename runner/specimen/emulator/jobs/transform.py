"""What a transform job's worker does: a serving container, asked with every record of every object."""

import http.client
import tempfile
import time
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import local as thread_local
from typing import IO, Any

from specimen.emulator.errors import AwsError
from specimen.emulator.jobs import batches, channels, filters, serving
from specimen.emulator.jobs.batches import Batch, Shape
from specimen.emulator.jobs.folder import Folder
from specimen.emulator.jobs.instance import Instance
from specimen.emulator.jobs.job import Job, JobFailed, JobStopped, Result, Stop
from specimen.emulator.jobs.log import Log
from specimen.emulator.objects import Meta, Objects

READY_SECONDS = 30 * 60  # for which AWS pings a transform job's container
DEFAULT_PAYLOAD_MB = 6
TIMEOUT_SECONDS = 600  # InvocationsTimeoutInSeconds of a job that does not say
RETRIES = 3  # InvocationsMaxRetries of such a job
SEE_LOG = "{}: See job logs for more information"
NO_PING = (
    "AlgorithmError: Model container failed to respond to ping. Please ensure /ping endpoint is implemented and "
    "responds with an HTTP 200 status code"
)


def run(job: Job, folder: Folder, stop: Stop, instance: Instance) -> Result:
    """Run a transform job to its end and tell how that was."""
    started = time.time()
    status, reason = "Completed", None
    try:
        _transform(job, folder, stop, instance)
    except JobStopped:
        status = "Stopped"
    except JobFailed as failed:
        status, reason = "Failed", str(failed)
    instance.clear()
    folder.enter(status, reason or "")
    return Result(status, started, time.time(), reason=reason)


def _transform(job: Job, folder: Folder, stop: Stop, instance: Instance) -> None:
    objects = job.store()
    uri = job.body["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
    found = list(channels.matches(objects, uri))
    if not found:
        raise JobFailed("ClientError: " + channels.missing(uri, job.region, (job.model or {})["ExecutionRoleArn"]))
    serving.fetch_model(job, instance)
    stop.check()
    model = serving.start(job, instance, _environment(job.body), Log(job.log_path).write)
    try:
        if not model.await_ready(stop, READY_SECONDS):
            raise JobFailed(NO_PING)
        folder.enter("Transforming", "")
        work = _Work(job, objects, stop, _Asker(job, model.port), Log(Path(job.data_log or job.log)))
        for meta, path in found:
            work.transform(meta, path)
    finally:
        model.container.end(job.grace if stop.requested else 10)


def _environment(body: Mapping[str, Any]) -> dict[str, str]:
    return {
        "SAGEMAKER_BATCH": "true",
        "SAGEMAKER_MAX_PAYLOAD_IN_MB": str(body.get("MaxPayloadInMB", DEFAULT_PAYLOAD_MB)),
        "SAGEMAKER_BATCH_STRATEGY": "SINGLE_RECORD" if body.get("BatchStrategy") == "SingleRecord" else "MULTI_RECORD",
        "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": str(body.get("MaxConcurrentTransforms") or 1),
        **body.get("Environment", {}),
    }


def shape(body: Mapping[str, Any]) -> Shape:
    """Read from a transform job how its data are cut, filtered and put together."""
    processing = body.get("DataProcessing", {})
    return Shape(
        split=body["TransformInput"].get("SplitType", "None") == "Line",
        many=body.get("BatchStrategy") != "SingleRecord",
        limit=(body.get("MaxPayloadInMB") or DEFAULT_PAYLOAD_MB) * batches.MEGABYTE,
        assemble=body["TransformOutput"].get("AssembleWith", "None") == "Line",
        joined=processing.get("JoinSource", "None") == "Input",
        given=filters.parse(processing.get("InputFilter", "$")),
        wanted=filters.parse(processing.get("OutputFilter", "$")),
    )


class _Asker:
    """Asks the container, from any thread, as often as the job's client configuration allows."""

    def __init__(self, job: Job, port: int) -> None:
        config = job.body.get("ModelClientConfig", {})
        self._retries: int = config.get("InvocationsMaxRetries", RETRIES)
        self._timeout: float = config.get("InvocationsTimeoutInSeconds", TIMEOUT_SECONDS)
        self._port = port
        self._mine = thread_local()
        kind = job.body["TransformInput"].get("ContentType")
        accept = job.body["TransformOutput"].get("Accept")
        self._headers = {name: value for name, value in (("Content-Type", kind), ("Accept", accept)) if value}

    def ask(self, payload: bytes) -> serving.Answer:
        """Ask with one payload; an answer of 500 and above, or none, is asked for again."""
        for _ in range(self._retries):
            try:
                answer = self._client().invoke(payload, self._headers)
            except (OSError, http.client.HTTPException):
                continue
            if answer.status < 500:
                return answer
        try:
            return self._client().invoke(payload, self._headers)
        except (OSError, http.client.HTTPException) as problem:
            raise serving.unreachable(problem) from problem

    def _client(self) -> serving.Client:
        if not hasattr(self._mine, "client"):
            self._mine.client = serving.Client(self._port, self._timeout)
        client: serving.Client = self._mine.client
        return client


@dataclass(frozen=True)
class _Work:
    job: Job
    objects: Objects
    stop: Stop
    asker: _Asker
    log: Log

    def transform(self, meta: Meta, path: str) -> None:
        """Transform one object; its output appears when it is whole."""
        target = channels.join(self.job.body["TransformOutput"]["S3OutputPath"], f"{path}.out")
        with tempfile.TemporaryFile() as output:
            self._write(meta, output)
            output.seek(0)
            channels.upload_stream(self.objects, output, target)

    def _write(self, meta: Meta, output: IO[bytes]) -> None:
        form = shape(self.job.body)
        compression = self.job.body["TransformInput"].get("CompressionType", "None")
        for batch, answer in self._asked(self._batches(form, meta, compression)):
            self.stop.check()
            if not 200 <= answer.status < 300:
                raise self._refused(meta, answer)
            output.write(form.output(batch, answer.body))

    def _batches(self, form: Shape, meta: Meta, compression: str) -> Iterator[Batch]:
        try:
            with self.objects.open(meta.bucket, meta.key) as source:
                yield from form.batches(batches.opened(source, compression))
        except (AwsError, EOFError, OSError, zlib.error) as problem:
            raise JobFailed(f"ClientError: cannot read s3://{meta.bucket}/{meta.key}: {problem}") from problem

    def _asked(self, requests: Iterable[Batch]) -> Iterator[tuple[Batch, serving.Answer]]:
        """Ask with several requests at a time, as many as the job allows, and answer in their order."""
        width = self.job.body.get("MaxConcurrentTransforms") or 1
        waiting: deque[tuple[Batch, Future[serving.Answer]]] = deque()
        with ThreadPoolExecutor(width) as pool:
            for batch in requests:
                waiting.append((batch, pool.submit(self.asker.ask, batch.payload)))
                if len(waiting) >= width:
                    first, answer = waiting.popleft()
                    yield first, answer.result()
            for batch, answer in waiting:
                yield batch, answer.result()

    def _refused(self, meta: Meta, answer: serving.Answer) -> JobFailed:
        """Say in the data log what the container answered, as AWS does, and form the job's reason."""
        now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        said = answer.body.decode(errors="replace").splitlines()
        for line in (f"Bad HTTP status received from algorithm: {answer.status}", "", "Message:", *said):
            self.log.write(f"{now}:[sagemaker logs]: {meta.bucket}/{meta.key}: {line}")
        return JobFailed(SEE_LOG.format("ClientError" if answer.status < 500 else "AlgorithmError"))
