import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.geometry.page_map import PageMap, identity_map, quarter_turn_map, rotation_map
from scanner.registration.coarse_alignment import LOOKS, align_coarsely, find_keypoints, is_plausible
from scanner.types import Image
from tests.registration.printed_page import printed_page, write_on

SIZE = (420, 560)
CORNERS = np.array([(0, 0), (419, 0), (419, 559), (0, 559)], np.float64)


def homography(*rows: tuple[float, float, float]) -> PageMap:
    return PageMap(np.array(rows, np.float64), SIZE, SIZE)


def largest_error(page: Image, reference: Image, true_map: PageMap) -> float:
    """Of the corners of the reference, pixels of the page, by the homography with the most matches."""
    found = next(align_coarsely(find_keypoints(page, 1), true_map.target_size, find_keypoints(reference, 1), SIZE))
    errors: NDArray[np.float64] = found.page_map.to_original(CORNERS) - true_map.to_target(CORNERS)
    return float(np.abs(errors).max())


@pytest.mark.parametrize(
    "true_map",
    [
        identity_map(*SIZE),
        quarter_turn_map(*SIZE, 1),
        quarter_turn_map(*SIZE, 2),
        rotation_map(*SIZE, 7),
        PageMap(np.array([[1.5, 0, 0.25], [0, 1.5, 0.25], [0, 0, 1]]), SIZE, (630, 840)),
        PageMap(np.array([[0.9, 0.02, 20], [-0.03, 0.85, 30], [0, 0.0003, 1]]), SIZE, SIZE),
    ],
    ids=["as it is", "on its side", "upside down", "askew", "larger", "in perspective"],
)
def test_a_page_is_laid_on_its_reference_however_it_lies(true_map: PageMap) -> None:
    form = printed_page(1)
    page = true_map.warp(write_on(form, 1))
    assert largest_error(page, write_on(form, 2), true_map) < 4


def test_another_form_is_laid_on_none() -> None:
    page, reference = (find_keypoints(printed_page(form), 0) for form in (1, 2))
    assert not list(align_coarsely(page, SIZE, reference, SIZE))


@pytest.mark.parametrize("look", range(len(LOOKS)))
def test_bare_paper_has_no_keypoints(look: int) -> None:
    nothing = find_keypoints(np.zeros((560, 420), np.uint8), look)
    assert nothing.points.shape == (0, 2)
    assert not list(align_coarsely(nothing, SIZE, find_keypoints(printed_page(1), look), SIZE))
    assert not list(align_coarsely(find_keypoints(printed_page(1), look), SIZE, nothing, SIZE))


def test_keypoints_are_in_pixels_of_the_page_whatever_its_size() -> None:
    small = printed_page(1)
    large = np.asarray(cv2.resize(small, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC), np.uint8)
    points = find_keypoints(large, 0).points
    # But for those of whole lines, they are on the print, or as near as a letter is high.
    near = cv2.dilate(large, np.ones((81, 81), np.uint8))
    assert len(points) > 50
    assert (near[points[:, 1].astype(int), points[:, 0].astype(int)] > 0).mean() > 0.9
    assert points[:, 1].max() > 3 * 560


@pytest.mark.parametrize(
    "page_map",
    [
        homography((1, 0, 0), (0, 1, 0), (0, 0, 1)),
        homography((0, -1, 490), (1, 0, -70), (0, 0, 1)),
        homography((-2, 0, 420), (0, -2, 560), (0, 0, 1)),
        homography((-1, 0, 0), (0, -1, 0), (0, 0, -1)),
    ],
    ids=["as it is", "on its side", "upside down from afar", "of the other sign"],
)
def test_a_sheet_may_be_seen_so(page_map: PageMap) -> None:
    assert is_plausible(page_map)


@pytest.mark.parametrize(
    "page_map",
    [
        homography((-1, 0, 419), (0, 1, 0), (0, 0, 1)),
        homography((8, 0, 0), (0, 8, 0), (0, 0, 1)),
        homography((1, 0, 0), (0, 2.5, 0), (0, 0, 1)),
        homography((1, 0.9, 0), (0, 1, 0), (0, 0, 1)),
        homography((1, 0, 400), (0, 1, 0), (0, 0, 1)),
        homography((1, 0, 0), (0, 1, 0), (0, 0.004, 1)),
        homography((1, 0, 0), (0, 1, 0), (-0.004, 0, 1)),
        homography((1, 1, 0), (1, 1, 0), (0, 0, 1)),
    ],
    ids=["mirror", "tiny", "squeezed", "slanted", "cut off", "from low", "from behind", "a line"],
)
def test_no_sheet_is_seen_so(page_map: PageMap) -> None:
    assert not is_plausible(page_map)
