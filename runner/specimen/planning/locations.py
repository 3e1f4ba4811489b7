"""Where things lie in S3: one page, so that no two steps can disagree."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from specimen.spec.model import Target


@dataclass(frozen=True)
class Locations:
    """The S3 prefixes of one experiment on one target."""

    root: str
    experiment: str

    @classmethod
    def of(cls, target: Target, experiment: str) -> "Locations":
        """The locations under the target's bucket and prefix."""
        return cls("/".join(filter(None, (f"s3://{target.bucket}", target.prefix))), experiment)

    def source(self, digest: str, path: str) -> str:
        """Where a local table is uploaded to: its content's digest stands in the key."""
        return f"{self.root}/sources/{digest}/{PurePosixPath(path).name}"

    def under(self, kind: str) -> str:
        """The prefix for one kind of the experiment's objects, such as ``data`` or ``training``."""
        return f"{self.root}/{self.experiment}/{kind}"

    def records(self, run: str) -> str:
        """The prefix of the records of a run's steps."""
        return f"{self.root}/runs/{run}"

    def record(self, run: str, step: str) -> str:
        """The record that a step writes."""
        return f"{self.records(run)}/{step}.json"
