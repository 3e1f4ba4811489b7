"""Work on pieces of a table side by side: pandas' parser and NumPy let go of Python's lock while they compute."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

THREADS = 2
_AHEAD = 2 * THREADS  # pieces that are worked on, or wait for their turn: they bound the memory
Piece = TypeVar("Piece")
Outcome = TypeVar("Outcome")


def ordered(work: Callable[[Piece], Outcome], pieces: Iterable[Piece]) -> Iterator[Outcome]:
    """Yield the outcome of each piece, in the order of the pieces.

    What goes wrong with the first of them is raised, and no other is begun then.
    """
    pool = ThreadPoolExecutor(THREADS)
    begun: deque[Future[Outcome]] = deque()
    try:
        for piece in pieces:
            begun.append(pool.submit(work, piece))
            if len(begun) == _AHEAD:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
