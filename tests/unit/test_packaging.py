"""What is installed is what stands in the checkout: a forgotten sub-package would vanish from the wheel in silence."""

import configparser
from importlib.metadata import distribution
from pathlib import Path

import pytest
from setuptools import find_packages

ROOT = Path(__file__).resolve().parents[2]
SETUP = configparser.ConfigParser()
SETUP.read(ROOT / "setup.cfg", encoding="utf-8")
DATA = {".json", ".typed", ".html", ".css", ".js"}
FOLDERS = {
    package.strip(): ROOT / folder.strip()
    for package, _, folder in (line.partition("=") for line in SETUP["options"]["package_dir"].split("\n") if line)
}


def listed() -> list[str]:
    """The packages that setup.cfg names."""
    return SETUP["options"]["packages"].split()


def folder(package: str) -> Path:
    """Where a package's files stand, by the longest entry of package_dir."""
    root = max((name for name in FOLDERS if f"{package}.".startswith(f"{name}.")), key=len)
    return FOLDERS[root].joinpath(*package.removeprefix(root).strip(".").split("."))


def test_every_package_is_listed() -> None:
    """setup.cfg's list is what `find_packages` sees, in order."""
    found = [*FOLDERS, *(f"{name}.{inner}" for name, where in FOLDERS.items() for inner in find_packages(str(where)))]
    assert listed() == sorted(found)


def test_every_folder_with_modules_is_a_package() -> None:
    """A folder of modules without its __init__.py would be left out too."""
    bare = {path.parent for where in FOLDERS.values() for path in where.rglob("*.py")}
    assert {where for where in bare if not (where / "__init__.py").exists()} == set()


def test_every_data_file_is_packaged() -> None:
    """JSON tables, schemas and typing marks match a pattern of package_data."""
    patterns = SETUP["options.package_data"]
    packaged = {
        path for package in patterns for pattern in patterns[package].split() for path in folder(package).glob(pattern)
    }
    present = {path for where in FOLDERS.values() for path in where.rglob("*") if path.suffix in DATA}
    assert present
    assert present == packaged


@pytest.mark.parametrize(
    "package", ["specimen", "specimen_components", "specimen_jobs", "specimen_pages", "specimen_tensors"]
)
def test_types_are_offered(package: str) -> None:
    """Each top package carries its typing mark."""
    assert (folder(package) / "py.typed").exists()


def test_the_command_is_installed() -> None:
    """`specimen` is the command line's own function."""
    scripts = {entry.name: entry.value for entry in distribution("specimen-ml").entry_points}
    assert scripts == {"specimen": "specimen.cli:main"}


def test_local_brings_components_and_jobs() -> None:
    """Whoever installs `local` can run every component and job image."""
    extras = SETUP["options.extras_require"]
    assert "specimen-ml[components,jobs]" in extras["local"]
    assert "specimen-ml[local]" in extras["dev"]
