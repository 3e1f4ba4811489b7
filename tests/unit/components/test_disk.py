"""What the disk refuses is said; anything else stays a bug."""

import errno

import pytest
from specimen_components import disk
from specimen_components.problems import Failure


def test_a_full_disk_is_a_failure_that_says_what_to_do() -> None:
    with pytest.raises(Failure, match=r"No space left on device \(parts/train.csv\)$") as caught, disk.translated():
        raise OSError(errno.ENOSPC, "No space left on device", "parts/train.csv")
    assert caught.value.hint is not None and "TMPDIR" in caught.value.hint


def test_a_file_that_is_not_there_is_a_bug() -> None:
    with pytest.raises(FileNotFoundError), disk.translated():
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", "x")
