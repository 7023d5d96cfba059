"""Decide what each field of a page says: a number, nothing, a tick, a picture, or what a person has to read."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.decision.review import SEVERAL_PARTS, UNREAD, flag_number
from scanner.form_reading.cell_borders import BAND_CELL_SHARE
from scanner.forms.field_readings import Alternative
from scanner.forms.field_values import NOT_TICKED, TICKED
from scanner.forms.form import FieldKind
from scanner.types import PICTURE_KIND, TICK_KIND, Box, Digit, Number, Opinion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scanner.decision.decisions import Decision
    from scanner.form_reading.blank_cells import WrittenCell
    from scanner.form_reading.comb_reading import RankedText
    from scanner.form_reading.placed_fields import PlacedField
    from scanner.geometry.bent_map import AnyPageMap
    from scanner.image.measured_ink import MeasuredInk

GAP_IN_COMB = "gap in comb"
"""Review reason of a comb field with a cell between its digits that has none: one was left out, or not seen."""
_EMPTY_CONFIDENCE = 0.995
"""Probability that a field without ink is empty: faint writing can be missed.  A choice."""
_TICK_INK_SHARE = 0.03
"""Share of the area of a tick box that is inked as often with a tick as without.  A choice: the thinnest tick from side
to side has twice as much, specks have a third."""
_TICK_INK_SCALE = 0.005
"""Share by which there must be more for the odds of a tick to rise e-fold.  A choice."""
_MIN_OTHER_PROBABILITY = 0.02
"""Least probability at which a mark may be a digit, or a digit a mark.  A choice."""
_MAX_ALTERNATIVES = 8
"""Most other readings of a field that rules are tried with.  A choice."""


@dataclass(frozen=True, slots=True)
class FieldNumber:
    """What a field says, and what else it may."""

    number: Number
    alternatives: tuple[Alternative, ...] = ()
    """Other readings, the most probable first."""


def comb_number(
    place: PlacedField, row: int, cells: Sequence[WrittenCell | None], ranked: Sequence[RankedText], page: FieldPage
) -> FieldNumber:
    """Decide on a comb field with a digit in at least one cell.

    Args:
        place: the field.
        row: its row, if it is in no table.
        cells: what is written in its cells.
        ranked: the texts that it may be, the most probable first, at least one.
        page: the page it is on.
    """
    digits = [cell for cell in cells if cell is not None and not cell.is_mark]
    best = ranked[0]
    confidence = best.probability * math.prod(_certainty(cell) for cell in cells if cell is not None)
    boxes = [Box.around(page.ink.components.box(index) for index in cell.component_indices.tolist()) for cell in digits]
    share = best.probability ** (1 / len(digits))
    by_classifier = "".join(str(cell.reading.digit) for cell in digits)
    number = replace(
        _empty_number(place, row, page),
        text=best.text,
        confidence=confidence,
        is_empty=False,
        box=page.page_map.box_to_original(Box.around(boxes)),
        digits=tuple(
            Digit(text, share, page.page_map.box_to_original(box)) for text, box in zip(best.text, boxes, strict=True)
        ),
        kind="handwritten",
        opinions=(Opinion("contours", by_classifier, math.prod(cell.reading.confidence for cell in digits)),),
    )
    others = [Alternative(each.text, each.probability) for each in ranked[1 : 1 + _MAX_ALTERNATIVES]]
    others += _with_other_marks(best.text, cells)
    flagged = replace(number, review_reason=GAP_IN_COMB) if _has_gap(cells) else flag_number(number)
    return FieldNumber(flagged, tuple(sorted(others, key=lambda other: -other.probability)))


def single_number(
    place: PlacedField,
    row: int,
    decisions: Sequence[Decision],
    line_probabilities: Mapping[str, float],
    page: FieldPage,
) -> FieldNumber:
    """Decide on a field that is no comb and in which something is written that is no mark.

    Args:
        place: the field.
        row: its row, if it is in no table.
        decisions: decisions on the numbers that were located in it.
        line_probabilities: probability of texts by the line reader.
        page: the page it is on.
    """
    found = [decision.number for decision in decisions if decision.number is not None]
    counted = [number for number in found if not number.crossed_out] or found
    empty = _empty_number(place, row, page)
    if not counted:
        opinions = tuple(opinion for decision in decisions for opinion in decision.reading.opinions)
        unread = replace(empty, is_empty=False, confidence=0.0, kind="handwritten", opinions=opinions)
        return FieldNumber(replace(unread, review_reason=UNREAD))
    first = counted[0]
    number = replace(first, field=empty.field, table=empty.table, row=empty.row, column=empty.column)
    if len(counted) > 1:
        number = replace(
            number,
            text="".join(each.text for each in counted),
            confidence=math.prod(each.confidence for each in counted),
            digits=tuple(digit for each in counted for digit in each.digits),
            box=Box.around(each.box for each in counted),
            review_reason=SEVERAL_PARTS,
        )
    text = _text_of_kind(number.text, place.field.kind)
    return FieldNumber(
        replace(number, text=text), _alternatives(text, number.confidence, line_probabilities, place.field.kind)
    )


def empty_number(place: PlacedField, row: int, cells: Sequence[WrittenCell | None], page: FieldPage) -> FieldNumber:
    """Decide on a field of a number with nothing in it but marks that mean nothing."""
    certainty = math.prod(_certainty(cell) for cell in cells if cell is not None)
    number = _empty_number(place, row, page)
    return FieldNumber(flag_number(replace(number, confidence=number.confidence * certainty)))


def tick(place: PlacedField, row: int, page: FieldPage) -> FieldNumber:
    """Decide whether a box is ticked, by the share of it that is inked beside print."""
    share = _inked_share(place, page.ink)
    odds = (share - _TICK_INK_SHARE) / _TICK_INK_SCALE
    probability = 1 / (1 + math.exp(-max(min(odds, 30.0), -30.0)))
    number = replace(
        _empty_number(place, row, page),
        text=TICKED if probability >= 0.5 else NOT_TICKED,
        confidence=max(probability, 1 - probability),
        is_empty=False,
        kind=TICK_KIND,
    )
    return FieldNumber(flag_number(number))


def picture(place: PlacedField, row: int, page: FieldPage, *, is_blank: bool) -> FieldNumber:
    """Say of a field that is not read whether there is anything in it."""
    return FieldNumber(replace(_empty_number(place, row, page), kind=PICTURE_KIND, is_empty=is_blank))


@dataclass(frozen=True, slots=True, eq=False)
class FieldPage:
    """The page that fields are on."""

    ink: MeasuredInk
    """Ink of the rectified page without print."""
    page_map: AnyPageMap
    """Map from the original to it."""


def _empty_number(place: PlacedField, row: int, page: FieldPage) -> Number:
    cell = place.cells[0]
    return Number(
        text="",
        confidence=_EMPTY_CONFIDENCE,
        review_reason="",
        row=place.row if place.table else row,
        column=place.column if place.table else cell.column,
        box=page.page_map.box_to_original(place.box),
        digits=(),
        field=place.field.name,
        table=place.table,
        is_empty=True,
    )


def _with_other_marks(text: str, cells: Sequence[WrittenCell | None]) -> list[Alternative]:
    """The text if the first digit were a mark, or the last mark before it a digit."""
    written = [cell for cell in cells if cell is not None]
    first = next(index for index, cell in enumerate(written) if not cell.is_mark)
    others = []
    if len(text) > 1 and written[first].mark_probability >= _MIN_OTHER_PROBABILITY:
        others.append(Alternative(text[1:], written[first].mark_probability))
    if first and 1 - written[first - 1].mark_probability >= _MIN_OTHER_PROBABILITY:
        mark = written[first - 1]
        others.append(Alternative(f"{mark.reading.digit}{text}", 1 - mark.mark_probability))
    return others


def _has_gap(cells: Sequence[WrittenCell | None]) -> bool:
    """Whether a cell between two with a digit has none."""
    digits = [index for index, cell in enumerate(cells) if cell is not None and not cell.is_mark]
    return digits[-1] - digits[0] >= len(digits)


def _certainty(cell: WrittenCell) -> float:
    """How sure it is that a cell is a mark, or that it is none."""
    return max(cell.mark_probability, 1 - cell.mark_probability)


def _text_of_kind(text: str, kind: FieldKind) -> str:
    """The text of a field: a whole number has no separators but its sign."""
    if kind is FieldKind.DECIMAL:
        return text
    sign = "-" if text.startswith("-") else ""
    return sign + "".join(filter(str.isdigit, text))


def _alternatives(
    text: str, confidence: float, line_probabilities: Mapping[str, float], kind: FieldKind
) -> tuple[Alternative, ...]:
    """What else the line reader read, with a share of the probability that the text is wrong."""
    others: dict[str, float] = {}
    for other, probability in line_probabilities.items():
        other_text = _text_of_kind(other, kind)
        if other_text and other_text != text:
            others[other_text] = others.get(other_text, 0.0) + probability
    total = max(sum(others.values()), 1e-9)
    ranked = sorted(others.items(), key=lambda pair: -pair[1])[:_MAX_ALTERNATIVES]
    return tuple(Alternative(other, (1 - confidence) * probability / total) for other, probability in ranked)


def _inked_share(place: PlacedField, ink: MeasuredInk) -> float:
    box = place.box
    # Further out is its frame.
    margin = round(BAND_CELL_SHARE * min(box.width, box.height))
    window = ink.mask[max(box.y + margin, 0) : box.bottom - margin, max(box.x + margin, 0) : box.right - margin]
    return float(np.count_nonzero(window) / window.size) if window.size else 0.0
