"""The pipeline of `specs/credit-default.yaml` as one writes it by hand with the KFP SDK: what `compile` is measured by.

Its constants are in `credit_default_requests`. From the checkout: ``PYTHONPATH=. kfp dsl compile --py
tests/benchmarks/credit_default_pipeline.py --function credit_default --output FILE``
"""
# mypy: disable-error-code="valid-type, untyped-decorator"
# KFP has no types of its own, and reads calls in annotations, such as OutputPath(str), which are none either.

from typing import Any

from kfp import dsl

from tests.benchmarks import credit_default_requests as requests

IMAGE = "specimen-components:0.1.0"
REGION = "us-east-1"
RUN = dsl.PIPELINE_JOB_NAME_PLACEHOLDER


def command(component: str, **options: Any) -> dsl.ContainerSpec:
    arguments = ["--executor-input", "{{$}}"]
    for name, value in options.items():
        arguments += [f"--{name.replace('_', '-')}", value]
    return dsl.ContainerSpec(image=IMAGE, command=["python", "-m", f"specimen_components.{component}"], args=arguments)


@dsl.container_component
def experiment(
    run: str, record: str, request: dict[str, Any], trials: list[Any], experiment: dsl.OutputPath(str)
) -> dsl.ContainerSpec:
    return command("experiment", run=run, record=record, request=request, trials=trials)


@dsl.container_component
def prepare(
    run: str,
    record: str,
    source: str,
    dataset: dict[str, Any],
    destination: str,
    train: dsl.OutputPath(str),
    validation: dsl.OutputPath(str),
    test: dsl.OutputPath(str),
    train_with_header: dsl.OutputPath(str),
    manifest: dsl.OutputPath(str),
    columns: dsl.OutputPath(list),
    baseline: dsl.OutputPath(str),
    summary: dsl.Output[dsl.Markdown],
) -> dsl.ContainerSpec:
    return command("prepare", run=run, record=record, source=source, dataset=dataset, destination=destination)


@dsl.container_component
def bias_pre(
    run: str,
    record: str,
    prefix: str,
    request: dict[str, Any],
    config: dict[str, Any],
    destination: str,
    dataset: str,
    job: dsl.OutputPath(str),
    analysis: dsl.OutputPath(str),
    report: dsl.OutputPath(str),
    metrics: dsl.OutputPath(dict),
    report_view: dsl.Output[dsl.HTML],
    metrics_view: dsl.Output[dsl.Metrics],
) -> dsl.ContainerSpec:
    return command(
        "bias",
        run=run,
        record=record,
        prefix=prefix,
        request=request,
        config=config,
        destination=destination,
        dataset=dataset,
    )


@dsl.container_component
def bias_post(
    run: str,
    record: str,
    prefix: str,
    request: dict[str, Any],
    config: dict[str, Any],
    destination: str,
    dataset: str,
    columns: list[Any],
    model: str,
    job: dsl.OutputPath(str),
    analysis: dsl.OutputPath(str),
    report: dsl.OutputPath(str),
    metrics: dsl.OutputPath(dict),
    report_view: dsl.Output[dsl.HTML],
    metrics_view: dsl.Output[dsl.Metrics],
) -> dsl.ContainerSpec:
    return command(
        "bias",
        run=run,
        record=record,
        prefix=prefix,
        request=request,
        config=config,
        destination=destination,
        dataset=dataset,
        columns=columns,
        model=model,
    )


@dsl.container_component
def train(
    run: str,
    record: str,
    prefix: str,
    request: dict[str, Any],
    train: str,
    validation: str,
    columns: list[Any],
    job: dsl.OutputPath(str),
    arn: dsl.OutputPath(str),
    artifact: dsl.OutputPath(str),
    metrics: dsl.OutputPath(dict),
    metrics_view: dsl.Output[dsl.Metrics],
) -> dsl.ContainerSpec:
    return command(
        "train",
        run=run,
        record=record,
        prefix=prefix,
        request=request,
        train=train,
        validation=validation,
        columns=columns,
    )


@dsl.container_component
def debug(
    run: str,
    record: str,
    job: str,
    asked: list[Any],
    prefix: str,
    columns: list[Any],
    verdict: dsl.OutputPath(str),
    tensors: dsl.OutputPath(str),
    rules: dsl.OutputPath(list),
    xgboost_report: dsl.Output[dsl.HTML],
    profiler_report: dsl.Output[dsl.HTML],
) -> dsl.ContainerSpec:
    return command("debug", run=run, record=record, job=job, asked=asked, prefix=prefix, columns=columns)


@dsl.container_component
def model(
    run: str,
    record: str,
    prefix: str,
    request: dict[str, Any],
    artifact: str,
    model: dsl.OutputPath(str),
    arn: dsl.OutputPath(str),
) -> dsl.ContainerSpec:
    return command("model", run=run, record=record, prefix=prefix, request=request, artifact=artifact)


@dsl.container_component
def evaluate(
    run: str,
    record: str,
    prefix: str,
    request: dict[str, Any],
    problem: dict[str, Any],
    model: str,
    test: str,
    job: dsl.OutputPath(str),
    predictions: dsl.OutputPath(str),
    statistics: dsl.OutputPath(str),
    metrics: dsl.OutputPath(dict),
    metrics_view: dsl.Output[dsl.Metrics],
    classification_view: dsl.Output[dsl.ClassificationMetrics],
) -> dsl.ContainerSpec:
    return command(
        "evaluate", run=run, record=record, prefix=prefix, request=request, problem=problem, model=model, test=test
    )


@dsl.container_component
def lineage(
    run: str,
    record: str,
    dataset: dict[str, Any],
    model: dict[str, Any],
    job: str,
    train: str,
    artifact: str,
    dataset_arn: dsl.OutputPath(str),
    model_arn: dsl.OutputPath(str),
) -> dsl.ContainerSpec:
    return command(
        "lineage", run=run, record=record, dataset=dataset, model=model, job=job, train=train, artifact=artifact
    )


@dsl.container_component
def gate(
    run: str,
    record: str,
    gates: list[Any],
    evaluation: dict[str, Any],
    bias_pre: dict[str, Any],
    bias_post: dict[str, Any],
    training: dict[str, Any],
    verdict: dsl.OutputPath(str),
    verdict_view: dsl.Output[dsl.Markdown],
) -> dsl.ContainerSpec:
    return command(
        "gate",
        run=run,
        record=record,
        gates=gates,
        evaluation=evaluation,
        bias_pre=bias_pre,
        bias_post=bias_post,
        training=training,
    )


@dsl.container_component
def register(
    run: str,
    record: str,
    group: dict[str, Any],
    request: dict[str, Any],
    artifact: str,
    statistics: str,
    bias_pre: str,
    bias_post: str,
    arn: dsl.OutputPath(str),
    version: dsl.OutputPath(str),
) -> dsl.ContainerSpec:
    return command(
        "register",
        run=run,
        record=record,
        group=group,
        request=request,
        artifact=artifact,
        statistics=statistics,
        bias_pre=bias_pre,
        bias_post=bias_post,
    )


@dsl.container_component
def finish(run: str, record: str, experiment: dict[str, Any], report: dsl.Output[dsl.HTML]) -> dsl.ContainerSpec:
    return command("finish", run=run, record=record, experiment=experiment)


def ready(task: Any, *before: Any) -> Any:
    task.set_caching_options(False)
    task.set_env_variable("AWS_DEFAULT_REGION", REGION)
    return task.after(*before)


def common(step: str) -> dict[str, str]:
    return {"run": RUN, "record": f"{requests.BUCKET}/runs/{RUN}/{step}.json"}


@dsl.pipeline(name="credit-default", description=requests.DESCRIPTION)
def credit_default() -> None:
    last = ready(finish(**common("finish"), experiment=requests.EXPERIMENT))
    with dsl.ExitHandler(last, name="experiment"):
        named = ready(experiment(**common("experiment"), request=requests.NAMED, trials=requests.TRIALS))
        parts = ready(
            prepare(
                **common("prepare"),
                source=requests.SOURCE,
                dataset=requests.DATASET,
                destination=f"{requests.DATA}/data",
            )
        )
        before = ready(
            bias_pre(
                **common("bias-pre"),
                prefix="credit-default-bias-pre",
                request=requests.bias("bias-pre"),
                config=requests.BIAS_PRE,
                destination=f"{requests.DATA}/analysis",
                dataset=parts.outputs["train_with_header"],
            ),
            named,
        )
        trained = ready(
            train(
                **common("train"),
                prefix="credit-default-train",
                request=requests.TRAIN,
                train=parts.outputs["train"],
                validation=parts.outputs["validation"],
                columns=parts.outputs["columns"],
            ),
            named,
        )
        shown = dsl.importer(artifact_uri=trained.outputs["artifact"], artifact_class=dsl.Model, reimport=False)
        shown.set_caching_options(False)
        shown.set_display_name("train-artifact")
        judged = ready(
            debug(
                **common("debug"),
                job=trained.outputs["job"],
                asked=requests.RULES,
                prefix=requests.DEBUGGER,
                columns=parts.outputs["columns"],
            )
        )
        served = ready(
            model(
                **common("model"),
                prefix="credit-default-model",
                request=requests.MODEL,
                artifact=trained.outputs["artifact"],
            )
        )
        after = ready(
            bias_post(
                **common("bias-post"),
                prefix="credit-default-bias-post",
                request=requests.bias("bias-post"),
                config=requests.BIAS_POST,
                destination=f"{requests.DATA}/analysis",
                dataset=parts.outputs["test"],
                columns=parts.outputs["columns"],
                model=served.outputs["model"],
            ),
            named,
        )
        evaluated = ready(
            evaluate(
                **common("evaluate"),
                prefix="credit-default-evaluate",
                request=requests.EVALUATE,
                problem=requests.PROBLEM,
                model=served.outputs["model"],
                test=parts.outputs["test"],
            ),
            named,
        )
        ready(
            lineage(
                **common("lineage"),
                dataset=requests.artifact("Dataset", "train"),
                model=requests.artifact("Model", "artifact"),
                job=trained.outputs["job"],
                train=parts.outputs["train"],
                artifact=trained.outputs["artifact"],
            )
        )
        held = ready(
            gate(
                **common("gate"),
                gates=requests.GATES,
                evaluation=evaluated.outputs["metrics"],
                bias_pre=before.outputs["metrics"],
                bias_post=after.outputs["metrics"],
                training=trained.outputs["metrics"],
            ),
            judged,
        )
        with dsl.If(held.outputs["verdict"] == "pass", name="gate-passed"):
            ready(
                register(
                    **common("register"),
                    group=requests.GROUP,
                    request=requests.REGISTER,
                    artifact=trained.outputs["artifact"],
                    statistics=evaluated.outputs["statistics"],
                    bias_pre=before.outputs["analysis"],
                    bias_post=after.outputs["analysis"],
                )
            )
