"""What `prepare` is asked to do with a table: its argument ``dataset``, read once into frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from specimen_components.tables.errors import TableError, shown

PARTS = ("train", "validation", "test")
CSV, LIBSVM, NPZ, PARQUET = "csv", "libsvm", "npz", "parquet"
ONEHOT, ORDINAL = "onehot", "ordinal"
_SEED = 0  # where parts are given, nothing is split, and so no seed is asked for


@dataclass(frozen=True)
class Selection:
    """Some values of a column: the listed ones, or all above a bound."""

    key: str  # where the spec asks for it, for messages
    column: str
    values: tuple[float, ...]
    above: float | None

    def describe(self) -> str:
        """Return what is selected, in words."""
        if self.above is not None:
            return f"above {self.above:g}"
        return " or ".join(f"{value:g}" for value in self.values)


@dataclass(frozen=True)
class Balance:
    """What becomes equally frequent in the training part: a facet's values, the label's classes, or both together."""

    facet: str | None
    label: bool
    neighbors: int

    def columns(self, label: str) -> tuple[str, ...]:
        """Return the columns whose values make a group."""
        return (*((self.facet,) if self.facet is not None else ()), *((label,) if self.label else ()))


@dataclass(frozen=True)
class Labels:
    """Which numbers an objective can learn."""

    objective: str
    above: float | None
    least: float | None
    most: float | None

    def describe(self) -> str:
        """Return the bounds in words."""
        words = {"above": self.above, "at least": self.least, "at most": self.most}
        return " and ".join(f"{word} {bound:g}" for word, bound in words.items() if bound is not None)


@dataclass(frozen=True)
class Request:
    """The columns, the split and the files that a spec asks for."""

    format: str
    label: str
    features: (
        tuple[str, ...] | None
    )  # where they are declared, in the order of their indices; CSV and parquet name them
    drop: tuple[str, ...]
    fractions: Mapping[str, float] | None  # part → share of the rows; None where the source brings its parts
    seed: int
    stratify: bool
    encode: Mapping[str, str]  # column → onehot or ordinal
    shards: int
    content_type: str  # of the training and the validation part
    compression: str | None
    facets: tuple[Selection, ...]
    group: str | None
    favorable: Selection | None
    classes: int | None  # how many classes the objective tells apart, numbered from 0; None where it predicts a number
    labels: Labels | None  # of an objective that predicts numbers, but not any
    categorical: tuple[str, ...]  # columns whose numbers are names
    impute: str | None
    balance: Balance | None

    def named_columns(self) -> tuple[tuple[str, str], ...]:
        """Return each column that the spec names, as (spec key, column)."""
        dropped = tuple((f"dataset.drop[{index}]", column) for index, column in enumerate(self.drop))
        facets = tuple((facet.key, facet.column) for facet in self.facets)
        group = (("bias.group", self.group),) if self.group else ()
        balanced = (("dataset.balance.facet", self.balance.facet),) if self.balance and self.balance.facet else ()
        encoded = tuple((f"dataset.encode.{column}", column) for column in self.encode)
        return (("dataset.label", self.label), *dropped, *encoded, *self._categorical(), *balanced, *facets, *group)

    def categories(self) -> dict[str, str]:
        """Return the columns whose values are categories, each with the spec key that says so."""
        label = (("dataset.label", self.label),) if self.classes is not None else ()
        facets = ((facet.key, facet.column) for facet in self.facets if facet.above is None)
        group = (("bias.group", self.group),) if self.group else ()
        encoded = ((f"dataset.encode.{column}", column) for column, method in self.encode.items() if method == ORDINAL)
        return {column: key for key, column in (*encoded, *group, *facets, *self._categorical(), *label)}

    def selections(self) -> tuple[Selection, ...]:
        """Return the facets and the favorable labels."""
        return (*self.facets, *((self.favorable,) if self.favorable else ()))

    def needed(self) -> frozenset[str]:
        """Return the columns that must hold a value in every row."""
        group = (self.group,) if self.group else ()
        balanced = (self.balance.facet,) if self.balance and self.balance.facet else ()
        return frozenset((self.label, *group, *balanced, *(facet.column for facet in self.facets)))

    def moves_text(self) -> bool:
        """Say whether the parts hold the source's fields as they stand, and are not written from numbers."""
        return self.format in (CSV, LIBSVM) and self.content_type == CSV and not self.encode

    def with_header(self) -> bool:
        """Say whether bias asks for the training part with a header."""
        return bool(self.facets or self.favorable or self.group)

    def bounded(self) -> tuple[str, ...]:
        """Return the columns that bias divides at a bound, which Clarify must not take for a few categories."""
        favorable = (self.favorable,) if self.favorable and self.classes is None else ()
        return tuple(chosen.column for chosen in (*self.facets, *favorable) if chosen.above is not None)

    def _categorical(self) -> tuple[tuple[str, str], ...]:
        return tuple((f"dataset.categorical[{index}]", column) for index, column in enumerate(self.categorical))


def parse(dataset: Mapping[str, Any]) -> Request:
    """Read the argument ``dataset``; a member that is absent is as good as null."""
    split = dataset.get("split")
    label = str(dataset["label"])
    favorable = dataset.get("favorable")
    return Request(
        format=dataset.get("format") or CSV,
        label=label,
        features=_features(dataset["features"]) if dataset.get("features") else None,
        drop=tuple(dataset.get("drop") or ()),
        fractions={part: float(split[part]) for part in PARTS} if split else None,
        seed=int(split["seed"]) if split else _SEED,
        stratify=bool(split["stratify"]) if split else False,
        encode={column: dataset["encode"][column] for column in sorted(dataset.get("encode") or {})},
        shards=int(dataset.get("shards") or 1),
        content_type=dataset.get("content_type") or CSV,
        compression=dataset.get("compression"),
        facets=tuple(
            _selection(f"bias.facets.{column}", column, chosen)
            for column, chosen in (dataset.get("facets") or {}).items()
        ),
        group=dataset.get("group") or None,
        favorable=_selection("bias.favorable", label, favorable) if favorable else None,
        classes=int(dataset["classes"]) if dataset.get("classes") is not None else None,
        labels=_labels(dataset["labels"]) if dataset.get("labels") else None,
        categorical=tuple(dataset.get("categorical") or ()),
        impute=dataset.get("impute"),
        balance=_balance(dataset["balance"]) if dataset.get("balance") else None,
    )


def _features(declared: Any) -> tuple[str, ...]:
    """Return the names that are declared, or as many indices."""
    return tuple(map(str, declared)) if isinstance(declared, list) else numbered(int(declared))


def numbered(width: int) -> tuple[str, ...]:
    """Return the names of features that have none: their indices, counted from 1."""
    return tuple(str(index) for index in range(1, width + 1))


def _labels(labels: Mapping[str, Any]) -> Labels:
    return Labels(labels["objective"], labels.get("above"), labels.get("min"), labels.get("max"))


def _balance(balance: Mapping[str, Any]) -> Balance:
    cells, label = bool(balance.get("cells")), bool(balance.get("label"))
    return Balance(facet=balance.get("facet"), label=cells or label, neighbors=int(balance["neighbors"]))


def _selection(key: str, column: str, chosen: Mapping[str, Any]) -> Selection:
    above = chosen.get("above")
    return Selection(
        key=key,
        column=column,
        values=tuple(_number(key, value) for value in chosen.get("values") or ()),
        above=None if above is None else _number(key, above),
    )


def _number(key: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TableError(
            f"{key}: {shown(value)} is no number, and every column that is kept holds numbers",
            hint="Write the column as numbers in the table, and name one of them here; of a column with "
            "dataset.encode: ordinal, the number of the value, counted from 0 in sorted order.",
        ) from None
