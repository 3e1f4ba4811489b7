"""An endpoint is updated without a pause: new containers first, and the old ones go on if those fail."""

import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from specimen.emulator.errors import AwsError
from specimen.emulator.sagemaker import runtime

if TYPE_CHECKING:
    from .conftest import Cloud

Eventually = Callable[[Callable[[], Any]], Any]
ANSWERS = """
    if body == b"wait":
        open("here", "w").close()
        while not os.path.exists("go"):
            __import__("time").sleep(0.01)
    self.answer(200, b"{model}")
"""


def create_config(cloud: "Cloud", name: str, image: str, **more: Any) -> None:
    """Create a model and a configuration of the same name."""
    cloud.model(name, image)
    variant = {"VariantName": "main", "ModelName": name, "InitialInstanceCount": 4, "InstanceType": "ml.m5.large"}
    cloud.call("CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=[{**variant, **more}])


@pytest.fixture
def served(cloud: "Cloud") -> "Cloud":
    """An endpoint in service of the configuration `old`; `new` and `broken` are there too."""
    for name in ("old", "new"):
        create_config(cloud, name, cloud.server_image(name, ANSWERS.format(model=name)))
    create_config(cloud, "broken", cloud.image("broken", "raise SystemExit(1)"))
    cloud.call("CreateEndpoint", EndpointName="endpoint", EndpointConfigName="old")
    assert cloud.ended("Endpoint", "endpoint")["EndpointStatus"] == "InService"
    return cloud


def update(cloud: "Cloud", config: str, **more: Any) -> dict[str, Any]:
    """Ask for an update."""
    return cloud.call("UpdateEndpoint", EndpointName="endpoint", EndpointConfigName=config, **more)


def ask(cloud: "Cloud", body: bytes = b"") -> bytes:
    """Return the endpoint's answer."""
    answer: bytes = cloud.call("InvokeEndpoint", EndpointName="endpoint", Body=body)["Body"]
    return answer


def test_the_new_configuration_serves_when_it_answers_and_the_old_one_ends(
    served: "Cloud", eventually: Eventually
) -> None:
    old = served.worker("Endpoint", served.serving("endpoint", "main"))
    update(served, "new")
    described = served.describe("Endpoint", "endpoint")
    if described["EndpointStatus"] == "Updating":
        assert described["EndpointConfigName"] == "old"
        assert described["PendingDeploymentSummary"]["EndpointConfigName"] == "new"
    answers = set()

    def answered() -> bool:
        answers.add(ask(served))
        return b"new" in answers

    eventually(answered)
    assert answers <= {b"old", b"new"}
    described = served.describe("Endpoint", "endpoint")
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "new")
    assert "PendingDeploymentSummary" not in described
    eventually(lambda: not old.alive())
    assert served.launcher.names("Endpoint") == (served.serving("endpoint", "main"),)


def test_a_failed_update_leaves_the_old_configuration_serving_and_says_why(served: "Cloud") -> None:
    old = served.serving("endpoint", "main")
    update(served, "broken")
    described = served.ended("Endpoint", "endpoint")
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "old")
    assert "did not pass the ping health check" in described["FailureReason"]
    assert ask(served) == b"old"
    assert served.launcher.names("Endpoint") == (old,)
    update(served, "new")
    described = served.ended("Endpoint", "endpoint")
    assert described["EndpointConfigName"] == "new"
    assert "FailureReason" not in described


def test_requests_under_way_are_answered_by_the_old_containers(served: "Cloud", eventually: Eventually) -> None:
    worker = served.serving("endpoint", "main")
    process, folder = served.worker("Endpoint", worker), served.launcher.folder("Endpoint", worker).path
    answers: list[bytes] = []
    asking = threading.Thread(target=lambda: answers.append(ask(served, b"wait")))
    asking.start()
    eventually(lambda: folder.joinpath("ml/here").exists())
    update(served, "new")
    assert served.ended("Endpoint", "endpoint")["EndpointConfigName"] == "new"
    assert ask(served) == b"new"
    assert process.alive()
    folder.joinpath("ml/go").touch()
    asking.join()
    assert answers == [b"old"]
    eventually(lambda: not process.alive() and not folder.exists())


def ask_while(cloud: "Cloud", happens: Callable[[], None]) -> bytes:
    """Return the endpoint's answer to a request that looks up who serves just before something happens."""
    with cloud.store.transaction() as tx:
        tx.on_commit(happens)
        answer: bytes = runtime.invoke_endpoint(cloud.context(tx), {"EndpointName": "endpoint", "Body": b""})["Body"]
        return answer


def test_a_request_that_comes_too_late_for_the_old_containers_is_answered_by_the_new(served: "Cloud") -> None:
    def switch() -> None:
        update(served, "new")
        served.ended("Endpoint", "endpoint")

    assert ask_while(served, switch) == b"new"


def test_a_request_that_comes_too_late_for_an_endpoint_is_told_so(served: "Cloud") -> None:
    def delete() -> None:
        served.call("DeleteEndpoint", EndpointName="endpoint")

    with pytest.raises(AwsError, match="Endpoint endpoint of account 111122223333 not found"):
        ask_while(served, delete)


def test_an_endpoint_that_changes_cannot_be_changed(served: "Cloud") -> None:
    create_config(served, "slow", served.image("slow", "import time\ntime.sleep(600)\n"))
    update(served, "slow")
    for operation, more in (
        ("UpdateEndpoint", {"EndpointConfigName": "new"}),
        ("DeleteEndpoint", {}),
        ("UpdateEndpointWeightsAndCapacities", {"DesiredWeightsAndCapacities": [{"VariantName": "main"}]}),
    ):
        with pytest.raises(AwsError, match=r'Cannot update in-progress endpoint "arn:aws:sagemaker:.*:endpoint/'):
            served.call(operation, EndpointName="endpoint", **more)
    assert ask(served) == b"old"


def test_an_update_under_way_goes_on_after_a_restart(served: "Cloud", eventually: Eventually) -> None:
    update(served, "new")
    workers = [served.worker("Endpoint", name) for name in served.launcher.names("Endpoint")]
    assert len(workers) == 2
    for worker in workers:  # as when the machine is switched off
        worker.signal(signal.SIGKILL)
    eventually(lambda: not any(worker.alive() for worker in workers))
    served.restart()
    assert ask(served) in (b"old", b"new")
    assert served.ended("Endpoint", "endpoint")["EndpointConfigName"] == "new"
    assert ask(served) == b"new"


def test_what_a_variant_has_now_can_be_kept(served: "Cloud") -> None:
    desired = [{"VariantName": "main", "DesiredWeight": 7.0, "DesiredInstanceCount": 3}]
    served.call("UpdateEndpointWeightsAndCapacities", EndpointName="endpoint", DesiredWeightsAndCapacities=desired)
    but = [{"VariantPropertyType": "DesiredWeight"}]
    update(served, "new", RetainAllVariantProperties=True, ExcludeRetainedVariantProperties=but)
    (summary,) = served.ended("Endpoint", "endpoint")["ProductionVariants"]
    assert (summary["CurrentWeight"], summary["CurrentInstanceCount"]) == (1.0, 3)


def policy(**routing: Any) -> dict[str, Any]:
    """Form a blue/green deployment."""
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"WaitIntervalInSeconds": 60, **routing}}}


def percent(value: int) -> dict[str, Any]:
    """Form a share of the fleet."""
    return {"Type": "CAPACITY_PERCENT", "Value": value}


@pytest.mark.parametrize(
    "given",
    [
        policy(Type="ALL_AT_ONCE"),
        policy(Type="CANARY", CanarySize=percent(10)),
        policy(Type="LINEAR", LinearStepSize={"Type": "INSTANCE_COUNT", "Value": 2}),
        {"RollingUpdatePolicy": {"MaximumBatchSize": percent(25), "WaitIntervalInSeconds": 60}},
        {**policy(Type="ALL_AT_ONCE"), "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]}},
    ],
)
def test_how_it_is_updated_is_described(served: "Cloud", given: dict[str, Any]) -> None:
    update(served, "new", DeploymentConfig=given)
    described = served.ended("Endpoint", "endpoint")
    assert (described["EndpointConfigName"], described["LastDeploymentConfig"]) == ("new", given)
    update(served, "old", RetainDeploymentConfig=True)
    assert served.ended("Endpoint", "endpoint")["LastDeploymentConfig"] == given


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (policy(Type="CANARY"), "CanarySize is required"),
        (policy(Type="ALL_AT_ONCE", CanarySize=percent(10)), "CanarySize cannot be given"),
        (policy(Type="CANARY", CanarySize=percent(60)), "CanarySize must be from 1 to 50 percent"),
        (
            policy(Type="LINEAR", LinearStepSize={"Type": "INSTANCE_COUNT", "Value": 3}),
            "LinearStepSize must be from 10",
        ),
        (
            {"RollingUpdatePolicy": {"MaximumBatchSize": percent(51), "WaitIntervalInSeconds": 0}},
            "MaximumBatchSize must be from 5 to 50",
        ),
        (
            {
                **policy(Type="ALL_AT_ONCE"),
                "RollingUpdatePolicy": {"MaximumBatchSize": percent(50), "WaitIntervalInSeconds": 0},
            },
            "Only one of",
        ),
        (
            {
                "RollingUpdatePolicy": {
                    "MaximumBatchSize": percent(50),
                    "WaitIntervalInSeconds": 700,
                    "MaximumExecutionTimeoutInSeconds": 600,
                }
            },
            "must be larger than WaitIntervalInSeconds, 700 seconds",
        ),
    ],
)
def test_a_deployment_that_cannot_be_followed_is_refused(served: "Cloud", given: dict[str, Any], said: str) -> None:
    with pytest.raises(AwsError, match=said):
        update(served, "new", DeploymentConfig=given)
    assert served.describe("Endpoint", "endpoint")["EndpointStatus"] == "InService"


def change_pending(cloud: "Cloud", **changed: Any) -> None:
    """Change what is written of the deployment under way."""
    with cloud.store.transaction() as tx:
        body = tx.get("Endpoint", "endpoint")
        assert body is not None
        tx.put("Endpoint", "endpoint", {**body, "Pending": {**body["Pending"], **changed}})


def test_an_update_that_takes_longer_than_it_may_is_given_up(served: "Cloud") -> None:
    create_config(served, "slow", served.image("slow", "import time\ntime.sleep(600)\n"))
    routing = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    limited = {"TrafficRoutingConfiguration": routing, "MaximumExecutionTimeoutInSeconds": 600}
    update(served, "slow", DeploymentConfig={"BlueGreenUpdatePolicy": limited})
    assert served.describe("Endpoint", "endpoint")["EndpointStatus"] == "Updating"
    change_pending(served, StartTime=0.0)
    described = served.describe("Endpoint", "endpoint")
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "old")
    assert "MaximumExecutionTimeoutInSeconds of 600 seconds" in described["FailureReason"]


def test_a_worker_that_is_lost_again_and_again_is_not_waited_for(served: "Cloud", eventually: Eventually) -> None:
    create_config(served, "slow", served.image("slow", "import time\ntime.sleep(600)\n"))
    old = served.serving("endpoint", "main")
    update(served, "slow")
    (new,) = (name for name in served.launcher.names("Endpoint") if name != old)
    worker = served.worker("Endpoint", new)
    worker.signal(signal.SIGKILL)
    eventually(lambda: not worker.alive())
    assert served.describe("Endpoint", "endpoint")["EndpointStatus"] == "Updating"
    again = served.worker("Endpoint", new)
    assert again != worker
    change_pending(served, Relaunches=5)
    again.signal(signal.SIGKILL)
    eventually(lambda: not again.alive())
    described = served.describe("Endpoint", "endpoint")
    assert described["EndpointStatus"] == "InService"
    assert described["FailureReason"].startswith("InternalServerError")
    assert served.launcher.names("Endpoint") == (old,)


def test_no_request_fails_while_configurations_change_places(served: "Cloud") -> None:
    answers: list[bytes] = []
    over = threading.Event()

    def keep_asking() -> None:
        while not over.is_set():
            answers.append(ask(served))

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(keep_asking) for _ in range(4)]
        try:
            for config in ("new", "old", "new"):
                update(served, config)
                served.ended("Endpoint", "endpoint")
        finally:
            over.set()
        for one in asking:
            one.result()
    assert set(answers) == {b"old", b"new"}
    assert ask(served) == b"new"


def test_a_guarded_update_to_variants_of_other_names_is_refused(served: "Cloud") -> None:
    """AWS's page of exclusions says so; without a DeploymentConfig variants may come and go."""
    model = served.describe("EndpointConfig", "new")["ProductionVariants"][0]["ModelName"]
    variant = {"VariantName": "other", "ModelName": model, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    served.call("CreateEndpointConfig", EndpointConfigName="renamed", ProductionVariants=[variant])
    with pytest.raises(AwsError, match=r"must have the same variant names .*: main, and not other"):
        update(served, "renamed", DeploymentConfig=policy(Type="ALL_AT_ONCE"))
    update(served, "renamed")
    assert served.ended("Endpoint", "endpoint")["EndpointConfigName"] == "renamed"
