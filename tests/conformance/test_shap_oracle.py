"""SHAP values against the shap library's own, where both are exact."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xgboost
from specimen_jobs.clarify.explanations.forest import read
from specimen_jobs.clarify.explanations.models import Trees
from specimen_jobs.clarify.explanations.shap import Method, explain

ASK = """
import json, sys
import numpy as np, shap, xgboost
folder = sys.argv[1]
booster = xgboost.Booster(model_file=folder + "/model.ubj")
rows, baseline = np.load(folder + "/rows.npy"), np.load(folder + "/baseline.npy")
ask = lambda asked: booster.inplace_predict(np.asarray(asked, np.float32)).astype(float)
found = {}
for link in ("identity", "logit"):
    kernel = shap.KernelExplainer(ask, baseline, link=link)
    found[link] = kernel.shap_values(rows, nsamples=62, l1_reg=0, silent=True).tolist()
tree = shap.TreeExplainer(booster, baseline, feature_perturbation="interventional", model_output="raw")
found["tree"] = tree.shap_values(rows, check_additivity=False).tolist()
print(json.dumps(found))
"""
FEATURES = 6


def test_values_are_those_of_the_library(oracle: Callable[[str], Path], tmp_path: Path) -> None:
    """Its KernelExplainer with every coalition, for probabilities and log-odds; its TreeExplainer for log-odds."""
    rng = np.random.default_rng(4)
    table = rng.normal(size=(500, FEATURES)).round(2)
    label = (table[:, 0] * table[:, 1] > table[:, 2]).astype(float)
    booster = xgboost.train({"objective": "binary:logistic", "max_depth": 4}, xgboost.DMatrix(table, label), 20)
    booster.save_model(tmp_path / "model.ubj")
    rows, baseline = table[:15].astype(np.float32), np.median(table, axis=0)[None].astype(np.float32)
    np.save(tmp_path / "rows.npy", rows)
    np.save(tmp_path / "baseline.npy", baseline)
    done = subprocess.run(
        [oracle("shap"), "-W", "ignore", "-c", ASK, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    theirs = {name: np.array(values) for name, values in json.loads(done.stdout.splitlines()[-1]).items()}
    model = Trees(read((tmp_path / "model.ubj").read_bytes()))
    for logit, names, method in ((False, ["identity"], Method.COMPLETE), (True, ["logit", "tree"], Method.ADDITIVE)):
        ours = explain(model, rows.astype(float), baseline.astype(float), 62, 0, logit)
        assert ours.method is method
        for name in names:
            assert ours.values[:, :, 0] == pytest.approx(theirs[name], abs=1e-4), name
