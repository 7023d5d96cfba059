import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.image.stroke_width import measure_stroke_width
from scanner.layout.form_structure import FormStructure, add_pale_tables, find_form_structure
from scanner.layout.rules import find_rules

CHARACTER = 30.0


def structure_of(mask: NDArray[np.uint8]) -> FormStructure:
    ink = MeasuredInk(mask.copy(), mask, measure_stroke_width(mask), label_components(mask), CHARACTER)
    return find_form_structure(ink, find_rules(ink))


def page() -> NDArray[np.uint8]:
    return np.zeros((400, 700), np.uint8)


def draw_comb_field(mask: NDArray[np.uint8], thickness: int, degrees: float = 0.0) -> None:
    """Nine cells of 60 x 75 pixels from (60, 150)."""
    turn = cv2.getRotationMatrix2D((330, 190), degrees, 1.0)
    lines = [((60 + 60 * i, 150), (60 + 60 * i, 225)) for i in range(10)] + [((60, y), (600, y)) for y in (150, 225)]
    for line in lines:
        a, b = cv2.transform(np.array([line], np.float64), turn)[0]
        cv2.line(mask, tuple(np.rint(a).astype(int).tolist()), tuple(np.rint(b).astype(int).tolist()), 255, thickness)


@pytest.mark.parametrize("thickness", [2, 3])
@pytest.mark.parametrize("degrees", [0.0, 1.0, -3.0, 5.0])
def test_a_row_of_nine_boxes_is_one_comb_field(thickness: int, degrees: float) -> None:
    mask = page()
    draw_comb_field(mask, thickness, degrees)
    found = structure_of(mask)
    assert (found.tables, found.form_frames, found.underlines) == ((), (), ())
    (comb,) = found.comb_fields
    assert [cell.column for cell in comb.cells] == list(range(1, 10))
    assert all(abs(cell.width - 60) <= 2 and abs(cell.height - 75) <= 2 for cell in comb.cells)


@pytest.mark.parametrize("seed", range(10))
def test_a_comb_field_is_found_although_noise_broke_its_lines(seed: int) -> None:
    mask = page()
    draw_comb_field(mask, 2)
    rng = np.random.default_rng(seed)
    mask[rng.random(mask.shape) < 0.05] = 0
    for x, y in zip(rng.integers(60, 600, 12).tolist(), rng.choice((150, 225), 12).tolist(), strict=True):
        mask[y - 2 : y + 3, x : x + 4] = 0
    (comb,) = structure_of(mask).comb_fields
    assert len(comb.cells) == 9


def test_separate_boxes_are_a_comb_field_and_a_single_one_is_a_frame() -> None:
    mask = page()
    for x in range(60, 400, 70):
        cv2.rectangle(mask, (x, 100), (x + 56, 170), 255, 2)
    cv2.rectangle(mask, (60, 250), (400, 300), 255, 2)
    found = structure_of(mask)
    assert [len(comb.cells) for comb in found.comb_fields] == [5]
    assert [cell.box.x for cell in found.comb_fields[0].cells] == pytest.approx(list(range(60, 400, 70)), abs=8)
    (frame,) = found.form_frames
    assert frame.box == pytest.approx((60, 250, 340, 50), abs=2)
    assert found.tables == ()


def test_a_table_and_an_underline_are_found() -> None:
    mask = page()
    for y in (100, 150, 200, 250):
        mask[y : y + 2, 50:452] = 255
    for x in (50, 250, 450):
        mask[100:252, x : x + 2] = 255
    mask[330:332, 50:300] = 255
    found = structure_of(mask)
    (table,) = found.tables
    assert (table.row_count, table.column_count, len(table.cells)) == (3, 2, 6)
    (underline,) = found.underlines
    assert (underline.begin, underline.end, underline.across_at_begin) == pytest.approx((50, 300, 330.5), abs=1)
    assert found.comb_fields == ()


@pytest.mark.parametrize("value", [0, 255])
def test_a_blank_and_a_black_page_have_no_structure(value: int) -> None:
    assert structure_of(np.full((60, 80), value, np.uint8)) == FormStructure()


def draw_table(mask: NDArray[np.uint8], rows: int, columns: int, top: int = 20, left: int = 20) -> NDArray[np.uint8]:
    """Cells of 100 x 60 pixels."""
    for row in range(rows + 1):
        cv2.line(mask, (left, top + 60 * row), (left + 100 * columns, top + 60 * row), 255, 2)
    for column in range(columns + 1):
        cv2.line(mask, (left + 100 * column, top), (left + 100 * column, top + 60 * rows), 255, 2)
    return mask


def test_pale_lines_make_a_table_where_none_was_found() -> None:
    with_pale = structure_of(draw_table(page(), 3, 4))
    assert add_pale_tables(FormStructure(), with_pale).tables == with_pale.tables


def test_a_table_completed_by_pale_lines_replaces_the_part_found_before() -> None:
    inked = structure_of(draw_table(page(), 3, 1))
    with_pale = structure_of(draw_table(page(), 3, 4))
    assert [(table.row_count, table.column_count) for table in add_pale_tables(inked, with_pale).tables] == [(3, 4)]


def test_tables_elsewhere_are_kept_from_top_to_bottom() -> None:
    inked = structure_of(draw_table(page(), 2, 2, top=240))
    with_pale = structure_of(draw_table(page(), 3, 4))
    assert [(table.row_count, table.column_count) for table in add_pale_tables(inked, with_pale).tables] == [
        (3, 4),
        (2, 2),
    ]


@pytest.mark.parametrize(("rows", "columns"), [(5, 1), (5, 2)])
def test_lined_paper_is_no_table(rows: int, columns: int) -> None:
    assert add_pale_tables(FormStructure(), structure_of(draw_table(page(), rows, columns))) == FormStructure()


def test_pale_lines_with_most_inner_sides_missing_are_no_table() -> None:
    mask = draw_table(page(), 5, 4)
    mask[25:315, 115:325] = 0
    assert add_pale_tables(FormStructure(), structure_of(mask)) == FormStructure()
