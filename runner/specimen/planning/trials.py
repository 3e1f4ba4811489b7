"""What a trial's steps have in common: the names that lead from one to another."""

from collections.abc import Mapping
from typing import TypeVar

from specimen.spec.model import Experiment

Section = TypeVar("Section")


def trial_name(experiment: Experiment, trial: str) -> str:
    """The SageMaker trial's name, unique in the account as the experiment's is."""
    return f"{experiment.name}-{trial}"


def training_step(ids: Mapping[str, str]) -> str:
    """The step of a trial that gives its model, by the trial's steps: it trains once, tunes, or repeats the best."""
    return next(ids[kind] for kind in ("refit", "tune", "train") if kind in ids)


def given(section: Section | None) -> Section:
    """A section of which it has been said that it is there."""
    if section is None:
        raise ValueError("a step was drafted for a section that the trial does not have")
    return section
