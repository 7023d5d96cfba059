import numpy as np
import pytest

from scanner.synthesis import capture, paper
from scanner.synthesis.paper import Sheet, SheetNumber
from scanner.types import Box


@pytest.fixture
def sheet() -> Sheet:
    """A white sheet with one black bar that counts as a number."""
    image = np.full((100, 160, 3), 255, np.uint8)
    image[40:60, 100:140] = 0
    corners = np.array([[100, 40], [139, 40], [139, 59], [100, 59]], np.float64)
    return Sheet(image, (SheetNumber("1", corners),))


def dark_box(sheet: Sheet) -> Box:
    rows, columns = np.nonzero(sheet.image[:, :, 0] < 128)
    return Box(int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)


def assert_close(one: Box, other: Box) -> None:
    assert np.abs(np.array(one) - np.array(other)).max() <= 2


@pytest.mark.parametrize("degrees", [-10.0, 0.0, 4.0])
def test_a_tilted_number_keeps_its_box(sheet: Sheet, degrees: float) -> None:
    tilted = capture.tilt_sheet(sheet, degrees)
    assert_close(tilted.numbers[0].box, dark_box(tilted))


def test_positive_degrees_turn_clockwise(sheet: Sheet) -> None:
    assert capture.tilt_sheet(sheet, 10.0).numbers[0].box.center[1] > sheet.numbers[0].box.center[1]


def test_numbers_are_transformed_with_the_perspective(sheet: Sheet) -> None:
    seen = capture.view_in_perspective(sheet, ((0.0, 0.0), (0.8, 0.1), (0.9, 1.0), (0.1, 0.9)))
    assert_close(seen.numbers[0].box, dark_box(seen))
    assert seen.numbers[0].box != sheet.numbers[0].box


def test_looking_straight_down_changes_nothing(sheet: Sheet) -> None:
    seen = capture.view_in_perspective(sheet, ((0, 0), (1, 0), (1, 1), (0, 1)))
    assert np.array_equal(seen.image, sheet.image)


def test_noise_has_the_given_strength_and_no_colour() -> None:
    noisy = capture.add_noise(paper.blank_sheet(200, 200, (128, 128, 128)), 5.0, np.random.default_rng(0)).image
    assert noisy[:, :, 0].std() == pytest.approx(5.0, rel=0.05)
    assert np.array_equal(noisy[:, :, 0], noisy[:, :, 2])


def test_blotches_are_large_and_dust_is_small() -> None:
    rng = np.random.default_rng(0)
    clouds = capture.add_blotches(paper.blank_sheet(300, 200, (200, 200, 200)), 4.0, 60, rng).image[:, :, 0].astype(int)
    assert clouds.std() > 1
    assert np.abs(np.diff(clouds, axis=1)).max() <= 2
    dusty = capture.add_dust(paper.blank_sheet(300, 200, (255, 255, 255)), 5, rng).image[:, :, 0]
    assert 5 <= np.count_nonzero(dusty < 255) <= 60


def test_blur_widens_an_edge(sheet: Sheet) -> None:
    assert 0 < capture.blur_sheet(sheet, 1.0).image[50, 100, 0] < 255


def test_a_lamp_is_brightest_below_itself() -> None:
    brightness = capture.lamp_brightness(100, 50, (0.2, 0.5), 0.4)
    assert brightness.shape == (50, 100)
    assert brightness[25, 20] == pytest.approx(1.0)
    assert brightness[25, 99] < brightness[25, 60] < 1.0


def test_a_shadow_darkens_inside_its_outline_only() -> None:
    dark = capture.shadow_brightness(100, 50, ((0.5, -1), (2, -1), (2, 2), (0.5, 2)), 0.4, 3.0)
    assert dark[25, 5] == pytest.approx(1.0)
    assert dark[25, 95] == pytest.approx(0.6)


def test_light_scales_the_channels() -> None:
    sheet = paper.blank_sheet(4, 3, (200, 200, 200))
    assert capture.apply_light(sheet, np.full((3, 4), 0.5)).image[0, 0].tolist() == [100, 100, 100]
    tinted = np.full((3, 4, 1), 0.5) * np.array([0.5, 1.0, 4.0])
    assert capture.apply_light(sheet, tinted).image[0, 0].tolist() == [50, 100, 255]
