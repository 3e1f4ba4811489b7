"""Waiting: pauses grow to a bound, outages are borne for a while, late news are waited for."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest
from specimen_components import waiting
from specimen_components.problems import Refused, Unreachable
from specimen_components.waiting import LOCALLY, ON_AWS, Clock, Pace

PACE = Pace(first=1.0, longest=4.0, outage=10.0, late=5.0, margin=0.0)


def asking(answers: Iterator[Any]) -> Callable[[], Any]:
    def ask() -> Any:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return ask


def test_pauses_grow_by_half_up_to_the_longest() -> None:
    assert list(islice(PACE.pauses(), 6)) == [1.0, 1.5, 2.25, 3.375, 4.0, 4.0]


@pytest.mark.parametrize("pace", [LOCALLY, ON_AWS])
def test_the_paces_in_use_stay_within_awss_limits(pace: Pace) -> None:
    assert max(islice(pace.pauses(), 50)) <= pace.longest <= 30
    assert 0 < pace.first <= pace.longest < pace.outage


def test_an_outage_is_said_once_and_borne_until_an_answer_comes(clock: Any, capsys: pytest.CaptureFixture[str]) -> None:
    lost = Unreachable("lost")
    assert waiting.patiently(clock, PACE, asking(iter([lost, lost, "answer"]))) == "answer"
    assert clock.slept == [1.0, 1.5]
    assert capsys.readouterr().out == "lost; asking again for up to 10 s\n"


def test_an_outage_that_lasts_is_raised(clock: Any) -> None:
    with pytest.raises(Unreachable, match="lost"):
        waiting.patiently(clock, PACE, asking(iter([Unreachable("lost")] * 100)))
    assert 10 < clock.now() < 15


def test_a_refusal_is_an_answer(clock: Any) -> None:
    with pytest.raises(Refused):
        waiting.patiently(clock, PACE, asking(iter([Refused("CreateModel", "AccessDenied", "no")])))
    assert clock.slept == []


def test_news_are_waited_for_and_an_empty_answer_is_an_answer(clock: Any) -> None:
    assert waiting.until(clock, PACE, asking(iter([None, Unreachable("lost"), None, []]))) == []


def test_news_that_never_come_are_none(clock: Any) -> None:
    assert waiting.until(clock, PACE, asking(iter([None] * 100))) is None
    assert 5 < clock.now() < 10


def test_the_real_clock_goes_on() -> None:
    clock = Clock()
    before = clock.now()
    clock.sleep(0.001)
    assert clock.now() > before
