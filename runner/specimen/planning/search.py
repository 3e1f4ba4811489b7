"""What a tuning job is told of its search: `HyperParameterTuningJobConfig` and `WarmStartConfig`, as data."""

from collections.abc import Mapping

from specimen.spec.model import Completion, Json, Range, Scalar, Tuning, WarmStart

# SageMaker's words for the language's, where it has its own
STRATEGIES = {"bayesian": "Bayesian", "random": "Random", "grid": "Grid", "hyperband": "Hyperband"}
GOALS = {"maximize": "Maximize", "minimize": "Minimize"}
SCALES = {"auto": "Auto", "linear": "Linear", "log": "Logarithmic", "reverse-log": "ReverseLogarithmic"}
TYPES = ("Integer", "Continuous", "Categorical")


def search(tuning: Tuning, ranges: Mapping[str, Range]) -> dict[str, Json]:
    """How the ranges are searched, and when that ends."""
    config: dict[str, Json] = {
        "Strategy": STRATEGIES[tuning.strategy],
        "HyperParameterTuningJobObjective": {"Type": GOALS[tuning.goal], "MetricName": tuning.metric},
        "ResourceLimits": {
            "MaxNumberOfTrainingJobs": tuning.jobs,
            "MaxParallelTrainingJobs": tuning.parallel,
            **({} if tuning.max_runtime is None else {"MaxRuntimeInSeconds": tuning.max_runtime}),
        },
        "ParameterRanges": {
            f"{kind}ParameterRanges": [_range(name, one) for name, one in sorted(ranges.items()) if one.type == kind]
            for kind in TYPES
            if any(one.type == kind for one in ranges.values())
        },
        "TrainingJobEarlyStoppingType": "Auto" if tuning.early_stopping else "Off",
    }
    if tuning.completion:
        config["TuningJobCompletionCriteria"] = _completion(tuning.completion)
    if tuning.seed is not None:
        config["RandomSeed"] = tuning.seed
    return config


def warm_start(warm: WarmStart) -> dict[str, Json]:
    """The tuning jobs whose findings a search begins with."""
    parents: list[Json] = [{"HyperParameterTuningJobName": parent} for parent in warm.parents]
    return {"WarmStartConfig": {"ParentHyperParameterTuningJobs": parents, "WarmStartType": warm.type}}


def text(value: Scalar) -> str:
    """A hyperparameter as SageMaker takes it: a string; 50.0 is written 50."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _range(name: str, given: Range) -> dict[str, Json]:
    if given.least is None or given.most is None:
        return {"Name": name, "Values": [text(value) for value in given.values]}
    scale = {} if given.scale is None else {"ScalingType": SCALES[given.scale]}
    return {"Name": name, "MinValue": text(given.least), "MaxValue": text(given.most), **scale}


def _completion(completion: Completion) -> dict[str, Json]:
    criteria: dict[str, Json] = {}
    if completion.target is not None:
        criteria["TargetObjectiveMetricValue"] = completion.target
    if completion.not_improving is not None:
        criteria["BestObjectiveNotImproving"] = {"MaxNumberOfTrainingJobsNotImproving": completion.not_improving}
    if completion.converged:
        criteria["ConvergenceDetected"] = {"CompleteOnConvergence": "Enabled"}
    return criteria
