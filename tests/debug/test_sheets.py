from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.debug import sheets
from scanner.numbers.comb_digits import CombDigits
from scanner.recognition.cut_lattice import Hypothesis, Lattice
from scanner.recognition.lattice_decoding import ReadDigit
from scanner.types import Box, Glyph, Opinion

if TYPE_CHECKING:
    from scanner.pipeline import StageOutputs
    from scanner.types import Image


def tile(width: int, height: int, grey: int) -> Image:
    return np.full((height, width, 3), grey, np.uint8)


def columns_of(sheet: Image, grey: int) -> list[int]:
    return np.flatnonzero((sheet == grey).all(axis=2).any(axis=0)).tolist()


def rows_of(sheet: Image, grey: int) -> list[int]:
    return np.flatnonzero((sheet == grey).all(axis=2).any(axis=1)).tolist()


def test_tiles_flow_into_rows() -> None:
    sheet = sheets.lay_out_tiles([tile(800, 30, 10), tile(800, 50, 20), tile(200, 30, 30), tile(10, 10, 40)])
    assert [len(columns_of(sheet, grey)) for grey in (10, 20, 30, 40)] == [800, 800, 200, 10]
    assert columns_of(sheet, 10)[-1] < columns_of(sheet, 20)[0]
    assert rows_of(sheet, 10)[0] == rows_of(sheet, 20)[0]
    assert rows_of(sheet, 20)[-1] < rows_of(sheet, 30)[0]
    assert columns_of(sheet, 30)[0] == columns_of(sheet, 10)[0]
    assert columns_of(sheet, 30)[-1] < columns_of(sheet, 40)[0]


def test_a_sheet_has_an_end_and_says_so() -> None:
    few = sheets.lay_out_tiles(tile(1700, 300, 10) for _ in range(3))
    many = sheets.lay_out_tiles(tile(1700, 300, 10) for _ in range(500))
    assert few.shape[0] < many.shape[0] < 9_000
    assert (many[-30:] < 100).any()


def hypothesis(start: int, end: int) -> Hypothesis:
    box = Box(10 * start, 0, 10 * (end - start), 20)
    return Hypothesis(start, end, Glyph(box, np.full((20, box.width), 255, np.uint8)), 1.0, 1)


def test_bars_in_a_row_do_not_overlap_and_short_ones_come_first() -> None:
    spans = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    assert sheets.assign_bar_rows([hypothesis(*span) for span in spans]) == [0, 1, 3, 0, 2, 0]
    assert sheets.assign_bar_rows([]) == []


def test_the_way_through_a_lattice_is_found_again() -> None:
    spans = [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)]
    lattice = Lattice(4, tuple(hypothesis(*span) for span in spans))
    path = (ReadDigit(7, 0.9, False, Box(0, 0, 20, 20)), ReadDigit(None, 0.9, False, Box(20, 0, 10, 20)))
    assert [index for index, _ in sheets.path_hypotheses(lattice, path)] == [1, 4]


def count(image: Image, colour: tuple[int, int, int]) -> int:
    """Pixels of an RGB colour in a BGR image."""
    return int(np.all(np.equal(image, colour[::-1]), axis=2).sum())


def test_each_run_has_a_tile_with_its_cuts(page: StageOutputs) -> None:
    first = replace(
        page,
        text_lines=page.text_lines[:1],
        lattices=page.lattices[:1],
        hypothesis_readings=page.hypothesis_readings[:1],
        best_paths=page.best_paths[:1],
    )
    none_taken = replace(first, best_paths=((),))
    both, one, none = (sheets.draw_cuts(stages) for stages in (page, first, none_taken))
    assert both is not None
    assert one is not None
    assert none is not None
    # The legend has one patch of the colour.
    assert (
        0
        < count(none, sheets.CHOSEN_DIGIT_COLOUR)
        < count(one, sheets.CHOSEN_DIGIT_COLOUR)
        < count(both, sheets.CHOSEN_DIGIT_COLOUR)
    )


def test_a_piece_taken_for_no_digit_is_told_from_digits(page: StageOutputs) -> None:
    junk = tuple(tuple(replace(piece, digit=None) for piece in path) for path in page.best_paths)
    digits, none = sheets.draw_cuts(page), sheets.draw_cuts(replace(page, best_paths=junk))
    assert digits is not None
    assert none is not None
    assert count(digits, sheets.CHOSEN_DIGIT_COLOUR) > count(none, sheets.CHOSEN_DIGIT_COLOUR)
    assert count(digits, sheets.CHOSEN_NO_DIGIT_COLOUR) < count(none, sheets.CHOSEN_NO_DIGIT_COLOUR)


def test_glyphs_are_shown_as_the_classifier_saw_them(page: StageOutputs) -> None:
    sheet = sheets.draw_glyphs(page)
    assert sheet is not None
    # Six glyphs, white on black.
    assert np.count_nonzero((sheet == 0).all(axis=2)) > 6 * 0.5 * (28 * 3) ** 2


def test_glyphs_in_comb_cells_are_shown(page: StageOutputs) -> None:
    run = page.text_lines[0]
    shown = tuple(each.glyph for each in page.lattices[0].hypotheses[:2])
    strip = CombDigits(run, (1, 3), shown)
    without_runs = replace(page, text_lines=(), lattices=(), best_paths=(), hypothesis_readings=())
    assert sheets.draw_glyphs(without_runs) is None
    combed = replace(without_runs, comb_digits=(strip,), comb_readings=(page.hypothesis_readings[0][:2],))
    assert sheets.draw_glyphs(combed) is not None
    assert sheets.draw_cuts(combed) is None


def test_lines_tell_what_each_reader_said(page: StageOutputs) -> None:
    assert sheets.draw_line_images(page) is None
    said = tuple(
        replace(answer, opinions=(*answer.opinions, Opinion("number", "", 0.4))) for answer in page.fused_readings
    )
    asked = sheets.draw_line_images(replace(page, fused_readings=said))
    refused = sheets.draw_line_images(replace(page, fused_readings=tuple(replace(each, digits=()) for each in said)))
    assert asked is not None
    assert refused is not None
    assert (asked != refused).any()
