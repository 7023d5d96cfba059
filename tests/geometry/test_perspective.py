from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from scanner.geometry.perspective import erase_background, find_sheet, sheet_map
from scanner.image.background import to_gray
from scanner.synthesis import capture, paper

Gray = NDArray[np.uint8]

SAMPLES = Path(__file__).parents[2] / "samples"
SHEET = ((0.15, 0.1), (0.85, 0.06), (0.93, 0.92), (0.08, 0.95))
"""Corners, as shares of the picture."""


def photographed(
    corners: tuple[tuple[float, float], ...] = SHEET, size: tuple[int, int] = (600, 800), background: int = 70
) -> Gray:
    """A sheet with lines of writing on a grainy background."""
    width, height = size
    page = np.full((height, width), 225, np.uint8)
    for y in range(60, height - 60, 40):
        cv2.line(page, (50, y), (width - 50, y), 60, 4)
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, np.array(corners, np.float32) * np.array(size, np.float32))
    rng = np.random.default_rng(2)
    picture = np.clip(rng.normal(background, 6, (height, width)), 0, 255).astype(np.uint8)
    seen = cv2.warpPerspective(page, matrix, size)
    where = cv2.warpPerspective(np.full_like(page, 255), matrix, size)
    return np.where(where > 127, seen, picture).astype(np.uint8)


def test_the_corners_of_a_sheet_are_found() -> None:
    corners = find_sheet(photographed())
    assert corners is not None
    assert np.array(corners) == pytest.approx(np.array(SHEET) * (600, 800), abs=2.5)


@pytest.mark.parametrize("scale", [1, 3])
def test_a_sheet_is_found_at_any_size(scale: int) -> None:
    corners = find_sheet(photographed(size=(600 * scale, 800 * scale)))
    assert corners is not None
    assert np.array(corners) == pytest.approx(np.array(SHEET) * (600 * scale, 800 * scale), abs=2.5 * scale)


@pytest.mark.parametrize("degrees", [-30, 20])
def test_a_rotated_sheet_is_found(degrees: float) -> None:
    turn = cv2.getRotationMatrix2D((0.5, 0.5), degrees, 1.0)
    square = cv2.transform(np.array([[(0.22, 0.22), (0.78, 0.22), (0.78, 0.78), (0.22, 0.78)]]), turn)[0]
    assert find_sheet(photographed(tuple(map(tuple, square.tolist())), (800, 800))) is not None


def test_a_mapped_sheet_has_level_lines_and_no_background() -> None:
    gray = photographed()
    corners = find_sheet(gray)
    assert corners is not None
    page_map = sheet_map(600, 800, corners)
    straight = page_map.warp(gray)
    assert straight.shape == page_map.target_size[::-1]
    assert straight.shape[0] == pytest.approx(0.87 * 800, rel=0.03)
    assert straight.shape[1] == pytest.approx(0.85 * 600, rel=0.03)
    # There is no background at the edges, and each line of writing covers few rows.
    for edge in (straight[:2], straight[-2:], straight[:, :2], straight[:, -2:]):
        assert float(np.median(edge)) > 200
        assert int(edge.min()) > 150
    written = np.count_nonzero(straight < 140, axis=1)
    assert np.count_nonzero(written > 0.7 * straight.shape[1]) > 40
    assert np.count_nonzero((written > 0) & (written < 0.5 * straight.shape[1])) < 40


def test_the_erased_background_has_no_ink() -> None:
    gray = photographed()
    corners = find_sheet(gray)
    assert corners is not None
    flat = np.full_like(gray, 9)
    sheet = erase_background(flat, corners)
    assert sheet[0, 0] == sheet[-1, -1] == sheet[400, 5] == 0
    assert sheet[400, 300] == 9
    # Neither has the edge of the sheet.
    assert sheet[400, round(0.115 * 600)] == 0
    assert np.count_nonzero(sheet) == pytest.approx(np.count_nonzero(gray > 180), rel=0.15)


SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@pytest.mark.parametrize(
    "corners",
    [
        pytest.param(SQUARE, id="all of it is paper"),
        pytest.param(((0.0, 0.0), (0.96, 0.0), (0.96, 0.97), (0.0, 0.97)), id="a scanner's margin on two sides"),
        pytest.param(((0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98)), id="a scanner's margin all around"),
        pytest.param(((0.1, 0.1), (1.2, 0.05), (1.1, 0.9), (0.1, 0.9)), id="one side out of the picture"),
        pytest.param(((0.4, 0.4), (0.6, 0.42), (0.6, 0.6), (0.4, 0.62)), id="a note, too small for the sheet"),
        pytest.param(((0.1, 0.45), (0.9, 0.4), (0.9, 0.75), (0.1, 0.44)), id="no form for a sheet"),
    ],
)
def test_when_in_doubt_there_is_no_sheet(corners: tuple[tuple[float, float], ...]) -> None:
    assert find_sheet(photographed(corners, background=3)) is None
    assert find_sheet(photographed(corners)) is None


def test_a_disc_is_no_sheet() -> None:
    gray = np.full((800, 600), 60, np.uint8)
    cv2.circle(gray, (300, 400), 250, 220, -1)
    assert find_sheet(gray) is None


def test_a_bright_area_with_a_soft_edge_is_no_sheet() -> None:
    light = cv2.GaussianBlur(np.where(photographed() > 128, 1.0, 0.5), (0, 0), 25)
    assert find_sheet((230 * light).astype(np.uint8)) is None


def test_the_sample_pages_are_no_photographs_of_sheets() -> None:
    paths = sorted(SAMPLES.glob("*.[pj][np]g"))
    assert len(paths) == 6
    for path in paths:
        page = cv2.imread(str(path))
        assert page is not None
        assert find_sheet(to_gray(np.asarray(page, np.uint8))) is None, path.name


def test_a_sheet_photographed_by_the_synthesis_is_found() -> None:
    sheet = paper.blank_sheet(900, 700, (235, 235, 235))
    framed = np.full((1100, 1300, 3), 60, np.uint8)
    framed[200:900, 200:1100] = sheet.image
    seen = capture.view_in_perspective(paper.Sheet(framed, ()), ((0.05, 0.08), (0.97, 0.02), (1.0, 0.95), (0.0, 1.0)))
    corners = find_sheet(to_gray(seen.image))
    assert corners is not None
    matrix = cv2.getPerspectiveTransform(
        np.array([(0, 0), (1300, 0), (1300, 1100), (0, 1100)], np.float32),
        np.array([(65, 88), (1261, 22), (1300, 1045), (0, 1100)], np.float32),
    )
    truth = cv2.perspectiveTransform(np.array([[(200.0, 200), (1100, 200), (1100, 900), (200, 900)]]), matrix)[0]
    assert np.array(corners) == pytest.approx(truth, abs=3)


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (299, 400), (400, 400)])
@pytest.mark.parametrize("value", [0, 127, 255])
def test_an_even_picture_has_no_sheet(shape: tuple[int, int], value: int) -> None:
    assert find_sheet(np.full(shape, value, np.uint8)) is None


@given(st.lists(st.floats(-0.04, 0.04), min_size=8, max_size=8))
def test_corners_that_are_found_are_right(shifts: list[float]) -> None:
    corners = np.array(SHEET) + np.array(shifts).reshape(4, 2)
    corners = corners.clip(0.03, 0.97)
    found = find_sheet(photographed(tuple(map(tuple, corners.tolist())), (450, 600)))
    assert found is not None
    assert np.array(found) == pytest.approx(corners * (450, 600), abs=3)


def test_a_sheet_cut_off_on_one_side_is_not_found() -> None:
    gray = np.full((900, 700), 40, np.uint8)
    corners = np.array([(90, 80), (699, 110), (699, 830), (60, 800)], np.int32)
    cv2.fillConvexPoly(gray, corners, 230)
    assert find_sheet(gray) is None


def test_a_bright_speck_that_joins_a_sheet_to_the_edge_does_not_hide_it() -> None:
    gray = np.full((900, 700), 40, np.uint8)
    cv2.fillConvexPoly(gray, np.array([(90, 80), (600, 130), (640, 830), (60, 780)], np.int32), 230)
    assert find_sheet(gray) is not None
    gray[400:404, 620:] = 230
    assert find_sheet(gray) is not None
