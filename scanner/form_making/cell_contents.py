"""What stands in a printed cell: print, which makes it a heading or a label, or handwriting, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.image.components import label_components
from scanner.layout.ink_classes import InkClass, component_class_shares

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from scanner.image.measured_ink import MeasuredInk
    from scanner.preparation import PreparationOutputs
    from scanner.types import Box

_MIN_PART_HEIGHTS = 0.25
"""Minimum height or width, character heights, of ink that counts: anything smaller is a speck or a point."""
_MIN_CLASS_SHARE = 0.5
"""Minimum probability of ink to be print, or handwriting."""
_MIN_FREE_SHARE = 0.55
"""Minimum height of the highest band of a cell without print, relative to the cell, of one to write in: in one with a
line of print in its middle it is below a half, in one with small print at its edge above."""
_EDGE_SHARE = 0.25
"""Share of a cell on each side that is not its middle: what is left of its lines may be in it."""
_PRINT_CLASSES = [InkClass.PRINT, InkClass.PRINTED_DIGIT]
_HAND_CLASSES = [InkClass.DIGIT, InkClass.WRITING]


@dataclass(frozen=True, slots=True)
class CellContents:
    """What stands in a cell."""

    is_printed: bool
    """Whether print leaves no room to write."""
    has_number: bool
    """Whether there is a handwritten number, and not more other handwriting."""
    has_writing: bool
    """Whether there is other handwriting."""
    is_filled: bool
    """Whether most of what stands there looks like handwriting, ink by ink."""


@dataclass(frozen=True, slots=True, eq=False)
class PageContents:
    """The ink of a page by what it is, rules aside."""

    boxes: NDArray[np.float64]
    """Shape (N, 4): left, top, right, bottom of each component."""
    areas: NDArray[np.float64]
    """Shape (N,): pixels of ink."""
    is_print: NDArray[np.bool_]
    """Shape (N,)."""
    digit_share: NDArray[np.float64]
    """Shape (N,): probability to be of a handwritten number; 0 for print."""
    writing_share: NDArray[np.float64]
    """Shape (N,): probability to be of other handwriting; 0 for print."""
    is_hand: NDArray[np.bool_]
    """Shape (N,): whether it looks like handwriting by itself."""
    numbers: tuple[Box, ...]
    """Where the page network sees handwritten numbers."""

    @classmethod
    def of_page(cls, prepared: PreparationOutputs, cells: Sequence[Box]) -> PageContents:
        """Take what the page network sees of a page; without one, nothing is known to be print or a number.

        Where it sees a handwritten number, it is believed rather than what it says of the ink: a row of numbers at the
        upper edge of a page looks like headings.

        Args:
            prepared: the page.
            cells: its printed cells, in which all ink counts; outside of them a line of bold print may be taken for a
                rule, and not count.
        """
        ink = _ink_without_rules(prepared, cells)
        left, top, width, height = ink.components.boxes.T
        shares = np.zeros((len(ink.components), len(InkClass)))
        if prepared.ink_class_map is not None:
            shares = component_class_shares(ink, prepared.ink_class_map)
        kept = np.maximum(width, height) >= _MIN_PART_HEIGHTS * ink.character_height
        shares = shares[kept]
        boxes = np.stack([left, top, left + width, top + height], axis=1)[kept].astype(np.float64)
        numbers = tuple(region.box for region in prepared.number_regions)
        in_number = _are_within(boxes, numbers)
        hand = np.asarray(shares[:, _HAND_CLASSES].sum(axis=1) >= _MIN_CLASS_SHARE, np.bool_)
        printed = shares[:, _PRINT_CLASSES].sum(axis=1) >= _MIN_CLASS_SHARE
        return cls(
            boxes,
            ink.components.areas[kept].astype(np.float64),
            np.asarray(printed & ~in_number, np.bool_),
            np.where(in_number, 1.0, np.where(hand, shares[:, InkClass.DIGIT], 0.0)),
            np.where(hand & ~in_number, shares[:, InkClass.WRITING], 0.0),
            hand,
            numbers,
        )

    def as_blank(self) -> PageContents:
        """The same page if nobody has written on it: all is print, whatever it looks like."""
        nothing, none = np.zeros(len(self.boxes)), np.zeros(len(self.boxes), bool)
        return PageContents(self.boxes, self.areas, ~none, nothing, nothing, none, ())

    def within(self, cell: Box) -> CellContents:
        """Tell what stands in a cell, by the ink whose middle is in it."""
        inside = _are_within(self.boxes, (cell,))
        weights = self.areas[inside]
        digits, writing = float(weights @ self.digit_share[inside]), float(weights @ self.writing_share[inside])
        numbered = any(cell.includes(number.center) for number in self.numbers)
        has_number = numbered and digits >= writing
        return CellContents(
            self._leaves_no_room(self.boxes[inside & self.is_print], cell),
            has_number,
            writing > 0 and not has_number,
            bool(weights @ self.is_hand[inside] > _MIN_CLASS_SHARE * weights.sum()),
        )

    def has_ink(self, cell: Box) -> bool:
        """Whether anything stands in the middle of a cell."""
        left, right = cell.x + _EDGE_SHARE * cell.width, cell.right - _EDGE_SHARE * cell.width
        top, bottom = cell.y + _EDGE_SHARE * cell.height, cell.bottom - _EDGE_SHARE * cell.height
        x1, y1, x2, y2 = self.boxes.T
        return bool(((x1 < right) & (left < x2) & (y1 < bottom) & (top < y2)).any())

    def _leaves_no_room(self, printed: NDArray[np.float64], cell: Box) -> bool:
        """Whether print, shape (N, 4), leaves no band across a cell that is high enough to write in."""
        if not len(printed):
            return False
        free, reached = 0.0, float(cell.y)
        for _, top, _, bottom in printed[np.argsort(printed[:, 1])]:
            free, reached = max(free, top - reached), max(reached, bottom)
        return bool(max(free, cell.bottom - reached) < _MIN_FREE_SHARE * cell.height)


def _ink_without_rules(prepared: PreparationOutputs, cells: Iterable[Box]) -> MeasuredInk:
    mask = prepared.ink_without_rules.mask.copy()
    with_rules = prepared.rectified.ink
    for cell in cells:
        inside = np.s_[cell.y : cell.bottom, cell.x : cell.right]
        mask[inside] = with_rules.mask[inside]
    return replace(with_rules, mask=mask, components=label_components(mask))


def _are_within(boxes: NDArray[np.float64], areas: Iterable[Box]) -> NDArray[np.bool_]:
    """Which boxes, shape (N, 4), have their middle in one of some areas."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    within = np.zeros(len(boxes), bool)
    for area in areas:
        within |= ((middle >= (area.x, area.y)) & (middle < (area.right, area.bottom))).all(axis=1)
    return within
