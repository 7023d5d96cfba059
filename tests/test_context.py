"""Pieces of ink judged together.

The page: four words of three letters in a line of a table of one column, or without a table.
"""

import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.cells import InCells, Place
from scanner.components import connected_components
from scanner.context import in_context
from scanner.grid import Cell
from scanner.kinds import InkKind

UNSURE = (0.5, 0.0, 0.5, 0.0, 0.0, 0.0)
DIGIT = (0.9, 0.0, 0.1, 0.0, 0.0, 0.0)
WRITING = (0.1, 0.0, 0.9, 0.0, 0.0, 0.0)
RULE = (0.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def side_by_side(lefts: list[int], row: int = 0) -> InCells:
    """Squares of ten pixels with these left edges, in one line, in no cell."""
    mask = np.zeros((20, max(lefts) + 20), np.uint8)
    for x in lefts:
        mask[5:15, x : x + 10] = 255
    components = connected_components(mask)
    return InCells(components, (), np.full(len(components), -1))


def judged(inked: InCells, *kinds: tuple[float, ...]) -> NDArray[np.float64]:
    order = np.argsort(inked.components.boxes[:, 0])
    shares = np.zeros((len(kinds), 6))
    shares[order] = kinds
    return in_context(shares, inked, order)[order]


@pytest.mark.parametrize(("company", "kind"), [(DIGIT, InkKind.DIGIT), (WRITING, InkKind.WRITING)])
def test_what_could_be_either_is_what_its_word_is(company: tuple[float, ...], kind: InkKind) -> None:
    found = judged(side_by_side([0, 12, 24]), company, UNSURE, company)
    assert found[1].argmax() == kind
    assert found[1, kind] > 0.7


def test_company_far_away_does_not_count() -> None:
    found = judged(side_by_side([0, 60]), UNSURE, DIGIT)
    assert found[0, InkKind.DIGIT] == pytest.approx(0.5, abs=0.01)


def test_a_rule_keeps_out_of_it() -> None:
    found = judged(side_by_side([0, 12]), UNSURE, RULE)
    assert found[1] == pytest.approx(RULE)
    assert found[0, InkKind.DIGIT] == pytest.approx(found[0, InkKind.WRITING])


def test_cells_of_a_column_agree() -> None:
    mask = np.zeros((100, 40), np.uint8)
    for row in range(5):
        mask[5 + 20 * row : 15 + 20 * row, 10:20] = 255
    components = connected_components(mask)
    tops = [20.0 * row for row in range(5)]
    corners = [((0.0, y), (40.0, y), (40.0, y + 20), (0.0, y + 20)) for y in tops]
    places = tuple(Place(Cell(row, 1, corner), table=1) for row, corner in enumerate(corners, start=1))
    inked = InCells(components, places, np.argsort(np.argsort(components.boxes[:, 1])))
    shares = np.array([WRITING] * 5)
    shares[2] = UNSURE
    assert in_context(shares, inked, np.arange(5))[2, InkKind.WRITING] > 0.7


def test_nothing_has_no_company() -> None:
    shares = np.zeros((0, 6))
    empty = InCells(connected_components(np.zeros((4, 4), np.uint8)), (), np.zeros(0, np.int64))
    assert in_context(shares, empty, np.zeros(0, np.int64)).shape == (0, 6)
