"""How an endpoint has borne the questions: latency, throughput, retries."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from specimen_components.jsondata import Json
from specimen_components.verification.asking import Reply

PERCENTILES = (50, 90, 95, 99)
_DIGITS = 3  # of milliseconds


@dataclass(frozen=True)
class Course:
    """All replies, and the seconds from the first question to the last answer."""

    replies: Sequence[Reply]
    seconds: float

    @property
    def rows(self) -> int:
        """How many rows were asked for."""
        return sum(len(reply.batch.labels) for reply in self.replies)

    @property
    def rows_per_second(self) -> float | None:
        """How many rows were answered in a second."""
        return self.rows / self.seconds if self.seconds else None

    @property
    def latency(self) -> dict[str, Json]:
        """Milliseconds from a question to its answer."""
        spent = np.array([reply.seconds for reply in self.replies]) * 1000
        found = {f"p{one}": float(np.percentile(spent, one)) for one in PERCENTILES}
        found |= {"max": float(spent.max()), "mean": float(spent.mean())}
        return {name: round(value, _DIGITS) for name, value in found.items()}

    @property
    def variants(self) -> dict[str, Json]:
        """How many rows each variant has answered."""
        counted: Counter[str] = Counter()
        for reply in self.replies:
            counted[reply.variant] += len(reply.batch.labels)
        return dict(sorted(counted.items()))

    def document(self) -> dict[str, Json]:
        """Give the course as the record holds it."""
        return {
            "rows": self.rows,
            "requests": len(self.replies),
            "retries": sum(reply.retries for reply in self.replies),
            "seconds": self.seconds,
            "rows_per_second": self.rows_per_second,
            "latency_ms": self.latency,
            "variants": self.variants,
        }
