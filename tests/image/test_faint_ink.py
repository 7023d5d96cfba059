import numpy as np
from numpy.typing import NDArray

from scanner.image.binarization import binarize
from scanner.image.faint_ink import add_faint_ink

Image = NDArray[np.uint8]

STROKE = 4


def page(faint: int, digits: int = 6) -> Image:
    """Black bars and, at some distance, hooks of a faint pen of the same width; strength of ink, 0 = paper."""
    flat = np.zeros((300, 400), np.uint8)
    for row in range(4):
        flat[20 + 20 * row : 20 + 20 * row + STROKE, 20:380] = 230
    for place in range(digits):
        x = 30 + 50 * place
        flat[150:190, x : x + STROKE] = faint
        flat[150 : 150 + STROKE, x : x + 20] = faint
    return flat


def test_faint_writing_beside_dark_print_becomes_ink_as_strong_as_it() -> None:
    flat = page(faint=60)
    ink = binarize(flat)
    assert not ink.mask[150:190].any()
    found = add_faint_ink(255 - flat, flat, ink)
    assert (found.mask[155:185, 31:33] == 255).all()
    assert found.strength[155:185, 31:33].min() > 200
    assert np.array_equal(found.mask[:120], ink.mask[:120])


def test_writing_as_faint_as_noise_stays_paper() -> None:
    flat = page(faint=8)
    assert not add_faint_ink(255 - flat, flat, binarize(flat)).mask[150:].any()


def test_a_page_in_one_ink_stays_as_it_is() -> None:
    flat = page(faint=230)
    ink = binarize(flat)
    assert add_faint_ink(255 - flat, flat, ink) is ink


def test_one_or_two_faint_components_are_dirt() -> None:
    flat = page(faint=60, digits=2)
    ink = binarize(flat)
    assert add_faint_ink(255 - flat, flat, ink) is ink


def test_points_beside_faint_writing_are_ink_and_grain_is_not() -> None:
    flat = page(faint=60)
    points = {
        "beside": (58, 186, 5, 60),
        "raised": (108, 165, 5, 60),
        "grain": (158, 186, 5, 25),
        "speck": (208, 186, 2, 60),
    }
    points |= {"below": (40, 210, 5, 60), "far from all": (380, 170, 5, 60)}
    for x, y, side, darkness in points.values():
        flat[y : y + side, x : x + side] = darkness
    mask = add_faint_ink(255 - flat, flat, binarize(flat)).mask
    inked = {name for name, (x, y, side, _) in points.items() if mask[y + side // 2, x + side // 2]}
    assert inked == {"beside", "raised"}


def test_stains_are_no_writing() -> None:
    flat = page(faint=230)
    flat[200:290, 20:380] = 50
    for x in range(20, 380, 60):
        flat[140:150, x : x + 10] = 60
    ink = binarize(flat)
    assert not add_faint_ink(255 - flat, flat, ink).mask[200:].any()


def test_an_empty_page_has_no_faint_writing() -> None:
    flat = np.zeros((40, 60), np.uint8)
    assert not add_faint_ink(255 - flat, flat, binarize(flat)).mask.any()


def test_a_faint_stroke_across_a_black_bar_stands_apart_from_it() -> None:
    flat = page(faint=60)
    flat[20:110, 200 : 200 + STROKE] = np.maximum(flat[20:110, 200 : 200 + STROKE], 60)
    found = add_faint_ink(255 - flat, flat, binarize(flat))
    assert (found.mask[90:108, 201:203] == 255).all()
    # Two pixels beside a bar its darkness still counts for the middle of the stroke.
    assert not found.mask[81 + STROKE : 84 + STROKE, 201:203].any()


def test_a_stroke_of_which_parts_were_found_is_completed() -> None:
    flat = page(faint=60)
    # Pressed harder for a moment, each of them: dark dots of one stroke.
    flat[160:166] = np.where(flat[160:166] == 60, np.uint8(220), flat[160:166])
    ink = binarize(flat)
    assert ink.mask[160:166].any()
    assert not ink.mask[175:185].any()
    assert (add_faint_ink(255 - flat, flat, ink).mask[175:185, 31:33] == 255).all()


def test_noise_in_the_dark_is_no_writing() -> None:
    gray = 255 - page(faint=60)
    # The table beside the page, ten grey levels of dirt on it: as large a part of its light as pencil takes of paper.
    gray[210:] = 40
    for x in range(30, 330, 50):
        gray[230:270, x : x + STROKE] = 30
    paper = np.where(np.arange(300)[:, None] < 210, 255, 40)
    flat = (255 - 255.0 * gray / paper).astype(np.uint8)
    found = add_faint_ink(gray, flat, binarize(flat)).mask
    assert found[155:185, 31:33].all()
    assert not found[225:].any()


def test_a_two_level_page_has_no_faint_writing() -> None:
    flat = page(faint=0)
    flat[200, 100] = 60
    ink = binarize(flat)
    assert add_faint_ink(255 - flat, flat, ink) is ink
