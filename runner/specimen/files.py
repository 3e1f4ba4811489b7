"""The files that commands write."""

import os
from contextlib import suppress
from pathlib import Path

from specimen.errors import UsageError


def write(output: Path, content: str | bytes) -> None:
    """Put the content in place as a whole: what was there stays until the new content is complete.

    Raises:
        UsageError: the file cannot be written.
    """
    aside = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        aside.write_bytes(content.encode() if isinstance(content, str) else content)
        aside.replace(output)
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}", hint="name another file with -o") from error
    finally:
        with suppress(OSError):  # where nothing could be written, nothing can be removed
            aside.unlink(missing_ok=True)


def holds(output: Path, text: str) -> bool:
    """Whether a file is there and holds just this text.

    Raises:
        UsageError: the file cannot be read.
    """
    try:
        return output.read_text(encoding="utf-8") == text
    except FileNotFoundError:
        return False
    except OSError as error:
        raise UsageError(f"cannot read {output}: {error.strerror}") from error
