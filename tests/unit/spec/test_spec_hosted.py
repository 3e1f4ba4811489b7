"""What a document says of instances and endpoints, as the planner reads it."""

from pathlib import Path

from specimen.spec.check import check_file
from specimen.spec.model import (
    Autoscaling,
    Capture,
    Deployment,
    Evaluate,
    Experiment,
    Hosting,
    Input,
    Resources,
    Serverless,
    Target,
    Trial,
    Variant,
    Verify,
    Vpc,
)

POSITIVE = Path(__file__).resolve().parents[2] / "examples" / "positive"


def experiment(name: str) -> Experiment:
    model, findings = check_file(POSITIVE / f"{name}.yaml")
    assert isinstance(model, Experiment), findings
    return model


def hosted(name: str) -> Hosting:
    hosting = experiment(name).hosting
    assert hosting
    return hosting


def only(name: str) -> Trial:
    (trial,) = experiment(name).trials
    return trial


def machine(instance: str, count: int) -> Resources:
    return Resources(instance, count, None, None, None)


def test_a_whole_endpoint_is_read() -> None:
    assert hosted("npz-parts") == Hosting(
        name="digits",
        variants=(
            Variant("single", "single", 0, machine("ml.m5.large", 2)),
            Variant("challenger", "distributed", 2.5, machine("ml.c5.large", 3)),
        ),
        serverless=None,
        capture=Capture(20, requests=True, answers=False),
        autoscaling=Autoscaling(2, 4, 1000.5, 300, 60),
        deployment=Deployment("linear", 25, 300, 600, 3600, ("digits-errors",)),
        verify=Verify(100, 2),
        keep=True,
    )


def test_without_variants_the_selected_trial_is_hosted() -> None:
    """Which one that is, is known at run time."""
    hosting = hosted("hosting")
    assert hosting.variants == (Variant("selected", None, 1, machine("ml.m5.xlarge", 1)),)
    assert hosting.deployment == Deployment("rolling", 50, 60, None, None, ())
    assert (hosting.verify, hosting.capture, hosting.autoscaling, hosting.keep) == (None, None, None, True)


def test_the_only_trial_is_hosted_and_a_serverless_endpoint_has_no_instances() -> None:
    hosting = hosted("npz")
    assert hosting.variants == (Variant("default", "default", 1, None),)
    assert hosting.serverless == Serverless(2048, 10, 2)
    assert (hosting.verify, hosting.keep) == (Verify(100, 4), False)


def test_a_training_is_told_everything() -> None:
    trial = only("npz")
    training = trial.training
    assert (training.content_type, training.distribution, training.input) == (
        "csv",
        "replicated",
        Input("Pipe", "Gzip"),
    )
    assert (training.environment, training.tags) == ({"OMP_NUM_THREADS": "4"}, {"schedule": "nightly"})
    assert (training.retries, training.encrypt_traffic, training.checkpoints) == (3, True, False)
    assert trial.evaluate == Evaluate(machine("ml.m5.xlarge", 1), "SingleRecord", 10, 4)


def test_spot_writes_checkpoints_unless_it_is_told_not_to() -> None:
    assert only("spot").training.checkpoints
    assert not only("npz").training.checkpoints
    assert not only("minimal").training.checkpoints
    assert [trial.training.checkpoints for trial in experiment("npz-parts").trials] == [False, True]


def test_given_parts_have_no_split() -> None:
    dataset = only("parts").dataset
    assert (dataset.source, dataset.split, dataset.shards) == (None, None, 4)
    assert dataset.parts == {
        "train": "table.csv",
        "validation": "s3://risk-ml/tables/validation.csv",
        "test": "table.csv",
    }
    assert dataset.sources == ("table.csv", "s3://risk-ml/tables/validation.csv", "table.csv")
    assert dataset.encode == {"sex": "onehot", "age": "ordinal", "answer": "ordinal"}
    resources = only("parts").training.resources
    assert (resources.count, resources.keep_alive, resources.max_pending) == (4, 600, 7200)


def test_an_npz_is_split_where_the_spec_says_so() -> None:
    split = only("npz").dataset.split
    assert split is not None
    assert (split.seed, split.train) == (7, 0.7)
    assert [trial.dataset.split for trial in experiment("npz-parts").trials] == [None, None]
    assert {trial.dataset.format for trial in experiment("npz-parts").trials} == {"npz"}
    assert {trial.dataset.format for trial in experiment("hosting").trials} == {"parquet"}


def test_a_target_has_a_network_and_a_key() -> None:
    model, _ = check_file(POSITIVE / "target-network.yaml")
    assert isinstance(model, Target)
    assert (model.kms_key, model.network_isolation) == ("alias/risk", True)
    assert model.vpc == Vpc(("subnet-0123456789abcdef0", "subnet-0123456789abcdef1"), ("sg-0123456789abcdef0",))
    bare, _ = check_file(POSITIVE / "target.yaml")
    assert isinstance(bare, Target)
    assert (bare.kms_key, bare.vpc, bare.network_isolation) == (None, None, False)
