"""Where numbers may stand on a page: from digits along runs and in comb fields to places in reading order."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.decision.digit_grouping import group_digits, is_exponent
from scanner.decision.reading_order import assign_rows
from scanner.decision.strikethrough import NO_EVIDENCE_SCORE, strikethrough_score
from scanner.layout.ink_classes import classify_number_kind
from scanner.options import NumberKind
from scanner.recognition.claims import Claim
from scanner.recognition.lattice_decoding import MIN_DIGIT_HEIGHT_SHARE
from scanner.types import Box, Digit, Opinion

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from scanner.image.components import Components
    from scanner.layout.cell_assignment import CellAssignment
    from scanner.layout.line_segments import Rule
    from scanner.numbers.comb_digits import CombDigits
    from scanner.numbers.text_lines import TextLine
    from scanner.recognition.lattice_decoding import ReadDigit
    from scanner.recognition.number_reading import ReadSpan


@dataclass(frozen=True, slots=True)
class FoundNumber:
    """One number, where it was found."""

    contour_digits: tuple[ReadDigit, ...]
    """Its digits as their contours tell; none where they tell nothing."""
    line_claim: Claim | None
    """What the number reader says; None if it was not asked."""
    box: Box
    """Around its digits."""
    text_line: TextLine
    crop_index: int
    """In which region it stands: runs come first, comb fields then."""
    comb_cells: tuple[int, ...] = ()
    """Of a comb field, from 1."""
    kind: str = ""
    """``handwritten`` or ``printed``; empty where nothing told them apart."""
    kind_share: float = 1.0
    """Of its ink that is of the kind wanted, 0-1."""
    strikethrough_score: float = NO_EVIDENCE_SCORE
    """How much speaks for its being crossed out, see :mod:`scanner.decision.strikethrough`."""


@dataclass(frozen=True, slots=True)
class LocatedNumber:
    """Where a number may stand, and what the readers say of it."""

    row: int
    column: int
    contour_claim: Claim
    line_claim: Claim | None
    crop_index: int
    """The region that the number reader looked at."""
    table: int = 0
    comb_cells: tuple[int, ...] = ()
    kind: str = ""
    kind_share: float = 1.0
    strikethrough_score: float = NO_EVIDENCE_SCORE


def find_by_contours(
    text_lines: Sequence[TextLine], best_paths: Sequence[Sequence[ReadDigit]], components: Components
) -> tuple[FoundNumber, ...]:
    """The numbers along each run by the best way through it; ``components`` are those the runs are made of."""
    return tuple(
        FoundNumber(group.digits, None, group.box, run, index)
        for index, (run, path) in enumerate(zip(text_lines, best_paths, strict=True))
        for group in group_digits(path, _punctuation_columns(run, components))
    )


def find_by_line_reader(
    text_lines: Sequence[TextLine],
    best_paths: Sequence[Sequence[ReadDigit]],
    read_spans: Sequence[Sequence[ReadSpan]],
    components: Components,
) -> tuple[FoundNumber, ...]:
    """The numbers along each run as the number reader parts them.

    Where it reads nothing, what the contours join is a number of theirs alone.

    Args:
        text_lines: on the page.
        best_paths: the best way through each.
        read_spans: what the number reader makes of each.
        components: those the runs are made of.
    """
    return tuple(
        one
        for index, (run, path, read) in enumerate(zip(text_lines, best_paths, read_spans, strict=True))
        for part in read
        for one in _find_in_span(index, run, part, path, components)
    )


def _find_in_span(
    index: int, run: TextLine, part: ReadSpan, path: Sequence[ReadDigit], components: Components
) -> Iterator[FoundNumber]:
    own = [piece for piece in path if part.page_left <= piece.box.center[0] < part.page_right]
    if part.claim.digits:
        left = float(part.page_left)
        for one, right in _split_off_exponents(part, own):
            digits = tuple(p for p in own if p.digit is not None and left <= p.box.center[0] < right)
            if boxes := [digit.box for digit in one.digits or digits]:
                yield FoundNumber(digits, one, Box.around(boxes), run, index)
            left = right
        return
    for group in group_digits(own, _punctuation_columns(run, components)):
        yield FoundNumber(group.digits, part.claim, group.box, run, index)


def _split_off_exponents(part: ReadSpan, own: Sequence[ReadDigit]) -> Iterator[tuple[Claim, float]]:
    """The number that was read, each exponent by itself, and the column at which each of them ends.

    Numbers with a gap between are seldom that close: the reader takes "3²" for 32.
    """
    claim, text = part.claim, part.claim.opinion.text
    digits = [piece.box for piece in own if piece.digit is not None]
    ends = {
        float(second.x)
        for boxes in ([digit.box for digit in claim.digits], digits)
        for first, second in itertools.pairwise(boxes)
        if is_exponent(first, second)
    }
    places = [at for at, character in enumerate(text) if character.isdigit()]
    begin = 0
    for right in (*sorted(ends), float(part.page_right)):
        end = sum(digit.box.center[0] < right for digit in claim.digits)
        last = len(text) if end == len(places) else places[end]
        first = len(text) if begin == len(places) else 0 if begin == 0 else places[begin]
        yield Claim(replace(claim.opinion, text=text[first:last]), claim.digits[begin:end]), right
        begin = end


def find_in_comb_fields(
    comb_fields: Sequence[CombDigits],
    read_digits: Sequence[tuple[ReadDigit, ...]],
    line_claims: Sequence[Claim | None],
    first_crop_index: int,
) -> tuple[FoundNumber, ...]:
    """One number per comb field that has digits.

    Args:
        comb_fields: comb fields with ink.
        read_digits: a digit to each cell.
        line_claims: what the number reader says of each.
        first_crop_index: number of the first one's region.
    """
    return tuple(
        FoundNumber(digits, claim, Box.around(piece.box for piece in digits), strip.text_line, index, strip.comb_cells)
        for index, (strip, digits, claim) in enumerate(
            zip(comb_fields, read_digits, line_claims, strict=True), first_crop_index
        )
        if digits
    )


def select_kind(
    found: Sequence[FoundNumber], class_shares: NDArray[np.float64], components: Components, kind: NumberKind
) -> tuple[FoundNumber, ...]:
    """Those whose ink is of the kind that is wanted, with what it is.

    Args:
        found: numbers.
        class_shares: what each component is, from :func:`scanner.layout.ink_classes.component_class_shares`.
        components: of the straightened page, without rules.
        kind: which numbers are wanted.
    """
    kept = []
    for one in found:
        members = _components_within(one.text_line.component_indices, one.box, components)
        if not members.size:
            continue
        told, share = classify_number_kind(class_shares[members], components.areas[members], kind)
        if told:
            kept.append(replace(one, kind=told, kind_share=share))
    return tuple(kept)


def score_strikethroughs(
    found: Sequence[FoundNumber], rules: Sequence[Rule], components: Components, stroke_width: float
) -> tuple[FoundNumber, ...]:
    """The same numbers, with how much speaks for each one's being crossed out.

    Nobody crosses out print, and digits in boxes of their own are written anew.

    Args:
        found: numbers.
        rules: of the straightened page.
        components: of the same page, without rules.
        stroke_width: typical, pixels.
    """
    return tuple(
        one
        if one.comb_cells or one.kind == NumberKind.PRINTED.value
        else replace(
            one, strikethrough_score=strikethrough_score(one.box, one.text_line.box, components, rules, stroke_width)
        )
        for one in found
    )


def locate_in_reading_order(found: Sequence[FoundNumber], inked: CellAssignment) -> tuple[LocatedNumber, ...]:
    """The numbers of a page, each with the row and column of its table, or of the page.

    Args:
        found: the numbers.
        inked: the components of the straightened page without rules, by cells.
    """
    places = []
    for at in assign_rows([one.box for one in found]):
        one = found[at.index]
        row, column, table = at.row, at.column, 0
        if (owner := int(inked.cell_place_of_component[one.text_line.component_indices[0]])) >= 0 and inked.cell_places[
            owner
        ].table:
            place = inked.cell_places[owner]
            row, column, table = place.cell.row, place.cell.column or at.column, place.table
        known = contour_claim_of(one.contour_digits), one.line_claim, one.crop_index
        places.append(
            LocatedNumber(row, column, *known, table, one.comb_cells, one.kind, one.kind_share, one.strikethrough_score)
        )
    return tuple(places)


def locate_in_crop(best_paths: Sequence[Sequence[ReadDigit]], line_claim: Claim | None) -> LocatedNumber:
    """A picture of one number: whatever digits are in it are its."""
    digits = (piece for path in best_paths for group in group_digits(path) for piece in group.digits)
    return LocatedNumber(1, 1, contour_claim_of(sorted(digits, key=lambda piece: piece.box.center[0])), line_claim, 0)


def contour_claim_of(read_digits: Sequence[ReadDigit]) -> Claim:
    """What the contours say of a number."""
    digits = tuple(Digit(str(piece.digit), piece.confidence, piece.box) for piece in read_digits)
    text = "".join(digit.text for digit in digits)
    confidence = math.prod(digit.confidence for digit in digits) if digits else 0.0
    return Claim(Opinion("contours", text, confidence), digits)


def _punctuation_columns(run: TextLine, components: Components) -> list[float]:
    """Columns of the components of a run that are points and commas, in the middle."""
    x, _, width, height = components.boxes[np.array(run.component_indices)].T
    small = height < MIN_DIGIT_HEIGHT_SHARE * run.character_height
    columns: list[float] = (x + width / 2)[small].tolist()
    return columns


def _components_within(members: Sequence[int], box: Box, components: Components) -> NDArray[np.int64]:
    """Those of the components whose middle lies between the left and the right edge of the box."""
    indices: NDArray[np.int64] = np.array(members, np.int64)
    left, _, wide, _ = components.boxes[indices].T
    middle = left + wide / 2
    within: NDArray[np.int64] = indices[(middle >= box.x) & (middle <= box.right)]
    return within
