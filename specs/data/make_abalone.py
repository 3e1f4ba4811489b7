"""Makes ``abalone.libsvm.gz``: invented shellfish, in the features of UCI's "abalone" and in libsvm.

Run as ``python specs/data/make_abalone.py FILE``. Standard library only, and seeded: the same table each time.

Every row is simulated. An animal has an age in rings, grows along a von Bertalanffy curve of its own, and is measured;
with age the shell takes a larger share of the weight. No row of UCI's table is copied or perturbed; only its features,
units and rough proportions are followed.
"""

import gzip
import math
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROWS = 4_177
SEED = 19950101
MALE, FEMALE, INFANT = 1, 2, 3
FEATURES = (
    *("sex", "length", "diameter", "height"),
    *("whole_weight", "shucked_weight", "viscera_weight", "shell_weight"),
)
Animal = tuple[int, Sequence[float | None]]  # its rings, and what was measured of it in the order of `FEATURES`


def main(path: Path) -> None:
    """Write the table to `path`."""
    with path.open("wb") as file, gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        for rings, measured in rows(random.Random(SEED)):
            packed.write(line(rings, measured).encode("ascii"))


def line(rings: int, measured: Sequence[float | None]) -> str:
    """The animal in libsvm: the label, then each feature that was measured under its index, counted from 1."""
    pairs = [f"{index}:{value:g}" for index, value in enumerate(measured, 1) if value is not None]
    return f"{' '.join([str(rings), *pairs])}\n"


def rows(rng: random.Random) -> Iterator[Animal]:
    """All animals; lengths in units of 200 mm, weights of 200 g, as UCI has them."""
    for _ in range(ROWS):
        rings = min(29, max(1, round(2.0 + rng.gammavariate(5.6, 1.4))))
        length = draw_length(rng, rings)
        height = length * rng.gauss(0.265, 0.022)
        shape = (length, length * rng.gauss(0.785, 0.018), None if rng.random() < 0.001 else height)
        measures = [None if value is None else max(1, round(value / 0.005)) * 0.005 for value in shape]
        yield rings, (draw_sex(rng, rings, length), *measures, *draw_weights(rng, rings, length))


def draw_length(rng: random.Random, rings: int) -> float:
    """How far the animal has grown towards its own largest length."""
    largest, rate = rng.gauss(0.635, 0.085), 0.2 * math.exp(rng.gauss(0.0, 0.3))
    return max(0.05, largest * (1 - math.exp(-rate * rings)))


def draw_sex(rng: random.Random, rings: int, length: float) -> int:
    """Infants are the young and the small."""
    infant = 1 / (1 + math.exp(-0.55 * (7.6 - rings) - 9.0 * (0.47 - length)))
    if rng.random() < infant:
        return INFANT
    return MALE if rng.random() < 0.54 else FEMALE


def draw_weights(rng: random.Random, rings: int, length: float) -> Iterator[float]:
    """Whole, flesh, viscera and dried shell; what is lost is blood."""
    whole = 4.9 * length**3 * math.exp(rng.gauss(0.0, 0.1))
    shell = 0.27 + 0.011 * (rings - 10) * math.exp(-max(0, rings - 10) / 12) + rng.gauss(0.0, 0.025)
    shares = (1.0, 0.445 - 0.005 * (rings - 10) + rng.gauss(0.0, 0.035), rng.gauss(0.22, 0.022), shell)
    for share in shares:
        yield max(1, round(whole * max(0.08, share) / 0.0005)) * 0.0005


if __name__ == "__main__":
    main(Path(sys.argv[1]))
