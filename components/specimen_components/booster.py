"""Reads a saved XGBoost model and writes its features' scores as JSON: ``python -m specimen_components.booster FILE``.

It runs as a process of its own (`importance.scores`). Exit codes: 0 done; 1 the model cannot be read, and the last line
of standard error says why.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

_TYPES = ("gain", "weight", "cover")
_PICKLE = b"\x80"


def main(argv: Sequence[str] | None = None) -> int:
    """Write ``{type: {feature: score}}`` of the model in the file that is named; give the exit code."""
    (path,) = sys.argv[1:] if argv is None else argv
    content = Path(path).read_bytes()
    if content.startswith(_PICKLE):
        return _refuse("it is a pickle, which could run code when it is opened")
    sys.modules.setdefault("sklearn", None)  # type: ignore[arg-type]  # importing it is most of XGBoost's start-up
    import xgboost

    try:
        booster = xgboost.Booster(model_file=bytearray(content))
        found = {kind: booster.get_score(importance_type=kind) for kind in _TYPES}
    except (xgboost.core.XGBoostError, ValueError) as error:
        return _refuse(str(error).splitlines()[0])
    sys.stdout.write(json.dumps(found))
    return 0


def _refuse(reason: str) -> int:
    sys.stderr.write(f"{reason}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
