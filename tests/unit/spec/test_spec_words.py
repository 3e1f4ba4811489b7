"""The words of messages."""

import pytest
from specimen.spec.words import any_of, closest, listed, literal, shown


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("lable", ["label", "drop"], "label"),
        ("max_runtime", ["maxRuntime", "instance"], "maxRuntime"),
        ("SEX", ["sex"], "sex"),
        ("binary:logistc", ["binary:logistic", "multi:softmax"], "binary:logistic"),
        ("zebra", ["label", "drop"], None),
        ("x", [], None),
    ],
)
def test_the_closest_name_is_one_that_may_have_been_meant(name: str, known: list[str], found: str | None) -> None:
    assert closest(name, known) == found


def test_names_are_put_into_a_sentence() -> None:
    assert listed(["a"]) == "`a`"
    assert listed(["a", "b"]) == "`a` and `b`"
    assert any_of(["a", "b", "c"]) == "`a`, `b` or `c`"
    assert any_of(["a list", "text"], quoted=False) == "a list or text"


@pytest.mark.parametrize(
    ("value", "long", "short"),
    [
        (None, "nothing", "nothing"),
        ("yes", "the text `yes`", "`yes`"),
        ("", "an empty text", "an empty text"),
        (3, "3", "`3`"),
        (True, "true", "`true`"),
        ({"a": 1}, "a mapping", '`{"a": 1}`'),
        ([1], "a list", "`[1]`"),
        ("x" * 60, f"the text `{'x' * 39}…`", f"`{'x' * 39}…`"),
    ],
)
def test_a_value_is_shown_as_its_document_writes_it(value: object, long: str, short: str) -> None:
    assert shown(value) == long
    assert shown(value, short=True) == short


def test_a_literal_is_whole() -> None:
    assert literal("y" * 60) == f"`{'y' * 60}`"
    assert literal([{"min": 0.5}]) == '`[{"min": 0.5}]`'
