"""Decide which located numbers are rows of the result, with which text, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.decision.number_presence import RowContent, number_presence, row_content
from scanner.decision.review import CROSSED_OUT, SEVERAL_PARTS, UNREAD, review_reason
from scanner.decision.several_numbers import flag_shared_cells, has_several_parts
from scanner.decision.strikethrough import is_crossed_out
from scanner.options import NumberKind, PageOrCrop
from scanner.types import Box, Digit, Number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.decision.located_numbers import LocatedNumber
    from scanner.decision.reader_fusion import FusedReading
    from scanner.decision.row_model import RowJudgement
    from scanner.geometry.bent_map import AnyPageMap


MIN_EVIDENT_CONFIDENCE = 0.1
"""Minimum probability, by the evidence, that a number is right, for it to have a row with what was read.  Such a row is
flagged."""
MIN_EVIDENT_PRESENCE = 0.6
"""Minimum probability, by the evidence, that a number stands there, for it to have a row however badly it reads.  Of
2,104 right readings on pages of kinds that the evidence was not weighed on, 3 are dropped with both limits, and 243
rows are no numbers; 15 and 202 with 0.2 and 0.6, 13 and 233 with a limit of 0.3 for presence alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """The decision on one located number."""

    located: LocatedNumber
    reading: FusedReading
    presence: float
    """Probability that there is a number, 0-1."""
    number: Number | None
    """In pixels of the original page; without text if it could not be read; None if there probably is no number."""


def decide_rows(
    numbers: Sequence[LocatedNumber],
    readings: Sequence[FusedReading],
    judgements: Sequence[RowJudgement] | None,
    page_map: AnyPageMap,
    page_or_crop: PageOrCrop,
) -> tuple[Decision, ...]:
    """Decide on each number: by all evidence if it is handwritten on a page, else by what its readers say.

    Args:
        numbers: the numbers of a page.
        readings: their readings, in the same order.
        judgements: what the evidence says of each; None if there is none.
        page_map: map from the original to the rectified page.
        page_or_crop: what the picture shows.
    """
    judged: Sequence[RowJudgement | None] = [None] * len(numbers) if judgements is None else judgements
    decisions = tuple(
        decide_by_evidence(number, reading, judgement, page_map)
        if judgement is not None and number.kind == NumberKind.HANDWRITTEN.value
        else decide_by_readers(number, reading, page_map, page_or_crop)
        for number, reading, judgement in zip(numbers, readings, judged, strict=True)
    )
    if page_or_crop is not PageOrCrop.PAGE:
        return decisions
    flagged = flag_shared_cells([one.number for one in decisions], [one.located.form_cell for one in decisions])
    return tuple(replace(one, number=number) for one, number in zip(decisions, flagged, strict=True))


def decide_by_readers(
    number: LocatedNumber, reading: FusedReading, page_map: AnyPageMap, page_or_crop: PageOrCrop
) -> Decision:
    """Decide on a number in a crop, or one that was found by its contours, by what its readers say.

    Args:
        number: the number.
        reading: its reading.
        page_map: map from the original to the rectified page.
        page_or_crop: what the picture shows.
    """
    presence = _presence_probability(number, reading)
    content = row_content(
        presence,
        has_digits=bool(reading.digits),
        in_cell=page_or_crop is PageOrCrop.CROP or number.table > 0,
    )
    return _decide(number, reading, presence, presence * reading.confidence, page_map, content)


def decide_by_evidence(
    number: LocatedNumber, reading: FusedReading, judgement: RowJudgement, page_map: AnyPageMap
) -> Decision:
    """Decide on a handwritten number of a page by all that is known of its row.

    Args:
        number: the number.
        reading: its reading.
        judgement: what the evidence says of it.
        page_map: map from the original to the rectified page.
    """
    is_present = judgement.present >= MIN_EVIDENT_PRESENCE
    if reading.digits and (is_present or judgement.right >= MIN_EVIDENT_CONFIDENCE):
        content = RowContent.READING
    elif is_present:
        content = RowContent.UNREAD
    else:
        content = RowContent.NO_ROW
    return _decide(number, reading, judgement.present, judgement.right, page_map, content)


def _decide(
    number: LocatedNumber,
    reading: FusedReading,
    presence: float,
    confidence: float,
    page_map: AnyPageMap,
    content: RowContent,
) -> Decision:
    if content is RowContent.READING:
        return Decision(number, reading, presence, _build_number(number, reading, confidence, page_map))
    if content is RowContent.UNREAD and number.box is not None:
        return Decision(number, reading, presence, _build_unread_number(number, reading, number.box, page_map))
    return Decision(number, reading, presence, None)


def _presence_probability(number: LocatedNumber, reading: FusedReading) -> float:
    """Probability that there is a number: what the page network says, or else the classes of its ink and its readers.

    Where nothing but the readers is known, what they say.
    """
    if not number.kind:
        return 1.0 if reading.digits else 1 - reading.confidence
    if number.text_line is not None and number.text_line.region is not None:
        return number.text_line.region.score
    if reading.digits:
        return number_presence(number.kind_share, reading.confidence, len(reading.digits))
    # What speaks against "nothing" speaks for a number, with as many digits as its contours show.
    contour_digit_count = max(len(number.contour_claim.digits), 1)
    return number_presence(number.kind_share, 1 - reading.confidence, contour_digit_count)


def _build_number(number: LocatedNumber, reading: FusedReading, confidence: float, page_map: AnyPageMap) -> Number:
    crossed_out = is_crossed_out(number.strikethrough_score, reading.confidence)
    if crossed_out:
        reason = CROSSED_OUT
    elif has_several_parts(number, reading):
        reason = SEVERAL_PARTS
    else:
        reason = review_reason(confidence, reading.opinions)
    return Number(
        text=reading.text,
        confidence=confidence,
        review_reason=reason,
        row=number.row,
        column=number.column,
        box=page_map.box_to_original(Box.around(digit.box for digit in reading.digits)),
        digits=tuple(
            Digit(digit.text, digit.confidence, page_map.box_to_original(digit.box)) for digit in reading.digits
        ),
        kind=number.kind,
        opinions=reading.opinions,
        table=number.table,
        crossed_out=crossed_out,
    )


def _build_unread_number(number: LocatedNumber, reading: FusedReading, box: Box, page_map: AnyPageMap) -> Number:
    return Number(
        text="",
        confidence=0.0,
        review_reason=UNREAD,
        row=number.row,
        column=number.column,
        box=page_map.box_to_original(box),
        digits=(),
        kind=number.kind,
        opinions=reading.opinions,
        table=number.table,
    )
