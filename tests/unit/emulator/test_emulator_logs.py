"""CloudWatch Logs over the files that jobs write."""

from pathlib import Path
from typing import Any

import pytest
from specimen.emulator.jobs.log import Log, stream_file
from specimen.emulator.log_files import WINDOW, after, before, first_and_last
from specimen.emulator.log_filter import matcher

from tests.unit.emulator.conftest import Cloud

GROUP = "/aws/sagemaker/TrainingJobs"
STREAM = "job/algo-1-1700000000"


def write(cloud: Cloud, lines: list[tuple[int, str]], stream: str = STREAM, group: str = GROUP) -> Path:
    path = stream_file(cloud.emulator.state, group, stream)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.writelines(f"{time} {message}\n" for time, message in lines)
    return path


def logs(cloud: Cloud, operation: str, **request: Any) -> dict[str, Any]:
    return cloud.ask(operation, "logs", **request)


def events(cloud: Cloud, **request: Any) -> tuple[list[str], dict[str, Any]]:
    answer = logs(cloud, "GetLogEvents", logGroupName=GROUP, logStreamName=STREAM, **request)
    return [event["message"] for event in answer["events"]], answer


def test_what_a_job_writes_is_read(cloud: Cloud) -> None:
    """With its time; a tab as the log driver of SageMaker's instances writes it."""
    log = Log(stream_file(cloud.emulator.state, GROUP, STREAM))
    log.write("[0]\ttrain-auc:0.7")
    log.close()
    messages, answer = events(cloud)
    assert messages == ["[0]#011train-auc:0.7"]
    assert answer["events"][0]["timestamp"] > 1_700_000_000_000


def test_forward_from_the_head(cloud: Cloud) -> None:
    """Page by page; at the end the token stays, and goes on when there is more."""
    write(cloud, [(number, f"line {number}") for number in range(5)])
    messages, answer = events(cloud, startFromHead=True, limit=3)
    assert messages == ["line 0", "line 1", "line 2"]
    messages, answer = events(cloud, nextToken=answer["nextForwardToken"], limit=3)
    assert messages == ["line 3", "line 4"]
    token = answer["nextForwardToken"]
    messages, answer = events(cloud, nextToken=token)
    assert (messages, answer["nextForwardToken"]) == ([], token)
    write(cloud, [(9, "more")])
    assert events(cloud, nextToken=token)[0] == ["more"]


def test_backward_from_the_tail(cloud: Cloud) -> None:
    """Without startFromHead the last events come, oldest first, and the token leads further back."""
    write(cloud, [(number, f"line {number}") for number in range(5)])
    messages, answer = events(cloud, limit=2)
    assert messages == ["line 3", "line 4"]
    messages, back = events(cloud, nextToken=answer["nextBackwardToken"], limit=2)
    assert messages == ["line 1", "line 2"]
    assert events(cloud, nextToken=back["nextForwardToken"])[0] == ["line 3", "line 4"]
    assert events(cloud, nextToken=back["nextBackwardToken"])[0] == ["line 0"]


def test_a_line_that_is_being_written_waits(cloud: Cloud) -> None:
    """Half a line is no event, in either direction."""
    path = write(cloud, [(1, "whole")])
    with path.open("a") as file:
        file.write("2 hal")
    assert events(cloud)[0] == ["whole"]
    messages, answer = events(cloud, startFromHead=True)
    assert messages == ["whole"]
    with path.open("a") as file:
        file.write("f\n")
    assert events(cloud, nextToken=answer["nextForwardToken"])[0] == ["half"]


def test_times_bound_what_is_read(cloud: Cloud) -> None:
    """From the start time on, up to and without the end time."""
    write(cloud, [(number, str(number)) for number in range(10)])
    assert events(cloud, startTime=3, endTime=6, startFromHead=True)[0] == ["3", "4", "5"]
    assert events(cloud, startTime=8)[0] == ["8", "9"]


@pytest.mark.parametrize("token", ["x", "f/1", "f/-1/s", "f/999999/s", f"f/{10**70}/s", "g/0/s", "f/٣/s"])
def test_a_token_of_another_stream_is_refused(cloud: Cloud, token: str) -> None:
    """It would read from the middle of a line, or from nowhere."""
    write(cloud, [(1, "a")])
    request = {"logGroupName": GROUP, "logStreamName": STREAM, "nextToken": token}
    assert cloud.refused("GetLogEvents", "logs", **request).code == "InvalidParameterException"


def test_absent_groups_and_streams(cloud: Cloud) -> None:
    """Two different errors, in AWS's words; no name leads out of the folder."""
    write(cloud, [(1, "a")])
    error = cloud.refused("GetLogEvents", "logs", logGroupName="/none", logStreamName=STREAM)
    assert (error.code, error.message) == ("ResourceNotFoundException", "The specified log group does not exist.")
    error = cloud.refused("GetLogEvents", "logs", logGroupName=GROUP, logStreamName="../../store.sqlite")
    assert error.message == "The specified log stream does not exist."
    for name in ("..", ".", "../objects"):
        assert cloud.refused("DescribeLogStreams", "logs", logGroupName=name).code == "ResourceNotFoundException"
    assert cloud.refused("DescribeLogStreams", "logs").code == "InvalidParameterException"


def test_groups_and_streams_are_listed(cloud: Cloud) -> None:
    """By name, by prefix, by the time of the last event, and page by page."""
    for number, stream in enumerate(("b/algo-1", "a/algo-1", "c/algo-1")):
        write(cloud, [(10 - number, "x"), (20 - number, "y")], stream)
    write(cloud, [(1, "x")], group="/aws/sagemaker/Endpoints/e")
    groups = logs(cloud, "DescribeLogGroups", logGroupNamePrefix="/aws/sagemaker/T")["logGroups"]
    assert [group["logGroupName"] for group in groups] == [GROUP]
    assert groups[0]["arn"] == f"arn:aws:logs:us-east-1:111122223333:log-group:{GROUP}:*"
    assert groups[0]["storedBytes"] == 2 * 3 * len("10 x\n") - 2
    page = logs(cloud, "DescribeLogStreams", logGroupIdentifier=groups[0]["logGroupArn"], limit=2)
    assert [stream["logStreamName"] for stream in page["logStreams"]] == ["a/algo-1", "b/algo-1"]
    page = logs(cloud, "DescribeLogStreams", logGroupName=GROUP, limit=2, nextToken=page["nextToken"])
    assert [stream["logStreamName"] for stream in page["logStreams"]] == ["c/algo-1"]
    assert "nextToken" not in page
    newest = logs(cloud, "DescribeLogStreams", logGroupName=GROUP, orderBy="LastEventTime", descending=True)
    assert [stream["lastEventTimestamp"] for stream in newest["logStreams"]] == [20, 19, 18]
    one = logs(cloud, "DescribeLogStreams", logGroupName=GROUP, logStreamNamePrefix="a/")["logStreams"]
    assert [(stream["firstEventTimestamp"], stream["logStreamName"]) for stream in one] == [(9, "a/algo-1")]
    both = {"logGroupName": GROUP, "orderBy": "LastEventTime", "logStreamNamePrefix": "a"}
    assert cloud.refused("DescribeLogStreams", "logs", **both).code == "InvalidParameterException"


def test_a_stream_without_events_has_no_times(cloud: Cloud) -> None:
    """It is there from when its job was started."""
    write(cloud, [])
    (stream,) = logs(cloud, "DescribeLogStreams", logGroupName=GROUP)["logStreams"]
    assert "lastEventTimestamp" not in stream
    assert events(cloud)[0] == []


def test_events_of_several_streams_are_put_in_order(cloud: Cloud) -> None:
    """By time, page by page, and by what is in them."""
    write(cloud, [(1, "a error"), (4, "a"), (5, "a error")], "a/algo-1")
    write(cloud, [(2, "b"), (3, "b error")], "b/algo-1")

    def found(**request: Any) -> list[str]:
        messages: list[str] = []
        more: dict[str, str] = {}
        while True:
            answer = logs(cloud, "FilterLogEvents", logGroupName=GROUP, **request, **more)
            messages += [f"{event['timestamp']} {event['message']}" for event in answer["events"]]
            if "nextToken" not in answer:
                return messages
            more = {"nextToken": answer["nextToken"]}

    everything = ["1 a error", "2 b", "3 b error", "4 a", "5 a error"]
    assert found() == found(limit=1) == found(limit=2) == everything
    assert found(filterPattern="error", limit=1) == ["1 a error", "3 b error", "5 a error"]
    assert found(logStreamNamePrefix="b") == ["2 b", "3 b error"]
    assert found(logStreamNames=["a/algo-1"], startTime=2, endTime=5) == ["4 a"]


@pytest.mark.parametrize(
    ("pattern", "right", "wrong"),
    [
        ("", ["anything", ""], []),
        ("ERROR", ["an ERROR"], ["an error"]),
        ("one two", ["two one"], ["one", "two"]),
        ('"one two"', ["x one two"], ["two one"]),
        ("?one ?two", ["one", "two"], ["three"]),
        ("one -two", ["one"], ["one two", "three"]),
        (r'"say \"hi\""', ['say "hi"'], ["say hi"]),
    ],
)
def test_filter_patterns(pattern: str, right: list[str], wrong: list[str]) -> None:
    """Terms, phrases, alternatives and exclusions."""
    assert all(map(matcher(pattern), right))
    assert not any(map(matcher(pattern), wrong))


def test_filter_patterns_that_are_refused(cloud: Cloud) -> None:
    """Those that read JSON, by name; and those that are none."""
    write(cloud, [(1, "a")])
    for pattern, expected in (("{ $.x = 1 }", "NotImplemented"), ('"open', "InvalidParameterException")):
        error = cloud.refused("FilterLogEvents", "logs", logGroupName=GROUP, filterPattern=pattern)
        assert error.code == expected


@pytest.mark.parametrize("length", [1, 10, WINDOW // 3, WINDOW - 3, WINDOW, 3 * WINDOW])
def test_backwards_is_forwards_reversed(tmp_path: Path, length: int) -> None:
    """However long the lines are, beside the window that is read at a time."""
    path = tmp_path / "log"
    path.write_text("".join(f"{number} {'x' * (length + number)}\n" for number in range(7)))
    forwards = list(after(path, 0))
    assert list(before(path, path.stat().st_size)) == forwards[::-1]
    assert list(before(path, forwards[3].end)) == forwards[3::-1]
    assert first_and_last(path) == (forwards[0], forwards[-1])
