"""Equal data has one digest."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specimen.planning.digests import canonical, digest

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def test_the_order_of_keys_does_not_matter() -> None:
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})


def test_a_value_matters() -> None:
    assert digest({"a": 1}) != digest({"a": "1"})


def test_nan_has_no_digest() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        digest({"a": float("nan")})


@given(JSON)
def test_canonical_text_is_the_data(data: object) -> None:
    assert json.loads(canonical(data)) == data  # type: ignore[arg-type]
