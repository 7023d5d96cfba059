import numpy as np

from scanner.image.character_height import character_height
from scanner.image.components import Components, label_components


def drawn(*rectangles: tuple[int, int, int, int], shape: tuple[int, int] = (200, 400)) -> Components:
    mask = np.zeros(shape, np.uint8)
    for x, y, width, height in rectangles:
        mask[y : y + height, x : x + width] = 255
    return label_components(mask)


def test_the_height_of_equal_characters_is_theirs() -> None:
    assert character_height(drawn((10, 10, 5, 20), (30, 10, 5, 20), (50, 40, 5, 20)), 4.0) == 20.0


def test_the_height_is_that_of_the_taller_characters_but_not_of_a_single_one() -> None:
    print_and_pen = [(10 * k, 10, 5, 14) for k in range(20)] + [(30 * k, 50, 5, 40) for k in range(10)]
    height = character_height(drawn(*print_and_pen, (350, 50, 5, 100)), 3.0)
    assert 14.0 < height <= 40.0


def test_points_and_pictures_are_no_characters() -> None:
    page = drawn((10, 10, 5, 20), (30, 27, 3, 3), (37, 27, 3, 3), (45, 27, 3, 3), (100, 0, 200, 200))
    assert character_height(page, 4.0) == 20.0


def test_an_empty_page_has_no_character_height() -> None:
    assert character_height(drawn(), 0.0) == 0.0
    assert character_height(drawn(), 3.0) == 0.0


def test_without_characters_the_height_is_that_of_the_page() -> None:
    assert character_height(drawn((0, 0, 2, 2), shape=(60, 90)), 4.0) == 60.0


def test_the_cells_of_a_form_are_no_characters() -> None:
    mask = np.zeros((200, 700), np.uint8)
    for x in range(20, 660, 80):
        mask[20:120, x : x + 70] = 255
        mask[23:117, x + 3 : x + 67] = 0
        mask[50:90, x + 30 : x + 34] = 255
    assert character_height(label_components(mask), 4.0) == 40.0
