from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.debug import contact_sheets
from scanner.pipeline import ContourReadings
from scanner.recognition.cut_lattice import Hypothesis, Lattice
from scanner.recognition.lattice_decoding import ReadDigit
from scanner.types import Box, Glyph, Opinion

if TYPE_CHECKING:
    from scanner.numbers.text_lines import TextLine
    from scanner.pipeline import DecodedLattice, StageOutputs
    from scanner.types import Image


def hypothesis(start: int, end: int) -> Hypothesis:
    box = Box(10 * start, 0, 10 * (end - start), 20)
    return Hypothesis(start, end, Glyph(box, np.full((20, box.width), 255, np.uint8)), 1.0, 1)


def test_bars_in_a_row_do_not_overlap_and_short_ones_come_first() -> None:
    spans = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    assert contact_sheets.assign_bar_rows([hypothesis(*span) for span in spans]) == [0, 1, 3, 0, 2, 0]
    assert contact_sheets.assign_bar_rows([]) == []


def test_the_hypotheses_of_a_path_are_found() -> None:
    spans = [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)]
    lattice = Lattice(4, tuple(hypothesis(*span) for span in spans))
    path = (ReadDigit(7, 0.9, False, Box(0, 0, 20, 20)), ReadDigit(None, 0.9, False, Box(20, 0, 10, 20)))
    assert [index for index, _ in contact_sheets.path_hypotheses(lattice, path)] == [1, 4]


def count(image: Image, colour: tuple[int, int, int]) -> int:
    """Pixels of an RGB colour in a BGR image."""
    return int(np.all(np.equal(image, colour[::-1]), axis=2).sum())


def with_lines(
    page: StageOutputs, text_lines: tuple[TextLine, ...], decoded: tuple[DecodedLattice, ...]
) -> StageOutputs:
    """The stages of the page with other text lines."""
    candidates = replace(page.prepared.candidates, text_lines=text_lines)
    prepared = replace(page.prepared, candidates=candidates)
    return replace(page, prepared=prepared, contours=ContourReadings(decoded))


def test_each_text_line_has_a_tile_with_its_cuts(page: StageOutputs) -> None:
    lines, decoded = page.prepared.candidates.text_lines[:1], page.contours.text_lines[0]
    first = with_lines(page, lines, (decoded,))
    no_path = with_lines(page, lines, (replace(decoded, best_path=()),))
    both, one, none = (contact_sheets.draw_cuts(stages) for stages in (page, first, no_path))
    assert both is not None
    assert one is not None
    assert none is not None
    # The legend has one patch of the colour.
    assert (
        0
        < count(none, contact_sheets.CHOSEN_DIGIT_COLOUR)
        < count(one, contact_sheets.CHOSEN_DIGIT_COLOUR)
        < count(both, contact_sheets.CHOSEN_DIGIT_COLOUR)
    )


def test_no_digit_on_the_best_path_has_another_colour_than_digits(page: StageOutputs) -> None:
    no_digits = tuple(
        replace(line, best_path=tuple(replace(digit, digit=None) for digit in line.best_path))
        for line in page.contours.text_lines
    )
    digits = contact_sheets.draw_cuts(page)
    none = contact_sheets.draw_cuts(with_lines(page, page.prepared.candidates.text_lines, no_digits))
    assert digits is not None
    assert none is not None
    assert count(digits, contact_sheets.CHOSEN_DIGIT_COLOUR) > count(none, contact_sheets.CHOSEN_DIGIT_COLOUR)
    assert count(digits, contact_sheets.CHOSEN_NO_DIGIT_COLOUR) < count(none, contact_sheets.CHOSEN_NO_DIGIT_COLOUR)


def test_glyphs_are_shown_as_the_classifier_saw_them(page: StageOutputs) -> None:
    sheet = contact_sheets.draw_glyphs(page)
    assert sheet is not None
    # Six glyphs, white on black.
    assert np.count_nonzero((sheet == 0).all(axis=2)) > 6 * 0.5 * (28 * 3) ** 2


def test_without_text_lines_there_are_neither_glyphs_nor_cuts(page: StageOutputs) -> None:
    without = with_lines(page, (), ())
    assert contact_sheets.draw_glyphs(without) is None
    assert contact_sheets.draw_cuts(without) is None


def test_line_images_show_the_opinion_of_each_reader(page: StageOutputs) -> None:
    assert contact_sheets.draw_line_images(page) is None
    asked = tuple(
        replace(each, reading=replace(each.reading, opinions=(*each.reading.opinions, Opinion("number", "", 0.4))))
        for each in page.decisions
    )
    rejected = tuple(replace(each, reading=replace(each.reading, digits=())) for each in asked)
    with_numbers = contact_sheets.draw_line_images(replace(page, decisions=asked))
    without = contact_sheets.draw_line_images(replace(page, decisions=rejected))
    assert with_numbers is not None
    assert without is not None
    assert (with_numbers != without).any()
