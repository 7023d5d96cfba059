import time

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.image.stroke_width import measure_stroke_width
from scanner.numbers.text_lines import TextLine, find_text_lines, select_characters
from scanner.recognition.cut_lattice import Lattice, build_lattice
from scanner.synthesis.pen import draw_text, random_writer
from scanner.types import Box


def ink_of(mask: NDArray[np.uint8], stroke_width: float = 4.0, character_height: float = 40.0) -> MeasuredInk:
    return MeasuredInk(mask.copy(), mask, stroke_width, label_components(mask), character_height)


def line_and_lattice(mask: NDArray[np.uint8]) -> tuple[TextLine, Lattice]:
    """The only text line of a page, and its lattice."""
    ink = ink_of(mask, measure_stroke_width(mask), mask.shape[0] / 2)
    (line,) = find_text_lines(ink, select_characters(ink))
    return line, build_lattice(line, ink)


def rings(*centers: int, half_width: int = 12) -> NDArray[np.uint8]:
    mask = np.zeros((80, 400), np.uint8)
    for x in centers:
        cv2.ellipse(mask, (x, 40), (half_width, 18), 0, 0, 360, 255, 4)
    return mask


def boxes_of(lattice: Lattice) -> list[Box]:
    return [hypothesis.glyph.box for hypothesis in lattice.hypotheses]


def near(a: Box, b: Box, tolerance: int = 2) -> bool:
    """Whether all four edges of two boxes agree within a few pixels."""
    edges = zip((a.x, a.y, a.right, a.bottom), (b.x, b.y, b.right, b.bottom), strict=True)
    return all(abs(one - other) <= tolerance for one, other in edges)


def test_one_digit_is_one_hypothesis_of_all_its_ink() -> None:
    mask = rings(60, half_width=8)
    line, lattice = line_and_lattice(mask)
    assert lattice.cut_count == 2
    (hypothesis,) = lattice.hypotheses
    assert (hypothesis.start_cut, hypothesis.end_cut) == (0, 1)
    assert hypothesis.glyph.box == line.box
    assert np.count_nonzero(hypothesis.glyph.strength) == np.count_nonzero(mask)
    assert hypothesis.relative_height == pytest.approx(1.0, abs=0.1)


def test_separate_digits_are_hypotheses_of_their_own_and_never_joined() -> None:
    _, lattice = line_and_lattice(rings(40, 80, 120, half_width=8))
    assert len(boxes_of(lattice)) == 3
    assert [round(box.center[0] / 40) for box in boxes_of(lattice)] == [1, 2, 3]


def test_touching_digits_are_hypotheses_cut_and_whole() -> None:
    mask = rings(40, 66)
    mask[38:42, 50:58] = 255
    assert len(label_components(mask)) == 1
    line, lattice = line_and_lattice(mask)
    boxes = boxes_of(lattice)
    assert any(near(box, line.box) for box in boxes)
    assert any(box.x == line.box.x and abs(box.right - 54) <= 8 for box in boxes)
    assert any(box.right == line.box.right and abs(box.x - 54) <= 8 for box in boxes)


def test_a_leaning_one_over_its_neighbour_is_a_hypothesis_of_its_own() -> None:
    mask = np.zeros((80, 120), np.uint8)
    cv2.line(mask, (20, 20), (40, 60), 255, 3)
    cv2.line(mask, (29, 20), (49, 60), 255, 3)
    first, second = (label_components(mask).box(index) for index in (0, 1))
    assert first.right - second.x > first.width / 2
    offered = boxes_of(line_and_lattice(mask)[1])
    # The cut lies where they pass each other, so each has its own outer edge and not the other's.
    assert any(abs(box.x - first.x) <= 2 and box.right < second.right - 4 for box in offered)
    assert any(abs(box.right - second.right) <= 2 and box.x > first.x + 4 for box in offered)


def test_a_broken_digit_is_a_hypothesis_as_a_whole() -> None:
    mask = rings(60)
    mask[52:55] = 0
    assert len(label_components(mask)) == 2
    line, lattice = line_and_lattice(mask)
    assert any(near(box, line.box) for box in boxes_of(lattice))


def assert_valid(line: TextLine, lattice: Lattice) -> None:
    for hypothesis in lattice.hypotheses:
        box = hypothesis.glyph.box
        assert 0 <= hypothesis.start_cut < hypothesis.end_cut < lattice.cut_count
        assert hypothesis.glyph.strength.any()
        assert line.box.x <= box.x
        assert line.box.y <= box.y
        assert box.right <= line.box.right
        assert box.bottom <= line.box.bottom


@pytest.mark.parametrize("slant", [-0.3, 0.0, 0.5])
@pytest.mark.parametrize("seed", range(4))
def test_each_handwritten_digit_is_a_hypothesis_at_its_position(seed: int, slant: float) -> None:
    rng = np.random.default_rng(seed)
    writer = random_writer(rng)
    ink, _ = draw_text("2480613", writer, rng, 40)
    height = ink.shape[0]
    reach = int(np.ceil(abs(slant) * height))
    shear = np.array([[1.0, -slant, max(slant, 0) * height], [0.0, 1.0, 0.0]])
    leaning = cv2.warpAffine(ink, shear, (ink.shape[1] + reach, height))
    mask = np.where(leaning > 127, np.uint8(255), np.uint8(0))
    measured = ink_of(mask, measure_stroke_width(mask))
    components = measured.components
    for line in find_text_lines(measured, select_characters(measured)):
        lattice = build_lattice(line, measured)
        assert_valid(line, lattice)
        for member in line.component_indices:
            box = components.box(member)
            others = [components.box(other) for other in line.component_indices if other != member]
            beside = all(box.right <= other.x + 4 or other.right <= box.x + 4 for other in others)
            if beside and box.height > 0.8 * line.character_height and box.width < 0.5 * line.character_height:
                assert any(near(box, offered, 4) for offered in boxes_of(lattice))


def test_the_ink_of_other_text_lines_is_not_in_the_lattice() -> None:
    mask = rings(40, 80)
    ink = ink_of(mask)
    first = int(np.argmin(ink.components.boxes[:, 0]))
    whole = Box(0, 0, 400, 80)
    line = TextLine((first,), whole, 40.0)
    lattice = build_lattice(line, ink)
    assert all(box.right < 60 for box in boxes_of(lattice))


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 2), (40, 40)])
def test_a_block_of_ink_is_no_error(shape: tuple[int, int]) -> None:
    mask = np.full(shape, 255, np.uint8)
    ink = ink_of(mask, float(min(shape)))
    line = TextLine((0,), ink.components.box(0), float(shape[0]))
    assert_valid(line, build_lattice(line, ink))


def leaning_bars(columns: int, rows: int) -> NDArray[np.uint8]:
    """Short leaning bars like a screened photograph, so close that all are one text line."""
    stamp = np.zeros((9, 5), np.uint8)
    cv2.line(stamp, (4, 0), (0, 8), 255, 1)
    mask = np.zeros((rows * 12 + 20, columns * 7 + 10), np.uint8)
    for row in range(rows):
        for column in range(columns):
            y, x = 4 + 12 * row + 4 * (column % 3), 4 + 7 * column
            mask[y : y + 9, x : x + 5] = stamp
    return mask


def test_a_text_line_of_thousands_of_components_takes_seconds() -> None:
    mask = leaning_bars(300, 120)
    ink = ink_of(mask, 1.2, 9.0)
    # More than a 16-bit label counts.
    assert len(ink.components) == 36_000
    started = time.process_time()
    (line,) = find_text_lines(ink, select_characters(ink))
    lattice = build_lattice(line, ink)
    # 18 s on a slow machine; to compare all pairs would take minutes.
    assert time.process_time() - started < 40.0
    assert_valid(line, lattice)
