"""Find the fields that are not on the picture of a page: it is not known whether they are empty."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.decision.review import UNREAD
from scanner.types import PICTURE_KIND, TICK_KIND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.form_reading.field_numbers import FieldNumber
    from scanner.form_reading.placed_fields import PlacedField
    from scanner.geometry.bent_map import AnyPageMap
    from scanner.types import Number

CUT_OFF = "cut off"
"""Review reason of a field that is partly beyond the picture."""
_MIN_VISIBLE_SHARE = 0.9
"""Minimum share of a field that is on the picture of a page with all of it.  A choice: nobody writes in the margin of a
box alone."""
_POINTS_PER_SIDE = 11
"""Points per side of a field whose places on the picture are looked at.  A choice: less than a tenth is a row."""


def flag_cut_off(
    fields: Sequence[FieldNumber], placed: Sequence[PlacedField], page_map: AnyPageMap
) -> tuple[FieldNumber, ...]:
    """Flag the fields that are partly beyond the picture, and say of none of them that it is empty.

    Args:
        fields: what each field says.
        placed: the fields.
        page_map: map from the picture to the page that they are placed on.
    """
    shares = _visible_shares(placed, page_map)
    return tuple(
        field if share >= _MIN_VISIBLE_SHARE else replace(field, number=_cut_off(field.number))
        for field, share in zip(fields, shares.tolist(), strict=True)
    )


def _cut_off(number: Number) -> Number:
    if number.kind == PICTURE_KIND:
        return replace(number, is_empty=False, review_reason=CUT_OFF)
    if number.is_empty or number.kind == TICK_KIND:
        return replace(number, text="", is_empty=False, confidence=0.0, review_reason=UNREAD)
    return number if number.is_unread or number.crossed_out else replace(number, review_reason=CUT_OFF)


def _visible_shares(placed: Sequence[PlacedField], page_map: AnyPageMap) -> NDArray[np.float64]:
    """Share of the area of each field that is on the picture, 0-1."""
    boxes = np.array([place.box for place in placed], np.float64).reshape(-1, 4)
    steps = (np.arange(_POINTS_PER_SIDE) + 0.5) / _POINTS_PER_SIDE
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    points = boxes[:, None, :2] - 0.5 + grid * boxes[:, None, 2:]
    found = page_map.to_original(points.reshape(-1, 2))
    is_seen = ((found > -0.5) & (found < np.array(page_map.original_size) - 0.5)).all(axis=1)
    return np.asarray(is_seen.reshape(len(boxes), len(grid)).mean(axis=1), np.float64)
