"""A job's log: every line once, each stream in its order, nothing lost over pages."""

from typing import Any

import pytest
from specimen_components.interface import TRAIN
from specimen_components.logs import Follower, Log

STREAMS, EVENTS = "logs:describe_log_streams", "logs:get_log_events"
GROUP = "/aws/sagemaker/TrainingJobs"


def streams(script: Any, *names: str, token: str | None = None) -> None:
    found = {"logStreams": [{"logStreamName": name} for name in names]}
    script.answers(STREAMS, found | ({"nextToken": token} if token else {}))


def events(script: Any, token: str, *lines: str, stream: str = "job/algo-1-17", after: str | None = None) -> None:
    asked = {"logGroupName": GROUP, "logStreamName": stream, "startFromHead": True}
    found = {"events": [{"message": line} for line in lines], "nextForwardToken": token}
    script.answers(EVENTS, found, asked | ({"nextToken": after} if after else {}))


def log(make_call: Any) -> Log:
    return Log(make_call(TRAIN, {}).aws, GROUP, "job")


def test_there_are_no_lines_before_there_is_a_log(script: Any, make_call: Any) -> None:
    script.refuses(STREAMS, "ResourceNotFoundException", "The specified log group does not exist.")
    assert log(make_call).fresh() == []


def test_each_line_comes_once(script: Any, make_call: Any) -> None:
    found = log(make_call)
    streams(script, "job/algo-1-17")
    events(script, "f/1", "one", "two\n")
    events(script, "f/2", "three", after="f/1")
    events(script, "f/2", after="f/2")
    assert found.fresh() == ["one", "two", "three"]
    streams(script, "job/algo-1-17")
    events(script, "f/3", "four", after="f/2")
    events(script, "f/3", after="f/3")
    assert found.fresh() == ["four"]


def test_several_instances_are_told_apart(script: Any, make_call: Any) -> None:
    streams(script, "job/algo-2-18", token="more")
    streams(script, "job/algo-1-17", "job/algo-1-17/data-log")
    for number, stream in ((1, "job/algo-1-17"), (2, "job/algo-2-18")):
        events(script, "f/1", f"line {number}", stream=stream)
        events(script, "f/1", stream=stream, after="f/1")
    assert log(make_call).fresh() == ["[algo-1] line 1", "[algo-2] line 2"]


def test_a_log_that_may_not_be_read_is_said_once(
    script: Any, make_call: Any, clock: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    script.refuses(STREAMS, "ThrottlingException")
    script.refuses(STREAMS, "AccessDeniedException", "not authorized")
    call = make_call(TRAIN, {})
    follower = Follower(log(make_call))
    assert [follower.follow(), follower.follow(), follower.follow()] == [False, False, False]
    follower.finish(clock, call.pace)
    assert capsys.readouterr().out.splitlines() == [
        "the job's log cannot be read: DescribeLogStreams: AccessDeniedException: not authorized"
    ]


def test_lines_that_come_after_the_end_are_said(
    script: Any, make_call: Any, clock: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    streams(script, "job/algo-1-17")
    events(script, "f/1", "late")
    events(script, "f/1", after="f/1")
    streams(script, "job/algo-1-17")
    events(script, "f/1", after="f/1")
    Follower(log(make_call)).finish(clock, make_call(TRAIN, {}).pace)
    assert capsys.readouterr().out == "late\n"
    assert clock.slept == [1.0, 1.0]
