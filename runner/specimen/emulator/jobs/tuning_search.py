"""Which hyperparameters to try next: Optuna's samplers over SageMaker's ranges, or all combinations of a grid."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

STARTUP = 5  # random jobs before TPE suggests; Optuna's ten would leave a small tuning job nothing but chance
DECADES = 100.0  # a range that spans so much from end to end is logarithmic where nobody says (ScalingType Auto)

optuna.logging.set_verbosity(optuna.logging.WARNING)

Texts = Mapping[str, str]


@dataclass(frozen=True)
class Range:
    """One hyperparameter's range: how Optuna sees it, and whether that is 1 minus the value (reverse logarithmic)."""

    distribution: BaseDistribution
    reverse: bool = False

    def text(self, inner: Any) -> str:
        """Return a suggestion as the text of the hyperparameter."""
        return str(1 - inner if self.reverse else inner)

    def inner(self, text: str) -> Any:
        """Return what Optuna would have suggested for a text, or None if it lies outside of the range."""
        value: Any = text
        if not isinstance(self.distribution, CategoricalDistribution):
            try:
                value = float(text)
            except ValueError:
                return None
            if isinstance(self.distribution, IntDistribution):
                if not value.is_integer():
                    return None
                value = int(value)
            value = 1 - value if self.reverse else value
        try:
            internal = self.distribution.to_internal_repr(value)
        except ValueError:
            return None
        return value if self.distribution._contains(internal) else None


def ranges(config: Mapping[str, Any]) -> dict[str, Range]:
    """Return a tuning job's ranges by the names of the hyperparameters."""
    given = config["ParameterRanges"]
    found = {entry["Name"]: _integer(entry) for entry in given.get("IntegerParameterRanges", [])}
    found |= {entry["Name"]: _continuous(entry) for entry in given.get("ContinuousParameterRanges", [])}
    for entry in given.get("CategoricalParameterRanges", []):
        found[entry["Name"]] = Range(CategoricalDistribution(tuple(dict.fromkeys(entry["Values"]))))
    return found


def _integer(entry: Texts) -> Range:
    low, high = int(entry["MinValue"]), int(entry["MaxValue"])
    return Range(IntDistribution(low, high, log=_logarithmic(entry, low, high)))


def _continuous(entry: Texts) -> Range:
    low, high = float(entry["MinValue"]), float(entry["MaxValue"])
    if entry.get("ScalingType") == "ReverseLogarithmic":
        return Range(FloatDistribution(1 - high, 1 - low, log=True), reverse=True)
    return Range(FloatDistribution(low, high, log=_logarithmic(entry, low, high)))


def _logarithmic(entry: Texts, low: float, high: float) -> bool:
    scale = entry.get("ScalingType", "Auto")
    return scale == "Logarithmic" or (scale == "Auto" and low > 0 and high / low >= DECADES)


class Search(Protocol):
    """Suggests hyperparameters, and learns what came of them; suggestions are numbered from 0."""

    def ask(self) -> Texts | None:
        """Return the next hyperparameters, or None if there are no more."""

    def tell(self, number: int, value: float | None, pruned: bool = False) -> None:
        """Learn a suggestion's objective, None if it failed; `pruned` if it was stopped for lagging behind."""

    def lags(self, number: int, curve: Sequence[float]) -> bool:
        """Tell whether a running suggestion, whose objective went this way so far, is to be stopped."""


class Grid:
    """All combinations, the last hyperparameter's values first."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        entries = config["ParameterRanges"]["CategoricalParameterRanges"]
        names = [entry["Name"] for entry in entries]
        values = itertools.product(*(dict.fromkeys(entry["Values"]) for entry in entries))
        self._left: Iterator[Texts] = (dict(zip(names, chosen, strict=True)) for chosen in values)

    def ask(self) -> Texts | None:
        """Return the next combination."""
        return next(self._left, None)

    def tell(self, number: int, value: float | None, pruned: bool = False) -> None:
        """Learn nothing: the combinations are what they are."""

    def lags(self, number: int, curve: Sequence[float]) -> bool:
        """Let every combination run to its end."""
        return False


class Sampled:
    """Suggestions of one of Optuna's samplers; `Hyperband` draws at random and stops by successive halving."""

    def __init__(self, name: str, config: Mapping[str, Any]) -> None:
        self._ranges = ranges(config)
        self._trials: list[optuna.Trial] = []
        self._halves = config["Strategy"] == "Hyperband"
        self._study = optuna.create_study(
            study_name=name,  # from which, with a trial's number, Hyperband finds its bracket
            direction=config["HyperParameterTuningJobObjective"]["Type"].lower(),
            sampler=_sampler(config),
            pruner=_hyperband(config) if self._halves else optuna.pruners.NopPruner(),
        )

    def learn(self, tried: Texts, value: float) -> bool:
        """Add what an earlier tuning job found; tell whether it lies within the ranges, and therefore counts."""
        inner = {name: known.inner(tried[name]) for name, known in self._ranges.items() if name in tried}
        if len(inner) < len(self._ranges) or None in inner.values():
            return False
        distributions = {name: known.distribution for name, known in self._ranges.items()}
        self._study.add_trial(optuna.trial.create_trial(params=inner, distributions=distributions, value=value))
        return True

    def ask(self) -> Texts | None:
        """Return the sampler's next suggestion."""
        trial = self._study.ask({name: known.distribution for name, known in self._ranges.items()})
        self._trials.append(trial)
        return {name: known.text(trial.params[name]) for name, known in self._ranges.items()}

    def tell(self, number: int, value: float | None, pruned: bool = False) -> None:
        """Let the sampler learn from an objective."""
        trial = self._trials[number]
        if value is None:
            self._study.tell(trial, state=TrialState.FAIL)
        elif pruned and self._halves:
            self._study.tell(trial, state=TrialState.PRUNED)
        else:
            self._study.tell(trial, value)

    def lags(self, number: int, curve: Sequence[float]) -> bool:
        """Tell whether Hyperband stops a suggestion; a unit of its resource is one value of the objective."""
        if not self._halves:
            return False
        trial = self._trials[number]
        known = self._study._storage.get_trial(trial._trial_id).intermediate_values
        for step, value in enumerate(curve[len(known) :], len(known) + 1):
            trial.report(value, step)
            if trial.should_prune():
                return True
        return False


def _sampler(config: Mapping[str, Any]) -> optuna.samplers.BaseSampler:
    seed = config.get("RandomSeed")
    if config["Strategy"] == "Bayesian":
        return optuna.samplers.TPESampler(seed=seed, n_startup_trials=STARTUP)
    return optuna.samplers.RandomSampler(seed=seed)


def _hyperband(config: Mapping[str, Any]) -> optuna.pruners.BasePruner:
    resources = config.get("StrategyConfig", {}).get("HyperbandStrategyConfig", {})
    return optuna.pruners.HyperbandPruner(
        min_resource=resources.get("MinResource", 1), max_resource=resources.get("MaxResource", "auto")
    )


def search(name: str, config: Mapping[str, Any], known: Sequence[tuple[Texts, float]] = ()) -> Search:
    """Return what suggests for a tuning job, and has learnt what is known of earlier ones."""
    if config["Strategy"] == "Grid":
        return Grid(config)
    sampled = Sampled(name, config)
    for tried, value in known:
        if math.isfinite(value):
            sampled.learn(tried, value)
    return sampled
