"""Lists of jobs, models and endpoints are filtered, ordered, and cut into pages that lose nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specimen.emulator.sagemaker.listing import page

NAMES = st.lists(st.text("abAB-", min_size=1, max_size=4), unique=True, max_size=12)
ORDERS = st.sampled_from(["Ascending", "Descending"])
KEYS = st.sampled_from(["Name", "CreationTime", "Status"])


def bodies(names: list[str]) -> list[dict[str, Any]]:
    """Make a job of each name, one a second, every other one failed."""
    return [
        {
            "XName": name,
            "XArn": f"arn:{name}",
            "XStatus": "Failed" if second % 2 else "Completed",
            "CreationTime": second,
            "LastModifiedTime": 100 - second,
            "Secret": "not listed",
        }
        for second, name in enumerate(names)
    ]


def listed(jobs: list[dict[str, Any]], **request: Any) -> list[str]:
    """Return the names that one request lists."""
    return [summary["XName"] for summary in page({"MaxResults": 100, **request}, jobs, "X", "Xs")["Xs"]]


@given(NAMES, KEYS, ORDERS, st.integers(1, 5))
def test_pages_together_are_the_whole_list(names: list[str], key: str, order: str, size: int) -> None:
    jobs = bodies(names)
    request: dict[str, Any] = {"SortBy": key, "SortOrder": order}
    seen: list[str] = []
    token: dict[str, str] = {}
    while True:
        answer = page({**request, "MaxResults": size, **token}, jobs, "X", "Xs")
        assert len(answer["Xs"]) <= size
        seen += [summary["XName"] for summary in answer["Xs"]]
        if "NextToken" not in answer:
            break
        token = {"NextToken": answer["NextToken"]}
    assert seen == listed(jobs, **request)
    assert sorted(seen) == sorted(names)


@given(NAMES, ORDERS)
def test_the_order_is_the_one_asked_for(names: list[str], order: str) -> None:
    backwards = order == "Descending"
    assert listed(bodies(names), SortBy="Name", SortOrder=order) == sorted(names, reverse=backwards)
    assert listed(bodies(names), SortOrder=order) == (names[::-1] if backwards else names)


@given(NAMES, st.text("abAB-", max_size=2))
def test_a_name_contains_a_part_in_either_case(names: list[str], part: str) -> None:
    expected = {name for name in names if part.lower() in name.lower()}
    assert set(listed(bodies(names), NameContains=part)) == expected


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"StatusEquals": "Failed"}, ["b", "d"]),
        ({"CreationTimeAfter": 1, "CreationTimeBefore": 2}, ["b", "c"]),
        ({"LastModifiedTimeAfter": 99}, ["a", "b"]),
        ({"LastModifiedTimeBefore": 97, "StatusEquals": "Completed"}, []),
    ],
)
def test_filters_hold_together(request_: dict[str, Any], expected: list[str]) -> None:
    assert listed(bodies(["a", "b", "c", "d"]), SortOrder="Ascending", **request_) == expected


def test_only_what_aws_lists_is_shown() -> None:
    (summary,) = page({}, bodies(["a"]), "X", "Xs", "LastModifiedTime", "Absent")["Xs"]
    assert sorted(summary) == ["CreationTime", "LastModifiedTime", "XArn", "XName", "XStatus"]
