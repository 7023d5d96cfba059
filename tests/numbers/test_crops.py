import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from scanner.image.components import label_components
from scanner.numbers.crops import crop_comb_digits, crop_text_line, whole_picture_crop
from scanner.numbers.text_lines import TextLine
from scanner.options import Charset
from scanner.recognition.line_image import LINE_HEIGHT
from scanner.recognition.line_reader import LineReader, LineReading, ReadCharacter
from scanner.recognition.number_reading import read_number_crops, read_text_line_crops
from scanner.types import Box, Ink

Gray = NDArray[np.uint8]


class Scripted(LineReader):
    """Says of every line that its text is ``text``, each character in an equal part of the ink."""

    def __init__(self, text: str, probability: float = 0.81) -> None:
        self._text, self._probability = text, probability

    def read(self, lines: object, charset: Charset) -> tuple[LineReading, ...]:
        return tuple(self._reading(line) for line in lines)  # type: ignore[attr-defined]  # given arrays

    def read_runs(self, lines: object, charset: Charset) -> tuple[tuple[LineReading, ...], ...]:
        return tuple(tuple(self._parts(line)) for line in lines)  # type: ignore[attr-defined]  # given arrays

    def _parts(self, line: Gray) -> Iterator[LineReading]:
        """Each word of the text in an equal part of the line, blank columns at its ends left out."""
        columns = np.flatnonzero(line.max(axis=0) > 127)
        words = self._text.split(" ")
        edges = np.linspace(columns[0], columns[-1] + 1, len(words) + 1)
        for word, (left, right) in zip(words, itertools.pairwise(edges), strict=True):
            steps = np.linspace(left, right, len(word) + 1)
            characters = tuple(ReadCharacter(c, *span) for c, span in zip(word, itertools.pairwise(steps), strict=True))
            yield LineReading(word, self._probability, characters, left, right)

    def _reading(self, line: Gray) -> LineReading:
        assert line.shape[0] == LINE_HEIGHT
        columns = np.flatnonzero(line.max(axis=0) > 127)
        edges = np.linspace(columns[0], columns[-1] + 1, len(self._text) + 1)
        # Narrow, in the middle of the character, as CTC tells.
        spans = [((a + b) / 2 - 2, (a + b) / 2 + 2) for a, b in itertools.pairwise(edges)]
        characters = tuple(ReadCharacter(c, *span) for c, span in zip(self._text, spans, strict=True))
        return LineReading(self._text, self._probability, characters, 0, line.shape[1])


def page(*marks: tuple[int, int, int, int]) -> tuple[Ink, TextLine]:
    mask: Gray = np.zeros((100, 300), np.uint8)
    for x, y, width, height in marks:
        mask[y : y + height, x : x + width] = 255
    ink = Ink(mask, mask, 8.0)
    return ink, TextLine(tuple(range(len(marks))), Box.around(Box(*mark) for mark in marks), 40.0)


TWO = ((100, 30, 20, 40), (130, 32, 20, 40))


def test_a_region_shows_the_number_dark_on_white_with_paper_around() -> None:
    ink, run = page(*TWO)
    region = crop_text_line(run, ink, label_components(ink.mask))
    assert region.image[0].min() == region.image[:, 0].min() == 255
    assert region.image.shape == region.mask.shape
    ys, xs = np.nonzero(region.image < 128)
    assert (region.page_columns[xs.min()], region.page_columns[xs.max()]) == (100, 149)
    assert (region.page_top + ys.min(), region.page_top + ys.max()) == (30, 71)


def test_what_is_not_of_the_run_is_not_shown() -> None:
    ink, run = page(*TWO, (122, 10, 6, 80))
    components = label_components(ink.mask)
    assert components.box(0).y == 10
    region = crop_text_line(replace(run, component_indices=(1, 2)), ink, components)
    assert np.count_nonzero(region.mask) == 2 * 20 * 40


FAR = ((20, 30, 20, 40), (240, 30, 20, 40))


def test_wide_gaps_are_closed_and_boxes_still_lie_on_the_page() -> None:
    ink, run = page(*FAR)
    region = crop_text_line(run, ink, label_components(ink.mask))
    # Two of 20 with a pixel for soft edges between, a gap of 0.6 heights of 40, and 25 of paper at either end.
    assert region.image.shape[1] == 2 * 21 + 24 + 2 * 25
    (claim,) = read_number_crops([region], Scripted("12"), Charset.DIGITS)
    assert [digit.box for digit in claim.digits] == [Box(*mark) for mark in FAR]


def test_digits_in_cells_stand_close() -> None:
    ink, run = page(*FAR)
    region = crop_comb_digits(run, ink, label_components(ink.mask))
    assert region.image.shape[1] == 2 * 21 + 6 + 2 * 25
    (claim,) = read_number_crops([region], Scripted("12"), Charset.DIGITS)
    assert [digit.box for digit in claim.digits] == [Box(*mark) for mark in FAR]


def test_a_run_is_parted_into_numbers_and_their_parts_cover_it() -> None:
    ink, run = page(*TWO, (160, 30, 20, 40), (190, 30, 20, 40))
    region = crop_text_line(run, ink, label_components(ink.mask))
    (parts,) = read_text_line_crops([region], Scripted("12 34"), Charset.DIGITS)
    assert [part.claim.opinion.text for part in parts] == ["12", "34"]
    assert [[digit.box.x for digit in part.claim.digits] for part in parts] == [[100, 130], [160, 190]]
    assert parts[0].page_left <= 100
    assert parts[-1].page_right >= 210
    assert 150 <= parts[0].page_right == parts[1].page_left <= 160


def test_each_digit_has_its_ink_for_a_box_and_an_equal_share_in_the_confidence() -> None:
    ink, run = page(*TWO)
    region = crop_text_line(run, ink, label_components(ink.mask))
    (claim,) = read_number_crops([region], Scripted("42", 0.81), Charset.DIGITS)
    assert (claim.opinion.reader, claim.opinion.text, claim.opinion.confidence) == ("number", "42", 0.81)
    assert [(digit.text, digit.box) for digit in claim.digits] == [("4", Box(*TWO[0])), ("2", Box(*TWO[1]))]
    assert [round(digit.confidence, 6) for digit in claim.digits] == [0.9, 0.9]


def test_what_stands_beside_a_number_unread_is_not_in_its_box() -> None:
    # A thin stroke close behind the second digit, which the reader passes over.
    ink, run = page(*TWO, (154, 28, 3, 46))
    region = crop_text_line(run, ink, label_components(ink.mask))

    class WithoutTheLast(Scripted):
        def _reading(self, line: Gray) -> LineReading:
            shown = line.copy()
            shown[:, np.flatnonzero(line.max(axis=0) > 127)[-1] - 3 :] = 0
            return super()._reading(shown)

    (claim,) = read_number_crops([region], WithoutTheLast("42"), Charset.DIGITS)
    assert [digit.box for digit in claim.digits] == [Box(*mark) for mark in TWO]


def test_separators_are_in_the_text_but_no_digits() -> None:
    ink, _ = page((100, 30, 20, 40), (126, 62, 8, 8), (140, 30, 20, 40))
    (claim,) = read_number_crops([whole_picture_crop(255 - ink.mask, ink.mask)], Scripted("4,2"), Charset.DECIMAL)
    assert claim.opinion.text == "4,2"
    assert [digit.text for digit in claim.digits] == ["4", "2"]


def test_a_separator_alone_is_no_number() -> None:
    ink, _ = page((100, 45, 30, 8))
    (claim,) = read_number_crops([whole_picture_crop(255 - ink.mask, ink.mask)], Scripted("-"), Charset.DECIMAL)
    assert (claim.opinion.text, claim.digits) == ("", ())


def test_no_regions() -> None:
    assert read_number_crops([], Scripted("1"), Charset.DIGITS) == ()
