"""Flag fields around which the print of the form is not found where it should be: the page may be laid on it wrongly.

On a photograph a table can slip by a row while the rest of the page fits.  Every number is then read well, in the wrong
field, and the sums of the rows still add up.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.forms.form import Form
    from scanner.registration.registration import Registration
    from scanner.types import Number

PLACE_UNCLEAR = "place unclear"
"""Review reason of such fields."""
_REACH_SHARE = 0.1
"""Distance at which a landmark counts 0.6 of one at the field itself, relative to the longer side of the reference."""
_MIN_LANDMARKS = 8.0
"""Minimum number of landmarks, by their weights, for a field to be judged: a table on its own has hardly any.  On tally
sheets, temperature logs and a printed report fields have 10 to 25."""
_MIN_FOUND_SHARE = 0.4
"""Minimum share of them that is found again.  On six pages of that report that lie right, 0.54 is the least of a field;
on three that slipped by a row or half of one, each table has fields with 0.07 to 0.34."""
_SLIPPED_SHARE = 1 / 3
"""Share of the fields of a table without footing from which on all of it may have slipped.  On 120 photographs of that
report that lie right it is 0.1 or less, but for one with 0.27; on twelve on which the table had slipped, 0.57 or more;
in a register that lies right beside the rings of its binder, 0.04."""


def flag_poor_footing(
    numbers: Sequence[Number], form: Form, registration: Registration, reference_size: tuple[int, int]
) -> tuple[Number, ...]:
    """Flag the fields around which too little of the print is found again, and all of a table with many of them.

    Args:
        numbers: one for each of ``form.all_fields()``, in that order.
        form: the form.
        registration: how the page lies on the reference.
        reference_size: (width, height) of the reference, pixels.
    """
    centres = np.array([field.box.center for field in form.all_fields()], np.float64).reshape(-1, 2)
    is_poor = _is_poorly_placed(centres, registration, np.array(reference_size, np.float64))
    fields = Counter(number.table for number in numbers if number.table)
    poor_fields = Counter(number.table for number, poor in zip(numbers, is_poor, strict=True) if poor and number.table)
    tables = {table for table, count in poor_fields.items() if count >= _SLIPPED_SHARE * fields[table]}
    return tuple(
        replace(number, review_reason=number.review_reason or PLACE_UNCLEAR)
        if poor or number.table in tables
        else number
        for number, poor in zip(numbers, is_poor, strict=True)
    )


def _is_poorly_placed(
    centres: NDArray[np.float64], registration: Registration, size: NDArray[np.float64]
) -> list[bool]:
    landmarks = registration.landmarks * size
    distances = np.linalg.norm(centres[:, None] - landmarks[None], axis=2) / (_REACH_SHARE * size.max())
    weights = np.exp(-(distances**2) / 2)
    total = weights.sum(axis=1)
    found = weights @ registration.is_found.astype(np.float64)
    poor: list[bool] = ((total >= _MIN_LANDMARKS) & (found < _MIN_FOUND_SHARE * total)).tolist()
    return poor
