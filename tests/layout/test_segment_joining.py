import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.image.components import find_sparse_components, label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.layout.line_segments import Direction, Rule, fit_segments
from scanner.layout.segment_joining import extend_hidden_rules, join_segments

CHARACTER_HEIGHT = 20.0


def horizontal(begin: float, end: float, y: float) -> Rule:
    return Rule(Direction.HORIZONTAL, begin, end, y, y, 2.0)


def vertical(begin: float, end: float, x: float) -> Rule:
    return Rule(Direction.VERTICAL, begin, end, x, x, 2.0)


def mask_with(*boxes: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    mask = np.zeros((100, 400), np.uint8)
    for x, y, width, height in boxes:
        mask[y : y + height, x : x + width] = 255
    return mask


def ink_of(mask: NDArray[np.uint8]) -> MeasuredInk:
    return MeasuredInk(mask, mask, 2.0, label_components(mask), CHARACTER_HEIGHT)


def joined(mask: NDArray[np.uint8]) -> list[Rule]:
    segments = fit_segments(find_sparse_components(mask), Direction.HORIZONTAL)
    return [segment.rule for segment in join_segments(segments, ink_of(mask))]


def test_a_line_broken_by_noise_is_one() -> None:
    (rule,) = joined(mask_with((10, 40, 100, 2), (115, 40, 200, 2)))
    assert (rule.begin, rule.end, rule.thickness) == (10, 315, 2)


def test_two_underlines_with_clean_paper_between_are_two() -> None:
    assert len(joined(mask_with((10, 40, 100, 2), (150, 40, 200, 2)))) == 2


def test_two_segments_with_dots_between_are_one_line() -> None:
    dots = [(x, 40, 2, 1) for x in range(112, 150, 5)]
    mask = mask_with((10, 40, 100, 2), (150, 40, 200, 2), *dots)
    assert joined(mask)[0].end == 350


def test_a_line_continues_beneath_writing_that_hides_it() -> None:
    above, lines = (10, 10, 300, 2), ((10, 40, 100, 2), (150, 40, 200, 2))

    def ends(*boxes: tuple[int, int, int, int]) -> list[float]:
        segments = fit_segments(
            find_sparse_components(mask_with(*(box for box in boxes if box[2] > 50))), Direction.HORIZONTAL
        )
        return [each.rule.end for each in join_segments(segments, ink_of(mask_with(*boxes)))]

    # Beside the strokes the line is too pale to be seen.
    digits = [(x, 25, 3, 20) for x in range(112, 150, 6)]
    assert ends(above, *lines, *digits) == [310, 350]
    # A label between two lines does not touch them, or no other line runs past it.
    assert ends(above, *lines, *((x, 25, 3, 16) for x in range(120, 142, 6))) == [310, 110, 350]
    assert ends(*lines, *digits) == [110, 350]


def test_a_segment_further_down_is_another_line() -> None:
    assert len(joined(mask_with((10, 40, 100, 2), (112, 44, 200, 2)))) == 2


def test_short_strokes_in_a_row_are_no_line() -> None:
    assert len(joined(mask_with(*((x, 40, 25, 2) for x in range(10, 300, 30))))) == 10


def test_a_rule_is_extended_beneath_writing_to_the_next_perpendicular_one() -> None:
    borders = [vertical(0, 90, x) for x in (10, 150, 290)]
    hidden = ink_of(mask_with((10, 40, 100, 2), *((x, 25, 3, 20) for x in range(113, 150, 6))))
    assert extend_hidden_rules([horizontal(10, 110, 40)], borders, hidden)[0].end == pytest.approx(150)
    assert (
        extend_hidden_rules([horizontal(190, 290, 40)], borders, ink_of(mask_with((150, 30, 40, 20))))[0].begin == 150
    )
    # On clean paper, or without a rule to lead to, it stays as it is.
    clean = ink_of(mask_with((10, 40, 100, 2)))
    for borders_met, ink in ((borders, clean), (borders[:1], hidden), ([], hidden)):
        assert extend_hidden_rules([horizontal(10, 110, 40)], borders_met, ink) == [horizontal(10, 110, 40)]
    # So does a rule that has met one already, and a person's line, which has met none.
    for rule in (horizontal(10, 151, 40), horizontal(30, 110, 40)):
        assert extend_hidden_rules([rule], borders, hidden) == [rule]
