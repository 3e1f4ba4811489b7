"""At which steps a collection is saved.

Source: smdebug 1.0.34, core/save_config.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Schedule:
    """Every n-th step from one step up to, but without, another; and the steps that are named besides."""

    save_interval: int = 500
    save_steps: tuple[int, ...] = ()
    start_step: int = 0
    end_step: int | None = None

    def saves(self, step: int) -> bool:
        within = self.start_step <= step and (self.end_step is None or step < self.end_step)
        return step in self.save_steps or (within and step % self.save_interval == 0)

    def to_json(self) -> dict[str, Any]:
        return {
            "save_interval": self.save_interval,
            "save_steps": list(self.save_steps),
            "start_step": self.start_step,
            "end_step": self.end_step,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Schedule:
        """Read what `to_json` wrote; raise ValueError, TypeError or KeyError for anything else."""
        end = value["end_step"]
        return cls(
            int(value["save_interval"]),
            tuple(int(step) for step in value["save_steps"]),
            int(value["start_step"]),
            None if end is None else int(end),
        )
