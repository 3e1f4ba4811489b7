"""Learning curves are read from the log as SageMaker's XGBoost writes it."""

from specimen_components.curves import curves


def test_each_part_has_its_metrics_round_by_round() -> None:
    found = curves(
        [
            "INFO:sagemaker-containers:Imported framework",
            "[0]#011train-logloss:0.60#011validation-logloss:0.61",
            "[2024-01-19 22:00:01.123 algo-1] [1]#011train-logloss:0.5#011validation-logloss:5e-01",
            "[2]\ttrain-logloss:0.4\tvalidation-logloss:0.45",
        ]
    )
    assert found == {"train": {"logloss": [0.6, 0.5, 0.4]}, "validation": {"logloss": [0.61, 0.5, 0.45]}}


def test_a_round_that_was_run_again_counts_as_it_ended() -> None:
    lines = [f"[{step}]#011train-auc:0.{value}" for step, value in ((0, 1), (1, 2), (1, 3), (2, 4))]
    assert curves(lines) == {"train": {"auc": [0.1, 0.3, 0.4]}}


def test_a_value_that_is_no_number_and_a_missing_round_are_none() -> None:
    assert curves(["[1]#011train-map@3-:nan", "[2]#011train-map@3-:0.5"]) == {"train": {"map@3-": [None, None, 0.5]}}


def test_lines_that_only_look_alike_are_left() -> None:
    assert curves(["[3] 2 threads", "[99999999999]#011train-auc:1", "train-auc:0.5", ""]) == {}
