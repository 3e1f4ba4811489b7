"""Blocks of whole lines of a CSV file, where splitting at commas and line feeds is enough to read them."""

from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

COMMA, FEED = b",\n"


def plain(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Yield blocks of `size` bytes and the rest of a line, with no carriage returns and with a line feed at the end.

    A block that has quotes, blank lines, a carriage return that ends no line, or a byte order mark before its first
    value is not yielded: the file is left where it begins.
    """
    unread = file.tell()
    while block := file.read(size):
        block += file.readline()
        if b"\r" in block:
            block = block.replace(b"\r\n", b"\n")
        if not _is_plain(block):
            file.seek(unread)
            return
        unread = file.tell()
        yield block if block.endswith(b"\n") else block + b"\n"


def is_one_line(header: bytes) -> bool:
    """Say whether the file's first line is all of its header, and no more."""
    return header.count(b'"') % 2 == 0 and b"\r" not in header.removesuffix(b"\r\n")


def _is_plain(block: bytes) -> bool:
    feeds = np.frombuffer(block, dtype=np.uint8) == FEED
    blank = feeds[0] or (feeds[1:] & feeds[:-1]).any()
    return not (blank or b'"' in block or b"\r" in block or block.startswith(BOM_UTF8))
