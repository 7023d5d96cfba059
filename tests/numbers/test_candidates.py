from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.layout.cell_assignment import assign_to_cells
from scanner.layout.comb_fields import CombField
from scanner.layout.form_structure import FormStructure
from scanner.layout.ink_classes import InkClass
from scanner.layout.number_finder import NumberRegion
from scanner.layout.tables import Cell
from scanner.numbers.candidates import NumberCandidates, find_number_candidates
from scanner.options import NumberKind
from scanner.types import Box

STROKE = 4.0
HEIGHT = 40.0
ONE_HOT = np.eye(len(InkClass))


def ink_of(mask: NDArray[np.uint8], character_height: float = HEIGHT) -> MeasuredInk:
    return MeasuredInk(mask, mask, STROKE, label_components(mask), character_height)


def candidates(
    mask: NDArray[np.uint8], *ink_classes: InkClass, kind: NumberKind = NumberKind.HANDWRITTEN, height: float = HEIGHT
) -> NumberCandidates:
    """Candidates on a page whose components have these ink classes, from the left."""
    components = label_components(mask)
    shares = np.zeros((len(components), len(InkClass)))
    shares[np.argsort(components.boxes[:, 0], kind="stable")] = ONE_HOT[list(ink_classes)]
    return find_number_candidates(assign_to_cells(ink_of(mask, height), FormStructure()), (), (shares, kind))


def ones(*columns: int) -> NDArray[np.uint8]:
    mask = np.zeros((100, 300), np.uint8)
    for x in columns:
        mask[30:70, x : x + 4] = 255
    return mask


def test_ink_of_another_class_is_left_out_and_splits_the_text_line() -> None:
    mask = ones(20, 40, 60, 80, 100)
    digit, sign = InkClass.DIGIT, InkClass.WRITING
    assert [line.box.x for line in candidates(mask, *[digit] * 5).text_lines] == [20]
    found = candidates(mask, digit, digit, sign, digit, digit)
    assert sorted((line.box.x, line.box.right) for line in found.text_lines) == [(20, 44), (80, 104)]
    assert len(found.component_indices) == 4


def test_printed_digits_are_found_if_requested() -> None:
    mask = ones(20, 200)
    ink_classes = (InkClass.DIGIT, InkClass.PRINTED_DIGIT)
    lefts = {
        kind: sorted(line.box.x for line in candidates(mask, *ink_classes, kind=kind).text_lines) for kind in NumberKind
    }
    assert lefts == {NumberKind.HANDWRITTEN: [20], NumberKind.PRINTED: [200], NumberKind.ANY: [20, 200]}


def test_without_ink_classes_any_ink_may_be_a_number() -> None:
    mask = ones(20, 40)
    inked = assign_to_cells(ink_of(mask), FormStructure())
    (line,) = find_number_candidates(inked, (), None).text_lines
    assert len(line.component_indices) == 2


def test_a_ring_around_a_number_is_no_digit() -> None:
    mask = ones(60, 80)
    cv2.ellipse(mask, (71, 50), (35, 40), 0, 0, 360, 255, 4)
    found = candidates(mask, *[InkClass.DIGIT] * 3)
    assert [line.box.x for line in found.text_lines] == [60]
    assert len(found.component_indices) == 2


def test_a_zero_with_a_speck_inside_is_still_a_digit() -> None:
    mask = np.zeros((100, 300), np.uint8)
    cv2.ellipse(mask, (71, 50), (15, 20), 0, 0, 360, 255, 4)
    mask[48:53, 69:74] = 255
    assert len(candidates(mask, *[InkClass.DIGIT] * 2).component_indices) == 2


def test_the_point_of_a_fine_pen_belongs_to_its_number() -> None:
    mask = ones(20, 50)
    mask[68:70, 36:38] = 255
    (line,) = candidates(mask, *[InkClass.DIGIT] * 3).text_lines
    assert len(line.component_indices) == 3
    # Ink of another class is a speck.
    (line,) = candidates(mask, InkClass.DIGIT, InkClass.PRINT, InkClass.DIGIT).text_lines
    assert len(line.component_indices) == 2


def test_an_empty_page_has_no_candidates() -> None:
    found = candidates(np.zeros((50, 50), np.uint8))
    assert (found.text_lines, found.comb_digits, len(found.component_indices)) == ((), (), 0)


def test_small_writing_among_bold_print_counts_if_it_is_certainly_digits() -> None:
    # Ten rows high, where a stroke of the page is four pixels wide: lower than three strokes, higher than two.
    mask = np.zeros((100, 300), np.uint8)
    mask[40:50, 20:24] = mask[40:50, 60:64] = 255
    digit = InkClass.DIGIT
    assert {line.box.height for line in candidates(mask, digit, digit, height=14.0).text_lines} == {10}
    # Beside characters of forty rows they are points.
    assert candidates(mask, digit, digit).text_lines == ()
    inked = assign_to_cells(ink_of(mask, 14.0), FormStructure())
    doubtful = 0.6 * ONE_HOT[[digit, digit]] + 0.4 * ONE_HOT[[InkClass.MARK, InkClass.MARK]]
    assert find_number_candidates(inked, (), (doubtful, NumberKind.HANDWRITTEN)).text_lines == ()
    assert find_number_candidates(inked, (), None).text_lines == ()


def test_an_exponent_counts_even_if_it_is_as_low_as_punctuation() -> None:
    # A digit of 25 rows, and after it one of ten, lower than three strokes: raised, at its foot, and further away.
    def tops(x: int, y: int, rows: int = 10) -> list[int]:
        mask = np.zeros((120, 300), np.uint8)
        mask[50:75, 20:24] = 255
        mask[y : y + rows, x : x + 8] = 255
        return sorted(line.box.y for line in candidates(mask, InkClass.DIGIT, InkClass.DIGIT).text_lines)

    assert tops(28, 40) == [40, 50]
    assert tops(28, 20) == tops(28, 64) == tops(60, 40) == [50]
    # Too low for an exponent.
    assert tops(28, 40, rows=9) == [50]


def test_comb_digits_are_not_in_a_text_line_too() -> None:
    side = [((60 * i, 20), (60 * (i + 1), 20), (60 * (i + 1), 90), (60 * i, 90)) for i in range(4)]
    comb = CombField(tuple(Cell(1, i, corners) for i, corners in enumerate(side, 1)))
    mask = ones(30, 90, 150, 210)
    # A dash as low as a point, of the digit beside it.
    mask[30:34, 217:225] = 255
    components = label_components(mask)
    shares = ONE_HOT[[InkClass.DIGIT] * len(components)]
    inked = assign_to_cells(ink_of(mask), FormStructure(comb_fields=(comb,)))
    found = find_number_candidates(inked, (comb,), (shares, NumberKind.HANDWRITTEN))
    (comb_digits,) = found.comb_digits
    assert comb_digits.comb_cells == (1, 2, 3, 4)
    assert not set(comb_digits.text_line.component_indices) & set(found.component_indices.tolist())
    assert found.text_lines == ()


def test_half_of_a_digit_beside_the_rule_of_a_comb_field_is_no_remnant_of_the_rule() -> None:
    side = [((60 * i, 20), (60 * (i + 1), 20), (60 * (i + 1), 90), (60 * i, 90)) for i in range(2)]
    comb = CombField(tuple(Cell(1, i, corners) for i, corners in enumerate(side, 1)))
    mask = ones(40, 100)
    # Strokes are four pixels wide: there is a hook in the first cell, and a thin remnant in the second.
    mask[40:60, 10:14] = mask[56:60, 10:24] = 255
    mask[40:60, 70:74] = 255
    components = label_components(mask)
    shares = ONE_HOT[[InkClass.RULE if box[0] in {10, 70} else InkClass.DIGIT for box in components.boxes.tolist()]]
    inked = assign_to_cells(ink_of(mask), FormStructure(comb_fields=(comb,)))
    (comb_digits,) = find_number_candidates(
        inked, (comb,), (0.7 * shares + 0.3 * ONE_HOT[0], NumberKind.HANDWRITTEN)
    ).comb_digits
    assert sorted(int(components.boxes[index, 0]) for index in comb_digits.text_line.component_indices) == [10, 40, 100]


def test_a_1_that_looks_like_a_divider_is_a_digit_of_its_comb_field() -> None:
    mask = np.zeros((60, 160), np.uint8)
    for x in (12, 52):
        cv2.ellipse(mask, (x + 8, 30), (8, 16), 0, 0, 360, 255, 3)
    mask[14:46, 98:102] = 255  # in the middle of its cell
    mask[14:46, 123:126] = 255  # beside the divider of the last cell
    cells = tuple(Cell(1, n + 1, ((40.0 * n, 0), (40.0 * n + 40, 0), (40.0 * n + 40, 60), (40.0 * n, 60)), 1, 1)
                  for n in range(4))  # fmt: skip  # a cell to a line
    comb = CombField(cells)
    components = label_components(mask)
    shares = ONE_HOT[[InkClass.DIGIT if x < 90 else InkClass.RULE for x in components.boxes[:, 0]]]
    ink = MeasuredInk(mask, mask, 3.0, components, 32.0)
    inked = assign_to_cells(ink, FormStructure(comb_fields=(comb,)))
    (found,) = find_number_candidates(inked, (comb,), (shares, NumberKind.HANDWRITTEN)).comb_digits
    assert found.comb_cells == (1, 2, 3)


def test_digits_far_apart_in_a_low_frame_are_one_text_line() -> None:
    def line_count(bottom: int) -> int:
        frame = Cell(1, 1, ((10, 20), (290, 20), (290, bottom), (10, bottom)))
        mask = np.zeros((300, 300), np.uint8)
        # Forty pixels high, and eighty apart: twice their height.
        for x in (30, 114, 198):
            mask[30:70, x : x + 4] = 255
        components = label_components(mask)
        inked = assign_to_cells(ink_of(mask), FormStructure(form_frames=(frame,)))
        shares = ONE_HOT[[InkClass.DIGIT] * len(components)]
        return len(find_number_candidates(inked, (), (shares, NumberKind.HANDWRITTEN)).text_lines)

    assert line_count(bottom=100) == 1
    # A frame around a larger part of the page does not hold a single line.
    assert line_count(bottom=290) == 3


def region(x: int, width: int) -> NumberRegion:
    return NumberRegion(Box(x, 25, width, 50), 0.9)


def found_in_regions(kind: NumberKind, *regions: NumberRegion) -> NumberCandidates:
    """Candidates on a page with three handwritten strokes, two printed ones and one more handwritten one."""
    mask = ones(20, 40, 60, 140, 160, 280)
    components = label_components(mask)
    shares = np.zeros((len(components), len(InkClass)))
    ink_classes = [InkClass.DIGIT] * 3 + [InkClass.PRINTED_DIGIT] * 2 + [InkClass.DIGIT]
    shares[np.argsort(components.boxes[:, 0], kind="stable")] = ONE_HOT[ink_classes]
    inked = assign_to_cells(ink_of(mask), FormStructure())
    return find_number_candidates(inked, (), (shares, kind), regions)


def test_handwritten_numbers_are_where_the_page_network_sees_them() -> None:
    found = found_in_regions(NumberKind.HANDWRITTEN, region(15, 32), region(52, 20))
    assert [line.box.x for line in found.text_lines] == [20, 60]
    assert [line.region for line in found.text_lines] == [region(15, 32), region(52, 20)]
    assert len(found.component_indices) == 3
    assert found.region_of_component is not None
    assert sorted(found.region_of_component.tolist()) == [-1, -1, -1, 0, 0, 1]


def test_printed_numbers_are_chains_of_components() -> None:
    found = found_in_regions(NumberKind.PRINTED, region(15, 60))
    assert [(line.box.x, line.region) for line in found.text_lines] == [(140, None)]
    both = found_in_regions(NumberKind.ANY, region(15, 60))
    assert [(line.box.x, line.region is None) for line in both.text_lines] == [(20, False), (140, True)]
    assert len(both.component_indices) == 5


def test_where_the_page_network_sees_no_numbers_there_are_none() -> None:
    found = found_in_regions(NumberKind.HANDWRITTEN)
    assert found.text_lines == ()
    assert not len(found.component_indices)


def test_a_region_in_a_comb_field_is_part_of_its_number() -> None:
    mask = ones(20, 70, 120)
    cells = tuple(
        Cell(1, column, ((x, 20.0), (x + 50, 20.0), (x + 50, 80.0), (x, 80.0)))
        for column, x in ((1, 0.0), (2, 50.0), (3, 100.0))
    )
    comb = CombField(cells)
    inked = assign_to_cells(ink_of(mask), FormStructure(comb_fields=(comb,)))
    shares = np.repeat(ONE_HOT[[InkClass.DIGIT]], 3, axis=0)
    found = find_number_candidates(inked, (comb,), (shares, NumberKind.HANDWRITTEN), [region(65, 20), region(200, 30)])
    assert [each.comb_cells for each in found.comb_digits] == [(1, 2, 3)]
    assert [line.region for line in found.text_lines] == [region(200, 30)]
