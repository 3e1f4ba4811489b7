"""Feature importance, read from the model that a training job left; a pickle is never opened."""

import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from specimen_components import storage
from specimen_components.clients import Aws
from specimen_components.problems import Failure

Importance = dict[str, dict[str, float]]  # type, column: importance

_LARGEST = 2 * 1024**3  # bytes of an unpacked model that is read for this
_MODEL = "xgboost-model"  # its name in SageMaker's archives
_LONGEST = 300  # seconds


class Unreadable(Failure):
    """The artifact holds no model that can be read; the step goes on without importance."""


def importance(aws: Aws, artifact: str, features: Sequence[str]) -> Importance:
    """Give the importance of each feature that the model uses; raise `Failure` when the model cannot be read.

    `artifact` is the S3 URI of a ``model.tar.gz``; `features` are the names of f0, f1 and so on.
    """
    with tempfile.TemporaryDirectory() as folder:
        packed, model = Path(folder) / "model.tar.gz", Path(folder) / "model"
        storage.download(aws, artifact, packed)
        unpack(packed, model)
        return scores(model, features)


def unpack(packed: Path, model: Path) -> None:
    """Write the archive's one model into the file `model`; no name or link in the archive is followed."""
    try:
        with tarfile.open(packed, "r:gz") as archive:
            files = [member for member in archive if member.isfile()]
            members = [member for member in files if Path(member.name).name == _MODEL] or files
            if len(members) != 1:
                raise Unreadable(f"the artifact holds {len(members)} files, and one model was expected")
            if members[0].size > _LARGEST:
                raise Unreadable(f"the model has {members[0].size} bytes, more than are read for this")
            content = archive.extractfile(members[0])
            if content is not None:
                with model.open("wb") as file:
                    shutil.copyfileobj(content, file)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise Unreadable(f"the artifact is no readable archive: {error}") from error


def scores(model: Path, features: Sequence[str]) -> Importance:
    """Give XGBoost's scores for a saved booster, its ``f0``, ``f1``, … given their columns' names.

    XGBoost aborts the whole process over some broken files, so that a process of its own reads the model.
    """
    command = [sys.executable, "-P", "-m", "specimen_components.booster", str(model)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST, check=False)
    except subprocess.TimeoutExpired as error:
        raise Unreadable(f"XGBoost did not read the model within {_LONGEST} s") from error
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise Unreadable(
            f"XGBoost cannot read the model: {said[-1] if done.returncode == 1 and said else 'it crashed'}"
        )
    names = {f"f{index}": name for index, name in enumerate(features)}
    found: Mapping[str, Mapping[str, float]] = json.loads(done.stdout)
    return {kind: {names.get(key, key): score for key, score in named.items()} for kind, named in found.items()}
