"""Locate numbers on a page: from the digits along text lines to numbers in reading order."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.decision.claim_splitting import split_claim
from scanner.decision.digit_grouping import DigitGroup, group_digits
from scanner.decision.number_grid import place_numbers
from scanner.decision.strikethrough import NO_EVIDENCE_SCORE, strikethrough_score
from scanner.layout.ink_classes import InkClass, classify_number_kind
from scanner.options import NumberKind
from scanner.recognition.lattice_decoding import MIN_DIGIT_HEIGHT_SHARE
from scanner.recognition.reader_claims import Claim
from scanner.types import Box, Digit, Opinion

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from scanner.image.components import Components
    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.cell_assignment import CellAssignment, FormCell
    from scanner.layout.line_segments import Rule
    from scanner.numbers.text_lines import TextLine
    from scanner.recognition.lattice_decoding import ReadDigit
    from scanner.recognition.number_reading import ReadSpan


@dataclass(frozen=True, slots=True)
class FoundNumber:
    """A number found on a page, before it has a row and a column."""

    contour_digits: tuple[ReadDigit, ...]
    """Its digits as read from their contours; empty if the contours found none."""
    line_claim: Claim | None
    """What the line reader says; None if it was not asked."""
    box: Box
    """Box around its digits, pixels of the rectified page."""
    text_line: TextLine
    """The text line it is a part of."""
    crop_index: int
    """Index of the number crop it is in."""
    kind: str = ""
    """``handwritten`` or ``printed``; empty if the ink classes are unknown."""
    kind_share: float = 1.0
    """Share of its ink that is of the requested kind, 0-1."""
    strikethrough_score: float = NO_EVIDENCE_SCORE
    """Evidence that it is crossed out, see :mod:`scanner.decision.strikethrough`."""


@dataclass(frozen=True, slots=True)
class LocatedNumber:
    """A number with its row and column, and what each reader says of it.

    The attributes that it shares with :class:`FoundNumber` mean the same.
    """

    row: int
    """Row of its table, or of the page if it is in no table; from 1."""
    column: int
    """Column of its table, or its position in its row; from 1."""
    box: Box | None
    """Box around the digits of all readers, pixels of the rectified page; None for a crop without ink."""
    contour_claim: Claim
    """What the digit classifier says."""
    line_claim: Claim | None
    crop_index: int
    text_line: TextLine | None = None
    """The text line it is a part of; None in a crop or a matrix."""
    table: int = 0
    """Number of its table on the page, from 1; 0 if it is in none."""
    kind: str = ""
    kind_share: float = 1.0
    strikethrough_score: float = NO_EVIDENCE_SCORE
    text_line_claim: Claim | None = None
    """What the line reader for text lines says of a crop; None if it was not asked."""
    form_cell: FormCell | None = None
    """The cell of a ruled table that it stands in; None if it is in none."""


def find_by_contours(
    text_lines: Sequence[TextLine], best_paths: Sequence[Sequence[ReadDigit]], components: Components
) -> tuple[FoundNumber, ...]:
    """Find numbers along text lines from their contours alone.

    Args:
        text_lines: text lines of the page.
        best_paths: the best path through the lattice of each.
        components: components of the page.
    """
    return tuple(
        FoundNumber(group.digits, None, group.box, line, index)
        for index, (line, path) in enumerate(zip(text_lines, best_paths, strict=True))
        for group in _group_digits_of(line, path, components)
    )


def find_by_line_reader(
    text_lines: Sequence[TextLine],
    best_paths: Sequence[Sequence[ReadDigit]],
    read_spans: Sequence[Sequence[ReadSpan]],
    components: Components,
) -> tuple[FoundNumber, ...]:
    """Find numbers along text lines as the line reader split them.

    Where the line reader reads nothing, the digits found by their contours are grouped instead.

    Args:
        text_lines: text lines of the page.
        best_paths: the best path through the lattice of each.
        read_spans: what the line reader read in each.
        components: components of the page.
    """
    found: list[FoundNumber] = []
    for index, (line, path, spans) in enumerate(zip(text_lines, best_paths, read_spans, strict=True)):
        in_line = [number for span in spans for number in _find_in_span(index, line, span, path, components)]
        if not in_line and line.region is not None:
            in_line = [FoundNumber((), spans[0].claim, line.box, line, index)]
        found += in_line
    return tuple(found)


def _crosses_lines(line: TextLine) -> bool:
    return line.region is not None and line.region.crosses_lines


def _group_digits_of(
    line: TextLine, read_digits: Sequence[ReadDigit], components: Components
) -> tuple[DigitGroup, ...]:
    """Group digits of a text line into numbers; in a comb field, where empty cells may lie between, they are one."""
    if not _crosses_lines(line):
        return group_digits(read_digits, _punctuation_columns(line, components))
    digits = tuple(read for read in read_digits if read.digit is not None)
    return (DigitGroup(digits),) if digits else ()


def _find_in_span(
    index: int, line: TextLine, span: ReadSpan, path: Sequence[ReadDigit], components: Components
) -> Iterator[FoundNumber]:
    in_span = [read for read in path if span.page_left <= read.box.center[0] < span.page_right]
    if span.claim.digits:
        # One digit to a cell is one number, whatever the contours show between them.
        parts = [(span.claim, float(span.page_right))] if _crosses_lines(line) else split_claim(span, in_span)
        left = float(span.page_left)
        for claim, right in parts:
            digits = tuple(read for read in in_span if read.digit is not None and left <= read.box.center[0] < right)
            if boxes := [digit.box for digit in claim.digits or digits]:
                yield FoundNumber(digits, claim, Box.around(boxes), line, index)
            left = right
        return
    for group in _group_digits_of(line, in_span, components):
        yield FoundNumber(group.digits, span.claim, group.box, line, index)


def select_kind(
    found: Sequence[FoundNumber], class_shares: NDArray[np.float64], components: Components, kind: NumberKind
) -> tuple[FoundNumber, ...]:
    """Select the numbers whose ink is of the requested kind, and fill in ``kind`` and ``kind_share``.

    Args:
        found: numbers of the page.
        class_shares: ink class shares of each component, from
            :func:`scanner.layout.ink_classes.component_class_shares`.
        components: components of the rectified page, without rules.
        kind: the requested kind.
    """
    selected = []
    for number in found:
        members = _components_within(number.text_line.component_indices, number.box, components)
        if number.text_line.region is not None:
            selected.append(_of_region(number, class_shares[members], components.areas[members]))
            continue
        if not members.size:
            continue
        kind_name, share = classify_number_kind(class_shares[members], components.areas[members], kind)
        if kind_name:
            selected.append(replace(number, kind=kind_name, kind_share=share))
    return tuple(selected)


def _of_region(number: FoundNumber, class_shares: NDArray[np.float64], areas: NDArray[np.int32]) -> FoundNumber:
    """A number in a region where the page network sees a handwritten one, whatever the classes of its ink."""
    share = float(np.average(class_shares[:, InkClass.DIGIT], weights=np.maximum(areas, 1))) if len(areas) else 0.0
    return replace(number, kind=NumberKind.HANDWRITTEN.value, kind_share=share)


def score_strikethroughs(
    found: Sequence[FoundNumber], rules: Sequence[Rule], ink: MeasuredInk
) -> tuple[FoundNumber, ...]:
    """Fill in the strikethrough score of each number.

    Printed numbers and those in comb fields have none: nobody crosses out print, and digits in boxes of their own are
    corrected one by one.

    Args:
        found: numbers of the page.
        rules: rules of the rectified page.
        ink: ink of the same page, without rules.
    """
    return tuple(
        number
        if number.kind == NumberKind.PRINTED.value or _crosses_lines(number.text_line)
        else replace(
            number,
            strikethrough_score=strikethrough_score(number.box, number.text_line.box, ink, rules),
        )
        for number in found
    )


def locate_in_reading_order(
    found: Sequence[FoundNumber], inked: CellAssignment, rules: Sequence[Rule]
) -> tuple[LocatedNumber, ...]:
    """Sort the numbers of a page into reading order, each with the row and column of its table or of the page.

    Args:
        found: numbers of the page.
        inked: components of the rectified page without rules, by cell.
        rules: rules of the rectified page.
    """
    cells = [_table_cell_of(number, inked) for number in found]
    located = []
    for position in place_numbers([number.box for number in found], cells, inked.form_cells, rules):
        number = found[position.index]
        located.append(
            LocatedNumber(
                position.row,
                position.column,
                Box.around([number.box, *(digit.box for digit in number.contour_digits)]),
                contour_claim_of(number.contour_digits),
                number.line_claim,
                number.crop_index,
                number.text_line,
                position.table,
                number.kind,
                number.kind_share,
                number.strikethrough_score,
                form_cell=cells[position.index],
            )
        )
    return tuple(located)


def _table_cell_of(number: FoundNumber, inked: CellAssignment) -> FormCell | None:
    """The table cell in which a number stands; None if it is in none."""
    members = _components_within(number.text_line.component_indices, number.box, inked.components)
    if not members.size:
        return None
    # Most of its components, as some may reach into the next cell.
    cells, counts = np.unique(inked.form_cell_of_component[members], return_counts=True)
    index = int(cells[counts.argmax()])
    form_cell = inked.form_cells[index] if index >= 0 else None
    return form_cell if form_cell is not None and form_cell.table else None


def locate_in_crop(
    text_lines: Sequence[TextLine],
    best_paths: Sequence[Sequence[ReadDigit]],
    line_claim: Claim | None,
    text_line_claim: Claim | None = None,
) -> LocatedNumber:
    """Take all digits in a picture of one number as that number.

    Args:
        text_lines: text lines of the crop.
        best_paths: the best path through the lattice of each.
        line_claim: what the line reader for crops says; None if it was not asked.
        text_line_claim: what the one for text lines says; likewise.
    """
    digits = (digit for path in best_paths for group in group_digits(path) for digit in group.digits)
    contour_claim = contour_claim_of(sorted(digits, key=lambda digit: digit.box.center[0]))
    box = Box.around(line.box for line in text_lines) if text_lines else None
    return LocatedNumber(1, 1, box, contour_claim, line_claim, 0, text_line_claim=text_line_claim)


def contour_claim_of(read_digits: Sequence[ReadDigit]) -> Claim:
    """Make the digit classifier's claim: the digits, and the probability that all are right."""
    digits = tuple(Digit(str(read.digit), read.confidence, read.box) for read in read_digits)
    text = "".join(digit.text for digit in digits)
    confidence = math.prod(digit.confidence for digit in digits) if digits else 0.0
    return Claim(Opinion("contours", text, confidence), digits)


def _punctuation_columns(line: TextLine, components: Components) -> list[float]:
    """Middle columns of the points and commas of a text line."""
    x, _, width, height = components.boxes[np.array(line.component_indices, np.int64)].T
    is_small = height < MIN_DIGIT_HEIGHT_SHARE * line.character_height
    columns: list[float] = (x + width / 2)[is_small].tolist()
    return columns


def _components_within(members: Sequence[int], box: Box, components: Components) -> NDArray[np.int64]:
    """Those components whose middle lies between the left and the right edge of the box."""
    indices: NDArray[np.int64] = np.array(members, np.int64).reshape(-1)
    left, _, width, _ = components.boxes[indices].T
    middle = left + width / 2
    within: NDArray[np.int64] = indices[(middle >= box.x) & (middle <= box.right)]
    return within
