"""What an endpoint's answers mean, in the words of the table's label."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Any

from specimen.spec.model import Json

CLASSES = frozenset({"multi:softmax", "binary:hinge"})  # objectives whose answers are classes
PROBABILITY = "binary:logistic"  # of the second class
_SINGLE = Struct("f")


@dataclass(frozen=True)
class Answer:
    """What the endpoint said of a row: a class or a number; with probabilities, by class, where there are some."""

    row: int  # from 1
    value: Json
    probabilities: Mapping[str, float]
    variant: str


def decoded(row: int, score: Any, variant: str, objective: str | None, classes: Sequence[Json] | None) -> Answer:
    """What a model's score of a row means, by the objective it was trained for and the label's values by class."""
    if isinstance(score, list):
        shares = [_short(share) for share in score]
    elif objective == PROBABILITY:
        shares = [_short(1 - score), _short(score)]
    elif objective in CLASSES:
        return Answer(row, _class(int(score), classes), {}, variant)
    else:
        return Answer(row, _short(score), {}, variant)
    named = {str(_class(index, classes)): share for index, share in enumerate(shares)}
    return Answer(row, _class(shares.index(max(shares)), classes), named, variant)


def _class(index: int, classes: Sequence[Json] | None) -> Json:
    """The label's value of a class: what it was before it was encoded."""
    return index if classes is None or not 0 <= index < len(classes) else classes[index]


def _short(value: float) -> float:
    """A number of the model's, which computes with 32 bits, without the digits that 64 bits add."""
    texts = (f"{value:.{digits}g}" for digits in range(6, 10))
    return next((float(text) for text in texts if _SINGLE.pack(float(text)) == _SINGLE.pack(value)), value)
