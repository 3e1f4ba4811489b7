"""Where the time goes, each figure beside its baseline: ``make bench``, or ``python -m tests.benchmarks NAME …``.

A benchmark is a module of this folder with a function `main`, listed here.
"""

import sys
from importlib import import_module

BENCHMARKS = (
    *("bias", "commands", "debugger", "prepare", "run", "server", "smote", "tuning", "validate", "compile", "shap"),
    *("rules", "serving", "shards", "mnist", "verify"),
)


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all of them."""
    if unknown := set(names) - set(BENCHMARKS):
        print(f"error: no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
        return 2
    for name in names or BENCHMARKS:
        module = import_module(f"tests.benchmarks.{name}")
        print(f"== {name}: {(module.__doc__ or '').splitlines()[0]}", flush=True)
        module.main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
