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
from scanner.layout.tables import Cell
from scanner.numbers.candidates import NumberCandidates, find_number_candidates
from scanner.options import NumberKind

STROKE = 4.0
HEIGHT = 40.0
OF = np.eye(len(InkClass))


def ink_of(mask: NDArray[np.uint8], character_height: float = HEIGHT) -> MeasuredInk:
    return MeasuredInk(mask, mask, STROKE, label_components(mask), character_height)


def wanted(
    mask: NDArray[np.uint8], *kinds: InkClass, kind: NumberKind = NumberKind.HANDWRITTEN, height: float = HEIGHT
) -> NumberCandidates:
    """``kinds`` of the components from the left."""
    components = label_components(mask)
    shares = np.zeros((len(components), len(InkClass)))
    shares[np.argsort(components.boxes[:, 0], kind="stable")] = OF[list(kinds)]
    return find_number_candidates(assign_to_cells(ink_of(mask, height), FormStructure()), (), (shares, kind))


def ones(*columns: int) -> NDArray[np.uint8]:
    mask = np.zeros((100, 300), np.uint8)
    for x in columns:
        mask[30:70, x : x + 4] = 255
    return mask


def test_ink_of_another_kind_is_left_out_and_parts_what_it_stands_between() -> None:
    mask = ones(20, 40, 60, 80, 100)
    digit, sign = InkClass.DIGIT, InkClass.WRITING
    assert [run.box.x for run in wanted(mask, *[digit] * 5).text_lines] == [20]
    found = wanted(mask, digit, digit, sign, digit, digit)
    assert sorted((run.box.x, run.box.right) for run in found.text_lines) == [(20, 44), (80, 104)]
    assert len(found.component_indices) == 4


def test_printed_digits_are_found_if_they_are_asked_for() -> None:
    mask = ones(20, 200)
    kinds = (InkClass.DIGIT, InkClass.PRINTED_DIGIT)
    at = {kind: sorted(run.box.x for run in wanted(mask, *kinds, kind=kind).text_lines) for kind in NumberKind}
    assert at == {NumberKind.HANDWRITTEN: [20], NumberKind.PRINTED: [200], NumberKind.ANY: [20, 200]}


def test_without_a_network_all_that_can_be_a_character_is_wanted() -> None:
    mask = ones(20, 40)
    inked = assign_to_cells(ink_of(mask), FormStructure())
    (run,) = find_number_candidates(inked, (), None).text_lines
    assert len(run.component_indices) == 2


def test_a_ring_around_a_number_is_no_digit() -> None:
    mask = ones(60, 80)
    cv2.ellipse(mask, (71, 50), (35, 40), 0, 0, 360, 255, 4)
    found = wanted(mask, *[InkClass.DIGIT] * 3)
    assert [run.box.x for run in found.text_lines] == [60]
    assert len(found.component_indices) == 2


def test_a_speck_within_a_zero_makes_no_ring_of_it() -> None:
    mask = np.zeros((100, 300), np.uint8)
    cv2.ellipse(mask, (71, 50), (15, 20), 0, 0, 360, 255, 4)
    mask[48:53, 69:74] = 255
    assert len(wanted(mask, *[InkClass.DIGIT] * 2).component_indices) == 2


def test_the_point_of_a_fine_pen_belongs_to_its_number() -> None:
    mask = ones(20, 50)
    mask[68:70, 36:38] = 255
    (run,) = wanted(mask, *[InkClass.DIGIT] * 3).text_lines
    assert len(run.component_indices) == 3
    # Of another kind it is a speck.
    (run,) = wanted(mask, InkClass.DIGIT, InkClass.PRINT, InkClass.DIGIT).text_lines
    assert len(run.component_indices) == 2


def test_an_empty_page_has_no_runs() -> None:
    found = wanted(np.zeros((50, 50), np.uint8))
    assert (found.text_lines, found.comb_digits, len(found.component_indices)) == ((), (), 0)


def test_small_writing_among_bold_print_counts_if_it_is_surely_digits() -> None:
    # Ten rows high, where a stroke of the page is four pixels wide: lower than three strokes, higher than two.
    mask = np.zeros((100, 300), np.uint8)
    mask[40:50, 20:24] = mask[40:50, 60:64] = 255
    digit = InkClass.DIGIT
    assert {run.box.height for run in wanted(mask, digit, digit, height=14.0).text_lines} == {10}
    # Points, beside characters of forty.
    assert wanted(mask, digit, digit).text_lines == ()
    inked = assign_to_cells(ink_of(mask, 14.0), FormStructure())
    doubtful = 0.6 * OF[[digit, digit]] + 0.4 * OF[[InkClass.MARK, InkClass.MARK]]
    assert find_number_candidates(inked, (), (doubtful, NumberKind.HANDWRITTEN)).text_lines == ()
    assert find_number_candidates(inked, (), None).text_lines == ()


def test_an_exponent_counts_however_low_it_is_in_strokes() -> None:
    # Forty rows high, and behind it ten, lower than three strokes: above, beside its foot, and further off.
    def tops(x: int, y: int, rows: int = 10) -> list[int]:
        mask = np.zeros((120, 300), np.uint8)
        mask[50:75, 20:24] = 255
        mask[y : y + rows, x : x + 8] = 255
        return sorted(run.box.y for run in wanted(mask, InkClass.DIGIT, InkClass.DIGIT).text_lines)

    assert tops(28, 40) == [40, 50]
    assert tops(28, 20) == tops(28, 64) == tops(60, 40) == [50]
    # A point.
    assert tops(28, 40, rows=9) == [50]


def test_what_stands_in_a_comb_field_is_not_loose_as_well() -> None:
    side = [((60 * i, 20), (60 * (i + 1), 20), (60 * (i + 1), 90), (60 * i, 90)) for i in range(4)]
    comb = CombField(tuple(Cell(1, i, corners) for i, corners in enumerate(side, 1)))
    mask = ones(30, 90, 150, 210)
    # A dash as low as a point, of the digit beside it.
    mask[30:34, 217:225] = 255
    components = label_components(mask)
    shares = OF[[InkClass.DIGIT] * len(components)]
    inked = assign_to_cells(ink_of(mask), FormStructure(comb_fields=(comb,)))
    found = find_number_candidates(inked, (comb,), (shares, NumberKind.HANDWRITTEN))
    (strip,) = found.comb_digits
    assert strip.comb_cells == (1, 2, 3, 4)
    assert not set(strip.text_line.component_indices) & set(found.component_indices.tolist())
    assert found.text_lines == ()


def test_half_of_a_digit_beside_the_line_of_a_comb_field_is_not_left_of_that_line() -> None:
    side = [((60 * i, 20), (60 * (i + 1), 20), (60 * (i + 1), 90), (60 * i, 90)) for i in range(2)]
    comb = CombField(tuple(Cell(1, i, corners) for i, corners in enumerate(side, 1)))
    mask = ones(40, 100)
    # Strokes are four wide: a hook in the first cell, a thin piece in the second.
    mask[40:60, 10:14] = mask[56:60, 10:24] = 255
    mask[40:60, 70:74] = 255
    components = label_components(mask)
    shares = OF[[InkClass.RULE if box[0] in {10, 70} else InkClass.DIGIT for box in components.boxes.tolist()]]
    inked = assign_to_cells(ink_of(mask), FormStructure(comb_fields=(comb,)))
    (strip,) = find_number_candidates(inked, (comb,), (0.7 * shares + 0.3 * OF[0], NumberKind.HANDWRITTEN)).comb_digits
    assert sorted(int(components.boxes[index, 0]) for index in strip.text_line.component_indices) == [10, 40, 100]


def test_digits_far_apart_in_a_low_frame_are_one_run() -> None:
    def runs(bottom: int) -> int:
        frame = Cell(1, 1, ((10, 20), (290, 20), (290, bottom), (10, bottom)))
        mask = np.zeros((300, 300), np.uint8)
        # Forty high, eighty apart: twice their height.
        for x in (30, 114, 198):
            mask[30:70, x : x + 4] = 255
        components = label_components(mask)
        inked = assign_to_cells(ink_of(mask), FormStructure(form_frames=(frame,)))
        shares = OF[[InkClass.DIGIT] * len(components)]
        return len(find_number_candidates(inked, (), (shares, NumberKind.HANDWRITTEN)).text_lines)

    assert runs(bottom=100) == 1
    # A frame around a whole part of the page says nothing of what stands in it.
    assert runs(bottom=290) == 3
