"""What SAGEMAKER_INFERENCE_OUTPUT asks for is told of each row, as SageMaker's container tells it."""

from __future__ import annotations

import csv
import json
from typing import Any

import numpy as np
import pytest
import xgboost
from specimen_jobs.xgboost.answers import RefusedError
from specimen_jobs.xgboost.serving import ModelServer, Settings

BODY = b"0.5,1.0\n-0.5,2.0"
ROWS = np.array([[0.5, 1.0], [-0.5, 2.0]], dtype=np.float32)


def fitted(objective: str, **parameters: Any) -> xgboost.Booster:
    rng = np.random.default_rng(3)
    features = rng.normal(size=(60, 2)).astype(np.float32)
    labels = np.digitize(features[:, 0], [-0.5, 0.5]) if "num_class" in parameters else features[:, 0] > 0
    return xgboost.train({"objective": objective, **parameters}, xgboost.DMatrix(features, label=labels), 4)


def told(booster: xgboost.Booster, keys: str, accept: str = "application/jsonlines", **environment: str) -> str:
    """Return what a server answers that is asked for keys."""
    settings = Settings.from_environment({"SAGEMAKER_INFERENCE_OUTPUT": keys, **environment})
    with ModelServer(0, booster, settings) as server:
        return server.predict(BODY, "text/csv", accept)[1]


def lines(booster: xgboost.Booster, keys: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in told(booster, keys).splitlines()]


def test_a_binary_model_tells_labels_and_probabilities() -> None:
    booster = fitted("binary:logistic")
    rows = lines(booster, "predicted_label, Labels,probability,probabilities,raw_score,raw_scores")
    for row, chance in zip(rows, booster.predict(xgboost.DMatrix(ROWS)).tolist(), strict=True):
        both = [1 - chance, chance]
        assert row == {
            "predicted_label": int(chance > 0.5),
            "labels": [0, 1],
            "probability": chance,
            "probabilities": both,
            "raw_score": chance,
            "raw_scores": both,
        }


def test_a_model_of_several_classes_tells_each_of_them() -> None:
    booster = fitted("multi:softprob", num_class=3)
    chances = booster.predict(xgboost.DMatrix(ROWS)).tolist()
    for row, chance in zip(lines(booster, "predicted_label,labels,probability,probabilities"), chances, strict=True):
        label = chance.index(max(chance))
        assert row == {
            "predicted_label": label,
            "labels": [0, 1, 2],
            "probability": max(chance),
            "probabilities": chance,
        }
    classes = fitted("multi:softmax", num_class=3).predict(xgboost.DMatrix(ROWS)).tolist()
    softmax = fitted("multi:softmax", num_class=3)
    assert [row["predicted_label"] for row in lines(softmax, "predicted_label")] == classes
    assert "NaN" in told(softmax, "probability")


def test_raw_scores_and_numbers_have_keys_of_their_own() -> None:
    raw = fitted("binary:logitraw")
    scores = raw.predict(xgboost.DMatrix(ROWS)).tolist()
    assert [row["raw_score"] for row in lines(raw, "predicted_label,raw_score")] == scores
    assert [row["predicted_label"] for row in lines(raw, "predicted_label")] == [int(score > 0) for score in scores]
    number = fitted("reg:squarederror")
    answers = number.predict(xgboost.DMatrix(ROWS)).tolist()
    assert [row["predicted_score"] for row in lines(number, "predicted_score")] == answers


def test_they_are_written_as_what_is_accepted() -> None:
    booster = fitted("binary:logistic")
    rows = lines(booster, "predicted_label,probabilities")
    assert json.loads(told(booster, "predicted_label,probabilities", "application/json")) == {"predictions": rows}
    text = told(booster, "predicted_label,probabilities", "text/csv")
    assert not text.endswith("\n")
    assert told(booster, "predicted_label,probabilities", "text/csv", SAGEMAKER_BATCH="true") == text + "\n"
    read = [(int(label), json.loads(both)) for label, both in csv.reader(text.splitlines())]
    assert read == [(row["predicted_label"], row["probabilities"]) for row in rows]


def test_an_objective_that_has_no_such_answers_is_said() -> None:
    with pytest.raises(RefusedError, match="Objective `count:poisson` unsupported") as refused:
        told(fitted("count:poisson"), "predicted_score")
    assert refused.value.status == 500
