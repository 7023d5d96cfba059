import numpy as np
import pytest

from scanner.synthesis import backgrounds, page_content
from scanner.synthesis.page_content import InkStyle, PixelClass
from scanner.synthesis.page_style import PageStyle
from scanner.types import Box

PAGE = Box(0, 0, 300, 400)


@pytest.mark.parametrize("seed", range(6))
def test_backgrounds_lie_behind_print(page_style: PageStyle, seed: int) -> None:
    rng = np.random.default_rng(seed)
    behind = backgrounds.draw_security_pattern(PAGE, 60.0, rng)
    behind += backgrounds.draw_emblems(PAGE, 60.0, page_style.bold.font_path, rng)
    rule = page_content.draw_rule((0, 200), (299, 200), 3, InkStyle((0, 0, 0)))
    image, classes = page_content.lay_on_paper(np.full((400, 300, 3), 250, np.uint8), rule + behind, rng)
    assert (classes[200] == PixelClass.RULE).all()
    assert (image[200] == 0).all()
    assert (classes == PixelClass.MARK).sum() > 100
    assert image[classes == PixelClass.MARK].mean() > 120


def test_panels_are_paper(page_style: PageStyle) -> None:
    panels = backgrounds.draw_tinted_panels(PAGE, page_style, np.random.default_rng(1))
    image, classes = page_content.lay_on_paper(np.full((400, 300, 3), 250, np.uint8), panels, np.random.default_rng(0))
    assert not classes.any()
    assert (image < 245).any()
