"""How a command ends that raised no error."""

from enum import Enum, auto


class End(Enum):
    """What `specimen.cli` makes an exit code of."""

    CLEAN = auto()
    WRONG = auto()  # what was looked at has errors, or is not there
    CHANGED = auto()  # a file is not what would be written
