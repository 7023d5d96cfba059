import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.numbers.crops import NumberCrop, crop_text_line, whole_picture_crop
from scanner.numbers.text_lines import TextLine
from scanner.options import Charset
from scanner.recognition.line_image import LINE_HEIGHT
from scanner.recognition.line_reader import LineReader, LineReading, ReadCharacter
from scanner.recognition.number_reading import read_number_crops, read_text_line_crops
from scanner.types import Box

Gray = NDArray[np.uint8]

TWO_DIGITS = ((100, 30, 20, 40), (130, 32, 20, 40))
FAR_APART = ((20, 30, 20, 40), (240, 30, 20, 40))


class ScriptedReader(LineReader):
    """Reads ``text`` in every line, each character in an equal part of the ink."""

    def __init__(self, text: str, probability: float = 0.81) -> None:
        self._text, self._probability = text, probability

    def read_numbers(self, lines: object, charset: Charset) -> tuple[LineReading, ...]:
        return tuple(self._reading(line) for line in lines)  # type: ignore[attr-defined]  # given arrays

    def read_text_lines(self, lines: object, charset: Charset) -> tuple[tuple[LineReading, ...], ...]:
        return tuple(tuple(self._words(line)) for line in lines)  # type: ignore[attr-defined]  # given arrays

    def _words(self, line: Gray) -> Iterator[LineReading]:
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
        # Narrow, in the middle of the character, like the spikes of a CTC network.
        spans = [((a + b) / 2 - 2, (a + b) / 2 + 2) for a, b in itertools.pairwise(edges)]
        characters = tuple(ReadCharacter(c, *span) for c, span in zip(self._text, spans, strict=True))
        return LineReading(self._text, self._probability, characters, 0, line.shape[1])


def page(*marks: tuple[int, int, int, int]) -> tuple[MeasuredInk, TextLine]:
    """The ink of a page with these boxes filled, and the text line that they are."""
    mask: Gray = np.zeros((100, 300), np.uint8)
    for x, y, width, height in marks:
        mask[y : y + height, x : x + width] = 255
    ink = MeasuredInk(mask, mask, 8.0, label_components(mask), 40.0)
    return ink, TextLine(tuple(range(len(marks))), Box.around(Box(*mark) for mark in marks), 40.0)


def cropped(*marks: tuple[int, int, int, int]) -> NumberCrop:
    ink, line = page(*marks)
    return crop_text_line(line, ink)


def test_boxes_lie_on_the_page_though_gaps_were_narrowed() -> None:
    (claim,) = read_number_crops([cropped(*FAR_APART)], ScriptedReader("12"), Charset.DIGITS)
    assert [digit.box for digit in claim.digits] == [Box(*mark) for mark in FAR_APART]


def test_a_text_line_is_split_into_numbers_whose_spans_cover_it() -> None:
    crop = cropped(*TWO_DIGITS, (160, 30, 20, 40), (190, 30, 20, 40))
    (spans,) = read_text_line_crops([crop], ScriptedReader("12 34"), Charset.DIGITS)
    assert [span.claim.opinion.text for span in spans] == ["12", "34"]
    assert [[digit.box.x for digit in span.claim.digits] for span in spans] == [[100, 130], [160, 190]]
    assert spans[0].page_left <= 100
    assert spans[-1].page_right >= 210
    assert 150 <= spans[0].page_right == spans[1].page_left <= 160


def test_a_text_line_that_is_known_to_be_one_number_is_not_split() -> None:
    crop = cropped(*TWO_DIGITS)
    first, second = read_text_line_crops([crop, crop], ScriptedReader("4 2"), Charset.DIGITS, whole=[1])
    assert [span.claim.opinion.text for span in first] == ["4", "2"]
    assert [span.claim.opinion.text for span in second] == ["4 2"]
    assert second[0].page_left <= 100
    assert second[0].page_right >= 150


def test_each_digit_has_the_box_of_its_ink_and_an_equal_share_of_the_confidence() -> None:
    (claim,) = read_number_crops([cropped(*TWO_DIGITS)], ScriptedReader("42", 0.81), Charset.DIGITS)
    assert (claim.opinion.reader, claim.opinion.text, claim.opinion.confidence) == ("number", "42", 0.81)
    assert [(digit.text, digit.box) for digit in claim.digits] == [
        ("4", Box(*TWO_DIGITS[0])),
        ("2", Box(*TWO_DIGITS[1])),
    ]
    assert [round(digit.confidence, 6) for digit in claim.digits] == [0.9, 0.9]


def test_an_unread_mark_beside_a_number_is_not_in_its_box() -> None:
    # A thin stroke close behind the second digit, which the reader ignores.
    crop = cropped(*TWO_DIGITS, (154, 28, 3, 46))

    class WithoutTheLastStroke(ScriptedReader):
        def _reading(self, line: Gray) -> LineReading:
            shown = line.copy()
            shown[:, np.flatnonzero(line.max(axis=0) > 127)[-1] - 3 :] = 0
            return super()._reading(shown)

    (claim,) = read_number_crops([crop], WithoutTheLastStroke("42"), Charset.DIGITS)
    assert [digit.box for digit in claim.digits] == [Box(*mark) for mark in TWO_DIGITS]


def test_separators_are_in_the_text_but_are_no_digits() -> None:
    ink, _ = page((100, 30, 20, 40), (126, 62, 8, 8), (140, 30, 20, 40))
    crop = whole_picture_crop(255 - ink.mask, ink.mask)
    (claim,) = read_number_crops([crop], ScriptedReader("4,2"), Charset.DECIMAL)
    assert claim.opinion.text == "4,2"
    assert [digit.text for digit in claim.digits] == ["4", "2"]


def test_a_separator_alone_is_no_number() -> None:
    ink, _ = page((100, 45, 30, 8))
    crop = whole_picture_crop(255 - ink.mask, ink.mask)
    (claim,) = read_number_crops([crop], ScriptedReader("-"), Charset.DECIMAL)
    assert (claim.opinion.text, claim.digits) == ("", ())


def test_no_crops_give_no_claims() -> None:
    assert read_number_crops([], ScriptedReader("1"), Charset.DIGITS) == ()


def test_a_crop_whose_rows_are_known_is_read_at_them() -> None:
    image: Gray = np.full((60, 120), 255, np.uint8)
    image[15:45, 40:46] = image[15:45, 80:86] = 30
    mask = np.where(image < 128, np.uint8(255), np.uint8(0))
    crop = NumberCrop(image, mask, np.arange(200, 320), 50, (15.0, 45.0))
    (claim,) = read_number_crops([crop], ScriptedReader("12"), Charset.DIGITS)
    assert [digit.box for digit in claim.digits] == [Box(240, 65, 6, 30), Box(280, 65, 6, 30)]
