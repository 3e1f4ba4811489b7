"""Charts of what a training saved, by step, inline."""

from functools import partial

from specimen_pages.markup import Markup
from specimen_pages.pictures import chart
from specimen_tensors import plots as lines


def by_step(name: str, drawn: lines.Chart, *, wide: bool = False) -> Markup:
    """Draw the lines of a chart; `name` tells this picture's references from those of others."""
    return chart(name, lines.HEIGHT, partial(lines.draw, chart=drawn), drawn.spoken, wide=wide)
