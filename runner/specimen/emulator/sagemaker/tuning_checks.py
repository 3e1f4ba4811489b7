"""What SageMaker refuses of a tuning job before it accepts it, in its words where they are known."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from specimen.emulator.context import Context, Request
from specimen.emulator.errors import AwsError, limit_exceeded, validation
from specimen.emulator.jobs.containers import Image
from specimen.emulator.sagemaker import jobs
from specimen.emulator.sagemaker.paging import Body

SWITCHES = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining")
RANGES = 30  # hyperparameters that can be searched
MOST_JOBS = {"Random": 10_000}  # of a tuning job by its strategy, others have MANY_JOBS
MANY_JOBS = 750
MOST_PARALLEL = {"Bayesian": 10}  # at a time by the strategy, others have MANY_PARALLEL
MANY_PARALLEL = 100
_KINDS = ("IntegerParameterRanges", "ContinuousParameterRanges", "CategoricalParameterRanges")
_NO_METRIC = (
    "A metric is required for this hyperparameter tuning job objective. Provide a metric in the metric definitions."
)
_DIFFERENT_NAMES = (
    "The set of tunable plus static HyperParameter names is not the same across current and parent tuning jobs. "
    "Please ensure this set is constant when warm starting. Note that previously static HyperParameters can be tuned "
    "in warm start jobs and vice versa."
)


def check(context: Context, request: Request) -> None:
    """Refuse a tuning job whose parts do not fit together, or that asks for what is not implemented."""
    _check_implemented(request)
    config = request["HyperParameterTuningJobConfig"]
    if "HyperParameterTuningJobObjective" not in config:
        raise validation("HyperParameterTuningJobObjective is required in HyperParameterTuningJobConfig.")
    if "TrainingJobDefinition" not in request:
        raise validation("A hyperparameter tuning job needs a TrainingJobDefinition.")
    definition = request["TrainingJobDefinition"]
    _check_names(config, definition)
    for kind, entry in ranges(config):
        _check_range(kind, entry)
    _check_strategy(config)
    _check_limits(config)
    image = context.launcher.images.find(definition["AlgorithmSpecification"].get("TrainingImage", ""))
    if image is not None and image.objectives:
        _check_algorithm(config, definition["AlgorithmSpecification"]["TrainingImage"], image)


def ranges(config: Mapping[str, Any]) -> Iterator[tuple[str, Body]]:
    """Go through all ranges with their kinds: Integer, Continuous, Categorical."""
    given = config.get("ParameterRanges", {})
    for kind in _KINDS:
        for entry in given.get(kind, []):
            yield kind.removesuffix("ParameterRanges"), entry


def combinations(config: Mapping[str, Any]) -> int:
    """Count the combinations of a grid."""
    return math.prod(len(set(entry["Values"])) for _, entry in ranges(config))


def _check_implemented(request: Request) -> None:
    jobs.refuse(request, "TrainingJobDefinitions", "Autotune")
    jobs.refuse(request["HyperParameterTuningJobConfig"].get("ParameterRanges", {}), "AutoParameters")
    definition = request.get("TrainingJobDefinition", {})
    jobs.refuse(definition, "TuningObjective", "HyperParameterRanges")
    jobs.refuse(definition.get("HyperParameterTuningResourceConfig", {}), "InstanceConfigs")
    if "HyperParameterTuningResourceConfig" in definition and "ResourceConfig" in definition:
        raise validation("A definition has either a ResourceConfig or a HyperParameterTuningResourceConfig, not both.")


def _check_names(config: Mapping[str, Any], definition: Mapping[str, Any]) -> None:
    names = [entry["Name"] for _, entry in ranges(config)]
    if not names:
        raise validation("A hyperparameter tuning job needs at least one hyperparameter range.")
    if len(names) > RANGES:
        raise limit("Maximum number of hyperparameters that can be searched", RANGES, len(names), "Hyperparameters")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise validation(f"Hyperparameters can have one range only, but these have several: [{', '.join(twice)}].")
    both = sorted(set(names) & set(definition.get("StaticHyperParameters", {})))
    if both:
        raise validation(
            f"Hyperparameters can't be both static and tunable: [{', '.join(both)}]. Remove them from "
            "StaticHyperParameters or from ParameterRanges."
        )


def _check_range(kind: str, entry: Mapping[str, Any]) -> None:
    if kind == "Categorical":
        return
    name = entry["Name"]
    low, high = (_number(kind, name, entry[member]) for member in ("MinValue", "MaxValue"))
    if low > high:
        raise validation(f"The range of hyperparameter {name} is invalid: MinValue {low} is above MaxValue {high}.")
    match entry.get("ScalingType", "Auto"):
        case "Logarithmic" if low <= 0:
            raise validation(f"Logarithmic scaling of hyperparameter {name} needs a range of values greater than 0.")
        case "ReverseLogarithmic" if kind == "Integer":
            raise validation(f"ReverseLogarithmic scaling of hyperparameter {name} needs a continuous range.")
        case "ReverseLogarithmic" if not 0 <= low <= high < 1:
            raise validation(f"ReverseLogarithmic scaling of hyperparameter {name} needs a range within 0 <= x < 1.0.")


def _number(kind: str, name: str, text: str) -> float:
    try:
        value = int(text) if kind == "Integer" else float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise validation(f"The range of hyperparameter {name} is invalid: {text!r} is no {kind.lower()} value.")
    return value


def _check_strategy(config: Mapping[str, Any]) -> None:
    strategy = config["Strategy"]
    if config.get("StrategyConfig") and strategy != "Hyperband":
        raise validation("StrategyConfig can be provided only with the Hyperband strategy.")
    resources = config.get("StrategyConfig", {}).get("HyperbandStrategyConfig", {})
    if resources.get("MinResource", 1) > resources.get("MaxResource", math.inf):
        raise validation("MinResource of HyperbandStrategyConfig must not be above MaxResource.")
    if strategy == "Hyperband" and config.get("TrainingJobEarlyStoppingType", "Off") != "Off":
        raise validation(
            "TrainingJobEarlyStoppingType must be OFF with the Hyperband strategy, which stops jobs itself."
        )
    if strategy == "Grid":
        _check_grid(config)


def _check_grid(config: Mapping[str, Any]) -> None:
    if any(kind != "Categorical" for kind, _ in ranges(config)):
        raise validation("The Grid strategy supports categorical hyperparameter ranges only.")
    total = combinations(config)
    if config["ResourceLimits"].get("MaxNumberOfTrainingJobs", total) != total:
        raise validation(
            f"MaxNumberOfTrainingJobs must equal the number of distinct combinations of the Grid strategy, {total}."
        )


def _check_limits(config: Mapping[str, Any]) -> None:
    strategy, limits = config["Strategy"], config["ResourceLimits"]
    parallel = limits["MaxParallelTrainingJobs"]
    number = limits.get("MaxNumberOfTrainingJobs", combinations(config) if strategy == "Grid" else None)
    if number is None and not (config.get("TuningJobCompletionCriteria") or limits.get("MaxRuntimeInSeconds")):
        raise validation("MaxNumberOfTrainingJobs is required when there are no other completion criteria.")
    if number is not None and parallel > number:
        raise validation(f"MaxParallelTrainingJobs ({parallel}) must not be above MaxNumberOfTrainingJobs ({number}).")
    most = MOST_JOBS.get(strategy, MANY_JOBS)
    if number is not None and number > most:
        raise limit("Maximum number of training jobs per hyperparameter tuning job", most, number)
    most = MOST_PARALLEL.get(strategy, MANY_PARALLEL)
    if parallel > most:
        raise limit("Maximum number of parallel training jobs per hyperparameter tuning job", most, parallel)


def limit(what: str, most: int, asked: int, unit: str = "Jobs") -> AwsError:
    """Answer as AWS does to a request above an account's quota."""
    return limit_exceeded(
        f"The account-level service limit '{what}' is {most} {unit}, with current utilization of 0 {unit} and a "
        f"request delta of {asked} {unit}. Please use AWS Service Quotas to request an increase for this quota."
    )


def _check_algorithm(config: Mapping[str, Any], uri: str, image: Image) -> None:
    untunable = [entry["Name"] for _, entry in ranges(config) if entry["Name"] not in image.tunable]
    if untunable:
        raise validation(
            f"The hyperparameter tuning job you requested has the following untunable hyperparameters: "
            f"[{', '.join(untunable)}]. For the algorithm, {uri}, you can tune only [{', '.join(image.tunable)}]. "
            "Delete untunable hyperparameters."
        )
    for kind, entry in ranges(config):
        if kind == "Continuous" and image.tunable[entry["Name"]] == "Integer":
            raise validation(f"Hyperparameter {entry['Name']} of the algorithm, {uri}, needs an integer range.")
    objective = config["HyperParameterTuningJobObjective"]
    goal = image.objectives.get(objective["MetricName"])
    if goal is None:
        raise validation(
            f"The objective metric for the hyperparameter tuning job, [{objective['MetricName']}], isn't valid for "
            f"the [{uri}] algorithm. Choose a valid objective metric."
        )
    if goal != objective["Type"]:
        raise validation(
            f"The objective metric type, [{objective['Type']}], that you specified for objective metric, "
            f"[{objective['MetricName']}], isn't valid for the [{uri}] algorithm. Choose a valid objective metric type."
        )


def check_objective(metric: str, algorithm: Mapping[str, Any]) -> None:
    """Refuse an objective that none of the metric definitions is for."""
    if metric not in {entry["Name"] for entry in algorithm.get("MetricDefinitions", [])}:
        raise validation(_NO_METRIC)


def check_parent(body: Mapping[str, Any], parent: Mapping[str, Any], kind: str) -> None:
    """Refuse to go on from a tuning job that still runs, or that is too different for the kind of warm start."""
    name, status = parent["HyperParameterTuningJobName"], parent["HyperParameterTuningJobStatus"]
    if status not in jobs.FINAL:
        raise validation(f"The parent tuning job {name} is in status {status}; it must have ended.")
    if _objective(body) != _objective(parent):
        raise validation(f"The objective metric must be the same as that of the parent tuning job {name}.")
    if _names(body) != _names(parent):
        raise validation(_DIFFERENT_NAMES)
    if kind == "IdenticalDataAndAlgorithm" and _sources(body) != _sources(parent):
        raise validation(
            f"InputDataConfig and the training image must be the same as those of the parent tuning job {name} when "
            "WarmStartType is IdenticalDataAndAlgorithm."
        )


def _objective(body: Mapping[str, Any]) -> Any:
    return body["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]


def _names(body: Mapping[str, Any]) -> set[str]:
    static = set(body["TrainingJobDefinition"]["StaticHyperParameters"])
    return static | {entry["Name"] for _, entry in ranges(body["HyperParameterTuningJobConfig"])}


def _sources(body: Mapping[str, Any]) -> tuple[Any, Any]:
    definition = body["TrainingJobDefinition"]
    return definition.get("InputDataConfig"), definition["AlgorithmSpecification"].get("TrainingImage")
