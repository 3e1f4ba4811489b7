"""Documents to the model that the planner reads."""

from pathlib import Path

import pytest
from specimen.spec.build import builtin_target, sent
from specimen.spec.check import check, check_file
from specimen.spec.load import document
from specimen.spec.model import Balance, Evaluate, Experiment, Facet, Gate, Resources, Scalar, Split, Target

ROOT = Path(__file__).resolve().parents[3]
POSITIVE = ROOT / "tests" / "examples" / "positive"


def experiment(path: Path) -> Experiment:
    model, findings = check_file(path)
    assert isinstance(model, Experiment), findings
    return model


def test_the_least_experiment_has_one_trial_with_the_schema_s_defaults() -> None:
    model = experiment(POSITIVE / "minimal.yaml")
    (trial,) = model.trials
    assert (model.name, model.description, model.labels, trial.name) == ("example", None, {}, "default")
    assert trial.dataset.split == Split(0.7, 0.15, 0.15, 42, True)
    assert trial.training.resources == Resources("ml.m5.xlarge", 1, 30, 3600, None)
    assert trial.training.hyperparameters == {"objective": "binary:logistic", "num_round": 10}
    assert (trial.bias, trial.evaluate, trial.gates, trial.registry) == (None, None, (), None)


def test_the_demo_is_what_its_file_says() -> None:
    (trial,) = experiment(ROOT / "specs" / "credit-default.yaml").trials
    assert trial.training.hyperparameters == {
        "objective": "binary:logistic",
        "num_round": 50,
        "max_depth": 5,
        "eta": 0.2,
        "gamma": 4,
        "min_child_weight": 6,
        "subsample": 0.7,
    }
    assert trial.training.resources.volume == 5
    assert trial.bias is not None
    assert (trial.bias.favorable, trial.bias.facets, trial.bias.group) == ((0,), (Facet("SEX", (1,), None),), "AGE")
    assert trial.bias.resources.max_runtime == 1800
    assert trial.evaluate == Evaluate(Resources("ml.m5.xlarge", 1, None, None, None), "MultiRecord", 6, None)


def test_the_document_holds_the_defaults() -> None:
    model = experiment(POSITIVE / "minimal.yaml")
    assert model.document["dataset"] == {
        "source": "table.csv",
        "label": "answer",
        "format": "csv",
        "drop": [],
        "shards": 1,
        "split": {"train": 0.7, "validation": 0.15, "test": 0.15, "seed": 42, "stratify": True},
    }


def test_bounds_are_told_from_values_and_between_becomes_two_bounds() -> None:
    (trial,) = experiment(POSITIVE / "regression.yaml").trials
    assert trial.bias is not None
    assert (trial.bias.favorable, trial.bias.favorable_above) == (None, 15)
    assert trial.bias.facets == (Facet("age", None, 35), Facet("sex", (1,), None))
    assert trial.gates == (
        Gate("test:rmse", None, None, None, 100, None),
        Gate("validation:mae", None, None, None, 100, None),
        Gate(None, "CDDPL", "sex", -1, 1, None),
    )
    assert trial.registry is not None
    assert (trial.registry.approval, trial.registry.description) == ("Approved", "Two lines of text")


@pytest.mark.parametrize(
    ("name", "impute", "balance"),
    [
        ("minimal", None, None),
        ("balance", "median", Balance("smote", "sex", label=False, cells=False, neighbors=3)),
        ("balance-label", "most_frequent", Balance("smote", None, label=True, cells=False, neighbors=5)),
        ("balance-cells", None, Balance("smote", "sex", label=False, cells=True, neighbors=5)),
    ],
)
def test_what_is_balanced_is_told_by_its_keys(name: str, impute: str | None, balance: Balance | None) -> None:
    (trial,) = experiment(POSITIVE / f"{name}.yaml").trials
    assert (trial.dataset.impute, trial.dataset.balance) == (impute, balance)


def test_spot_and_units_are_resolved() -> None:
    (trial,) = experiment(POSITIVE / "spot.yaml").trials
    assert trial.training.resources == Resources("ml.c5.2xlarge", 1, 1024, 5400, 86_400)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("eta", 0.2, 0.2),
        ("eta", 1.0, 1),
        ("max_depth", 5, 5),
        ("objective", "binary:logistic", "binary:logistic"),
        ("save_model_on_termination", True, "true"),
        ("deterministic_histogram", False, "false"),
        ("eval_metric", ["auc", "logloss"], "auc,logloss"),
        ("updater", ["grow_colmaker", "prune"], "grow_colmaker,prune"),
        ("monotone_constraints", [0, 1, -1], "(0,1,-1)"),
        ("interaction_constraints", [[0, 1], [2]], "[[0,1],[2]]"),
    ],
)
def test_a_hyperparameter_is_sent_as_sagemaker_s_container_reads_it(name: str, value: object, text: Scalar) -> None:
    found = sent(name, value)
    assert found == text
    assert type(found) is type(text)


@pytest.mark.parametrize("content_type", ["csv", "libsvm", "parquet"])
def test_constraints_are_those_of_the_columns_that_they_are_written_for(content_type: str) -> None:
    """XGBoost counts features from 0, and takes the first of libsvm, whose index is 1, for the second."""
    text = (POSITIVE / "multiclass.yaml").read_text(encoding="utf-8")
    text = text.replace("training:", f"training:\n  contentType: {content_type}")
    model, findings = check(document(text.encode(), "example.yaml"))
    assert isinstance(model, Experiment), findings
    found = model.trials[0].training.hyperparameters
    placed = ("(0,0,1,-1,0)", "[[1,2],[3,4]]") if content_type == "libsvm" else ("(0,1,-1,0)", "[[0,1],[2,3]]")
    assert (found["monotone_constraints"], found["interaction_constraints"]) == placed


def test_a_mapping_is_no_hyperparameter() -> None:
    with pytest.raises(TypeError):
        sent("eta", {"min": 0})


def test_a_target_has_its_defaults() -> None:
    model, _ = check_file(POSITIVE / "target.yaml")
    assert isinstance(model, Target)
    assert (model.name, model.prefix, model.tags) == ("staging", "", {})
    assert model.role.startswith("arn:aws-us-gov:iam::111122223333:role/")


def test_the_built_in_target_is_the_embedded_account() -> None:
    target = builtin_target()
    assert (target.name, target.region, target.bucket) == ("local", "us-east-1", "specimen-local")
    assert target.role == "arn:aws:iam::111122223333:role/specimen"
    assert target.images.components.startswith("specimen-components:")
