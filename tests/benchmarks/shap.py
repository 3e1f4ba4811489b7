"""Global SHAP values of a tree model over 30,000 rows beside shap's KernelExplainer, by time a row.

Both explain the same model's probabilities against the same baseline row with 100 coalitions. KernelExplainer needs
minutes for some thousand rows, so that it explains a few in each round, and what is compared is the time a row. It asks
the booster itself, in its own environment (`tests/oracles/build shap`), after a row that warms it up. The exact values
in log-odds stand beside shap's TreeExplainer, whose values they are compared with.
"""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xgboost
from specimen_jobs.clarify.explanations.forest import read
from specimen_jobs.clarify.explanations.models import Trees
from specimen_jobs.clarify.explanations.shap import explain

from tests.benchmarks.measuring import ROOT, SHARED, Cost, compare, timed

ORACLE = ROOT / ".oracles/shap"
DATA = SHARED / "data/default_of_credit_card_clients.csv.gz"
SAMPLES = 100
THEIR_ROWS = 60  # of each round
ROUNDS = 3
ASK = """
import json, sys, time
import numpy as np, shap, xgboost
folder, rows, samples, first = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
booster = xgboost.Booster(model_file=folder + "/model.ubj")
table, baseline = np.load(folder + "/rows.npy"), np.load(folder + "/baseline.npy")
kernel = shap.KernelExplainer(lambda asked: booster.inplace_predict(np.asarray(asked, np.float32)), baseline)
tree = shap.TreeExplainer(booster, baseline, feature_perturbation="interventional", model_output="raw")

def spent(work):
    started, processor = time.perf_counter(), time.process_time()
    found = work()
    return [time.perf_counter() - started, time.process_time() - processor], found

kernel.shap_values(table[:1], nsamples=samples, silent=True)
chosen = table[first * rows : (first + 1) * rows]
by_kernel, _ = spent(lambda: kernel.shap_values(chosen, nsamples=samples, silent=True))
by_tree, values = spent(lambda: tree.shap_values(table, check_additivity=False))
np.save(folder + "/tree.npy", values)
print(json.dumps({"kernel": by_kernel, "tree": by_tree}))
"""


def main() -> None:
    """Train the model, measure in turns, and compare the exact values."""
    if not DATA.exists() or not (ORACLE / "requirements").exists():
        print("not measured: it needs the real table in ../shared and tests/oracles/build shap")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows, baseline, model = _prepared(folder)
        trees = Trees(read(model))

        def sampled() -> object:
            return explain(trees, rows, baseline, SAMPLES, 0, False)

        def exact() -> object:
            return explain(trees, rows, baseline, SAMPLES, 0, True)

        sampled(), exact()
        rounds = [(timed(sampled), timed(exact), _theirs(folder, number)) for number in range(ROUNDS)]
        kernel = [_scaled(theirs["kernel"], len(rows) / THEIR_ROWS) for _, _, theirs in rounds]
        trees_of_shap = [_scaled(theirs["tree"], 1) for _, _, theirs in rounds]
        many, few = f"{len(rows):,} rows", f"KernelExplainer, by its time for {THEIR_ROWS} rows a round"
        by_kernel, by_trees = [ours for ours, _, _ in rounds], [ours for _, ours, _ in rounds]
        compare(f"kernel SHAP, {SAMPLES} coalitions, {many}", few, by_kernel, kernel, "300 times")
        compare(f"exact log-odds, {many}", few, by_trees, kernel, "300 times")
        compare(f"exact log-odds, {many}", "TreeExplainer", by_trees, trees_of_shap, "nothing")
        apart = np.abs(explain(trees, rows, baseline, SAMPLES, 0, True).values[:, :, 0] - np.load(folder / "tree.npy"))
        print(f"  largest difference from TreeExplainer's values: {apart.max():.1e}", flush=True)


def _prepared(folder: Path) -> tuple[Any, Any, bytes]:
    """Write the table, its median and a model of 50 trees of depth 5 for the other side, and give them."""
    table = pd.read_csv(DATA)
    features = table.iloc[:, 1:-1].to_numpy(dtype=np.float64)
    parameters = {"objective": "binary:logistic", "max_depth": 5, "eta": 0.2}
    booster = xgboost.train(parameters, xgboost.DMatrix(features, table.iloc[:, -1]), 50)
    baseline = np.median(features, axis=0)[None]
    booster.save_model(folder / "model.ubj")
    np.save(folder / "rows.npy", features.astype(np.float32))
    np.save(folder / "baseline.npy", baseline.astype(np.float32))
    return features, baseline, (folder / "model.ubj").read_bytes()


def _theirs(folder: Path, number: int) -> dict[str, list[float]]:
    command = [str(ORACLE / "bin/python"), "-W", "ignore", "-c", ASK, str(folder)]
    asked = [str(THEIR_ROWS), str(SAMPLES), str(number)]
    done = subprocess.run([*command, *asked], capture_output=True, text=True, check=True)
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def _scaled(spent: list[float], factor: float) -> Cost:
    return Cost(spent[0] * factor, spent[1] * factor, 0)
