"""YAML 1.2's core schema, and no more of YAML 1.1 than that."""

import pytest
from specimen.spec.model import Json
from specimen.spec.scalars import NotFinite, resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("FALSE", False),
        ("7", 7),
        ("-3", -3),
        ("+3", 3),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("0.5", 0.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("-2.5E-1", -0.25),
    ],
)
def test_a_plain_scalar_has_the_value_that_it_looks_like(text: str, value: Json) -> None:
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text", ["yes", "no", "on", "off", "Y", "1:30", "2026-01-01", "1_000", "0b1", "3.2-0", "nUll", "e5", ".", "-", "<<"]
)
def test_what_only_yaml_1_1_knows_is_text(text: str) -> None:
    assert resolve(text) == text


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1e999", "9" * 5000, "-" + "9" * 30, "0x" + "F" * 40])
def test_a_number_that_is_not_finite_is_refused(text: str) -> None:
    with pytest.raises(NotFinite):
        resolve(text)
