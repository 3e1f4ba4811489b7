"""Work side by side: its outcomes are in order, its first error is the one that is told, and memory is bounded."""

import threading
from collections.abc import Iterator

import pytest
from specimen_components.tables.workers import ordered


def test_outcomes_are_in_order_whichever_is_ready_first() -> None:
    """The first piece is not ready before the second one is."""
    second = threading.Event()

    def work(piece: int) -> int:
        if piece == 0:
            assert second.wait(30)
        if piece == 1:
            second.set()
        return piece * piece

    assert list(ordered(work, range(20))) == [piece * piece for piece in range(20)]


def test_the_first_error_is_raised_whichever_happens_first() -> None:
    second = threading.Event()

    def work(piece: int) -> None:
        if piece == 0:
            assert second.wait(30)
        if piece == 1:
            second.set()
        raise ValueError(f"piece {piece}")

    with pytest.raises(ValueError, match="piece 0"):
        list(ordered(work, range(20)))


def test_few_pieces_are_taken_before_their_outcomes_are_wanted() -> None:
    taken: list[int] = []

    def pieces() -> Iterator[int]:
        for piece in range(100):
            taken.append(piece)
            yield piece

    outcomes = ordered(lambda piece: piece, pieces())
    assert next(outcomes) == 0
    assert len(taken) <= 4
