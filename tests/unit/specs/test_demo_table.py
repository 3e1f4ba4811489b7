"""The demo's table: made anew to the byte, shaped as UCI's, and none of UCI's rows."""

import csv
import gzip
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[3] / "specs/data"
LABEL = "default payment next month"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    """The committed table."""
    return read((DATA / "credit_default.csv").read_text(encoding="ascii").splitlines())


def read(lines: Iterable[str]) -> list[dict[str, str]]:
    """A table's rows by column."""
    return list(csv.DictReader(lines))


def test_the_generator_writes_the_committed_bytes(tmp_path: Path) -> None:
    """A run of the generator changes nothing."""
    fresh = tmp_path / "fresh.csv"
    subprocess.run([sys.executable, DATA / "make_credit_default.py", fresh], check=True)
    assert fresh.read_bytes() == (DATA / "credit_default.csv").read_bytes()


def test_the_table_is_small_enough_to_commit() -> None:
    """Below one megabyte."""
    assert (DATA / "credit_default.csv").stat().st_size < 1_000_000


def test_about_a_fifth_defaults(rows: list[dict[str, str]]) -> None:
    """The label is as unbalanced as in the real table."""
    assert 0.20 < sum(row[LABEL] == "1" for row in rows) / len(rows) < 0.24


def test_late_payers_default_more_often(rows: list[dict[str, str]]) -> None:
    """There is something to learn: who is late defaults at least three times as often."""
    late = [int(row[LABEL]) for row in rows if int(row["PAY_0"]) >= 1]
    rest = [int(row[LABEL]) for row in rows if int(row["PAY_0"]) < 1]
    assert sum(late) / len(late) > 3 * sum(rest) / len(rest)


def test_codes_stay_in_range(rows: list[dict[str, str]]) -> None:
    """Codes, ages and limits are UCI's."""
    for row in rows:
        assert row["SEX"] in {"1", "2"}
        assert 1 <= int(row["EDUCATION"]) <= 5
        assert 1 <= int(row["MARRIAGE"]) <= 3
        assert 21 <= int(row["AGE"]) <= 75
        assert 10_000 <= int(row["LIMIT_BAL"]) <= 800_000
        assert all(-2 <= int(row[f"PAY_{month}"]) <= 8 for month in (0, 2, 3, 4, 5, 6))


def test_columns_are_uci_s_and_rows_are_not(rows: list[dict[str, str]], shared_data: Callable[[str], Path]) -> None:
    """The same spec reads both tables, and no client of the real one stands in ours."""
    with gzip.open(shared_data("data/default_of_credit_card_clients.csv.gz"), "rt", encoding="ascii") as stream:
        real = read(stream)
    assert list(rows[0]) == list(real[0])
    assert not clients(rows) & clients(real)


def clients(rows: list[dict[str, str]]) -> set[tuple[str, ...]]:
    """The rows without their number; a card that is never used tells no clients apart, and is left out."""
    amounts = [name for name in rows[0] if "_AMT" in name]
    return {tuple(row.values())[1:] for row in rows if any(int(row[name]) for name in amounts)}
