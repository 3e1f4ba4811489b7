"""Equal values have one text and one digest, however Kubeflow writes their numbers."""

import json

from hypothesis import given
from hypothesis import strategies as st
from specimen_components.jsondata import Json, canonical, digest, finite, integral

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**50), 2**50)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def floated(value: object) -> object:
    """The value as it comes back from a protobuf struct: every number a float."""
    match value:
        case bool():
            return value
        case int():
            return float(value)
        case list():
            return [floated(item) for item in value]
        case dict():
            return {key: floated(item) for key, item in value.items()}
        case _:
            return value


@given(JSON)
def test_a_value_keeps_its_digest_through_kubeflow(value: object) -> None:
    """A digest must not change because a struct has no integers."""
    through: object = floated(json.loads(json.dumps(value)))
    assert digest(through) == digest(value)  # type: ignore[arg-type]  # hypothesis knows no recursive type


def test_the_canonical_text_is_sorted_and_without_spaces() -> None:
    assert canonical({"b": [1.0, 2.5], "a": "é"}) == '{"a":"é","b":[1,2.5]}'.encode()


def test_what_is_no_finite_number_is_written_as_json_can() -> None:
    given: Json = {"a": [float("nan"), float("inf"), float("-inf"), 1.5], "b": (True, "text")}
    assert finite(given) == {"a": [None, "Infinity", "-Infinity", 1.5], "b": [True, "text"]}


def test_truth_values_stay_what_they_are() -> None:
    assert integral([True, 1.0, None, "1.0"]) == [True, 1, None, "1.0"]
    assert canonical([True]) == b"[true]"
