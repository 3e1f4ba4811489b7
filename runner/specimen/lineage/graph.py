"""A lineage as entities and the associations between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Entity:
    """An artifact, action, context or trial component; `type` is SageMaker's, `note` how it is with it now."""

    arn: str
    kind: str  # Artifact, Action, Context or TrialComponent
    type: str
    name: str
    note: str | None = None


@dataclass(frozen=True)
class Association:
    """What leads from one entity to another, by their ARNs."""

    source: str
    destination: str
    type: str | None


@dataclass(frozen=True)
class Graph:
    """What is known of a name; every association's ends are among the entities."""

    subject: str
    entities: Mapping[str, Entity]  # by ARN, nearest first
    associations: Sequence[Association]

    def parents(self, arn: str) -> list[Association]:
        """What leads to an entity."""
        return [one for one in self.associations if one.destination == arn]

    def children(self, arn: str) -> list[Association]:
        """What an entity leads to."""
        return [one for one in self.associations if one.source == arn]
