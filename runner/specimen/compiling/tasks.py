"""A step as a KFP container component, and the arguments of its task."""

import inspect
from collections.abc import Mapping
from typing import Any

from kfp import dsl
from specimen_components.interface import COMPONENTS, Artifact, Component, Kind, option

from specimen.planning.steps import Argument, Ref, Step

TYPES: Mapping[Kind, Any] = {Kind.STRING: str, Kind.NUMBER: float, Kind.JSON: dict, Kind.LIST: list}
CLASSES: Mapping[Artifact, Any] = {
    Artifact.METRICS: dsl.Metrics,
    Artifact.CLASSIFICATION: dsl.ClassificationMetrics,
    Artifact.HTML: dsl.HTML,
    Artifact.MARKDOWN: dsl.Markdown,
}
EXECUTOR_INPUT = "{{$}}"
COMMON = ("run", "record")


def container(step: Step, image: str) -> Any:
    """The step's container component: one command-line option for each argument that the step gives."""
    component = COMPONENTS[step.component]
    inputs = dict.fromkeys(COMMON, Kind.STRING) | {
        name: kind for name, kind in component.inputs.items() if name in step.arguments
    }

    def specification(*placeholders: Any) -> dsl.ContainerSpec:
        arguments: list[Any] = ["--executor-input", EXECUTOR_INPUT]
        for name, placeholder in zip(inputs, placeholders, strict=False):  # outputs follow the inputs
            arguments += [option(name), placeholder]
        command = ["python", "-m", f"specimen_components.{component.name}"]
        return dsl.ContainerSpec(image=image, command=command, args=arguments)

    # KFP derives a component's interface from a function's name and signature.
    specification.__name__ = step.id.replace("-", "_")
    specification.__signature__ = _signature(inputs, component)  # type: ignore[attr-defined]
    return dsl.container_component(specification)


def arguments(step: Step, tasks: Mapping[str, Any]) -> dict[str, Any]:
    """The task's arguments: plain data as constants, Refs as outputs of the tasks they name."""
    kinds = COMPONENTS[step.component].inputs

    def value(name: str, argument: Argument) -> Any:
        if isinstance(argument, Ref):
            return tasks[argument.step].outputs[argument.output]
        # KFP has one kind of number here, and takes no integer for it.
        return float(str(argument)) if kinds[name] is Kind.NUMBER else argument

    return {name: value(name, argument) for name, argument in step.arguments.items()}


def _signature(inputs: Mapping[str, Kind], component: Component) -> inspect.Signature:
    annotations: dict[str, Any] = {name: TYPES[kind] for name, kind in inputs.items()}
    annotations |= {name: dsl.OutputPath(TYPES[kind]) for name, kind in component.outputs.items()}
    annotations |= {name: dsl.Output[CLASSES[kind]] for name, kind in component.artifacts.items()}
    form = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Signature(
        [inspect.Parameter(name, form, annotation=annotation) for name, annotation in annotations.items()]
    )
