"""Writes what AWS says of Debugger's built-in rules as a small table: ``debugger_rules.py FILE``.

Runs in an environment that holds ``smdebug_rulesconfig``, which the SageMaker SDK v2 brings (``tests/oracles/build
sagemaker2``); ``make tables`` calls it. Of each rule it holds the name on AWS, and the collections that are saved for
it unless one says otherwise.
"""

import inspect
import json
import sys
from pathlib import Path
from typing import Any

from smdebug_rulesconfig.debugger_rules import builtin_rules

SOURCE = "smdebug_rulesconfig, debugger_rules.builtin_rules"


def rules() -> dict[str, dict[str, Any]]:
    """Every rule by the name of the function that the SDK has for it."""
    functions = inspect.getmembers(builtin_rules, inspect.isfunction)
    return {name: described(function()) for name, function in sorted(functions) if not name.startswith("_")}


def described(config: dict[str, Any]) -> dict[str, Any]:
    """A rule's name on AWS, and its collections with their parameters."""
    brought = config.get("CollectionConfigurations", [])
    return {
        "name": config["DebugRuleConfiguration"]["RuleConfigurationName"],
        "collections": {one["CollectionName"]: one["CollectionParameters"] for one in brought},
    }


if __name__ == "__main__":
    content = {"source": SOURCE, "rules": rules()}
    Path(sys.argv[1]).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
