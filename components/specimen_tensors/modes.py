"""What a step is a step of; XGBoost's steps are all `GLOBAL`."""

from enum import StrEnum


class Mode(StrEnum):
    """smdebug's modes, in the order of its numbers (from 1)."""

    TRAIN = "TRAIN"
    EVAL = "EVAL"
    PREDICT = "PREDICT"
    GLOBAL = "GLOBAL"
