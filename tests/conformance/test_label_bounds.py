"""The labels that a plan allows an objective are those that XGBoost learns."""

import numpy as np
import pytest
import xgboost
from specimen.spec.objectives import LABELS, OBJECTIVES

NUMBERS = sorted(name for name, objective in OBJECTIVES.items() if objective.answer == "number")


def learns(objective: str, label: float) -> bool:
    labels = np.array([0.25, 0.5, 0.75, label])
    data = xgboost.DMatrix(np.arange(4.0).reshape(-1, 1), labels)
    try:
        xgboost.train({"objective": objective, "base_score": 0.5, "verbosity": 0}, data, 1)
    except xgboost.core.XGBoostError as error:
        assert "label must be" in str(error)
        return False
    return True


def allowed(objective: str, label: float) -> bool:
    bounds = LABELS.get(objective, {})
    above, least, most = (bounds.get(name) for name in ("above", "min", "max"))
    return (above is None or label > above) and (least is None or label >= least) and (most is None or label <= most)


@pytest.mark.filterwarnings("ignore::UserWarning")  # reg:linear is an old name
@pytest.mark.parametrize("objective", NUMBERS)
def test_a_label_is_refused_just_where_xgboost_refuses_it(objective: str) -> None:
    labels = (-1000.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 1000.0)
    assert {label: allowed(objective, label) for label in labels} == {
        label: learns(objective, label) for label in labels
    }
