from dataclasses import replace

import numpy as np
import pytest

from scanner.synthesis import cell_marks
from scanner.synthesis.cell_marks import BubbleStyle
from scanner.synthesis.page_content import InkLayer, PageContent
from scanner.synthesis.page_style import PageStyle
from scanner.types import Box

CELL = Box(20, 40, 300, 60)


@pytest.fixture
def bubbles(page_style: PageStyle) -> BubbleStyle:
    style = cell_marks.random_bubble_style(np.random.default_rng(1), page_style)
    return replace(style, labels="MF", radius_share=0.5, are_round=True)


def outlines(content: PageContent) -> list[tuple[int, int]]:
    """Left end and end on the right of each bubble."""
    drawn = [each for each in content.elements if each.layer is InkLayer.PRINT]
    wide = [each for each in drawn if each.coverage.shape[1] > 20]
    return [(each.left, each.left + each.coverage.shape[1]) for each in wide]


def test_bubbles_stand_side_by_side_within_their_cell(page_style: PageStyle, bubbles: BubbleStyle) -> None:
    blank = replace(bubbles, labels="  ")
    content = cell_marks.draw_bubbles(np.random.default_rng(2), page_style, page_style.hand, CELL, blank)
    first, second = outlines(content)
    assert CELL.x < first[0] < second[0] < second[1] < CELL.right
    # At a radius of half their distance they touch; ink elements have a margin.
    assert abs(second[0] - first[1]) <= 0.2 * (first[1] - first[0])


def test_labels_stand_in_bubbles_that_have_room(page_style: PageStyle, bubbles: BubbleStyle) -> None:
    rng = np.random.default_rng(2)
    blank = replace(bubbles, labels="  ")
    labelled = cell_marks.draw_bubbles(rng, page_style, page_style.hand, CELL, bubbles)
    bare = cell_marks.draw_bubbles(np.random.default_rng(2), page_style, page_style.hand, CELL, blank)
    assert len(labelled.elements) == len(bare.elements) + 2
    tiny = Box(20, 40, 8, 5)
    assert cell_marks.draw_bubbles(rng, page_style, page_style.hand, tiny, bubbles).elements


def test_no_handwritten_numbers_are_in_bubbles(page_style: PageStyle) -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        style = cell_marks.random_bubble_style(rng, page_style)
        assert 1 <= len(style.labels) <= 10
        content = cell_marks.draw_bubbles(rng, page_style, page_style.hand, CELL, style)
        assert {number.kind for number in content.numbers} <= {"printed"}
