"""A template and its owner: what it imports, when it ends, and what outlives it."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from specimen.emulator.jobs.containers import LIBRARIES as OF_JOBS
from specimen.emulator.jobs.processes import Process as Known
from specimen.emulator.jobs.processes import identify
from specimen.running.process import LIBRARIES as OF_COMPONENTS
from specimen.warm.template import LOST, Call, Template

from .conftest import until

if TYPE_CHECKING:
    from .conftest import Bench

ASLEEP = """
    import os, signal
    print("ready", os.getppid())
    while True:
        signal.pause()
"""


def template_of(begun: object) -> Known:
    """The process from which another was forked, which prints its parent's pid."""
    begun.says("ready")  # type: ignore[attr-defined]
    found = identify(int(begun.out().split()[1]))  # type: ignore[attr-defined]
    assert found is not None
    return found


def loaded(folder: Path, *preload: str) -> set[str]:
    """What a process of a template with these libraries has imported before it imports anything."""
    with Template(preload) as template, (folder / "out").open("wb") as output:
        source = "import sys; print(*sys.modules); import os; print(len(os.listdir('/proc/self/task')))"
        folder.joinpath("tell_modules.py").write_text(source, encoding="utf-8")

        def told() -> set[str]:
            output.seek(0)
            output.truncate()
            process = template.start(Call("tell_modules", [], dict(os.environ)), output.fileno())
            assert process.wait() == 0
            return set((folder / "out").read_text(encoding="utf-8").split())

        last = preload[-1].partition(":")[0]
        until(lambda: last in told())
        return told()


def test_libraries_are_there_and_nothing_of_ours(bench: "Bench", tmp_path: Path) -> None:
    """A library that is not installed is passed over."""
    found = loaded(tmp_path, "no_such_library", "wave")
    assert "wave" in found
    assert not [name for name in found if name.startswith(("specimen_", "specimen.")) and "warm" not in name]


@pytest.mark.parametrize("libraries", [OF_COMPONENTS, OF_JOBS])
def test_no_library_starts_a_thread(bench: "Bench", tmp_path: Path, libraries: tuple[str, ...]) -> None:
    """A fork has one thread: another would be missing in it, with whatever it holds."""
    assert "1" in loaded(tmp_path, *libraries)


def test_a_function_is_called(bench: "Bench", tmp_path: Path) -> None:
    tmp_path.joinpath("made_ready.py").write_text("def now():\n    import wave, colorsys", encoding="utf-8")
    assert "colorsys" in loaded(tmp_path, "made_ready:now", "wave")


def test_processes_outlive_a_template_that_is_closed(bench: "Bench") -> None:
    begun = bench.start(ASLEEP)
    template = template_of(begun)
    bench.template.close()
    assert template.wait(60)
    assert identify(begun.process.pid) is not None
    assert begun.process.poll() is None
    begun.process.kill()
    assert begun.process.wait() == LOST


def test_a_template_that_was_killed_is_replaced(bench: "Bench") -> None:
    first = bench.start(ASLEEP)
    killed = template_of(first)
    assert killed.signal(signal.SIGKILL)
    assert killed.wait(60)
    second = bench.start(ASLEEP)
    assert template_of(second) != killed
    assert first.process.poll() is None
    second.process.terminate()
    assert second.process.wait() == -signal.SIGTERM


def test_a_template_ends_with_its_owner_and_its_processes_do_not(bench: "Bench", tmp_path: Path) -> None:
    tmp_path.joinpath("asleep.py").write_text("import signal\nwhile True:\n    signal.pause()", encoding="utf-8")
    owner = (
        "import os, sys, signal\n"
        "from specimen.warm.template import Call, Template\n"
        "with Template() as template:\n"
        "    process = template.start(Call('asleep', [], dict(os.environ)), 1)\n"
        "    print(process.pid, template._pid, flush=True)\n"
        "    signal.pause()\n"
    )
    with subprocess.Popen([sys.executable, "-c", owner], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child, template = (identify(int(pid)) for pid in process.stdout.readline().split())
        assert child is not None
        assert template is not None
        process.kill()
        process.wait()
    assert template.wait(60)
    assert child.alive()
    assert child.signal(signal.SIGKILL)


def test_a_template_that_is_its_owners_fork(bench: "Bench", tmp_path: Path) -> None:
    """A worker makes one of itself: what it starts is in a group of its own within the worker's session."""
    tmp_path.joinpath("inner.py").write_text("import os, sys; print(os.getsid(0)); sys.exit(5)", encoding="utf-8")
    source = """
        import os, signal
        from specimen.warm.template import Call, Template
        signal.signal(signal.SIGTERM, lambda *_: None)
        with Template.here() as template:
            codes = [template.start(Call("inner", [], dict(os.environ), session=False), 1).wait() for _ in range(3)]
        print(os.getsid(0), codes)
    """
    begun = bench.start(source)
    assert begun.process.wait() == 0
    *inner, outer, codes = begun.out().split(maxsplit=4)
    assert set(inner) == {outer} == {str(begun.process.pid)}
    assert codes == "[5, 5, 5]\n"
