"""The server's checks of messages agree with those that botocore makes before it sends one."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.session import get_session
from botocore.validate import ParamValidator
from hypothesis import given, settings
from hypothesis import strategies as st
from specimen.emulator.checks import Violation
from specimen.emulator.shapes import ServiceModel, service_model

OPERATIONS = (
    "CreateEndpointConfig",
    "CreateModelPackage",
    "CreateProcessingJob",
    "CreateTrainingJob",
    "CreateTransformJob",
    "QueryLineage",
    "Search",
    "UpdateEndpoint",
    "UpdateEndpointWeightsAndCapacities",
    "UpdateTrialComponent",
)
DEEP = 4  # from where on only what is required is made
TEXT = st.text("ab1-", max_size=3)
OTHERS: Mapping[str, tuple[Any, ...]] = {  # of a type that a member of this one never has
    "structure": ("a", 1, [], True),
    "map": ("a", 1, [], True),
    "list": ("a", 1, {}, True),
    "string": (1, 0.5, [], {}, True),
    "boolean": (1, "true", [], {}),
    "integer": (0.5, "1", [], {}),
    "long": (0.5, "1", [], {}),
    "float": ("1", [], {}),
    "double": ("1", [], {}),
    "timestamp": ([], {}),
    "blob": (1, [], {}),
}
Place = tuple[str, str]  # what is wrong, and where


def values(model: ServiceModel, shape: str, depth: int = 0) -> st.SearchStrategy[Any]:
    """Make values of a shape, most of them of its type, at any depth."""
    kind = model.shapes[shape]["type"]
    right = st.deferred(lambda: _right(model, model.shapes[shape], depth))
    return st.integers(0, 15).flatmap(lambda chance: right if chance or not depth else st.sampled_from(OTHERS[kind]))


def _right(model: ServiceModel, described: Mapping[str, Any], depth: int) -> st.SearchStrategy[Any]:
    match described["type"]:
        case "structure":
            return _structures(model, described, depth)
        case "list":
            return st.lists(values(model, described["member"]["shape"], depth + 1), max_size=2)
        case "map":
            keys, least = st.sampled_from(("k1", "k2")), described.get("min", 0)  # which botocore does not check
            return st.dictionaries(
                keys, values(model, described["value"]["shape"], depth + 1), min_size=least, max_size=2
            )
        case "string":
            return st.sampled_from(described["enum"]) | TEXT if "enum" in described else TEXT
        case "boolean":
            return st.booleans()
        case "blob":
            return st.just("eA==")
        case "float" | "double" | "timestamp":
            return st.integers(-3, 3) | st.floats(-3, 3)
        case _:
            return st.integers(-3, 3)


def _structures(model: ServiceModel, described: Mapping[str, Any], depth: int) -> st.SearchStrategy[Any]:
    members, required = described.get("members", {}), described.get("required", ())
    optional = [] if depth > DEEP else sorted(members.keys() - set(required))
    named = st.lists(st.sampled_from(optional), max_size=3, unique=True) if optional else st.just([])

    def some(chosen: list[str], left_out: list[str], unknown: bool) -> st.SearchStrategy[Any]:
        names = [name for name in (*required, *chosen) if name not in left_out]
        made = {name: values(model, members[name]["shape"], depth + 1) for name in names}
        return st.fixed_dictionaries(made | ({"Unheard": st.just(1)} if unknown else {}))

    rarely = st.integers(0, 9).map(lambda chance: chance == 0)
    without = st.lists(st.sampled_from(required), max_size=1) if required else st.just([])
    left_out = rarely.flatmap(lambda rare: without if rare else st.just([]))
    return st.tuples(named, left_out, rarely).flatmap(lambda drawn: some(*drawn))


def ours(violations: tuple[Violation, ...]) -> set[Place]:
    """Return what the server says, of the kinds that botocore looks for."""
    kinds = {
        "cannot be converted": "type",
        "must not be null": "missing",
        "Unknown member": "unknown",
        "greater than or equal": "least",
        "Exactly one": "union",
    }
    return {
        (kind, _plain(violation.path))
        for violation in violations
        for words, kind in kinds.items()
        if words in violation.text
    }


def _plain(path: str) -> str:
    path = re.sub(r"\.(\d+)\.member", lambda match: f"[{int(match[1]) - 1}]", path)
    return re.sub(r"\.(k\d)\.value", r".\1", path).lower()


def theirs(report: str) -> Iterator[Place]:
    """Read what botocore's report says."""
    kinds = {
        r'Missing required parameter in (\S*): "(\w+)"': "missing",
        r'Unknown parameter in (\S*): "(\w+)"': "unknown",
        r"Invalid type for parameter (\S+), value": "type",
        r"Invalid (?:length|value) for parameter (\S+), value": "least",
        r"Invalid number of parameters set for tagged union structure (\S+)\.|Must set one of the following keys for "
        r"tagged unionstructure (\S+):": "union",
    }
    for line in report.splitlines():
        found = [(kind, match) for pattern, kind in kinds.items() if (match := re.match(pattern, line))]
        assert len(found) == 1, line
        ((kind, match),) = found
        path = ".".join(part for part in match.groups() if part)
        yield kind, path.removeprefix("input").removeprefix(".").lower()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_request_is_refused_where_botocore_refuses_it(operation: str) -> None:
    """Each type, absence, unknown member and lower limit, at the same place; botocore knows no patterns or enums."""
    model = service_model("sagemaker")
    name = model.input_shape(operation) or ""
    shape = get_session().get_service_model("sagemaker").operation_model(operation).input_shape
    assert shape is not None
    validator = ParamValidator()

    @settings(max_examples=60, deadline=None)
    @given(request=values(model, name))
    def agree(request: dict[str, Any]) -> None:
        report = validator.validate(request, shape)
        assert ours(model.check(name)(request)) == set(theirs(report.generate_report()))

    agree()
