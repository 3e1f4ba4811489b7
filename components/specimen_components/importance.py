"""Feature importance, read from the model that a training job left; a pickle is never opened."""

import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from specimen_components import storage
from specimen_components.clients import Aws
from specimen_components.problems import Failure

Importance = dict[str, dict[str, float]]  # type, column: importance

_TYPES = ("gain", "weight", "cover")
_LARGEST = 2 * 1024**3  # bytes of an unpacked model that is read into memory
_MODEL = "xgboost-model"  # its name in SageMaker's archives
_PICKLE = b"\x80"


class Unreadable(Failure):
    """The artifact holds no model that can be read; the step goes on without importance."""


def importance(aws: Aws, artifact: str, features: Sequence[str]) -> Importance:
    """Give the importance of each feature that the model uses; raise `Failure` when the model cannot be read.

    `artifact` is the S3 URI of a ``model.tar.gz``; `features` are the columns' names without the label.
    """
    with tempfile.TemporaryDirectory() as folder:
        packed = Path(folder) / "model.tar.gz"
        storage.download(aws, artifact, packed)
        return scores(unpacked(packed), features)


def unpacked(packed: Path) -> bytes:
    """Give the content of the archive's one model file; nothing of the archive is written to disk."""
    try:
        with tarfile.open(packed, "r:gz") as archive:
            files = [member for member in archive if member.isfile()]
            members = [member for member in files if Path(member.name).name == _MODEL] or files
            if len(members) != 1:
                raise Unreadable(f"the artifact holds {len(members)} files, and one model was expected")
            if members[0].size > _LARGEST:
                raise Unreadable(f"the model has {members[0].size} bytes, more than are read for this")
            return _content(archive.extractfile(members[0]))
    except (tarfile.TarError, EOFError, OSError) as error:
        raise Unreadable(f"the artifact is no readable archive: {error}") from error


def scores(model: bytes, features: Sequence[str]) -> Importance:
    """Give XGBoost's scores for a saved booster, its ``f0``, ``f1``, … given their columns' names."""
    if model.startswith(_PICKLE):
        raise Unreadable("the model is a pickle, which could run code when it is opened")
    import xgboost

    names = {f"f{index}": name for index, name in enumerate(features)}
    try:
        booster = xgboost.Booster(model_file=bytearray(model))
        return {kind: _named(booster.get_score(importance_type=kind), names) for kind in _TYPES}
    except (xgboost.core.XGBoostError, ValueError) as error:
        raise Unreadable(f"XGBoost {xgboost.__version__} cannot read it: {str(error).splitlines()[0]}") from error


def _named(found: Mapping[str, float | list[float]], names: Mapping[str, str]) -> dict[str, float]:
    """Name the features; a linear model of several classes has a weight for each, whose sizes are added up."""
    return {
        names.get(feature, feature): sum(map(abs, score)) if isinstance(score, list) else float(score)
        for feature, score in found.items()
    }


def _content(member: IO[bytes] | None) -> bytes:
    return b"" if member is None else member.read()
