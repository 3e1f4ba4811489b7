"""Makes ``credit_default.csv``: invented card holders, in the columns of UCI's "default of credit card clients".

Run as ``python specs/data/make_credit_default.py FILE``. Standard library only, and seeded: the same bytes each time.

Every row is simulated. A client has a hidden strain, which moves the limit down and the arrears up; six months are
played from April to September; and who defaults in October is drawn from a logistic model of what can be seen in the
row. No row of UCI's table is copied or perturbed; only its columns, codes and rough proportions are followed.
"""

import csv
import math
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROWS = 6_000
SEED = 20051001
MONTHS = 6
COLUMNS = (
    ["ID", "LIMIT_BAL", "SEX", "EDUCATION", "MARRIAGE", "AGE"]
    + [f"PAY_{month}" for month in (0, 2, 3, 4, 5, 6)]  # UCI's own gap
    + [f"BILL_AMT{month}" for month in range(1, MONTHS + 1)]
    + [f"PAY_AMT{month}" for month in range(1, MONTHS + 1)]
    + ["default payment next month"]
)


@dataclass(frozen=True)
class Client:
    """Who holds the card: UCI's codes (SEX 1 is male), the limit in dollars, and the hidden strain (about -3 to 3)."""

    limit: int
    sex: int
    education: int
    marriage: int
    age: int
    strain: float


@dataclass(frozen=True)
class Month:
    """One statement: arrears code (-2 unused, -1 paid in full, 0 revolving, else months late), bill and payment."""

    status: int
    bill: int
    payment: int


def main(path: Path) -> None:
    """Write the table to `path`."""
    with path.open("w", newline="", encoding="ascii") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows(random.Random(SEED)))


def rows(rng: random.Random) -> Iterator[list[int]]:
    """All rows in the order of `COLUMNS`; statements stand newest first."""
    for number in range(1, ROWS + 1):
        client = draw_client(rng)
        months = draw_months(rng, client)[::-1]
        yield [
            *(number, client.limit, client.sex, client.education, client.marriage, client.age),
            *(month.status for month in months),
            *(month.bill for month in months),
            *(month.payment for month in months),
            int(rng.random() < default_probability(client, months)),
        ]


def draw_client(rng: random.Random) -> Client:
    """One client; older, better schooled and less strained ones have higher limits."""
    sex = pick(rng, {1: 40, 2: 60})
    age = min(75, 21 + int(rng.gammavariate(2.4, 6.0)))
    education = pick(rng, {1: 35, 2: 47, 3: 16, 4: 1, 5: 1})
    marriage = pick(rng, {1: 25 + 2 * (age - 21), 2: 75, 3: 1})
    strain = rng.gauss(0.08 if sex == 1 else -0.05, 1.0)
    schooling = {1: 0.35, 2: -0.05, 3: -0.25}.get(education, 0.0)
    scale = 11.6 + schooling + 0.25 * min(1.0, (age - 21) / 15) - 0.3 * strain + rng.gauss(0, 0.65)
    limit = min(800_000, max(10_000, round(math.exp(scale) / 10_000) * 10_000))
    return Client(limit, sex, education, marriage, age, strain)


def draw_months(rng: random.Random, client: Client) -> list[Month]:
    """Six statements, oldest first, each following from the one before."""
    status = pick(rng, {-2: 14, -1: 20, 0: 56, 2: 8 * math.exp(0.8 * client.strain)})
    used = min(1.05, max(0.02, rng.betavariate(0.9, 1.2) + 0.1 * client.strain))
    months = []
    for _ in range(MONTHS):
        status = next_status(rng, status, client.strain)
        used = min(1.1, max(0.01, used * math.exp(rng.gauss(0.02, 0.12))))
        bill = draw_bill(rng, status, used * client.limit)
        months.append(Month(status, bill, draw_payment(rng, status, bill)))
    return months


def next_status(rng: random.Random, status: int, strain: float) -> int:
    """Next month's arrears: they grow by one when nothing is paid, and strain makes falling behind likelier."""
    slip = math.exp(0.9 * strain)
    match status:
        case -2:
            return pick(rng, {-2: 86, -1: 9, 0: 2, 1: 3 * slip})
        case -1:
            return pick(rng, {-2: 7, -1: 75, 0: 12, 1: 3 * slip, 2: 2 * slip})
        case 0:
            return pick(rng, {-1: 3, 0: 90, 1: 2.5 * slip, 2: 3 * slip})
        case 1:
            return pick(rng, {-1: 15, 0: 35, 2: 45 * slip})
        case late:
            return pick(rng, {0: 30, late: 48 * slip, min(8, late + 1): 7 * slip, -1: 4})


def draw_bill(rng: random.Random, status: int, revolving: float) -> int:
    """The statement's amount in dollars; who pays in full owes little, and may have credit."""
    match status:
        case -2:
            return round(rng.gauss(0, 150)) if rng.random() < 0.5 else 0
        case -1:
            return round(rng.lognormvariate(7.6, 1.1))
        case _:
            return round(revolving)


def draw_payment(rng: random.Random, status: int, bill: int) -> int:
    """What was paid, in dollars: in full, the minimum and some more, or nothing when late."""
    match status:
        case -2 | -1:
            return max(0, bill)
        case 0:
            return round(max(0, bill) * min(1.0, rng.lognormvariate(-2.8, 0.7)))
        case late:
            return 0 if rng.random() < min(0.9, 0.25 + 0.15 * late) else round(bill * rng.uniform(0.02, 0.08))


def default_probability(client: Client, months: Sequence[Month]) -> float:
    """The chance to default next month, from what stands in the row, newest statement first."""
    late = [max(0, month.status) for month in months]
    owed = min(1.2, max(0, months[0].bill) / client.limit)
    paid = sum(month.payment for month in months) / client.limit
    logit = (
        -2.08
        + (0.0, 1.0, 2.1, 2.5)[min(3, late[0])]
        + 0.35 * min(2, late[1])
        + 0.13 * sum(min(2, value) for value in late[2:])
        - 0.36 * math.log(client.limit / 100_000)
        + 0.45 * owed
        - 1.2 * min(1.0, paid)
        + (0.15 if client.sex == 1 else 0.0)
        + (0.1 if client.marriage == 1 else 0.0)
        + {1: -0.1, 3: 0.1}.get(client.education, 0.0)
        + 0.006 * max(0, client.age - 40)
    )
    return 1 / (1 + math.exp(-logit))


def pick(rng: random.Random, weights: dict[int, float]) -> int:
    """One of the keys, each as likely as its weight says."""
    return rng.choices(list(weights), list(weights.values()))[0]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
