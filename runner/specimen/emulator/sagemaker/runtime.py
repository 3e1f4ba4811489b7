"""SageMaker Runtime: what an endpoint answers."""

import http.client
import time
from collections.abc import Mapping

from specimen.emulator.context import Context, Operation, Request, Response
from specimen.emulator.errors import AwsError
from specimen.emulator.jobs.folder import Folder
from specimen.emulator.jobs.serving import Answer, Client
from specimen.emulator.sagemaker import endpoints

TIMEOUT_SECONDS = 60.0  # for which AWS waits for a model's answer
RETURN_SECONDS = 30.0  # for which a container that has died may be away
_PAUSE = 0.1
_PASSED = {
    "ContentType": "Content-Type",
    "Accept": "Accept",
    "CustomAttributes": "X-Amzn-SageMaker-Custom-Attributes",
    "InferenceId": "X-Amzn-SageMaker-Inference-Id",
}


def invoke_endpoint(context: Context, request: Request) -> Response:
    """Pass a request on to the container of an endpoint, and its answer back."""
    name = request["EndpointName"]
    body = context.tx.get(endpoints.ENDPOINT, name)
    if body is None or (body := endpoints.refresh(context, body))["EndpointStatus"] != "InService":
        raise AwsError("ValidationError", f"Endpoint {name} of account {context.account} not found.")
    variant = body["Variant"]["VariantName"]
    if request.get("TargetVariant", variant) != variant:
        raise AwsError("ValidationError", f"Variant {request['TargetVariant']} not found in endpoint {name}.")
    context.tx.commit()  # the model may take its time
    answer = _ask(context, name, request)
    if not 200 <= answer.status < 300:
        raise _model_error(context, name, answer.status, answer.body.decode(errors="replace"))
    response = {"Body": answer.body, "ContentType": answer.content_type, "InvokedProductionVariant": variant}
    attributes = answer.headers.get("x-amzn-sagemaker-custom-attributes")
    return response | ({"CustomAttributes": attributes} if attributes else {})


def _ask(context: Context, name: str, request: Request) -> Answer:
    headers = {header: request[member] for member, header in _PASSED.items() if member in request}
    folder = context.launcher.folder(endpoints.ENDPOINT, name)
    limit = time.monotonic() + RETURN_SECONDS
    while True:
        client = Client(_port(context, name, folder, limit), TIMEOUT_SECONDS)
        try:
            return client.invoke(request["Body"], headers)
        except ConnectionRefusedError as problem:  # it has died, and comes back
            if time.monotonic() > limit:
                raise _no_answer(context, name, problem) from problem
            time.sleep(_PAUSE)
        except (OSError, http.client.HTTPException) as problem:
            raise _no_answer(context, name, problem) from problem
        finally:
            client.close()


def _port(context: Context, name: str, folder: Folder, limit: float) -> int:
    """Return the port of an endpoint's container; of one that comes back, once it is there."""
    while (serving := folder.read("serving.json")) is None:
        if time.monotonic() > limit:
            raise _model_error(context, name, 503, "The container does not answer.")
        time.sleep(_PAUSE)
    port: int = serving["port"]
    return port


def _no_answer(context: Context, name: str, problem: Exception) -> AwsError:
    if isinstance(problem, TimeoutError):
        return _model_error(context, name, 0, "Your invocation timed out while waiting for a response from container.")
    return _model_error(context, name, 500, f"The container did not answer: {problem or type(problem).__name__}")


def _model_error(context: Context, name: str, status: int, said: str) -> AwsError:
    """Form the error for a model that did not answer with inference; `status` 0 is none at all."""
    group = f"{endpoints.GROUP}/{name}"
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
