from __future__ import annotations

import cv2
import numpy as np
import pytest

from scanner.geometry.page_map import rotation_map
from scanner.registration.outline_alignment import align_by_outline, find_outline

TABLE = np.array([(100, 80), (700, 80), (700, 480), (100, 480)], np.float64)


def draw_line(flat: np.ndarray, begin: np.ndarray, end: np.ndarray) -> None:
    cv2.line(flat, (round(begin[0]), round(begin[1])), (round(end[0]), round(end[1])), 200, 3)


def draw_table(corners: np.ndarray, size: tuple[int, int] = (800, 600)) -> np.ndarray:
    """A table of six columns and five rows between these corners."""
    flat = np.zeros((size[1], size[0]), np.uint8)
    top_left, top_right, bottom_right, bottom_left = corners
    for share in np.linspace(0, 1, 7):
        ends = top_left + share * (top_right - top_left), bottom_left + share * (bottom_right - bottom_left)
        draw_line(flat, *ends)
    for share in np.linspace(0, 1, 6):
        ends = top_left + share * (bottom_left - top_left), top_right + share * (bottom_right - top_right)
        draw_line(flat, *ends)
    return flat


def distance_of_sets(found: np.ndarray, corners: np.ndarray) -> float:
    """Largest distance of a corner from the nearest one that was found."""
    return float(np.linalg.norm(corners[:, None] - found[None], axis=2).min(axis=1).max())


def test_the_corners_of_a_table_are_found_clockwise() -> None:
    found = find_outline(draw_table(TABLE))
    assert found is not None
    assert distance_of_sets(found, TABLE) < 5
    ahead = np.roll(found, -1, axis=0) - found
    turns = ahead[:, 0] * np.roll(ahead, -1, axis=0)[:, 1] - ahead[:, 1] * np.roll(ahead, -1, axis=0)[:, 0]
    assert (turns > 0).all()


def test_the_corners_of_a_table_seen_at_an_angle_are_found() -> None:
    corners = TABLE + np.array([(10, 5), (-30, 20), (0, 0), (15, -10)])
    found = find_outline(draw_table(corners))
    assert found is not None
    assert distance_of_sets(found, corners) < 6


@pytest.mark.parametrize("degrees", [-7, 3, 7])
def test_the_corners_of_a_table_on_a_tilted_page_are_found(degrees: float) -> None:
    tilt = rotation_map(800, 600, degrees)
    found = find_outline(tilt.warp(draw_table(TABLE)))
    assert found is not None
    assert distance_of_sets(found, tilt.to_target(TABLE)) < 6


@pytest.mark.parametrize("flat", [np.zeros((400, 300), np.uint8), draw_table(TABLE / 6)], ids=["nothing", "small"])
def test_where_there_is_no_large_table_nothing_is_found(flat: np.ndarray) -> None:
    assert find_outline(flat) is None


@pytest.mark.parametrize("turns", range(4))
def test_one_of_the_alignments_undoes_quarter_turns(turns: int) -> None:
    reference = draw_table(TABLE)
    page = np.ascontiguousarray(np.rot90(reference, turns))
    page_corners, reference_corners = find_outline(page), find_outline(reference)
    assert page_corners is not None
    assert reference_corners is not None
    page_size, reference_size = page.shape[::-1], reference.shape[::-1]
    found = list(align_by_outline(page_corners, page_size, reference_corners, reference_size))
    assert {alignment.matches for alignment in found} == {0}
    # The middle of the upper side of the first cell, which the other turns take elsewhere.
    spot = np.array([150.0, 80.0])
    x, y = spot
    for turn in range(turns):
        x, y = y, (799.0 if turn % 2 == 0 else 599.0) - x
    distances = [
        float(np.linalg.norm(alignment.page_map.to_target(np.array([[x, y]]))[0] - spot)) for alignment in found
    ]
    assert min(distances) < 6
