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
    assert (found.text_lines, len(found.component_indices)) == ((), 0)


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


def comb_field() -> CombField:
    """Four cells of 50 pixels in a row, from the left edge of the page."""
    edges = [(50.0 * i, 50.0 * (i + 1)) for i in range(4)]
    return CombField(
        tuple(Cell(1, i, ((a, 20.0), (b, 20.0), (b, 80.0), (a, 80.0))) for i, (a, b) in enumerate(edges, 1))
    )


def test_the_regions_of_a_comb_field_are_one_text_line() -> None:
    mask = ones(20, 70, 170, 260)
    inked = assign_to_cells(ink_of(mask), FormStructure(comb_fields=(comb_field(),)))
    shares = ONE_HOT[[InkClass.DIGIT] * 4]
    regions = [region(15, 75), region(165, 20), region(250, 30)]
    found = find_number_candidates(inked, (comb_field(),), (shares, NumberKind.HANDWRITTEN), regions)
    # From the first digit to the last one; the third cell is empty.
    assert [(line.box.x, line.box.right) for line in found.text_lines] == [(20, 174), (260, 264)]
    assert [line.region and line.region.crosses_lines for line in found.text_lines] == [True, False]


def test_a_1_that_looks_like_a_divider_belongs_to_the_number_of_its_comb_field() -> None:
    mask = ones(20, 70, 120, 170)
    components = label_components(mask)
    inked = assign_to_cells(ink_of(mask), FormStructure(comb_fields=(comb_field(),)))
    shares = ONE_HOT[[InkClass.RULE if x == 120 else InkClass.DIGIT for x in components.boxes[:, 0].tolist()]]
    regions = [region(15, 75), region(165, 20)]
    (line,) = find_number_candidates(inked, (comb_field(),), (shares, NumberKind.HANDWRITTEN), regions).text_lines
    assert [int(components.boxes[index, 0]) for index in line.component_indices] == [20, 70, 120, 170]
