"""Find the digits in comb fields, one per cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.image.components import MIN_DIGIT_PART_INK_SHARE
from scanner.numbers.text_lines import MIN_WHOLE_CHARACTER_HEIGHT_SHARE, TextLine
from scanner.types import Box, Glyph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.cell_assignment import CellAssignment
    from scanner.layout.comb_fields import CombField


_MIN_INK_SIZE_CELL_SHARE = 0.25
"""Minimum height of the ink of a digit as a share of the cell's height, or width as a share of its width.  Anything
smaller is a point, a dash or dirt, and the cell is empty."""

_MIN_CHARACTER_GAP_CELL_WIDTHS = 0.08
"""Minimum gap between two tall components that are two characters in one cell, in cell widths."""

_MAX_DOUBLE_CELL_SHARE = 0.34
"""Maximum share of a comb field's inked cells that hold two characters.  If there are more, they are the cells of a
table, not of a comb field."""


@dataclass(frozen=True, slots=True)
class CombDigits:
    """The ink in one comb field, by cell."""

    text_line: TextLine
    """All of it."""
    comb_cells: tuple[int, ...]
    """Numbers of the cells with ink, from 1, left to right."""
    glyphs: tuple[Glyph, ...]
    """The ink of each of these cells, specks left out."""


def find_comb_digits(
    inked: CellAssignment, component_indices: NDArray[np.int64], combs: Sequence[CombField]
) -> tuple[CombDigits, ...]:
    """Find the ink of each comb field.

    Args:
        inked: components by cell.
        component_indices: components that may be characters.
        combs: comb fields of the page.

    Returns:
        One entry per comb field with ink; fields with several characters per cell are left out.
    """
    found = []
    for comb in combs:
        columns: list[int] = []
        glyphs: list[Glyph] = []
        used: list[int] = []
        double_cells = 0
        for index, form_cell in enumerate(inked.form_cells):
            if form_cell.comb_field is not comb:
                continue
            members = component_indices[inked.form_cell_of_component[component_indices] == index]
            areas = inked.components.areas[members]
            members = members[areas >= MIN_DIGIT_PART_INK_SHARE * areas.sum()]
            if not members.size:
                continue
            glyph = _cut_cell_glyph(inked.ink, members)
            if (
                max(glyph.box.height / form_cell.cell.height, glyph.box.width / form_cell.cell.width)
                < _MIN_INK_SIZE_CELL_SHARE
            ):
                continue
            double_cells += _holds_two_characters(
                inked.components.boxes[members], glyph.box.height, form_cell.cell.width
            )
            columns.append(form_cell.cell.column)
            glyphs.append(glyph)
            used.extend(int(i) for i in members)
        if glyphs and double_cells <= _MAX_DOUBLE_CELL_SHARE * len(glyphs):
            box = Box.around(glyph.box for glyph in glyphs)
            height = float(np.median([glyph.box.height for glyph in glyphs]))
            found.append(CombDigits(TextLine(tuple(used), box, height), tuple(columns), tuple(glyphs)))
    return tuple(found)


def _cut_cell_glyph(ink: MeasuredInk, members: NDArray[np.int64]) -> Glyph:
    box = Box.around(ink.components.box(int(index)) for index in members)
    _, with_soft_edge = ink.components.cut_out(members, box)
    return Glyph(box, np.where(with_soft_edge, ink.strength[box.y : box.bottom, box.x : box.right], np.uint8(0)))


def _holds_two_characters(boxes: NDArray[np.int32], glyph_height: int, cell_width: float) -> bool:
    """Whether two of a cell's components are characters side by side."""
    tall = boxes[boxes[:, 3] >= MIN_WHOLE_CHARACTER_HEIGHT_SHARE * glyph_height]
    tall = tall[np.argsort(tall[:, 0])]
    gaps = tall[1:, 0] - np.maximum.accumulate(tall[:, 0] + tall[:, 2])[:-1]
    return bool((gaps >= _MIN_CHARACTER_GAP_CELL_WIDTHS * cell_width).any())
