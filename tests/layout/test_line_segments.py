import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.image.components import find_sparse_components
from scanner.layout.line_segments import (
    Direction,
    Rule,
    extend_hidden_rules,
    fit_segments,
    join_segments,
    sort_by_begin,
)

HEIGHT = 20.0
"""Of a character on these pages."""


def level(begin: float, end: float, at: float, slope: float = 0.0, thickness: float = 2.0) -> Rule:
    return Rule(Direction.HORIZONTAL, begin, end, at, at + slope * (end - begin), thickness)


def upright(begin: float, end: float, at: float, slope: float = 0.0) -> Rule:
    return Rule(Direction.VERTICAL, begin, end, at, at + slope * (end - begin), 2.0)


def mask_with(*boxes: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    mask = np.zeros((100, 400), np.uint8)
    for x, y, width, height in boxes:
        mask[y : y + height, x : x + width] = 255
    return mask


def test_a_bar_is_a_rule_along_its_middle() -> None:
    (segment,) = fit_segments(find_sparse_components(mask_with((10, 40, 200, 3))), Direction.HORIZONTAL)
    assert segment.rule == Rule(Direction.HORIZONTAL, 10, 210, 41, 41, 3)
    assert segment.component_indices == (0,)


def test_an_upright_bar_runs_along_y() -> None:
    (segment,) = fit_segments(find_sparse_components(mask_with((30, 10, 2, 80))), Direction.VERTICAL)
    assert segment.rule == Rule(Direction.VERTICAL, 10, 90, 30.5, 30.5, 2)
    assert segment.rule.endpoints == ((30.5, 10), (30.5, 90))


def test_a_slanting_line_has_its_slope() -> None:
    mask = np.zeros((100, 400), np.uint8)
    cv2.line(mask, (20, 30), (380, 48), 255, 2)
    (segment,) = fit_segments(find_sparse_components(mask), Direction.HORIZONTAL)
    assert segment.rule.slope == pytest.approx(0.05, abs=0.003)
    assert segment.rule.across_at(200) == pytest.approx(39, abs=1)


def test_a_stroke_that_runs_into_a_line_does_not_bend_it() -> None:
    mask = mask_with((10, 40, 300, 2), (200, 42, 40, 4))
    (segment,) = fit_segments(find_sparse_components(mask), Direction.HORIZONTAL)
    assert segment.rule.across_at_begin == pytest.approx(40.5, abs=0.2)
    assert segment.rule.across_at_end == pytest.approx(40.5, abs=0.3)


def test_a_bow_is_no_line() -> None:
    mask = np.zeros((100, 400), np.uint8)
    cv2.ellipse(mask, (200, 60), (60, 20), 0, 180, 360, 255, 2)
    assert fit_segments(find_sparse_components(mask), Direction.HORIZONTAL) == ()


def test_no_pieces_are_no_segments() -> None:
    assert fit_segments(find_sparse_components(np.zeros((5, 5), np.uint8)), Direction.HORIZONTAL) == ()


def joined(mask: NDArray[np.uint8]) -> list[Rule]:
    segments = fit_segments(find_sparse_components(mask), Direction.HORIZONTAL)
    return [segment.rule for segment in join_segments(segments, mask, 2.0, HEIGHT)]


def test_a_line_broken_by_noise_is_one() -> None:
    (rule,) = joined(mask_with((10, 40, 100, 2), (115, 40, 200, 2)))
    assert (rule.begin, rule.end, rule.thickness) == (10, 315, 2)


def test_two_underlines_with_clean_paper_between_are_two() -> None:
    assert len(joined(mask_with((10, 40, 100, 2), (150, 40, 200, 2)))) == 2


def test_dots_between_show_that_it_is_one() -> None:
    dots = [(x, 40, 2, 1) for x in range(112, 150, 5)]
    mask = mask_with((10, 40, 100, 2), (150, 40, 200, 2), *dots)
    assert joined(mask)[0].end == 350


def test_a_line_goes_on_beneath_writing_that_hides_it() -> None:
    above, lines = (10, 10, 300, 2), ((10, 40, 100, 2), (150, 40, 200, 2))

    def ends(*boxes: tuple[int, int, int, int]) -> list[float]:
        segments = fit_segments(
            find_sparse_components(mask_with(*(box for box in boxes if box[2] > 50))), Direction.HORIZONTAL
        )
        return [each.rule.end for each in join_segments(segments, mask_with(*boxes), 2.0, HEIGHT)]

    # Beside the strokes the line is too pale to be seen.
    digits = [(x, 25, 3, 20) for x in range(112, 150, 6)]
    assert ends(above, *lines, *digits) == [310, 350]
    # A label between two lines stands off both, or all lines end before it.
    assert ends(above, *lines, *((x, 25, 3, 16) for x in range(120, 142, 6))) == [310, 110, 350]
    assert ends(*lines, *digits) == [110, 350]


def test_a_line_further_down_is_another() -> None:
    assert len(joined(mask_with((10, 40, 100, 2), (112, 44, 200, 2)))) == 2


def test_short_strokes_in_a_row_are_no_line() -> None:
    assert len(joined(mask_with(*((x, 40, 25, 2) for x in range(10, 300, 30))))) == 10


def test_a_line_is_led_on_beneath_writing_to_the_next_one_across() -> None:
    borders = [upright(0, 90, x) for x in (10, 150, 290)]
    hidden = mask_with((10, 40, 100, 2), *((x, 25, 3, 20) for x in range(113, 150, 6)))
    assert extend_hidden_rules([level(10, 110, 40)], borders, hidden, 2.0, HEIGHT)[0].end == pytest.approx(150)
    assert (
        extend_hidden_rules([level(190, 290, 40)], borders, mask_with((150, 30, 40, 20)), 2.0, HEIGHT)[0].begin == 150
    )
    # With clean paper before it, or with none to lead to, it ends where it ends.
    for across, mask in ((borders, mask_with((10, 40, 100, 2))), (borders[:1], hidden), ([], hidden)):
        assert extend_hidden_rules([level(10, 110, 40)], across, mask, 2.0, HEIGHT) == [level(10, 110, 40)]
    # So does one that has met it already, and a person's line, which has met none.
    for rule in (level(10, 151, 40), level(30, 110, 40)):
        assert extend_hidden_rules([rule], borders, hidden, 2.0, HEIGHT) == [rule]


def test_segments_of_more_pieces_are_told_apart_and_put_in_order() -> None:
    left, right = (
        find_sparse_components(mask_with((10, 40, 200, 3))),
        find_sparse_components(mask_with((300, 40, 80, 3))),
    )
    first = fit_segments(right, Direction.HORIZONTAL)
    both = sort_by_begin((*first, *fit_segments(left, Direction.HORIZONTAL, len(right))))
    assert [(segment.rule.begin, segment.component_indices) for segment in both] == [(10, (1,)), (300, (0,))]
