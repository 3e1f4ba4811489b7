"""The store keeps what was acknowledged, as a whole or not at all."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from specimen.emulator.errors import StateUnusable
from specimen.emulator.store import AlreadyExists, MustWrite, Store, Transaction

WRITER = """
import sys
from pathlib import Path
from specimen.emulator.store import Store

store = Store(Path(sys.argv[1]))
for number in range(1_000_000):
    with store.transaction() as tx:
        tx.insert("Thing", str(number), {"number": number})
        tx.put("Last", "one", {"number": number})
    print(number, flush=True)
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "aws" / "store.sqlite")
    yield opened
    opened.close()


def test_what_is_put_is_got(store: Store) -> None:
    """Bodies are JSON and come back equal; a second put takes the first one's place."""
    with store.transaction() as tx:
        tx.put("Thing", "a", {"text": "ü", "number": 1.5, "list": [None, True]})
        tx.put("Thing", "a", {"text": "b"})
        assert tx.get("Thing", "a") == {"text": "b"}
        assert tx.get("Thing", "b") is None
        assert tx.get("Other", "a") is None


def test_an_insert_meets_a_taken_name(store: Store) -> None:
    """The transaction goes on after it, and what was there stays."""
    with store.transaction() as tx:
        tx.insert("Thing", "a", {"first": 1})
        with pytest.raises(AlreadyExists, match="Thing a"):
            tx.insert("Thing", "a", {"second": 2})
        tx.insert("Thing", "b", {})
    with store.transaction() as tx:
        assert tx.list("Thing") == [{"first": 1}, {}]


def test_a_list_is_in_the_order_of_creation(store: Store) -> None:
    """A later put changes a body and not its place."""
    with store.transaction() as tx:
        for name in ("c", "a", "b"):
            tx.insert("Thing", name, {"name": name})
        tx.put("Thing", "c", {"name": "c", "changed": True})
        assert [body["name"] for body in tx.list("Thing")] == ["c", "a", "b"]


def test_a_delete_tells_whether_there_was_one(store: Store) -> None:
    """Twice is no error."""
    with store.transaction() as tx:
        tx.put("Thing", "a", {})
        assert tx.delete("Thing", "a")
        assert not tx.delete("Thing", "a")


def test_an_error_undoes_the_whole_transaction(store: Store) -> None:
    """Nothing of a request that was refused half way is kept."""
    with pytest.raises(LookupError), store.transaction() as tx:
        tx.put("Thing", "a", {})
        raise LookupError
    with store.transaction() as tx:
        assert tx.list("Thing") == []


def test_a_commit_half_way_is_kept(store: Store) -> None:
    """What an operation committed before it waited stays, whatever happens afterwards."""
    with pytest.raises(LookupError), store.transaction() as tx:
        tx.put("Thing", "before", {})
        tx.commit()
        tx.put("Thing", "after", {})
        raise LookupError
    with store.transaction() as tx:
        assert tx.get("Thing", "before") == {}
        assert tx.get("Thing", "after") is None


def test_a_transaction_that_only_waits_blocks_nobody(store: Store) -> None:
    """It begins with its first use: another one goes through while it is idle."""
    with store.transaction() as idle:
        with store.transaction() as tx:
            tx.put("Thing", "a", {})
        assert idle.get("Thing", "a") == {}


def test_who_reads_waits_for_nobody(store: Store) -> None:
    """What is not yet kept is not seen; what was kept at the first look is seen to the end."""
    with store.transaction() as tx:
        tx.put("Thing", "a", {"number": 1})
    with store.reading() as reading:
        with store.transaction() as tx:
            tx.put("Thing", "a", {"number": 2})
            assert reading.get("Thing", "a") == {"number": 1}
        assert reading.list("Thing") == [{"number": 1}]
    with store.reading() as reading:
        assert reading.list("Thing") == [{"number": 2}]


def test_who_reads_writes_nothing(store: Store) -> None:
    """It is told at once, so that the request can begin again as one that writes."""
    writes: tuple[Callable[[Transaction], object], ...] = (
        lambda tx: tx.put("Thing", "a", {}),
        lambda tx: tx.insert("Thing", "a", {}),
        lambda tx: tx.delete("Thing", "a"),
    )
    for write in writes:
        with pytest.raises(MustWrite), store.reading() as tx:
            assert tx.get("Thing", "a") is None
            write(tx)


def test_threads_do_not_lose_each_others_changes(store: Store) -> None:
    """Transactions are one after the other, so that a counter counts."""

    def count() -> None:
        for _ in range(25):
            with store.transaction() as tx:
                body = tx.get("Counter", "one") or {"number": 0}
                tx.put("Counter", "one", {"number": body["number"] + 1})

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.transaction() as tx:
        assert tx.get("Counter", "one") == {"number": 100}


def test_two_processes_share_a_store(tmp_path: Path) -> None:
    """A second connection sees what the first one committed."""
    one, other = Store(tmp_path / "store.sqlite"), Store(tmp_path / "store.sqlite")
    with one.transaction() as tx:
        tx.put("Thing", "a", {})
    with other.transaction() as tx:
        assert tx.get("Thing", "a") == {}
    one.close()
    other.close()


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    """A writer is killed in the middle of its work: each transaction that it told of is there, whole."""
    path = tmp_path / "store.sqlite"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(20)]
        os.kill(writer.pid, signal.SIGKILL)
    store = Store(path)
    with store.transaction() as tx:
        numbers = [body["number"] for body in tx.list("Thing")]
        assert numbers[: len(told)] == told
        assert tx.get("Last", "one") == {"number": numbers[-1]}
    store.close()


def test_a_path_that_cannot_be_a_store_is_refused(tmp_path: Path) -> None:
    """A file where a folder should be, and a file that is no database."""
    (tmp_path / "file").write_text("not a database, and long enough to be looked at as one" * 50)
    with pytest.raises(StateUnusable, match="cannot open"):
        Store(tmp_path / "file" / "store.sqlite")
    with pytest.raises(StateUnusable, match="not a database"):
        Store(tmp_path / "file")
