"""SageMaker Runtime: what an endpoint answers."""

import http.client
import random
import time
from collections.abc import Mapping
from typing import Any

from specimen.emulator.captured import Captured, Message
from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.errors import AwsError, too_long
from specimen.emulator.jobs.serving import Answer, Client
from specimen.emulator.sagemaker import deployments, endpoints, jobs
from specimen.emulator.traffic import Lane, Retired, TooMany

TIMEOUT_SECONDS = 60.0  # for which AWS waits for a model's answer
RETURN_SECONDS = 30.0  # for which a container that has died may be away
SERVERLESS_BYTES = 4 << 20
_PAUSE = 0.05
_DRAW = random.SystemRandom()
_PASSED = {
    "ContentType": "Content-Type",
    "Accept": "Accept",
    "CustomAttributes": "X-Amzn-SageMaker-Custom-Attributes",
    "InferenceId": "X-Amzn-SageMaker-Inference-Id",
}
_NOT_YET = ("TargetModel", "TargetContainerHostname", "InferenceComponentName", "EnableExplanations", "SessionId")
Variant = Mapping[str, Any]


def invoke_endpoint(context: Context, request: Request) -> Response:
    """Pass a request on to the container of a variant, and its answer back."""
    jobs.refuse(request, *_NOT_YET)
    name = request["EndpointName"]
    while True:
        serving = _serving(context, name)
        variant = _variant(serving, request)
        _check_size(request["Body"], variant)
        context.tx.commit()  # the model may take its time
        try:
            with context.traffic.under_way(variant["Worker"], _most(variant)) as lane:
                answer = _ask(context, name, variant["Worker"], lane, request)
        except Retired:  # an update, or the endpoint's deletion, has come in between
            continue
        except TooMany as full:
            said = f"Rate exceeded: variant {variant['VariantName']} takes {_most(variant)} invocations at a time."
            raise AwsError("ThrottlingException", said) from full
        response = _response(context, name, variant, answer)
        _capture(context, serving, variant, request, answer)
        return response


def _serving(context: Context, name: str) -> Mapping[str, Any]:
    """Return the deployment that serves an endpoint, or AWS's answer to one that does not serve."""
    body = context.tx.get(endpoints.ENDPOINT, name)
    if body is not None and body["Pending"] is not None:
        body = endpoints.refresh(context, body)
    if body is None or body["Serving"] is None:
        raise AwsError("ValidationError", f"Endpoint {name} of account {context.account} not found.")
    serving: Mapping[str, Any] = body["Serving"]
    return serving


def _variant(serving: Mapping[str, Any], request: Request) -> Variant:
    """Choose the variant that a request goes to: the one that it names, else one by the variants' weights."""
    name, target = request["EndpointName"], request.get("TargetVariant")
    if target is None:
        chosen = deployments.by_weight(serving["Variants"], _DRAW.random())
        if chosen is None:
            raise AwsError("ValidationError", f"No variant of endpoint {name} has a weight: name TargetVariant.")
        return chosen
    for variant in serving["Variants"]:
        if variant["VariantName"] == target:
            return dict(variant)
    raise AwsError("ValidationError", f"Variant {target} not found in endpoint {name}.")


def _capture(context: Context, serving: Mapping[str, Any], variant: Variant, request: Request, answer: Answer) -> None:
    """Have an invocation captured, if it is among those that are."""
    config = serving.get("DataCaptureConfig", {})
    if not config.get("EnableCapture", bool(config)) or _DRAW.random() * 100 >= config["InitialSamplingPercentage"]:
        return
    metadata: dict[str, Any] = {}
    if "InferenceId" in request:
        metadata["inferenceId"] = request["InferenceId"]
    if "CustomAttributes" in request:
        metadata["customAttributes"] = [request["CustomAttributes"]]
    asked = Message(request.get("ContentType"), request["Body"])
    said = Message(answer.content_type, answer.body)
    place = (request["EndpointName"], variant["VariantName"])
    context.traffic.capture.note(Captured(config, *place, asked, said, context.now(), metadata))


def _most(variant: Variant) -> int | None:
    most: int | None = variant.get("ServerlessConfig", {}).get("MaxConcurrency")
    return most


def _check_size(body: bytes, variant: Variant) -> None:
    """Refuse what a serverless variant does not take; the others' limit is that of the operation itself."""
    if "ServerlessConfig" in variant and len(body) > SERVERLESS_BYTES:
        raise too_long("body", SERVERLESS_BYTES)


def _ask(context: Context, name: str, worker: str, lane: Lane, request: Request) -> Answer:
    headers = {header: request[member] for member, header in _PASSED.items() if member in request}
    client = lane.kept() or _connected(context, name, worker)
    try:
        answer = client.invoke(request["Body"], headers)
    except (OSError, http.client.HTTPException) as problem:
        client.close()
        raise _no_answer(context, name, problem) from problem
    lane.idle.append(client)
    return answer


def _connected(context: Context, name: str, worker: str) -> Client:
    """Connect with a worker's container; with one that has died, once it has come back."""
    limit = time.monotonic() + RETURN_SECONDS
    folder = context.launcher.folder(endpoints.ENDPOINT, worker)
    while True:
        if folder.read("job.json") is None:
            _settle(context, name)
            raise Retired
        context.launcher.revive(endpoints.ENDPOINT, worker)
        if (serving := folder.read("serving.json")) is not None:
            client = Client(serving["port"], TIMEOUT_SECONDS)
            if client.connect():
                return client
        if folder.read("result.json") is not None or time.monotonic() > limit:
            _settle(context, name)
            raise _model_error(context, name, 503, "The container does not answer.")
        time.sleep(_PAUSE)


def _settle(context: Context, name: str) -> None:
    """Write down what an endpoint has come to: one whose container cannot be replaced has failed."""
    body = context.tx.get(endpoints.ENDPOINT, name)
    if body is not None:
        endpoints.refresh(context, body)
    context.tx.commit()


def _response(context: Context, name: str, variant: Variant, answer: Answer) -> Response:
    if not 200 <= answer.status < 300:
        raise _model_error(context, name, answer.status, answer.body.decode(errors="replace"))
    response = {
        "Body": answer.body,
        "ContentType": answer.content_type,
        "InvokedProductionVariant": variant["VariantName"],
    }
    attributes = answer.headers.get("x-amzn-sagemaker-custom-attributes")
    return response | ({"CustomAttributes": attributes} if attributes else {})


def _no_answer(context: Context, name: str, problem: Exception) -> AwsError:
    if isinstance(problem, TimeoutError):
        return _model_error(context, name, 0, "Your invocation timed out while waiting for a response from container.")
    return _model_error(context, name, 500, f"The container did not answer: {problem or type(problem).__name__}")


def _model_error(context: Context, name: str, status: int, said: str) -> AwsError:
    """Form the error for a model that did not answer with inference; `status` 0 is none at all."""
    group = f"{deployments.GROUP}/{name}"
    console = f"https://{context.region}.console.aws.amazon.com/cloudwatch/home?region={context.region}"
    kind = "client" if 400 <= status < 500 else "server"
    message = (
        f'Received {kind} error ({status}) from primary with message "{said}". '
        f"See {console}#logEventViewer:group={group} in account {context.account} for more information."
    )
    members: dict[str, str | int] = {
        "OriginalMessage": said,
        "OriginalStatusCode": status,
        "LogStreamArn": context.arn(f"log-group:{group}", service="logs"),
    }
    return AwsError("ModelError", message, 424, members)


OPERATIONS: Mapping[str, Operation] = {"InvokeEndpoint": invoke_endpoint}
