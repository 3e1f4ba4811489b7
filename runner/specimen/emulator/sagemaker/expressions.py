"""Search expressions: filters on properties by dotted names, nested filters, and sub-expressions."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from specimen.emulator.errors import validation
from specimen.emulator.sagemaker.paging import Body

Value = str | float | bool
_VALUED = frozenset({"StringValue", "NumberValue"})


def matches(expression: Mapping[str, Any], body: Body) -> bool:
    """Tell whether a body matches an expression; its parts are joined by its Operator (And, unless it says Or)."""
    results = [_holds(item, body) for item in expression.get("Filters", [])]
    results += [_nested(item, body) for item in expression.get("NestedFilters", [])]
    results += [matches(item, body) for item in expression.get("SubExpressions", [])]
    return (any(results) or not results) if expression.get("Operator") == "Or" else all(results)


def _nested(nested: Mapping[str, Any], body: Body) -> bool:
    """Tell whether one item of a list satisfies all filters, whose names begin with the list's."""
    prefix = nested["NestedPropertyName"]
    items = body.get(prefix, [])
    filters = [{**item, "Name": item["Name"].removeprefix(f"{prefix}.")} for item in nested["Filters"]]
    return any(all(_holds(item, element) for item in filters) for element in items)


def _holds(condition: Mapping[str, Any], body: Body) -> bool:
    found = list(values(body, condition["Name"]))
    wanted = condition.get("Value")
    operator = condition.get("Operator", "Equals" if wanted is not None else "Exists")
    if operator in ("Exists", "NotExists"):
        return bool(found) if operator == "Exists" else not found
    if wanted is None:
        raise validation(f"A filter with the operator {operator} needs a Value: {condition['Name']}")
    if operator == "NotEquals":
        return not any(_compare("Equals", value, wanted) for value in found)
    return any(_compare(operator, value, wanted) for value in found)


def _compare(operator: str, value: Value, wanted: str) -> bool:
    match operator:
        case "Equals":
            return _text(value) == wanted or _ordered(value, wanted) == 0
        case "Contains":
            return wanted.lower() in _text(value).lower()
        case "In":
            return _text(value) in wanted.split(",")
    order = _ordered(value, wanted)
    if order is None:
        return False
    return {
        "GreaterThan": order > 0,
        "GreaterThanOrEqualTo": order >= 0,
        "LessThan": order < 0,
        "LessThanOrEqualTo": order <= 0,
    }[operator]


def _ordered(value: Value, wanted: str) -> int | None:
    """Compare a number or time with a text; None if they cannot be compared."""
    if isinstance(value, str | bool):
        return None
    number = _number(wanted)
    return None if number is None else (value > number) - (value < number)


def _number(text: str) -> float | None:
    """Read a number, or an ISO time as epoch seconds."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def values(item: Any, name: str) -> Iterator[Value]:
    """Go through the values of a property: ``Tags.team``, ``HyperParameters.eta``, ``InputDataConfig.ChannelName``."""
    match item:
        case dict() if not name:
            yield from (item[key] for key in item.keys() & _VALUED)
        case dict() if item.keys() == {"Key", "Value"}:
            if item["Key"] == name:
                yield item["Value"]
        case dict():
            yield from _members(item, name)
        case list():
            for element in item:
                yield from _metric(element, name) if "MetricName" in element else values(element, name)
        case str() | int() | float() if not name:
            yield item


def _members(item: Mapping[str, Any], name: str) -> Iterator[Value]:
    """Follow a dotted name; a key may itself hold dots, as ``SageMaker.InstanceType`` does."""
    for key, value in item.items():
        if name == key:
            yield from values(value, "")
        elif name.startswith(f"{key}."):
            yield from values(value, name[len(key) + 1 :])


def _metric(metric: Mapping[str, Any], name: str) -> Iterator[Value]:
    """Find ``validation:auc`` or ``validation:auc.max`` in a list of metrics."""
    known = metric["MetricName"]
    if name == known and "Value" in metric:
        yield metric["Value"]
    elif name.startswith(f"{known}."):
        yield from (value for key, value in metric.items() if key.lower() == name[len(known) + 1 :].lower())
