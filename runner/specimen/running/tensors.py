"""The tensors that a training saved, opened where they are: in a run, in a bucket, in a folder."""

from pathlib import Path
from typing import TYPE_CHECKING

from specimen.errors import MissingExtra, UsageError
from specimen.running import buckets, debugged, runs, server, storage
from specimen.tensors import Saved, reading

if TYPE_CHECKING:
    from specimen_tensors.files import Files
    from specimen_tensors.trial import Trial

S3 = "s3://"
PARTS = ("collections", "events", "index")  # the folders of which saved tensors have one at least
OUTPUT = "debug-output"  # the folder that tensors stand in, as SageMaker calls it


def find(state: Path, subject: str, *, aws: bool) -> Saved:
    """Open what is meant: a run (or ``RUN/TRIAL``), an ``s3://`` URI, or a folder.

    A URI is one of the embedded SageMaker, which is started if need be, or with `aws` one of AWS itself, read with the
    user's own credentials.

    Raises:
        UsageError: there is no such run, bucket or folder, or an extra is missing.
        SpecimenError: the run saved no tensors, or a file is damaged.
    """
    try:
        import numpy as _  # noqa: F401 - whether it is there
    except ImportError as error:
        raise MissingExtra(
            "reading tensors needs the `local` extra", hint="pip install 'specimen-ml[local]'"
        ) from error
    if subject.startswith(S3):
        return _in_bucket(state, subject, aws=aws)
    if aws:
        raise UsageError(f"--aws reads an s3:// URI, and {subject} is none", hint="leave --aws out, or name the URI")
    if not runs.known(state, subject) and Path(subject).is_dir():
        return _in_folder(Path(subject))
    return _in_run(state, subject)


def _in_bucket(state: Path, uri: str, *, aws: bool) -> Saved:
    files = buckets.aws(uri) if aws else buckets.embedded(server.kept(state), state, uri)
    return Saved(uri, _open(uri, files))


def _in_run(state: Path, name: str) -> Saved:
    asked = debugged.chosen(state, name)
    surroundings = server.kept(state)
    found = asked.read(storage.connect(surroundings))
    uri = found.tensors
    trial = _open(uri, buckets.embedded(surroundings, state, uri))
    return Saved(uri, trial, found.features, found.rules, found.reports)


def _in_folder(path: Path) -> Saved:
    from specimen_tensors.files import Folder

    files = Folder(path)
    if not any((path / part).is_dir() for part in PARTS):  # not to look through all of a folder of something else
        raise _nothing(str(path), files)
    return Saved(str(path), _open(str(path), files))


def _open(where: str, files: "Files") -> "Trial":
    from specimen_tensors.trial import Trial

    with reading(where):
        trial = Trial(files)
        if not trial.tensor_names():
            raise _nothing(where, files)
    return trial


def _nothing(where: str, files: "Files") -> UsageError:
    within = any(files.names(f"{OUTPUT}/index/"))
    ended = f"{where.rstrip('/')}/{OUTPUT}"
    return UsageError(
        f"there are no saved tensors in {where}",
        hint=f"did you mean {ended}?" if within else f"a training job saves to a folder of its own, in {OUTPUT}",
    )
