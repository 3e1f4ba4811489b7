"""What smdebug reads of a trial, and what we read of it, in one form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from specimen_tensors.trial import Trial

READ = """
import json, logging, sys
from smdebug.trials import create_trial
logging.disable(logging.CRITICAL)
def reading(folder):
    trial = create_trial(folder)
    tensors = {
        name: {step: [value.dtype.kind, value.tolist()] for step, value in trial.tensor(name).values().items()}
        for name in trial.tensor_names()
    }
    collections = {
        name: {
            "include_regex": group.include_regex,
            "tensor_names": sorted(group.tensor_names),
            "members": trial.tensor_names(collection=name),
            "save_config": group.save_config.to_json_dict(),
            "save_histogram": group.save_histogram,
        }
        for name, group in trial.collections().items()
    }
    return {"tensors": tensors, "collections": collections, "workers": trial.workers()}
"""


def reading(trial: Trial) -> Mapping[str, Any]:
    """Return all that our trial reads, in the form that the other side answers in."""
    return {
        "tensors": {
            name: {str(step): [value.dtype.kind, value.tolist()] for step, value in trial.values(name).items()}
            for name in trial.tensor_names()
        },
        "collections": {
            name: {
                "include_regex": list(group.include_regex),
                "tensor_names": list(group.tensor_names),
                "members": list(trial.tensor_names(collection=name)),
                "save_config": {mode: schedule.to_json() for mode, schedule in group.save_config.items()},
                "save_histogram": group.save_histogram,
            }
            for name, group in trial.collections().items()
        },
        "workers": list(trial.workers),
    }
