"""Makes ``digits.npz``: the handwritten digits that scikit-learn brings along, in three parts.

Run as ``python specs/data/make_digits.py FILE``. The images are real: UCI's "Optical Recognition of Handwritten Digits"
by E. Alpaydin and C. Kaynak, of which scikit-learn has the test set, 1,797 images of 8 × 8 pixels from 0 to 16.

Parts are drawn with a fixed seed, digit by digit, so that each part has each digit as often as the whole. Arrays are
stored as they are and not packed: the same bytes each time, whatever packs elsewhere.
"""

import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_digits

SEED = 19980701
SHARES = {"validation": 1 / 6, "test": 1 / 6}  # of each digit's images; training has the rest
Array = npt.NDArray[np.uint8]


def main(path: Path) -> None:
    """Write the parts to `path`."""
    digits = load_digits()
    images, labels = digits.data.astype(np.uint8), digits.target.astype(np.uint8)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for part, rows in drawn(labels).items():
            for name, array in (("x", images[rows]), ("y", labels[rows])):
                with archive.open(zipfile.ZipInfo(f"{part}_{name}.npy"), "w") as file:
                    np.lib.format.write_array(file, array, version=(1, 0), allow_pickle=False)


def drawn(labels: Array) -> Mapping[str, npt.NDArray[np.intp]]:
    """The rows of each part, ascending; only the generator's raw output is drawn, which stays the same for ever."""
    keys = np.random.PCG64(SEED).random_raw(len(labels))
    parts = np.full(len(labels), "train", dtype=object)
    for digit in range(10):
        rows = np.flatnonzero(labels == digit)
        rows = rows[np.argsort(keys[rows], kind="stable")]
        for part, share in SHARES.items():
            count = round(share * np.count_nonzero(labels == digit))
            parts[rows[:count]], rows = part, rows[count:]
    return {part: np.flatnonzero(parts == part) for part in ("train", *SHARES)}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
