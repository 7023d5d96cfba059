"""Which cell of a form each piece of ink stands in; ink of two cells that touches is parted at their border."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.image.components import Components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.layout.comb_fields import CombField
    from scanner.layout.form_structure import FormStructure
    from scanner.layout.tables import Cell

_MAX_INK_SIZE_CELL_SIDES = 1.1
"""Ink that fills more than so many widths or heights of its cell is of two cells, which touch; one character that is
written over the border is smaller, and is whole in the cell in which most of it stands ..."""
_MIN_SECOND_CELL_INK_SHARE = 0.25
"""... and at least this part of such ink stands in the second cell."""


@dataclass(frozen=True, slots=True)
class CellPlace:
    """A cell, and what it is a cell of."""

    cell: Cell
    table: int = 0
    """From 1, in the order of ``FormStructure.tables``; 0 outside."""
    comb_field: CombField | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CellAssignment:
    """Ink by cells."""

    components: Components
    """Those of the page, with what touches across a border parted there."""
    cell_places: tuple[CellPlace, ...]
    """All cells of the page."""
    cell_place_of_component: NDArray[np.int64]
    """Shape (number of components,): index of the innermost place in which most of it stands; -1 for none."""


def assign_to_cells(components: Components, form_structure: FormStructure) -> CellAssignment:
    """Put each component into the cell it stands in.

    Args:
        components: of the straightened page, without rules.
        form_structure: of the same page.
    """
    places = _list_cell_places(form_structure)
    if not places or not len(components):
        return CellAssignment(components, places, np.full(len(components), -1))
    cells = np.zeros(components.labels.shape, np.int32)
    for index, place in enumerate(places, 1):
        cv2.fillConvexPoly(cells, np.rint(np.array(place.cell.corners)).astype(np.int32), index)
    shares = _count_pixels_per_cell(components, cells, len(places))
    if (torn := _find_spanning_two_cells(components, shares, places)).size:
        components = _split_by_cell(components, cells, shares, torn)
        shares = _count_pixels_per_cell(components, cells, len(places))
    return CellAssignment(components, places, shares.argmax(axis=1) - 1)


def _list_cell_places(structure: FormStructure) -> tuple[CellPlace, ...]:
    """The innermost last."""
    frames = [CellPlace(frame) for frame in structure.form_frames]
    in_tables = [CellPlace(cell, number) for number, table in enumerate(structure.tables, 1) for cell in table.cells]
    outer = sorted([*frames, *in_tables], key=lambda place: -place.cell.width * place.cell.height)
    return (*outer, *(CellPlace(cell, comb_field=comb) for comb in structure.comb_fields for cell in comb.cells))


def _count_pixels_per_cell(components: Components, cells: NDArray[np.int32], places: int) -> NDArray[np.int64]:
    """Pixels of each component in each cell, shape (components, places + 1); the first column is outside."""
    filled = np.flatnonzero(cells.any(axis=1))
    rows = slice(int(filled[0]), int(filled[-1]) + 1) if filled.size else slice(0)
    labels, owners = components.labels[rows].reshape(-1), cells[rows].reshape(-1)
    inked = np.flatnonzero((labels > 0) & (owners > 0))
    pairs = (labels[inked].astype(np.int64) - 1) * (places + 1) + owners[inked]
    shares = np.bincount(pairs, minlength=len(components) * (places + 1)).reshape(-1, places + 1)
    # Outside is all the rest, which is most of a page.
    shares[:, 0] = components.areas - shares.sum(axis=1)
    return shares


def _find_spanning_two_cells(
    components: Components, shares: NDArray[np.int64], places: tuple[CellPlace, ...]
) -> NDArray[np.int64]:
    """Components that are ink of two cells."""
    inside = shares[:, 1:]
    large = inside >= np.maximum(_MIN_SECOND_CELL_INK_SHARE * components.areas[:, None], 1)
    found = []
    for index in np.flatnonzero(large.sum(axis=1) > 1):
        _, _, width, height = components.boxes[index].tolist()
        cells = [places[i].cell for i in np.flatnonzero(large[index])]
        wide = width > _MAX_INK_SIZE_CELL_SIDES * min(cell.width for cell in cells)
        high = height > _MAX_INK_SIZE_CELL_SIDES * min(cell.height for cell in cells)
        if wide or high:
            found.append(int(index))
    return np.array(found, np.int64)


def _split_by_cell(
    components: Components, cells: NDArray[np.int32], shares: NDArray[np.int64], torn: NDArray[np.int64]
) -> Components:
    """The components with some of them parted by cells; what is little of a cell goes with the most."""
    labels = components.labels.copy()
    boxes, areas = [components.boxes], [components.areas]
    count = len(components)
    for index in torn:
        x, y, width, height = components.boxes[index].tolist()
        window = (slice(y, y + height), slice(x, x + width))
        own = components.labels[window] == index + 1
        kept = np.flatnonzero(shares[index] >= _MIN_SECOND_CELL_INK_SHARE * components.areas[index])
        main = kept[shares[index][kept].argmax()]
        for cell in kept[kept != main]:
            part = own & (cells[window] == cell)
            count += 1
            labels[window][part] = count
            own &= ~part
            boxes.append(_mask_box(part, x, y))
            areas.append(np.array([part.sum()], np.int32))
        boxes[0] = boxes[0].copy()
        boxes[0][index] = _mask_box(own, x, y)[0]
        areas[0] = areas[0].copy()
        areas[0][index] = own.sum()
    return Components(labels, np.concatenate(boxes), np.concatenate(areas))


def _mask_box(part: NDArray[np.bool_], x: int, y: int) -> NDArray[np.int32]:
    """Box of a part of a window, on the page; shape (1, 4)."""
    left, top, width, height = cv2.boundingRect(part.view(np.uint8))
    return np.array([[x + left, y + top, width, height]], np.int32)
