"""An endpoint under questions: several in flight over pooled connections, each asked again while it is throttled."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from specimen_components import answers
from specimen_components.clients import translated
from specimen_components.command import Call
from specimen_components.evaluation.labels import CSV
from specimen_components.evaluation.predictions import Array
from specimen_components.problems import Failure, Refused, Unreachable
from specimen_components.verification.answers import numbers
from specimen_components.verification.rows import Batch

SERVICE = "sagemaker-runtime"
_WAITING = 2  # batches a thread, cut before they are asked for


@dataclass(frozen=True)
class Reply:
    """What an endpoint has answered to one batch."""

    batch: Batch
    answers: Array  # shape (rows, columns)
    variant: str
    seconds: float  # of the attempt that was answered
    retries: int


@dataclass(frozen=True)
class Asker:
    """Asks one endpoint, or one of its variants."""

    call: Call
    endpoint: str
    content_type: str
    variant: str | None

    def replies(self, batches: Iterable[Batch], concurrency: int) -> Iterator[Reply]:
        """Ask for all batches, so many at a time, and give the replies in their order."""
        self.call.aws.client(SERVICE)  # made once, before threads ask for it
        pending: deque[Future[Reply]] = deque()
        with ThreadPoolExecutor(concurrency, thread_name_prefix="verify") as pool:
            try:
                for batch in batches:
                    pending.append(pool.submit(self.ask, batch))
                    if len(pending) > concurrency * _WAITING:
                        yield pending.popleft().result()
                while pending:
                    yield pending.popleft().result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def ask(self, batch: Batch) -> Reply:
        """Ask for one batch; raise `Failure` with what the endpoint or its model says."""
        try:
            response, body, seconds, retries = self._answered(batch)
        except Refused as refusal:
            raise self._failure(batch, refusal) from refusal
        try:
            found = numbers(body, len(batch.labels))
        except Failure as failure:
            raise Failure(f"{batch.named} of the test part: {failure}", hint=failure.hint) from failure
        told = replace(batch, body=b"")  # all replies are kept to the end, and need not hold the whole part's text
        return Reply(told, found, str(response.get("InvokedProductionVariant", "")), seconds, retries)

    def _answered(self, batch: Batch) -> tuple[Mapping[str, Any], bytes, float, int]:
        """Give the response, its body, the seconds that the answered attempt took, and how many came before it."""
        request = {
            "EndpointName": self.endpoint,
            "Body": batch.body,
            "ContentType": self.content_type,
            "Accept": CSV,
            **({} if self.variant is None else {"TargetVariant": self.variant}),
        }
        call, retries = self.call, 0
        began, pauses = call.clock.now(), call.pace.pauses()
        while True:
            sent = call.clock.now()
            try:
                response = call.aws.call(SERVICE, "InvokeEndpoint", request)
                with translated("InvokeEndpoint"):
                    body: bytes = response["Body"].read()
            except Unreachable:
                if call.clock.now() - began > call.pace.outage:
                    raise
                retries += 1
                call.clock.sleep(next(pauses))
                continue
            repeated = response.get("ResponseMetadata", {}).get("RetryAttempts", 0)
            return response, body, call.clock.now() - sent, retries + repeated

    def _failure(self, batch: Batch, refusal: Refused) -> Failure:
        if answers.absent("InvokeEndpoint", refusal.code, refusal.reason):
            return Failure(
                f"endpoint {self.endpoint} is not in service any more: {refusal.reason}",
                hint="Something has deleted or replaced it meanwhile, such as another run. Run again.",
            )
        if refusal.code == "ModelError":
            return Failure(
                f"{batch.named} of the test part: the model answers with an error: {refusal.reason}",
                hint="The endpoint's log, which AWS names, says more. Was the model trained on data of another form?",
            )
        return Failure(f"{batch.named} of the test part: {refusal}", hint=refusal.hint)
