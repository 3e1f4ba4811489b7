"""Checked data, with its defaults filled in, to the model that the planner reads."""

import json
from collections.abc import Mapping
from math import prod
from typing import Any

from specimen.spec.debugging import debugger
from specimen.spec.hosted import hosting
from specimen.spec.hyperparameters import tunable
from specimen.spec.load import LIBSVM
from specimen.spec.model import (
    Balance,
    Bias,
    Completion,
    Dataset,
    Dependence,
    Evaluate,
    Experiment,
    Explain,
    Facet,
    Gate,
    Images,
    Input,
    Json,
    Range,
    Registry,
    Resources,
    Scalar,
    Select,
    Split,
    Target,
    Training,
    Trial,
    Tuning,
    Vpc,
    WarmStart,
)
from specimen.spec.objectives import goal
from specimen.spec.units import gibibytes, seconds

Data = Mapping[str, Any]  # data that the schema has accepted: what it declares is there and of its type
# SageMaker's words for the language's
MODES = {"file": "File", "fastFile": "FastFile", "pipe": "Pipe"}
COMPRESSIONS = {"gzip": "Gzip"}
STRATEGIES = {"multiRecord": "MultiRecord", "singleRecord": "SingleRecord"}


def experiment(data: Data, trials: Mapping[str, Data]) -> Experiment:
    """An experiment from checked and filled data: the file's own, and that of each of its trials by name."""
    metadata, select = data["metadata"], data.get("select")
    return Experiment(
        name=metadata["name"],
        description=_line(metadata.get("description")),
        labels=metadata["labels"],
        trials=tuple(_trial(name, own) for name, own in trials.items()),
        select=_select(select) if select is not None else None,
        document=data,
        hosting=hosting(data["hosting"], tuple(trials), selected=select is not None) if "hosting" in data else None,
    )


def target(data: Data) -> Target:
    """A target from checked and filled data."""
    aws = data["aws"]
    return Target(
        name=data["metadata"]["name"],
        region=aws["region"],
        role=aws["role"],
        bucket=aws["bucket"],
        prefix=aws["prefix"],
        tags=aws["tags"],
        debugger=aws["debugger"],
        images=Images(components=data["images"]["components"], jobs=data["images"].get("jobs")),
        kms_key=aws.get("kmsKey"),
        vpc=_vpc(aws["vpc"]) if "vpc" in aws else None,
        network_isolation=aws["networkIsolation"],
    )


def builtin_target() -> Target:
    """The target `local`: the embedded SageMaker's account."""
    from importlib.metadata import version  # slow to import, and checking needs no target

    ours = version("specimen-ml")
    return Target(
        name="local",
        region="us-east-1",
        role="arn:aws:iam::111122223333:role/specimen",
        bucket="specimen-local",
        prefix="",
        tags={},
        debugger="managed",
        images=Images(components=f"specimen-components:{ours}", jobs=f"specimen-jobs:{ours}"),
        embedded=True,
    )


def _vpc(data: Data) -> Vpc:
    return Vpc(tuple(data["subnets"]), tuple(data["securityGroups"]))


def _trial(name: str, data: Data) -> Trial:
    training = _training(data["training"])
    return Trial(
        name=name,
        dataset=_dataset(data["dataset"]),
        training=training,
        tuning=_tuning(data["tuning"], training) if "tuning" in data else None,
        debugger=debugger(data["debugger"]) if "debugger" in data else None,
        bias=_bias(data["bias"]) if "bias" in data else None,
        explain=_explain(data["explain"]) if "explain" in data else None,
        evaluate=_evaluate(data["evaluate"]) if "evaluate" in data else None,
        gates=tuple(_gate(gate) for gate in data["gates"]),
        registry=_registry(data["registry"]) if "registry" in data else None,
    )


def _dataset(data: Data) -> Dataset:
    source = data["source"]
    return Dataset(
        source=source if isinstance(source, str) else None,
        parts=source if isinstance(source, dict) else None,
        format=data["format"],
        features=_features(data.get("features")),
        label=data["label"],
        drop=tuple(data["drop"]),
        categorical=tuple(data.get("categorical", ())),
        split=_split(data["split"]) if "split" in data else None,
        impute=data.get("impute"),
        balance=_balance(data["balance"]) if "balance" in data else None,
        encode=data.get("encode", {}),
        shards=int(data["shards"]),
    )


def _split(data: Data) -> Split:
    return Split(**{**data, "seed": int(data["seed"])})


def _features(data: Any) -> int | tuple[str, ...] | None:
    return tuple(data) if isinstance(data, list) else None if data is None else int(data)


def _balance(data: Data) -> Balance:
    return Balance(
        method=data["method"],
        facet=data.get("facet"),
        label=data.get("label", False),
        cells=data.get("cells", False),
        neighbors=int(data["neighbors"]),
    )


def _training(data: Data) -> Training:
    given, types, resources = data["hyperparameters"], tunable(data["version"]), _resources(data["resources"])
    return Training(
        version=data["version"],
        hyperparameters={
            name: sent(name, placed(name, value, data["contentType"]))
            for name, value in given.items()
            if not isinstance(value, dict)
        },
        ranges={name: _range(name, value, types) for name, value in given.items() if isinstance(value, dict)},
        resources=resources,
        content_type=data["contentType"],
        distribution=data["distribution"],
        input=Input(MODES[data["input"]["mode"]], COMPRESSIONS.get(data["input"].get("compression"))),
        checkpoints=data.get("checkpoints", resources.max_wait is not None),
        environment=data["environment"],
        retries=int(data["retries"]) if "retries" in data else None,
        encrypt_traffic=data["encryptTraffic"],
        tags=data["tags"],
    )


def _range(name: str, data: Data, types: Mapping[str, str]) -> Range:
    if "values" in data:
        return Range("Categorical", None, None, None, tuple(sent(name, value) for value in data["values"]))
    return Range(types[name], sent(name, data["min"]), sent(name, data["max"]), data.get("scale"), ())


def _tuning(data: Data, training: Training) -> Tuning:
    completion, warm = data.get("completion"), data.get("warmStart")
    return Tuning(
        metric=data["metric"],
        goal=goal(data["metric"]),
        jobs=int(data.get("jobs", prod(len(one.values) for one in training.ranges.values()))),
        parallel=int(data["parallel"]),
        strategy=data["strategy"],
        early_stopping=data["earlyStopping"],
        completion=_completion(completion) if completion is not None else None,
        warm_start=WarmStart(tuple(warm["parents"]), warm["type"]) if warm is not None else None,
        seed=int(data["seed"]) if "seed" in data else None,
        max_runtime=seconds(data["maxRuntime"]) if "maxRuntime" in data else None,
    )


def _completion(data: Data) -> Completion:
    least = data.get("notImproving")
    return Completion(data.get("target"), None if least is None else int(least), data["converged"])


def placed(name: str, value: Any, content_type: str) -> Any:
    """A constraint on features at their places; XGBoost takes libsvm's indices as they stand, and ours begin with 1."""
    if content_type != LIBSVM:
        return value
    match name:
        case "monotone_constraints":
            return [0, *value]
        case "interaction_constraints":
            return [[column + 1 for column in group] for group in value]
        case _:
            return value


def sent(name: str, value: Any) -> Scalar:
    """A hyperparameter as SageMaker's XGBoost takes it, which knows numbers and text alone."""
    match value:
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return int(value)
        case list() if name == "monotone_constraints":
            return f"({','.join(str(int(one)) for one in value)})"
        case list() if name == "interaction_constraints":
            return json.dumps([[int(column) for column in group] for group in value], separators=(",", ":"))
        case list():
            return ",".join(value)
        case int() | float() | str():
            return value
    raise TypeError(f"{name}: {value!r}")


def _resources(data: Data) -> Resources:
    return Resources(
        instance=data["instance"],
        count=int(data["count"]),
        volume=gibibytes(data["volume"]) if "volume" in data else None,
        max_runtime=seconds(data["maxRuntime"]) if "maxRuntime" in data else None,
        max_wait=seconds(data["spot"]["maxWait"]) if "spot" in data else None,
        max_pending=seconds(data["maxPending"]) if "maxPending" in data else None,
        keep_alive=seconds(data["keepAlive"]) if "keepAlive" in data else None,
    )


def _evaluate(data: Data) -> Evaluate:
    return Evaluate(
        resources=_resources(data["resources"]),
        strategy=STRATEGIES[data["strategy"]],
        payload=int(data["payload"]),
        concurrent=int(data["concurrent"]) if "concurrent" in data else None,
    )


def _bias(data: Data) -> Bias:
    favorable, above = _selection(data["favorable"])
    return Bias(
        favorable=favorable,
        favorable_above=above,
        facets=tuple(Facet(column, *_selection(chosen)) for column, chosen in data["facets"].items()),
        group=data.get("group"),
        threshold=data["threshold"],
        resources=_resources(data["resources"]),
    )


def _explain(data: Data) -> Explain:
    return Explain(
        baseline=_baseline(data["baseline"]),
        samples=int(data["samples"]),
        aggregate=data["aggregate"],
        use_logit=data["useLogit"],
        save_local=data["saveLocal"],
        pdp=_dependence(data["pdp"]) if "pdp" in data else None,
        resources=_resources(data["resources"]),
    )


def _dependence(data: Data) -> Dependence:
    return Dependence(tuple(data["features"]) if "features" in data else None, int(data["grid"]))


def _baseline(data: Any) -> Json:
    return {"kmeans": int(data["kmeans"])} if isinstance(data, dict) else data


def _selection(data: Any) -> tuple[tuple[Scalar, ...] | None, float | None]:
    """Values, or the bound above which they lie."""
    return (None, data["above"]) if isinstance(data, dict) else (tuple(data), None)


def _gate(data: Data) -> Gate:
    least, most = data.get("between", (data.get("min"), data.get("max")))
    return Gate(data.get("metric"), data.get("bias"), data.get("facet"), least, most, data.get("against"))


def _select(data: Data) -> Select:
    return Select(data["metric"], goal(data["metric"]))


def _registry(data: Data) -> Registry:
    return Registry(data["group"], data["approval"], _line(data.get("description")))


def _line(text: str | None) -> str | None:
    """A description on one line, as AWS wants it; a YAML block may have ended it with a line end."""
    return None if text is None else " ".join(text.split())
