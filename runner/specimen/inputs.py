"""What a command works on: the experiment, its target, and the digests of its local files."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from specimen.errors import InvalidSpec, UsageError
from specimen.planning.locations import Locations
from specimen.spec.build import builtin_target
from specimen.spec.check import check_file
from specimen.spec.findings import Finding, Severity
from specimen.spec.model import Experiment, Target

REMOTE = "s3://"
Wanted = TypeVar("Wanted", Experiment, Target)
ABSENT = "source-absent"  # the rule of a table that is not there


@dataclass(frozen=True)
class Source:
    """A local table, or a file with a rule: its path, its content's digest, and the URI where the plan reads it."""

    named: str  # as the spec names it
    path: Path
    digest: str
    uri: str


@dataclass(frozen=True)
class Inputs:
    """A checked experiment with all that planning needs; `warnings` are findings that stop nothing."""

    experiment: Experiment
    target: Target
    sources: tuple[Source, ...]
    warnings: tuple[Finding, ...]

    @property
    def digests(self) -> Mapping[str, str]:
        """The content digest of every local source, under the text that names it in the spec."""
        return {source.named: source.digest for source in self.sources}


def read_inputs(spec: Path, target: str | None) -> Inputs:
    """Read and check the experiment and its target, and hash the files that lie on this machine.

    Raises:
        InvalidSpec: a document has errors, or a local table is missing.
        UsageError: a file cannot be read, or is not of the kind that is needed.
    """
    experiment, warnings = _checked(spec, Experiment)
    where = builtin_target() if target is None else _checked(_target_file(spec, target), Target)[0]
    locations = Locations.of(where, experiment.name)
    sources = tuple(_source(spec, named, locations) for named in _local(experiment))
    return Inputs(experiment, where, sources, warnings)


def _checked(path: Path, wanted: type[Wanted]) -> tuple[Wanted, tuple[Finding, ...]]:
    document, found = check_file(path)
    # To check a spec its table may be absent; to plan with it, it may not.
    findings = tuple(
        replace(finding, severity=Severity.ERROR) if finding.rule == ABSENT else finding for finding in found
    )
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise InvalidSpec(findings)
    if not isinstance(document, wanted):
        raise UsageError(f"{path} is not of kind {wanted.__name__}", hint="look at `kind` in the file")
    return document, findings


def _target_file(spec: Path, target: str) -> Path:
    """A path is taken as it is; a name is looked up in ``targets/`` beside the spec."""
    if "/" in target or target.endswith((".yaml", ".yml")):
        return Path(target)
    return spec.parent / "targets" / f"{target}.yaml"


def _local(experiment: Experiment) -> list[str]:
    tables = {source for trial in experiment.trials for source in trial.dataset.sources}
    rules = {
        rule.custom.source for one in experiment.trials if one.debugger for rule in one.debugger.rules if rule.custom
    }
    return sorted(source for source in tables | rules if not source.startswith(REMOTE))


def _source(spec: Path, named: str, locations: Locations) -> Source:
    path = spec.parent / named
    try:
        with path.open("rb") as table:
            digest = hashlib.file_digest(table, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", hint="a `source` names it") from error
    return Source(named, path, digest, locations.source(digest, named))
