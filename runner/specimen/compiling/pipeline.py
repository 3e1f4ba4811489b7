"""A plan as a KFP v2 pipeline.

Every step but `finish` stands inside an exit handler whose exit task is `finish`; the steps under gates stand in a
``dsl.If`` on the verdict of each. Caching is off everywhere: the components' own digests decide what is reused.
"""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, TypeGuard

from kfp import compiler, dsl

from specimen.compiling.tasks import arguments, container
from specimen.planning.locations import Locations
from specimen.planning.steps import Argument, Plan, Ref, Step
from specimen.spec.model import Experiment, Target

PASS = "pass"  # noqa: S105 - the verdict of a gate
RUN = dsl.PIPELINE_JOB_NAME_PLACEHOLDER


def compile_plan(plan: Plan, experiment: Experiment, target: Target) -> str:
    """The pipeline as KFP's YAML; the same plan and target give the same text."""
    pipeline = dsl.pipeline(name=experiment.name, description=experiment.description)(_body(plan, experiment, target))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pipeline.yaml"
        compiler.Compiler().compile(pipeline, str(path))
        return path.read_text(encoding="utf-8")


def _body(plan: Plan, experiment: Experiment, target: Target) -> Any:
    *steps, finish = plan  # the last step is the exit step
    models = {one.step for step in steps for one in step.arguments.values() if _is_model(one)}

    def body() -> None:
        tasks: dict[str, Any] = {}
        with dsl.ExitHandler(_task(finish, tasks, experiment, target), name="experiment"):
            for gates, gated in groupby(steps, key=lambda step: step.gates):
                with _under(gates, tasks):
                    for step in gated:
                        tasks[step.id] = _task(step, tasks, experiment, target)
                        if step.id in models:
                            _import_model(step, tasks[step.id])

    return body


@contextmanager
def _under(gates: tuple[str, ...], tasks: dict[str, Any]) -> Iterator[None]:
    """The conditions that each gate's verdict is "pass", one within the other; none without a gate."""
    with ExitStack() as conditions:
        for gate in gates:
            conditions.enter_context(dsl.If(tasks[gate].outputs["verdict"] == PASS, name=f"{gate}-passed"))
        yield


def _task(step: Step, tasks: dict[str, Any], experiment: Experiment, target: Target) -> Any:
    task = container(step, target.images.components)(
        run=RUN,
        record=Locations.of(target, experiment.name).record(RUN, step.id),
        **arguments(step, tasks),
    )
    task.set_caching_options(False)
    task.set_env_variable("AWS_DEFAULT_REGION", target.region)
    # What stands under the same gate is ordered by data; a gate itself is no task to come after.
    task.after(*(tasks[name] for name in sorted(step.after)))
    return task.ignore_upstream_failure() if step.despite else task


def _import_model(step: Step, task: Any) -> None:
    """Show the trained model as KFP's own Model artifact, at the URI where SageMaker put it."""
    imported = dsl.importer(artifact_uri=task.outputs["artifact"], artifact_class=dsl.Model, reimport=False)
    imported.set_caching_options(False)
    imported.set_display_name(f"{step.id}-artifact")


def _is_model(argument: Argument) -> TypeGuard[Ref]:
    return isinstance(argument, Ref) and argument.output == "artifact"
