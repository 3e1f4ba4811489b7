"""Small grey pictures: the page holds them, and they show what they are made of."""

import base64
import io
import re

from matplotlib.image import imread
from specimen_pages.pictures import grey


def pixels(text: str) -> list[list[float]]:
    found = re.search(r'src="data:image/png;base64,([^"]+)"', text)
    assert found
    drawn = imread(io.BytesIO(base64.b64decode(found[1])), format="png")
    return [[round(float(pixel[0]), 2) for pixel in row] for row in drawn]


def test_the_lower_limit_is_white_and_the_upper_one_black() -> None:
    assert pixels(grey([0, 16, 8, 0], (0, 16), "x")) == [[1.0, 0.0], [0.5, 1.0]]


def test_limits_that_are_one_are_no_error() -> None:
    assert len(pixels(grey([3.0] * 25, (3.0, 3.0), "x"))) == 5


def test_it_says_what_it_is_and_is_always_the_same() -> None:
    text = grey([0.0] * 4, (0, 1), '"><script>')
    assert text == grey([0.0] * 4, (0, 1), '"><script>')
    assert text.endswith('" alt="&quot;&gt;&lt;script&gt;" class="grey" width="2" height="2">')
    assert b"matplotlib" not in base64.b64decode(text.split(",")[1].split('"')[0])
