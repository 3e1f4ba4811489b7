"""What a model's scores mean."""

from typing import Any

import pytest
from specimen.endpoints.answers import decoded
from specimen.reporting.endpoints import answers_as_csv

THIRD = 0.3333333432674408  # a third in 32 bits, as Python reads it from JSON


@pytest.mark.parametrize(
    ("objective", "score", "classes", "value", "probabilities"),
    [
        ("multi:softmax", 2.0, ["a", "b", "c"], "c", {}),
        ("multi:softmax", 2.0, None, 2, {}),
        ("multi:softmax", 7.0, ["a", "b"], 7, {}),
        ("binary:hinge", 1.0, [10, 20], 20, {}),
        ("multi:softprob", [0.25, 0.5, 0.25], ["a", "b", "c"], "b", {"a": 0.25, "b": 0.5, "c": 0.25}),
        ("binary:logistic", 0.25, ["no", "yes"], "no", {"no": 0.75, "yes": 0.25}),
        ("binary:logistic", 0.5, None, 0, {"0": 0.5, "1": 0.5}),
        ("reg:squarederror", THIRD, None, 0.33333334, {}),
        (None, 1.0, ["no", "yes"], 1.0, {}),
        (None, [0.25, 0.75], ["no", "yes"], "yes", {"no": 0.25, "yes": 0.75}),
        ("reg:squarederror", float("inf"), None, float("inf"), {}),
    ],
)
def test_a_score_is_decoded_by_the_objective(
    objective: str | None, score: Any, classes: list[Any] | None, value: Any, probabilities: dict[str, float]
) -> None:
    """Classes are the label's values where it was encoded, and else their numbers; what is unknown stays a number."""
    answer = decoded(3, score, "v", objective, classes)
    assert (answer.row, answer.value, answer.probabilities, answer.variant) == (3, value, probabilities, "v")
    assert type(answer.value) is type(value)


def test_a_line_of_csv_is_an_answer_and_its_probabilities() -> None:
    answers = [decoded(1, 0.25, "v", "binary:logistic", ["no, never", "yes"]), decoded(2, 1.5, "v", None, None)]
    assert answers_as_csv(answers) == '"no, never",0.75,0.25\n1.5\n'
