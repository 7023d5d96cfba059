import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.evaluation.comparison import OutcomeCounts
from scanner.evaluation.ground_truth import Point, read_truth
from scanner.evaluation.real_pages import VARIANTS, PageVariant, evaluate_real_pages, exact_points_lost, make_variant
from scanner.reading_models import load_models
from scanner.types import Box

SAMPLES = Path(__file__).parents[2] / "samples"
PAPER = (200, 220, 240)


def page_with_corners() -> NDArray[np.uint8]:
    """A sheet whose corners are marked: top left black, the others blue, green and red."""
    page = np.full((300, 200, 3), PAPER, np.uint8)
    page[:20, :20] = (0, 0, 0)
    page[:20, -20:] = (255, 0, 0)
    page[-20:, :20] = (0, 255, 0)
    page[-20:, -20:] = (0, 0, 255)
    return page


def test_quarter_turns_move_pixels_and_change_none() -> None:
    page = page_with_corners()
    assert np.array_equal(make_variant(page, PageVariant("", quarter_turns=1)), np.rot90(page))
    assert np.array_equal(make_variant(page, PageVariant("", quarter_turns=2)), np.rot90(page, 2))


@pytest.mark.parametrize("degrees", [3.0, 10.0, -10.0])
def test_a_rotated_page_is_whole_and_its_corners_are_paper(degrees: float) -> None:
    page = page_with_corners()
    varied = make_variant(page, PageVariant("", degrees=degrees))
    assert varied.shape[0] > page.shape[0]
    assert varied.shape[1] > page.shape[1]
    assert varied[0, 0].tolist() == varied[-1, -1].tolist() == list(PAPER)
    for colour in ((0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255)):
        found = np.count_nonzero(np.abs(varied.astype(int) - colour).max(axis=2) < 40)
        assert found == pytest.approx(400, rel=0.1)


def test_half_the_resolution_is_half_as_large() -> None:
    half = make_variant(page_with_corners(), PageVariant("", scale=0.5))
    assert half.shape == (150, 100, 3)
    assert half[5, 5].tolist() == [0, 0, 0]


def test_a_blur_spreads_ink_without_adding_any() -> None:
    blurred = make_variant(page_with_corners(), PageVariant("", blur_pixels=1.0))
    # Four standard deviations inside the corner, and as far outside, nothing changes; at its edge all is half way.
    assert blurred[10, 10].tolist() == [0, 0, 0]
    assert blurred[10, 30].tolist() == list(PAPER)
    assert blurred[10, 19, 0] + blurred[10, 20, 0] == pytest.approx(PAPER[0], abs=1)


def test_a_darker_page_has_a_share_of_its_light() -> None:
    assert make_variant(page_with_corners(), PageVariant("", brightness=0.75))[150, 100].tolist() == [150, 165, 180]


def test_compression_keeps_flat_areas() -> None:
    compressed = make_variant(page_with_corners(), PageVariant("", jpeg_quality=40))
    assert compressed.shape == (300, 200, 3)
    assert compressed[150, 100].tolist() == pytest.approx(list(PAPER), abs=4)


def test_a_page_without_changes_is_the_same_image() -> None:
    page = page_with_corners()
    assert make_variant(page, PageVariant("")) is page


@pytest.mark.parametrize("position", ["boxes", "places", "ignored"])
def test_positions_in_the_truth_are_not_used_on_a_rotated_page(position: str) -> None:
    (truth,) = (truth for truth in read_truth(SAMPLES / "truth.json") if truth.file == "amounts.png")
    count = len(truth.numbers)
    elsewhere = {
        "boxes": replace(truth, number_boxes=(Box(0, 0, 1, 1),) * count),
        "places": replace(truth, places=(Point(0, 0),) * count),
        "ignored": replace(truth, ignored=(Box(0, 0, 10_000, 10_000),)),
    }[position]
    models = load_models()
    assert evaluate_real_pages(SAMPLES, [elsewhere], models).totals.exact == 0
    assert evaluate_real_pages(SAMPLES, [elsewhere], models, VARIANTS[0]).totals.exact >= count - 1


def test_pages_that_are_not_in_the_truth_are_not_read(tmp_path: Path) -> None:
    blank = np.full((400, 300, 3), 255, np.uint8)
    cv2.imwrite(str(tmp_path / "one.png"), blank)
    cv2.imwrite(str(tmp_path / "two.png"), blank)
    (tmp_path / "truth.json").write_text(json.dumps({"one.png": {"numbers": ["12"]}}), "utf-8")
    counts = evaluate_real_pages(tmp_path, read_truth(tmp_path / "truth.json"), load_models()).totals
    assert (counts.written, counts.missed, counts.false) == (1, 1, 0)


def test_losses_are_counted_in_percentage_points() -> None:
    before = OutcomeCounts(exact=40, out_of_order=0, wrong=5, missed=5, false=3, undecided=0)
    assert exact_points_lost(before, replace(before, exact=38, wrong=7)) == pytest.approx(4)
    assert exact_points_lost(before, replace(before, exact=41, missed=4)) == pytest.approx(-2)
