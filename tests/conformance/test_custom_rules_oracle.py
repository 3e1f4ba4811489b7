"""A user's own rule comes to the same verdict under smdebug and under our container, over the same tensors."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from specimen_jobs.debugger.custom.loading import MODULE, load
from specimen_jobs.debugger.custom.trial import Trial as Shown
from specimen_jobs.debugger.reading import NotSaved
from specimen_jobs.debugger.rule import LOGGER
from specimen_tensors.collections import Collection
from specimen_tensors.files import Folder
from specimen_tensors.trial import Trial
from specimen_tensors.writer import Writer

RULES = """
from smdebug.rules.rule import Rule
from smdebug.core.modes import ModeKeys

FOUND = []

class Reduced(Rule):
    def __init__(self, base_trial, threshold="2.0"):
        super().__init__(base_trial, action_str="")
        self.threshold = float(threshold)

    def invoke_at_step(self, step):
        tensor = self.base_trial.tensor("predictions")
        kinds = ("min", "max", "mean", "std", "variance", "sum", "prod", "l1", "l2")
        FOUND.append([float(tensor.reduction_value(step, kind, abs=step == 5)) for kind in kinds])
        return tensor.reduction_value(step, "mean", abs=True) > self.threshold

class Falling(Rule):
    def __init__(self, base_trial):
        super().__init__(base_trial, action_str="")

    def set_required_tensors(self, step):
        self.req_tensors.add("validation-rmse", steps=[step])

    def invoke_at_step(self, step):
        (tensor,) = self.req_tensors.get()
        before = tensor.prev_steps(step, 2)
        return len(before) == 2 and tensor.value(before[0]) <= tensor.value(before[1])

class Named(Rule):
    def __init__(self, base_trial):
        super().__init__(base_trial, action_str="")

    def invoke_at_step(self, step):
        names = self.base_trial.tensor_names(collection="metrics", step=step)
        shown = self.base_trial.tensor_names(regex=["^train", "labels"])
        return "train-rmse" in names and shown == ["train-rmse"] and self.base_trial.mode(step) == ModeKeys.GLOBAL
"""
ORACLE = """
import json, logging, sys
logging.disable(logging.CRITICAL)
import importlib.util
from smdebug.exceptions import RuleEvaluationConditionMet, SMDebugError
from smdebug.trials import create_trial
spec = importlib.util.spec_from_file_location("rule", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
found = {}
for name in ("Reduced", "Falling", "Named"):
    trial = create_trial(sys.argv[2])
    rule, found[name] = getattr(module, name)(trial), []
    for step in trial.steps():
        try:
            rule.invoke(step)
            found[name].append([step, False])
        except RuleEvaluationConditionMet as met:
            found[name].append([met.step, True])
        except SMDebugError as error:
            found[name].append([step, type(error).__name__])
found["reductions"] = module.FOUND
json.dump(found, open(sys.argv[3], "w"))
"""


@pytest.fixture(autouse=True)
def without_smdebug() -> Iterator[None]:
    """The modules that a rule's file found are gone afterwards."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("smdebug", "specimen_custom_rule"):
            del sys.modules[name]


def saved(folder: Path) -> None:
    writer = Writer(folder)
    writer.open()
    for step, loss in ((0, 3.0), (5, 2.0), (10, 2.0), (15, 1.0)):
        values: dict[str, object] = {"train-rmse": loss / 2, "predictions": np.linspace(-step, 1, 9)}
        writer.write_step(step, values if step == 5 else {**values, "validation-rmse": loss})
    names = ("train-rmse", "validation-rmse")
    writer.write_collections({"metrics": Collection("metrics", tensor_names=names)})
    writer.close()


def ours(source: Path, folder: Path, name: str) -> list[list[object]]:
    """Each step with our verdict, or the name of what was missing."""
    trial = Trial(Folder(folder))
    rule = load(source, name, Shown(trial, str(folder), LOGGER), [], {})
    found: list[list[object]] = []
    for step in trial.steps():
        try:
            found.append([step, rule.invoke_at_step(step)])
        except NotSaved as error:
            found.append([step, type(error).__name__])
    return found


def test_rules_of_ones_own_come_to_smdebugs_verdicts(oracle: Callable[[str], Path], tmp_path: Path) -> None:
    source, script, answer, folder = (tmp_path / name for name in ("rule.py", "oracle.py", "answer.json", "tensors"))
    source.write_text(RULES)
    script.write_text(ORACLE)
    saved(folder)
    subprocess.run([oracle("smdebug"), script, source, folder, answer], check=True, timeout=240)
    theirs = json.loads(answer.read_text())
    reductions = theirs.pop("reductions")
    assert ours(source, folder, "Reduced") == theirs["Reduced"]
    found = sys.modules[MODULE].FOUND
    assert found == [pytest.approx(row) for row in reductions]
    assert {name: ours(source, folder, name) for name in theirs} == theirs
    assert {verdict for _, verdict in theirs["Reduced"]} == {True, False}
    assert "TensorUnavailableForStep" in [verdict for _, verdict in theirs["Falling"]]
