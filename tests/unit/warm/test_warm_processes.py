"""A process forked from a template is like one for which an interpreter was started."""

import errno
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from specimen.warm.template import Call, Template

from .conftest import until

if TYPE_CHECKING:
    from .conftest import Bench

ASLEEP = """
    import signal
    print("ready")
    while True:
        signal.pause()
"""


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("", 0),
        ("raise SystemExit", 0),
        ("raise SystemExit(0)", 0),
        ("import sys; sys.exit(3)", 3),
        ("import sys; sys.exit(-1)", 255),
        ("import sys; sys.exit('what went wrong')", 1),
        ("1 / 0", 1),
        ("import os; os._exit(7)", 7),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("import os; os.abort()", -signal.SIGABRT),
    ],
)
def test_the_exit_code_is_an_interpreters(bench: "Bench", source: str, code: int) -> None:
    assert bench.start(source).process.wait() == code


def test_what_ends_a_process_is_printed(bench: "Bench") -> None:
    told, raised = bench.start("import sys; sys.exit('what went wrong')"), bench.start("1 / 0")
    assert (told.process.wait(), raised.process.wait()) == (1, 1)
    assert told.out() == "what went wrong\n"
    assert raised.out().startswith("Traceback")
    assert raised.out().endswith("ZeroDivisionError: division by zero\n")


def test_a_module_that_is_not_there_is_an_exit_code(bench: "Bench") -> None:
    begun = bench.run(Call("nothing_of_this_name", [], dict(os.environ)))
    assert begun.process.wait() == 1
    assert "No module named nothing_of_this_name" in begun.out()


def test_arguments_environment_and_folder_are_the_calls(bench: "Bench") -> None:
    """Undecodable bytes, as a file's name may have them, included."""
    folder = bench.folder / "there"
    folder.mkdir()
    source = """
        import json, os, sys
        told = [sys.argv[1:], dict(os.environ), os.getcwd(), __name__, os.umask(0), sys.stdin.read()]
        print(json.dumps(told))
    """
    environment = {"COLOUR": "grün", "EMPTY": "", "ODD": "\udcff"}
    begun = bench.start(source, "a b", "", "\udcfe", environment=environment, cwd=str(folder), umask=0o027)
    assert begun.process.wait() == 0
    assert json.loads(begun.out()) == [["a b", "", "\udcfe"], environment, str(folder), "__main__", 0o027, ""]


def test_a_variable_reaches_libraries_and_children_too(bench: "Bench") -> None:
    begun = bench.start(
        "import subprocess; subprocess.run(['/bin/sh', '-c', 'echo $COLOUR'])", environment={"COLOUR": "red"}
    )
    assert begun.process.wait() == 0
    assert begun.out() == "red\n"


def test_it_leads_a_session_or_only_a_group(bench: "Bench") -> None:
    source = "import os; print(os.getpid(), os.getpgid(0), os.getsid(0))"
    whole, group = bench.start(source), bench.start(source, session=False)
    assert (whole.process.wait(), group.process.wait()) == (0, 0)
    assert {int(number) for number in whole.out().split()} == {whole.process.pid}
    pid, leader, session = map(int, group.out().split())
    assert pid == leader == group.process.pid != session


def test_signals_are_as_an_interpreter_has_them(bench: "Bench") -> None:
    source = (
        "import signal; print([str(signal.getsignal(n)) for n in signal.valid_signals()], signal.set_wakeup_fd(-1))"
    )
    begun = bench.start(source)
    assert begun.process.wait() == 0
    interpreter = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert begun.out() == interpreter.stdout


def test_it_holds_nothing_open_but_its_streams(bench: "Bench") -> None:
    other = bench.start(ASLEEP)
    other.says("ready")
    begun = bench.start("import os; print(sorted(os.listdir('/proc/self/fd')))")
    assert begun.process.wait() == 0
    assert begun.out() == "['0', '1', '2', '3']\n"  # the last is the folder that is listed


def test_it_is_terminated_and_killed(bench: "Bench") -> None:
    first, second = bench.start(ASLEEP), bench.start(ASLEEP)
    assert first.process.poll() is None
    assert first.process.wait(0.01) is None
    first.process.terminate()
    assert first.process.wait() == -signal.SIGTERM
    assert second.process.poll() is None
    second.process.kill()
    assert second.process.wait() == -signal.SIGKILL
    second.process.terminate()  # has ended: nothing happens
    assert second.process.wait() == -signal.SIGKILL


def test_a_handler_of_its_own_takes_a_signal(bench: "Bench") -> None:
    begun = bench.start(
        "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(9))\nprint('ready')\nsignal.pause()"
    )
    begun.says("ready")
    begun.process.terminate()
    assert begun.process.wait() == 9


def test_it_ends_after_its_threads_and_exit_functions(bench: "Bench") -> None:
    source = """
        import atexit, os, sys, threading
        atexit.register(print, "last")
        threading.Thread(target=lambda: (threading.Event().wait(0.1), print("thread"))).start()
        sys.stdout = open(os.dup(1), "w")  # buffered, and left open
        print("main")
    """
    begun = bench.start(source)
    assert begun.process.wait() == 0
    assert begun.out().split() == ["main", "thread", "last"] or set(begun.out().split()) == {"main", "thread", "last"}


def test_what_is_printed_is_there_even_after_a_crash(bench: "Bench") -> None:
    begun = bench.start("import os; print('before'); os.abort()")
    assert begun.process.wait() == -signal.SIGABRT
    assert begun.out() == "before\n"


def test_much_is_printed_through_a_pipe(bench: "Bench") -> None:
    ours, theirs = os.pipe()
    bench.folder.joinpath("loud.py").write_text("for number in range(200_000): print(number)", encoding="utf-8")
    process = bench.template.start(Call("loud", [], dict(os.environ)), theirs)
    os.close(theirs)
    with os.fdopen(ours) as output:
        assert sum(map(int, output)) == 199_999 * 200_000 // 2
    assert process.wait() == 0


def test_processes_share_no_random_numbers(bench: "Bench") -> None:
    """Nor those of a library that the template has imported."""
    source = """
        import random, sys
        print("numpy.random" in sys.modules)
        import numpy.random
        print(random.random(), numpy.random.random())
    """
    with Template(["numpy.random"]) as bench.template:
        until(lambda: bench.start(source).process.wait() == 0 and "True" in bench.begun[-1].out())
        begun = [bench.start(source) for _ in range(3)]
        assert [each.process.wait() for each in begun] == [0, 0, 0]
    assert len({number for each in begun for number in each.out().split()[1:]}) == 6


def test_a_module_that_was_changed_is_run_as_it_is_now(bench: "Bench") -> None:
    for word in ("old", "new"):
        bench.folder.joinpath("made_twice.py").write_text(f"print({word!r})", encoding="utf-8")
        begun = bench.run(Call("made_twice", [], dict(os.environ)))
        assert begun.process.wait() == 0
        assert begun.out() == f"{word}\n"


def test_many_at_once_are_told_apart(bench: "Bench") -> None:
    begun = [bench.start(f"import sys; print({number}); sys.exit({number})") for number in range(30)]
    assert [each.process.wait() for each in reversed(begun)] == list(reversed(range(30)))
    assert [each.out() for each in begun] == [f"{number}\n" for number in range(30)]


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({"arguments": ["x" * 131_072]}, errno.E2BIG),
        ({"environment": {"LONG": "x" * 131_072}}, errno.E2BIG),
        ({"cwd": "/nowhere/at/all"}, errno.ENOENT),
    ],
)
def test_what_the_system_would_refuse_is_refused(bench: "Bench", change: dict[str, Any], number: int) -> None:
    with pytest.raises(OSError, match=os.strerror(number)) as refused:
        bench.run(Call(**{"module": "this", "arguments": [], "environment": {}, **change}))
    assert refused.value.errno == number


@pytest.mark.parametrize(
    "change", [{"arguments": ["a\0"]}, {"environment": {"A": "\0"}}, {"environment": {"A=B": "C"}}]
)
def test_what_no_process_can_be_told_is_an_error(bench: "Bench", change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"null byte|variable name"):
        bench.run(Call(**{"module": "this", "arguments": [], "environment": {}, **change}))


def test_as_much_as_the_system_takes_is_taken(bench: "Bench") -> None:
    arguments = [str(number) * 20_000 for number in range(5)] * 20
    begun = bench.start("import sys; print(sum(map(len, sys.argv[1:])))", *arguments)
    assert begun.process.wait() == 0
    assert begun.out() == "2000000\n"


def test_it_shows_under_its_modules_name(bench: "Bench") -> None:
    begun = bench.start(ASLEEP)
    if sys.platform == "linux":
        with open(f"/proc/{begun.process.pid}/comm", encoding="utf-8") as comm:  # noqa: PTH123
            assert comm.read() == "made_0\n"
