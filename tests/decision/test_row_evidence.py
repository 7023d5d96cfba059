from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.decision.located_numbers import LocatedNumber
from scanner.decision.reader_fusion import FusedReading
from scanner.decision.row_evidence import EVIDENCE_NAMES, PageEvidence, row_evidence
from scanner.image.components import label_components
from scanner.layout.ink_classes import InkClass
from scanner.layout.line_segments import Direction, Rule
from scanner.layout.number_finder import NumberRegion
from scanner.numbers.text_lines import TextLine
from scanner.recognition.reader_claims import Claim
from scanner.types import Box, Digit, Opinion

HEIGHT, WIDTH = 40, 20


def claim(reader: str, text: str, confidence: float, x: int, y: int) -> Claim:
    digits = tuple(Digit(each, confidence, Box(x + 30 * i, y, WIDTH, HEIGHT)) for i, each in enumerate(text))
    return Claim(Opinion(reader, text, confidence), digits)


class Sheet:
    """A page with numbers whose digits are filled boxes; each digit is a component."""

    def __init__(self) -> None:
        self.mask: NDArray[np.uint8] = np.zeros((400, 600), np.uint8)
        self.numbers: list[LocatedNumber] = []
        self.readings: list[FusedReading] = []
        self.rules: list[Rule] = []
        self._boxes: list[Box] = []

    def write(
        self,
        x: int,
        y: int,
        line_text: str,
        contour_text: str,
        confidence: float = 0.9,
        table_cell: tuple[int, int, int] = (0, 1, 1),
        seen_digits: int | None = None,
    ) -> None:
        line, contours = claim("number", line_text, confidence, x, y), claim("contours", contour_text, confidence, x, y)
        box = Box(x, y, 30 * max(len(line_text), 1) - 10, HEIGHT)
        for index in range(len(line_text)):
            left = x + 30 * index
            self.mask[y : y + HEIGHT, left : left + WIDTH] = 255
            self._boxes.append(Box(left, y, WIDTH, HEIGHT))
        columns = tuple(range(len(line_text) if seen_digits is None else seen_digits))
        region = NumberRegion(box, 0.9, 0.0, columns)
        table, row, column = table_cell
        text_line = TextLine((), box, float(HEIGHT), region)
        number = LocatedNumber(row, column, box, contours, line, 0, text_line, table, kind="handwritten")
        self.numbers.append(number)
        self.readings.append(FusedReading(line_text, confidence, line.digits, (contours.opinion, line.opinion)))

    def blot(self, box: Box) -> None:
        self.mask[box.y : box.bottom, box.x : box.right] = 255

    def evidence(self, name: str, reads_separators: bool = False) -> list[float]:
        components = label_components(self.mask)
        shares = np.zeros((len(components), len(InkClass)))
        shares[:, InkClass.WRITING] = 1
        numbers = []
        for number in self.numbers:
            assert number.box is not None
            x, y, width, height = components.boxes.T
            inside = (x >= number.box.x) & (x + width <= number.box.right)
            inside &= (y >= number.box.y) & (y + height <= number.box.bottom)
            shares[inside] = np.eye(len(InkClass))[InkClass.DIGIT]
            assert number.text_line is not None
            line = TextLine(tuple(np.flatnonzero(inside).tolist()), number.box, float(HEIGHT), number.text_line.region)
            numbers.append(with_line(number, line))
        page = PageEvidence(components, self.mask, shares, self.rules, float(HEIGHT), reads_separators)
        found = row_evidence(numbers, self.readings, page)
        assert found.shape == (len(numbers), len(EVIDENCE_NAMES))
        assert np.isfinite(found).all()
        return [float(value) for value in found[:, EVIDENCE_NAMES.index(name)]]


def with_line(number: LocatedNumber, line: TextLine) -> LocatedNumber:
    return replace(number, text_line=line)


def log_odds(p: float) -> float:
    return float(np.log(p / (1 - p)))


def test_readers_agree_or_not() -> None:
    sheet = Sheet()
    sheet.write(20, 20, "12", "12")
    sheet.write(20, 120, "12", "13")
    sheet.write(20, 220, "12", "123")
    assert sheet.evidence("readers agree") == [1, 0, 0]
    assert sheet.evidence("one reader more or fewer digits") == [0, 0, 1]
    assert sheet.evidence("line reader") == pytest.approx([log_odds(0.9)] * 3)


def test_digits_that_the_page_network_sees_are_compared_with_those_read() -> None:
    sheet = Sheet()
    sheet.write(20, 20, "123", "123")
    sheet.write(20, 120, "12", "12", seen_digits=3)
    assert sheet.evidence("digits seen less digits read") == [0, 1]


def test_ink_classes_of_the_number_alone() -> None:
    sheet = Sheet()
    sheet.write(100, 20, "12", "12")
    sheet.blot(Box(40, 20, 30, 40))
    assert sheet.evidence("digit ink") == [1]
    assert sheet.evidence("writing ink") == [0]


def test_other_ink_beside_a_number() -> None:
    sheet = Sheet()
    sheet.write(100, 20, "12", "12")
    sheet.write(100, 120, "12", "12")
    # 30 x 40 pixels, in heights of 40; one at the left of the first number, none within a height of the second.
    sheet.blot(Box(65, 20, 30, 40))
    sheet.blot(Box(400, 120, 30, 40))
    assert sheet.evidence("other ink at the left") == pytest.approx([0.75, 0])
    assert sheet.evidence("other ink at the right") == [0, 0]


def test_specks_as_large_as_points_that_nobody_read() -> None:
    sheet = Sheet()
    sheet.write(100, 20, "123", "123")
    sheet.write(100, 120, "123", "123")
    sheet.blot(Box(123, 40, 4, 4))  # between two digits
    sheet.blot(Box(153, 40, 4, 4))
    assert sheet.evidence("points not read", reads_separators=True) == [2, 0]
    assert sheet.evidence("points not read") == [0, 0]


def test_a_point_that_was_read_where_no_speck_stands() -> None:
    sheet = Sheet()
    sheet.write(100, 20, "123", "123")
    sheet.write(100, 120, "123", "123")
    sheet.blot(Box(123, 40, 4, 4))
    sheet.readings = [replace(reading, text="1.23") for reading in sheet.readings]
    assert sheet.evidence("points read without a speck", reads_separators=True) == [0, 1]
    assert sheet.evidence("points not read", reads_separators=True) == [0, 0]


def test_others_in_the_same_cell_of_a_table() -> None:
    sheet = Sheet()
    sheet.write(20, 20, "12", "12", table_cell=(1, 1, 1))
    sheet.write(120, 20, "34", "34", table_cell=(1, 1, 1))
    sheet.write(220, 20, "56", "56", table_cell=(1, 1, 2))
    sheet.write(320, 20, "78", "78", table_cell=(0, 1, 1))
    sheet.write(420, 20, "90", "90", table_cell=(0, 1, 1))
    assert sheet.evidence("others in its cell") == [1, 1, 0, 0, 0]


def test_a_vertical_rule_through_a_number() -> None:
    sheet = Sheet()
    sheet.write(100, 20, "12", "12")
    sheet.write(100, 120, "12", "12")
    sheet.rules.append(Rule(Direction.VERTICAL, 0, 80, 125, 125, 2))
    sheet.rules.append(Rule(Direction.HORIZONTAL, 0, 600, 40, 40, 2))
    assert sheet.evidence("vertical rules crossed") == [1, 0]


def test_a_number_unlike_its_column() -> None:
    sheet = Sheet()
    for row in range(4):
        sheet.write(20, 20 + 90 * row, "12" if row else "123", "12", table_cell=(1, row + 1, 1))
    # Of three others, two have two digits, and none has three.
    assert sheet.evidence("like its column in digits") == pytest.approx([-0.3, 0.1, 0.1, 0.1])


def test_a_number_without_the_decimals_of_its_column() -> None:
    sheet = Sheet()
    for row, text in enumerate(["4.72", "5,42", "433", "11.82"]):
        sheet.write(20, 20 + 90 * row, text, "12", table_cell=(1, row + 1, 1))
    assert sheet.evidence("like its column in decimals") == pytest.approx([0.1, 0.1, -0.3, 0.1])


def test_numbers_in_no_table_are_compared_with_none() -> None:
    sheet = Sheet()
    for row in range(4):
        sheet.write(20, 20 + 90 * row, "12", "12")
    assert sheet.evidence("like its column in digits") == [0] * 4


def test_what_is_read_elsewhere_on_the_page() -> None:
    sheet = Sheet()
    sheet.write(20, 20, "12", "12")
    sheet.write(20, 120, "12", "13")
    # Each looks at the other, and at two of the mean of one half.
    assert sheet.evidence("readers agree elsewhere on the page") == pytest.approx([1 / 3, 2 / 3])


def test_the_next_number_in_the_line() -> None:
    sheet = Sheet()
    sheet.write(20, 20, "1", "1")
    sheet.write(80, 20, "1", "1")
    sheet.write(20, 200, "1", "1")
    # A gap of one height; none at all within two.
    assert sheet.evidence("other number near") == pytest.approx([0.5, 0.5, 0])


def test_ink_that_is_in_no_digit() -> None:
    sheet = Sheet()
    sheet.write(20, 20, "123", "123")
    reading = sheet.readings[0]
    sheet.readings[0] = FusedReading("12", 0.9, reading.digits[:2], reading.opinions)
    assert sheet.evidence("ink left over") == pytest.approx([1 / 3])


def test_a_page_without_numbers() -> None:
    blank = np.zeros((4, 4), np.uint8)
    page = PageEvidence(label_components(blank), blank, np.zeros((0, len(InkClass))), (), 10.0, reads_separators=False)
    assert row_evidence([], [], page).shape == (0, len(EVIDENCE_NAMES))


def test_a_cell_with_numbers_below_each_other_is_room_to_write_in() -> None:
    sheet = Sheet()
    sheet.write(20, 20, "1", "1", table_cell=(1, 1, 1))
    sheet.write(20, 120, "1", "1", table_cell=(1, 1, 1))
    # Beside each other in one cell.
    sheet.write(20, 220, "1", "1", table_cell=(1, 2, 1))
    sheet.write(120, 220, "1", "1", table_cell=(1, 2, 1))
    assert sheet.evidence("others in its cell") == [0, 0, 1, 1]
