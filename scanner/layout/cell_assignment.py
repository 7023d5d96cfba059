"""Assign components to the cells of a form; ink of two cells that touches is split at their border."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.component_owners import split_by_owner

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.image.components import Components
    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.form_structure import FormStructure
    from scanner.layout.tables import Cell

_MAX_INK_SIZE_CELL_SIDES = 1.1
"""Maximum width or height, relative to its cell, of a component that stays whole in the cell with most of its ink, as a
character written over the border does.  A larger one is ink of two cells that touches.  A choice."""
_MIN_SECOND_CELL_INK_SHARE = 0.25
"""Minimum share of the ink of a component in each cell at whose border it is split.  A choice."""


@dataclass(frozen=True, slots=True)
class FormCell:
    """A cell and what it belongs to."""

    cell: Cell
    table: int = 0
    """Number of its table, from 1, in the order of ``FormStructure.tables``; 0 if it is in none."""


@dataclass(frozen=True, slots=True, eq=False)
class CellAssignment:
    """The components of a page and the cells they stand in."""

    ink: MeasuredInk
    """Ink without rules, its components split at borders across which they touch."""
    form_cells: tuple[FormCell, ...]
    """All cells of the page, the innermost last."""
    form_cell_of_component: NDArray[np.int64]
    """Index of the innermost cell with most of the ink of each component, -1 for none, shape (components,)."""

    @property
    def components(self) -> Components:
        """Components of the ink."""
        return self.ink.components


def assign_to_cells(ink: MeasuredInk, form_structure: FormStructure) -> CellAssignment:
    """Assign each component to the cell in which most of its ink stands.

    Args:
        ink: ink of the rectified page, without rules.
        form_structure: structure of the same page.
    """
    form_cells, components = _list_form_cells(form_structure), ink.components
    if not form_cells or not len(components):
        return CellAssignment(ink, form_cells, np.full(len(components), -1))
    cells = np.zeros(components.labels.shape, np.int32)
    for index, form_cell in enumerate(form_cells, 1):
        cv2.fillConvexPoly(cells, np.rint(np.array(form_cell.cell.corners)).astype(np.int32), index)
    counts = _count_pixels_per_cell(components, cells, len(form_cells))
    if spanning := _find_spanning_two_cells(components, counts, form_cells):
        components = split_by_owner(components, cells, _parts_by_cell(components, counts, spanning))
        counts = _count_pixels_per_cell(components, cells, len(form_cells))
        ink = replace(ink, components=components)
    return CellAssignment(ink, form_cells, counts.argmax(axis=1) - 1)


def _list_form_cells(structure: FormStructure) -> tuple[FormCell, ...]:
    """All cells of a page, the innermost last."""
    frames = [FormCell(frame) for frame in structure.form_frames]
    in_tables = [FormCell(cell, number) for number, table in enumerate(structure.tables, 1) for cell in table.cells]
    by_size = sorted([*frames, *in_tables], key=lambda form_cell: -form_cell.cell.width * form_cell.cell.height)
    return tuple(by_size)


def _count_pixels_per_cell(components: Components, cells: NDArray[np.int32], cell_count: int) -> NDArray[np.int64]:
    """Pixels of each component in each cell, shape (components, cells + 1); column 0 counts those outside all cells."""
    filled = np.flatnonzero(cells.any(axis=1))
    rows = slice(int(filled[0]), int(filled[-1]) + 1) if filled.size else slice(0)
    labels, owners = components.labels[rows].reshape(-1), cells[rows].reshape(-1)
    inked = np.flatnonzero((labels > 0) & (owners > 0))
    pairs = (labels[inked].astype(np.int64) - 1) * (cell_count + 1) + owners[inked]
    counts = np.bincount(pairs, minlength=len(components) * (cell_count + 1)).reshape(-1, cell_count + 1)
    # Most of a page is outside, and is not counted.
    counts[:, 0] = components.areas - counts.sum(axis=1)
    return counts


def _find_spanning_two_cells(
    components: Components, counts: NDArray[np.int64], form_cells: tuple[FormCell, ...]
) -> list[int]:
    """Indices of the components that are ink of two cells."""
    inside = counts[:, 1:]
    large = inside >= np.maximum(_MIN_SECOND_CELL_INK_SHARE * components.areas[:, None], 1)
    spanning = []
    for index in np.flatnonzero(large.sum(axis=1) > 1):
        _, _, width, height = components.boxes[index].tolist()
        cells = [form_cells[i].cell for i in np.flatnonzero(large[index])]
        wide = width > _MAX_INK_SIZE_CELL_SIDES * min(cell.width for cell in cells)
        high = height > _MAX_INK_SIZE_CELL_SIDES * min(cell.height for cell in cells)
        if wide or high:
            spanning.append(int(index))
    return spanning


def _parts_by_cell(components: Components, counts: NDArray[np.int64], spanning: list[int]) -> dict[int, list[int]]:
    """The cells at whose borders components are split, that with most ink first.

    A part with little ink stays with the largest part.
    """
    parts = {}
    for index in spanning:
        kept = np.flatnonzero(counts[index] >= _MIN_SECOND_CELL_INK_SHARE * components.areas[index])
        main = kept[counts[index][kept].argmax()]
        parts[index] = [int(main), *kept[kept != main].tolist()]
    return parts
