"""Imports point one way, no module imports itself round a corner, and each library has its place."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TREES = {
    "specimen": ROOT / "runner/specimen",
    "specimen.schemas": ROOT / "schemas",
    "specimen_components": ROOT / "components/specimen_components",
    "specimen_jobs": ROOT / "components/specimen_jobs",
    "specimen_pages": ROOT / "components/specimen_pages",
    "specimen_tensors": ROOT / "components/specimen_tensors",
}

# What each layer may import of ours, besides itself: errors <- spec <- planning <- the rest <- commands <- cli.
CORE = {"specimen.errors", "specimen.text", "specimen.spec", "specimen.planning"}
LAYERS: Mapping[str, set[str]] = {
    "specimen.errors": set(),
    "specimen.text": set(),
    "specimen.warm": set(),
    "specimen.schemas": set(),
    "specimen.spec": {"specimen.errors", "specimen.text", "specimen.schemas"},
    "specimen.planning": {"specimen.errors", "specimen.text", "specimen.spec"},
    "specimen.inputs": CORE,
    "specimen.files": {"specimen.errors"},
    "specimen.tensors": {"specimen.errors", "specimen.spec", "specimen_tensors"},
    "specimen.asking": set(),
    "specimen.endpoints": {
        *("specimen.errors", "specimen.spec", "specimen.asking"),
        "specimen_components.tables",
    },
    "specimen.lineage": {"specimen.errors", "specimen.spec", "specimen.asking"},
    "specimen.compiling": {*CORE, "specimen_components.interface"},
    "specimen.reporting": {
        *CORE,
        *("specimen.tensors", "specimen.endpoints", "specimen.lineage"),
        *("specimen_components.interface", "specimen_tensors"),
    },
    "specimen.running": {
        *CORE,
        *("specimen.inputs", "specimen.tensors", "specimen.asking", "specimen.emulator", "specimen.warm"),
        *("specimen_components.interface", "specimen_components.answers", "specimen_tensors"),
    },
    "specimen.commands": {
        *CORE,
        *("specimen.inputs", "specimen.files", "specimen.tensors", "specimen_tensors"),
        *("specimen.endpoints", "specimen.lineage"),
        *("specimen.compiling", "specimen.reporting", "specimen.running", "specimen.emulator"),
    },
    "specimen.cli": {"specimen.errors", "specimen.text", "specimen.reporting", "specimen.commands"},
    "specimen.emulator": {"specimen.warm"},
    "specimen_components": {"specimen_pages", "specimen_tensors"},
    "specimen_jobs": {"specimen_pages", "specimen_tensors"},
    "specimen_pages": {"specimen_tensors"},
    "specimen_tensors": set(),
}

# Who may import a library; a package stands for all of its modules.
LIBRARIES: Mapping[str, set[str]] = {
    "boto3": {"specimen_components.clients", "specimen_jobs", "specimen.running.clients", "specimen.running.storage"},
    "kfp": {"specimen.compiling"},
    "yaml": {"specimen.spec.parse"},
    "moto": {"specimen.emulator"},
    "click": {"specimen.cli", "specimen.commands"},
}

IMPURE = {"boto3", "botocore", "datetime", "kfp", "os", "random", "socket", "subprocess", "time", "urllib", "requests"}


def modules() -> dict[str, Path]:
    """Every module of ours with its file."""
    found: dict[str, Path] = {}
    for package, folder in TREES.items():
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            found[".".join((package, *parts)).removesuffix(".__init__")] = path
    return found


def imports(path: Path) -> Iterator[str]:
    """Dotted names that a file imports, within functions too; what only type checkers read is left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in set(ast.walk(tree)) - typing_only:
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.ImportFrom():
                pytest.fail(f"{path}:{node.lineno}: write the import in full")


def within(name: str, package: str) -> bool:
    """Whether a dotted name is the package, or stands in it."""
    return name == package or name.startswith(f"{package}.")


def layer(module: str) -> str:
    """The innermost entry of `LAYERS` that holds the module."""
    return max((name for name in LAYERS if within(module, name)), key=len, default=module)


MODULES = modules()
GRAPH: Mapping[str, frozenset[str]] = {name: frozenset(imports(path)) for name, path in MODULES.items()}


def ours(module: str) -> Iterator[str]:
    """The modules of ours that a module imports."""
    for name in GRAPH[module]:
        target = name if name in MODULES else name.rpartition(".")[0]
        if target in MODULES and target != module:
            yield target


@pytest.mark.parametrize("module", sorted(MODULES.keys() - {"specimen"}))
def test_a_module_imports_only_what_lies_below_it(module: str) -> None:
    """Each import of ours stays in its layer, or goes to one that the layer may use."""
    home = layer(module)
    assert home in LAYERS, f"{module} has no layer"
    allowed = {home, *LAYERS[home]}
    wrong = [target for target in ours(module) if not any(within(target, name) for name in allowed)]
    assert not wrong, f"{module} must not import {wrong}"


def test_nothing_imports_itself_round_a_corner() -> None:
    """The graph of modules has an order."""
    try:
        TopologicalSorter({module: set(ours(module)) for module in MODULES}).prepare()
    except CycleError as error:
        pytest.fail(f"import cycle: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_has_its_place(library: str) -> None:
    """Only the modules named in `LIBRARIES` import it."""
    users = [module for module, names in GRAPH.items() if any(within(name, library) for name in names)]
    assert [user for user in users if not any(within(user, place) for place in LIBRARIES[library])] == []


def test_the_core_is_pure() -> None:
    """No clock, environment, network or process in `spec` and `planning`."""
    core = [module for module in MODULES if layer(module) in {"specimen.spec", "specimen.planning"}]
    assert core
    for module in core:
        assert not {name.partition(".")[0] for name in GRAPH[module]} & IMPURE, module


def test_only_the_loader_opens_files() -> None:
    """In `spec` and `planning`, `open` stands in `specimen.spec.load` alone."""
    openers = {
        module
        for module, path in MODULES.items()
        if layer(module) in {"specimen.spec", "specimen.planning"}
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "open"
    }
    assert openers == {"specimen.spec.load"}


HEAVY = ["kfp", "boto3", "pandas", "numpy", "xgboost", "matplotlib", "rich", "jsonschema", "importlib.metadata"]


def test_validating_pays_for_no_library_that_it_does_not_use() -> None:
    """A spec without findings is checked without what only other commands need, or what only explains findings."""
    spec = str(ROOT / "specs/credit-default.yaml")
    code = "import sys; from specimen.cli import execute; execute(sys.argv[1:]); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, "validate", spec], capture_output=True, text=True, check=True)
    verdict, modules = done.stdout.splitlines()
    assert verdict == "1 file: 0 errors, 0 warnings"
    assert {*HEAVY, "specimen.emulator", "specimen.planning.plan"} & set(modules.split()) == set()
