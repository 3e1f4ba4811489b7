"""The quickest way to write the lines of a table."""

from collections.abc import Collection
from typing import Protocol

import pandas as pd

from specimen_components.tables.lines import Form, Places, Writer
from specimen_components.tables.pixels import pixels
from specimen_components.tables.wide import wide


class Lines(Protocol):
    """Writes rows of a table."""

    def text(self, rows: Places) -> bytes:
        """Return the lines of some rows, each with a line feed at its end."""


def writer(frame: pd.DataFrame, form: Form, pointed: Collection[str] = ()) -> Lines:
    """Return what writes the rows of a frame whose first column is the label; `pointed` columns have a point."""
    if pointed:
        return Writer(frame, form, pointed)
    return pixels(frame, form) or (wide(frame) if form is Form.LIBSVM else None) or Writer(frame, form)
