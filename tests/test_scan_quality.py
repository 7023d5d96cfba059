import math
import time
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from scanner.geometry.rectification import PagePose, ScannedPage, leave_unrectified
from scanner.image.background import flatten_background
from scanner.image.binarization import binarize
from scanner.scan_quality import any_size_character_height, assess_scan, measure_edges
from scanner.types import Finding, Ink

Gray = NDArray[np.uint8]

UPRIGHT = PagePose()


def findings(gray: Gray, pose: PagePose = UPRIGHT) -> tuple[Finding, ...]:
    flat = flatten_background(gray)
    scan = ScannedPage(gray, flat, binarize(flat))
    return assess_scan(scan, replace(leave_unrectified(scan), pose=pose))


def names(gray: Gray, pose: PagePose = UPRIGHT) -> list[str]:
    return [finding.name for finding in findings(gray, pose)]


def page(height: int = 30, ink: int = 40, paper: int = 240) -> Gray:
    """Lines of rings of that height, drawn with a pen a tenth of it wide, one and a half heights apart."""
    gray = np.full((20 * height, 16 * height), paper, np.uint8)
    axes, pen = (height // 3, height // 2 - height // 20), max(height // 10, 1)
    for y in range(2 * height, 18 * height, 2 * height):
        for x in range(2 * height, 14 * height, 3 * height // 2):
            cv2.ellipse(gray, (x, y), axes, 0, 0, 360, ink, pen, cv2.LINE_AA)
    return gray


def boxes(*sizes: tuple[int, int]) -> NDArray[np.int32]:
    return np.array([(0, 0, *size) for size in sizes], np.int32).reshape(-1, 4)


# The measurements


def test_the_writing_is_as_high_as_its_upper_quartile() -> None:
    # Nine heights: the upper quartile is the seventh.
    assert any_size_character_height(boxes(*((5, height) for height in (6, 6, 6, 6, 6, 7, 9, 9, 10))), 2.0) == 9


def test_specks_rules_and_frames_are_no_writing() -> None:
    letters = [(5, 8)] * 8
    specks, rules, frames = [(2, 2)] * 20, [(300, 8)] * 20, [(100, 100)] * 20
    assert any_size_character_height(boxes(*letters, *specks, *rules, *frames), 2.0) == 8


def test_a_few_pieces_are_no_writing() -> None:
    assert any_size_character_height(boxes(*[(5, 8)] * 7), 2.0) == 0
    assert any_size_character_height(boxes(), 2.0) == 0
    assert any_size_character_height(boxes(*[(5, 8)] * 9), 0.0) == 0
    assert any_size_character_height(boxes(*[(3, 3)] * 99), 1.0) == 0


def bars(*profile: int) -> tuple[Gray, Ink]:
    """Upright bars, each falling off to paper on both sides by that profile of darkness."""
    row = np.zeros(120, np.uint8)
    for x in range(10, 100, 30):
        row[x : x + 8] = 200
        row[x - len(profile) : x] = profile
        row[x + 8 : x + 8 + len(profile)] = profile[::-1]
    flat = np.repeat(row[None], 40, axis=0)
    return flat, Ink(flat, np.where(flat > 99, 255, 0).astype(np.uint8), 8.0)


def test_a_sharp_edge_has_its_contrast_and_no_blur() -> None:
    contrasts, blurs = measure_edges(*bars())
    assert set(contrasts.tolist()) == {200}
    assert set(blurs.tolist()) == {0}


def test_a_ramp_is_as_broad_as_it_is() -> None:
    # From 0 to 200 by 50 a pixel are 4 pixels, of which 2 go for what central differences spread.
    contrasts, blurs = measure_edges(*bars(50, 100, 150))
    assert set(contrasts.tolist()) == {200}
    assert blurs == pytest.approx(math.sqrt(4**2 - 2**2))


def test_a_slanted_edge_is_no_broader_than_an_upright_one() -> None:
    # A step over a diagonal: the difference is 200 both across and down, hence steeper than upright.
    flat = np.zeros((60, 60), np.uint8)
    flat[np.add.outer(np.arange(60), np.arange(60)) > 59] = 200
    _, blurs = measure_edges(flat, Ink(flat, np.where(flat > 0, 255, 0).astype(np.uint8), 8.0))
    assert len(blurs) > 20
    assert blurs.max() == 0


@pytest.mark.parametrize("deviation", [2.0, 3.0, 4.0])
def test_the_blur_of_a_broad_stroke_is_two_and_a_half_deviations(deviation: float) -> None:
    sharp = np.zeros((50, 200), np.uint8)
    sharp[:, 60:140] = 240
    flat = np.asarray(cv2.GaussianBlur(sharp, (0, 0), deviation), np.uint8)
    _, blurs = measure_edges(flat, Ink(flat, np.where(flat > 120, 255, 0).astype(np.uint8), 80.0))
    assert np.median(blurs) == pytest.approx(math.sqrt(2 * math.pi) * deviation, rel=0.1)


# The verdicts


@pytest.mark.parametrize("height", [16, 30, 60])
@pytest.mark.parametrize("ink", [0, 60, 140])
def test_a_good_scan_has_no_verdict(height: int, ink: int) -> None:
    assert findings(page(height, ink)) == ()


def test_light_writing_set_on_dark_is_judged_as_the_pipeline_turns_it() -> None:
    assert findings(255 - page(30, 215, 30)) == ()


def test_small_writing_is_told_with_its_resolution() -> None:
    # Rings of 9 pixels, softened by the look for ink by one above and one below.
    (finding,) = findings(page(8, 0))
    assert finding == Finding(
        "small", "characters 11 pixels high, as print has at about 110 dpi", "rescan at 200 dpi or more"
    )


def test_faint_ink_is_told_by_how_much_darker_it_is() -> None:
    # 240 of paper, 216 of ink: a tenth darker.
    (finding,) = findings(page(30, 216))
    assert (finding.name, finding.measured) == ("faint", "ink 10% darker than paper")
    assert finding.advice == "scan darker or with higher contrast"


def test_ink_washed_out_by_white_paper_is_to_be_scanned_darker() -> None:
    (finding,) = findings(page(30, 229, 255))
    assert (finding.name, finding.measured, finding.advice) == ("faint", "ink 10% darker than paper", "scan darker")


@pytest.mark.parametrize("ink", [0, 10])
def test_a_page_in_the_dark_is_read_as_well_as_any(ink: int) -> None:
    assert names(page(30, ink, 40)) == []


@pytest.mark.parametrize("height", [30, 60])
def test_a_blurred_page_is_told_and_a_soft_one_is_not(height: int) -> None:
    gray = page(height)
    soft, blurred = (np.asarray(cv2.GaussianBlur(gray, (0, 0), part * height), np.uint8) for part in (0.02, 0.09))
    assert names(soft) == []
    assert "blurred" in names(blurred)


def test_a_two_level_page_is_not_blurred_whatever_became_of_it_before() -> None:
    blurred = cv2.GaussianBlur(page(), (0, 0), 3)
    assert names(np.where(blurred < 190, 0, 255).astype(np.uint8)) == []


@pytest.mark.parametrize(
    ("side", "kept"),
    [
        ("top", np.s_[2 * 30 :, :]),
        ("bottom", np.s_[: 16 * 30, :]),
        ("left", np.s_[:, 2 * 30 :]),
        ("right", np.s_[:, : 11 * 30]),
    ],
)
def test_a_cut_through_the_middle_of_characters_is_told_with_its_side(side: str, kept: tuple[slice, slice]) -> None:
    (finding,) = findings(np.ascontiguousarray(page()[kept]))
    assert finding.name == "cut_off"
    assert finding.measured == f"8 characters cut at the {side}"


def test_rules_and_a_black_margin_that_run_off_the_page_cut_nothing() -> None:
    gray = page()
    gray[15::60] = 60
    gray[:, 20] = 60
    gray[:, -12:] = 0
    assert names(gray) == []


def test_two_characters_at_the_edge_may_be_specks() -> None:
    gray = page()
    for y in (100, 300):
        gray[y : y + 24, :12] = 40
    assert names(gray) == []
    gray[400:424, :12] = 40
    assert names(gray) == ["cut_off"]
    assert names(gray, PagePose(sheet_in_perspective=True)) == []


@pytest.mark.parametrize(
    ("quarters", "name", "how"),
    [(1, "sideways", "to the right"), (2, "upside_down", "on its head"), (3, "sideways", "to the left")],
)
def test_a_page_that_had_to_be_turned_is_told_how_it_lay(quarters: int, name: str, how: str) -> None:
    (finding,) = findings(page(), PagePose(quarter_turns=quarters))
    assert finding.name == name
    assert how in finding.measured
    assert "nothing is lost" in finding.advice


def test_only_as_much_tilt_as_can_be_straightened_at_most_is_told() -> None:
    assert names(page(), PagePose(deskew_degrees=-14.0)) == []
    assert names(page(), PagePose(deskew_degrees=-15.0)) == ["skewed"]


# What is no page


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (2, 2), (3, 3), (40, 30), (600, 400)])
@pytest.mark.parametrize("level", [0, 5, 128, 255])
def test_a_bare_page_has_no_verdict(shape: tuple[int, int], level: int) -> None:
    assert findings(np.full(shape, level, np.uint8)) == ()


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_whatever_is_in_a_picture_it_is_findings(height: int, width: int, seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    for finding in findings(noise, PagePose(quarter_turns=seed % 4)):
        assert finding.measured
        assert finding.advice


def test_it_costs_next_to_nothing() -> None:
    gray = np.asarray(cv2.resize(page(30), (1700, 2200), interpolation=cv2.INTER_AREA), np.uint8)
    flat = flatten_background(gray)
    scan = ScannedPage(gray, flat, binarize(flat))
    rectified = leave_unrectified(scan)
    seconds = []
    for _ in range(5):
        start = time.process_time()
        assess_scan(scan, rectified)
        seconds.append(time.process_time() - start)
    # 4 ms on a slow machine; room for a busy one.
    assert min(seconds) < 0.02
