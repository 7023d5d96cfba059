from pathlib import Path

import cv2
import numpy as np

from scanner.datasets.labelled_crops import LabelledCrop
from scanner.datasets.labelled_ink import OTHER_INK
from scanner.datasets.number_mosaics import NumberMosaicSource, draw_number_mosaic, load_mosaic_crops
from scanner.synthesis.page_content import PixelClass
from scanner.types import Box


def write_cell(path: Path, text: str, border: bool = True) -> LabelledCrop:
    """A photographed cell with the border of its table at the bottom and to the right."""
    cell = np.full((36, 70), 200, np.uint8)
    cv2.putText(cell, text, (8, 26), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 60, 2, cv2.LINE_AA)
    if border:
        cell[34:], cell[:, 68:] = 90, 90
    cv2.imwrite(str(path), cell)
    return LabelledCrop(path, text, ())


def test_the_border_of_a_cell_is_not_of_its_number(tmp_path: Path) -> None:
    (crop,) = load_mosaic_crops([write_cell(tmp_path / "a.png", "127")])
    assert crop.box.x >= 5
    assert crop.box.right <= 60
    assert crop.box.y >= 8
    assert crop.box.bottom <= 29
    assert crop.flat[crop.writing > 0].mean() > 100


def test_cells_without_digits_or_without_ink_are_left_out(tmp_path: Path) -> None:
    blank = LabelledCrop(tmp_path / "blank.png", "12", ())
    cv2.imwrite(str(blank.path), np.full((36, 70), 200, np.uint8))
    assert load_mosaic_crops([write_cell(tmp_path / "a.png", "-"), blank]) == ()


def test_a_number_of_which_digits_are_missing_is_left_out(tmp_path: Path) -> None:
    cell = write_cell(tmp_path / "a.png", "1", border=False)
    assert load_mosaic_crops([LabelledCrop(cell.path, "1", ())])
    assert load_mosaic_crops([LabelledCrop(cell.path, "10500", ())]) == ()


def test_numbers_lie_on_their_ink(tmp_path: Path) -> None:
    crops = load_mosaic_crops([write_cell(tmp_path / f"{text}.png", text) for text in ("12", "340", "77")])
    letter = np.zeros((40, 30), np.uint8)
    letter[5:35, 12:18] = 255
    source = NumberMosaicSource((crops,), ((letter,) * 26,))
    counts = []
    for seed in range(4):
        page = draw_number_mosaic(np.random.default_rng(seed), source)
        counts.append(len(page.numbers))
        assert set(np.unique(page.pixel_classes).tolist()) <= {*map(int, PixelClass), OTHER_INK}
        for number in page.numbers:
            box = number.box
            part = page.pixel_classes[box.y : box.bottom, box.x : box.right]
            assert (part == PixelClass.DIGIT).mean() > 0.05
    assert max(counts) > 10


def test_the_same_seed_draws_the_same_page(tmp_path: Path) -> None:
    source = NumberMosaicSource((load_mosaic_crops([write_cell(tmp_path / "a.png", "127")]),), ())
    one, again = (source(np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(one.image, again.image)
    assert np.array_equal(one.pixel_classes, again.pixel_classes)


def test_digits_of_cheques_move_with_their_number(tmp_path: Path) -> None:
    cell = write_cell(tmp_path / "a.png", "127", border=False)
    boxes = (Box(8, 10, 12, 18), Box(22, 10, 13, 18), Box(36, 10, 13, 18))
    source = NumberMosaicSource((load_mosaic_crops([LabelledCrop(cell.path, "127", boxes)]),), ())
    page = source(np.random.default_rng(2))
    for number in page.numbers:
        assert len(number.digit_boxes) == 3
        around = Box.around(number.digit_boxes)
        assert abs(around.center[0] - number.box.center[0]) < 0.3 * number.box.width
