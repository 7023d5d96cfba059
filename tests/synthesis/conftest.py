import numpy as np
import pytest

from scanner.errors import DataError
from scanner.synthesis import fonts, writing
from scanner.synthesis.fonts import FontFamily
from scanner.synthesis.page_content import InkStyle
from scanner.synthesis.page_style import PageStyle
from scanner.synthesis.printed import TextStyle


@pytest.fixture(scope="session")
def families() -> tuple[FontFamily, ...]:
    try:
        return fonts.group_by_family(fonts.find_fonts())
    except DataError as error:
        pytest.skip(str(error))


@pytest.fixture
def page_style(families: tuple[FontFamily, ...]) -> PageStyle:
    """A style at 150 dpi with type of 22 and handwriting of 26 pixels."""
    rng = np.random.default_rng(0)
    black, pixel = InkStyle((0, 0, 0)), 25.4 / 150
    body, bold, italic = (
        TextStyle(path, 22, black) for path in (families[0].regular, families[0].bold, families[0].italic)
    )
    hand, other = (writing.random_hand(rng, (), 26, pixel) for _ in range(2))
    return PageStyle(150.0, body, bold, italic, black, 2.0, hand, other)
