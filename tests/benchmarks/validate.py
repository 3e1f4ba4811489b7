"""`specimen validate` beside check-jsonschema, each a cold process: one spec, and 1,000 in one call.

Both hold the same files against the same schema. Specimen also reads the table's header, and checks what a schema
cannot say. A process for each file is the first figure over and over.
"""

import importlib.util
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.commands import SPEC, specimen
from tests.benchmarks.measuring import ROOT, Cost, compare, paired, spend

MANY = 1000
SCHEMA = str(ROOT / "schemas/experiment.schema.json")


def main() -> None:
    """Measure and print; a file with a finding ends the measurement."""
    if importlib.util.find_spec("check_jsonschema") is None:
        print("  check-jsonschema is not installed: pip install check-jsonschema")
        return
    one = paired(lambda: specimen("validate", SPEC), lambda: check_jsonschema(SPEC))
    compare("validate, one spec", "check-jsonschema", *one, "1")
    with tempfile.TemporaryDirectory() as scratch:
        files = copies(Path(scratch), MANY)
        many = paired(lambda: specimen("validate", *files), lambda: check_jsonschema(*files))
        compare(f"validate, {MANY:,} specs", "check-jsonschema", *many, "5")


def copies(folder: Path, number: int) -> list[str]:
    """The demo's spec under as many names, beside its table."""
    text = Path(SPEC).read_text(encoding="utf-8")
    (folder / "data").symlink_to(Path(SPEC).parent / "data")
    paths = [folder / f"{index}.yaml" for index in range(number)]
    for index, path in enumerate(paths):
        path.write_text(text.replace("name: credit-default\n", f"name: credit-default-{index}\n"), encoding="utf-8")
    return [str(path) for path in paths]


def check_jsonschema(*files: str) -> Cost:
    """What one call of check-jsonschema costs."""
    return spend([sys.executable, "-m", "check_jsonschema", "--schemafile", SCHEMA, *files])
