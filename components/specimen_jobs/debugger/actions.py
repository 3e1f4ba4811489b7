"""What a rule does when its condition is met: stop the training job, write an e-mail or a text message.

`action_json` is an object or a list of them as `smdebug_rulesconfig.actions` writes it, its quotes perhaps escaped once
more. Source: smdebug/rules/action of awslabs/sagemaker-debugger, whose topic and attributes of messages these are.
An action that AWS refuses is logged; the rule's verdict stands without it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from specimen_jobs.container import JobError, log

TOPIC: Final = "SMDebugRules"
ATTRIBUTES: Final = {"sms": "phone_num", "email": "email"}
Clients = Callable[[str], Any]


@dataclass(frozen=True)
class Stop:
    """Stop the training job whose name begins so; without a prefix, the one that the rule watches."""

    prefix: str

    def do(self, clients: Clients, training_job: str, message: str) -> None:
        """Ask SageMaker to stop the job."""
        client = clients("sagemaker")
        name = training_job if training_job.startswith(self.prefix) else self._only(client)
        if name:
            client.stop_training_job(TrainingJobName=name)
            log(f"Asked SageMaker to stop training job {name}: {message}")

    def _only(self, client: Any) -> str | None:
        """Return the only running training job of the prefix; with several, none is stopped."""
        pages = client.get_paginator("list_training_jobs").paginate(NameContains=self.prefix, StatusEquals="InProgress")
        names = [str(job["TrainingJobName"]) for page in pages for job in page["TrainingJobSummaries"]]
        found = [name for name in names if name.startswith(self.prefix)]
        if len(found) != 1:
            log(f"No training job is stopped: {len(found)} that run have a name with {self.prefix}", "WARNING")
            return None
        return found[0]


@dataclass(frozen=True)
class Message:
    """Publish the verdict to an address, which has to confirm its subscription once."""

    protocol: str
    endpoint: str

    def do(self, clients: Clients, training_job: str, message: str) -> None:
        """Subscribe the address to the topic of all rules, and publish the message for it alone."""
        client, attribute = clients("sns"), ATTRIBUTES[self.protocol]
        topic = client.create_topic(Name=TOPIC)["TopicArn"]
        policy = json.dumps({attribute: [self.endpoint]})
        client.subscribe(
            TopicArn=topic, Protocol=self.protocol, Endpoint=self.endpoint, Attributes={"FilterPolicy": policy}
        )
        client.publish(
            TopicArn=topic,
            Subject=f"Debugger: a rule's condition is met for {training_job}"[:99],
            Message=f"{message}\nTraining job: {training_job}",
            MessageAttributes={attribute: {"DataType": "String", "StringValue": self.endpoint}},
        )
        log(f"Published the verdict by {self.protocol}")


def read(text: str) -> tuple[Stop | Message, ...]:
    """Return the actions of `action_json`; raise JobError where it cannot be told what they are."""
    if not text.strip():
        return ()
    given = _json(text)
    return tuple(_action(item) for item in (given if isinstance(given, list) else [given]))


def do(actions: tuple[Stop | Message, ...], clients: Clients, training_job: str, message: str) -> None:
    """Do each action; one that AWS refuses is logged."""
    from botocore.exceptions import BotoCoreError, ClientError

    for action in actions:
        try:
            action.do(clients, training_job, message)
        except (BotoCoreError, ClientError) as error:
            log(f"The action {type(action).__name__} could not be done: {error}", "WARNING")


def _json(text: str) -> Any:
    for candidate in (text, text.replace('\\"', '"')):
        try:
            return json.loads(candidate)
        except ValueError:
            continue
    raise JobError(f"action_json is no JSON: {text}")


def _action(item: Any) -> Stop | Message:
    given: Mapping[str, Any] = item if isinstance(item, dict) else {}
    match str(given.get("name", "")).lower():
        case "stoptraining":
            return Stop(str(given.get("training_job_prefix") or ""))
        case "sms" | "email" as protocol:
            if not given.get("endpoint"):
                raise JobError(f"action_json: {protocol} needs an endpoint, the address that it goes to")
            return Message(protocol, str(given["endpoint"]))
    raise JobError(f"action_json: the actions are stoptraining, email and sms, not {item!r}")
