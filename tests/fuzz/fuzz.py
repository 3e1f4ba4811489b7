"""Coverage-guided fuzzing of the loader, the checks and the planner (``make fuzz``).

Every file of `tests/examples` and `specs` is a start. Whatever is found is written beside this script as
``crash-…``, ``timeout-…`` or ``oom-…``: make it an example under ``tests/examples/negative``, then mend it.
"""

import importlib.util
import sys
import tempfile
from pathlib import Path

if importlib.util.find_spec("atheris") is None:
    sys.exit("atheris is not installed; it has wheels for Linux on x86-64: pip install atheris")

import atheris  # type: ignore[import-untyped]  # it is installed by `make fuzz` alone

with atheris.instrument_imports(include=["specimen", "yaml"]):
    from specimen.planning.plan import plan
    from specimen.reporting.findings import as_json, as_text
    from specimen.spec.build import builtin_target
    from specimen.spec.check import check
    from specimen.spec.findings import Severity
    from specimen.spec.load import document
    from specimen.spec.model import Experiment

ROOT = Path(__file__).resolve().parents[2]
DEFAULTS = ("-max_total_time=60", "-max_len=4096", "-timeout=10", "-rss_limit_mb=1024")


def one(content: bytes) -> None:
    """Bytes give findings, each with a place in them, or a document that plans."""
    model, findings = check(document(content, "f.yaml"))
    assert (model is None) == any(finding.severity is Severity.ERROR for finding in findings)
    for finding in findings:
        assert finding.position.line >= 1
        assert 1 <= finding.position.column <= len(finding.excerpt) + 1
    as_text(findings).encode()
    as_json(findings).encode()
    if isinstance(model, Experiment):
        plan(model, builtin_target(), {source: "0" * 64 for trial in model.trials for source in trial.dataset.sources})


def main() -> None:
    """Fuzz until the time is up; options are libFuzzer's."""
    with tempfile.TemporaryDirectory() as corpus:
        for number, path in enumerate(sorted([*ROOT.glob("tests/examples/*/*.yaml"), *ROOT.glob("specs/*.yaml")])):
            (Path(corpus) / f"{number:03}").write_bytes(path.read_bytes())
        prefix = f"-artifact_prefix={Path(__file__).parent}/"
        atheris.Setup([sys.argv[0], *DEFAULTS, prefix, *sys.argv[1:], corpus], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
