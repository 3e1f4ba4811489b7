"""What a rule does when its condition is met, as requests to AWS."""

import json
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from specimen_jobs.container import JobError
from specimen_jobs.debugger.actions import Message, Stop, do, read

STOP = (
    r"[{\"name\": \"stoptraining\", \"training_job_prefix\": \"Credit-1\"}, "
    r"{\"name\": \"sms\", \"endpoint\": \"+4912\"}]"
)


def test_actions_are_read_as_the_sdk_writes_them() -> None:
    """The SDK escapes the quotes; the prefix keeps its capital letters."""
    assert read(STOP) == (Stop("Credit-1"), Message("sms", "+4912"))
    assert read('{"name": "StopTraining"}') == (Stop(""),)
    assert read('{"name": "email", "endpoint": "a@b.org"}') == (Message("email", "a@b.org"),)
    assert read(" ") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "action_json is no JSON"),
        ('{"name": "dance"}', "the actions are stoptraining, email and sms"),
        ('["stop"]', "the actions are stoptraining, email and sms"),
        ('{"name": "email"}', "email needs an endpoint"),
    ],
)
def test_what_is_no_action_is_refused(text: str, message: str) -> None:
    with pytest.raises(JobError, match=message):
        read(text)


class Aws:
    """Clients whose answers are set, each request checked against what is expected."""

    def __init__(self) -> None:
        self.stubs: dict[str, Stubber] = {}
        self.clients: dict[str, Any] = {}
        for name in ("sagemaker", "sns"):
            client: Any = boto3.session.Session().client(
                name, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret"
            )
            self.clients[name] = client
            self.stubs[name] = Stubber(client)
            self.stubs[name].activate()

    def expect(self, service: str, operation: str, request: Any, answer: Any) -> None:
        self.stubs[service].add_response(operation, answer, request)

    def done(self) -> None:
        for stub in self.stubs.values():
            stub.assert_no_pending_responses()


@pytest.mark.parametrize("prefix", ["", "credit", "credit-1"])
def test_the_watched_job_is_stopped(prefix: str, capsys: pytest.CaptureFixture[str]) -> None:
    aws = Aws()
    aws.expect("sagemaker", "stop_training_job", {"TrainingJobName": "credit-1"}, {})
    do((Stop(prefix),), aws.clients.__getitem__, "credit-1", "met")
    aws.done()
    assert "Asked SageMaker to stop training job credit-1" in capsys.readouterr().out


def summaries(*names: str) -> dict[str, Any]:
    return {
        "TrainingJobSummaries": [
            {"TrainingJobName": name, "TrainingJobArn": "a" * 40, "CreationTime": 0, "TrainingJobStatus": "InProgress"}
            for name in names
        ]
    }


@pytest.mark.parametrize(
    ("running", "stopped"),
    [(["abc-other-1", "other-1"], "other-1"), (["other-1", "other-2"], None), ([], None)],
)
def test_another_prefix_stops_the_only_running_job_that_has_it(running: list[str], stopped: str | None) -> None:
    aws = Aws()
    asked = {"NameContains": "other", "StatusEquals": "InProgress"}
    aws.expect("sagemaker", "list_training_jobs", asked, summaries(*running))
    if stopped:
        aws.expect("sagemaker", "stop_training_job", {"TrainingJobName": stopped}, {})
    do((Stop("other"),), aws.clients.__getitem__, "credit-1", "met")
    aws.done()


@pytest.mark.parametrize(("protocol", "attribute"), [("email", "email"), ("sms", "phone_num")])
def test_a_message_goes_to_its_address_alone(protocol: str, attribute: str) -> None:
    aws, topic = Aws(), "arn:aws:sns:us-east-1:111122223333:SMDebugRules"
    aws.expect("sns", "create_topic", {"Name": "SMDebugRules"}, {"TopicArn": topic})
    aws.expect(
        "sns",
        "subscribe",
        {
            "TopicArn": topic,
            "Protocol": protocol,
            "Endpoint": "to",
            "Attributes": {"FilterPolicy": json.dumps({attribute: ["to"]})},
        },
        {"SubscriptionArn": topic},
    )
    aws.expect(
        "sns",
        "publish",
        {
            "TopicArn": topic,
            "Subject": "Debugger: a rule's condition is met for credit-1",
            "Message": "met\nTraining job: credit-1",
            "MessageAttributes": {attribute: {"DataType": "String", "StringValue": "to"}},
        },
        {"MessageId": "1"},
    )
    do((Message(protocol, "to"),), aws.clients.__getitem__, "credit-1", "met")
    aws.done()


def test_what_aws_refuses_is_logged_and_the_next_action_done(capsys: pytest.CaptureFixture[str]) -> None:
    aws = Aws()
    aws.stubs["sns"].add_client_error("create_topic", "UnknownOperation", "no SNS here")
    aws.expect("sagemaker", "stop_training_job", {"TrainingJobName": "credit-1"}, {})
    do((Message("sms", "+4912"), Stop("")), aws.clients.__getitem__, "credit-1", "met")
    aws.done()
    assert ":WARNING] The action Message could not be done: " in capsys.readouterr().out
