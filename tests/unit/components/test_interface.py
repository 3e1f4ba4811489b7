"""What a component says that it may call is what it calls."""

import ast
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from specimen_components.interface import COMPONENTS, Component

FOLDER = Path(__file__).resolve().parents[3] / "components/specimen_components"
MODELS: dict[str, Any] = {
    service: botocore.session.get_session().get_service_model(service)
    for service in ("sagemaker", "s3", "logs", "iam", "application-autoscaling")
}
RUNTIME = botocore.session.get_session().get_service_model("sagemaker-runtime")  # its actions are SageMaker's to IAM
NO_OPERATIONS = {"s3:ListBucket", "iam:PassRole"}  # permissions, not operations


@pytest.fixture(params=list(COMPONENTS.values()), ids=list(COMPONENTS))
def component(request: pytest.FixtureRequest) -> Component:
    found: Component = request.param
    return found


def test_every_action_is_an_operation(component: Component) -> None:
    for action in component.actions - NO_OPERATIONS:
        service, _, operation = action.partition(":")
        assert operation in [*MODELS[service].operation_names, *RUNTIME.operation_names]


def test_an_operation_that_a_component_names_is_among_its_actions(component: Component) -> None:
    tree = ast.parse((FOLDER / f"{component.name}.py").read_text())
    named = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    for operation in named.intersection(MODELS["sagemaker"].operation_names):
        assert f"sagemaker:{operation}" in component.actions


def test_tags_and_roles_are_sent_only_by_those_that_may(component: Component) -> None:
    """Who creates with tags needs AddTags; who hands a role over needs PassRole."""
    for action in component.actions:
        service, _, operation = action.partition(":")
        if not operation.startswith("Create") or service != "sagemaker":
            continue
        members = MODELS[service].operation_model(operation).input_shape.members
        if "Tags" in members:
            assert "sagemaker:AddTags" in component.actions
        if {"RoleArn", "ExecutionRoleArn"}.intersection(members):
            assert "iam:PassRole" in component.actions
