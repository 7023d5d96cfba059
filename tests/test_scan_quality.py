import math
import time
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from scanner.geometry.orientation import Orientation
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


def pose_of(turns: int, none: float, one: float, two: float, three: float) -> PagePose:
    """The pose of a page turned so, with these probabilities of 0 to 3 quarter turns."""
    return PagePose(orientation=Orientation(turns, (none, one, two, three)))


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


def test_the_character_height_is_the_upper_quartile() -> None:
    # Nine heights: the upper quartile is the seventh.
    assert any_size_character_height(boxes(*((5, height) for height in (6, 6, 6, 6, 6, 7, 9, 9, 10))), 2.0) == 9


def test_specks_rules_and_frames_are_no_characters() -> None:
    letters = [(5, 8)] * 8
    specks, rules, frames = [(2, 2)] * 20, [(300, 8)] * 20, [(100, 100)] * 20
    assert any_size_character_height(boxes(*letters, *specks, *rules, *frames), 2.0) == 8


def test_too_few_characters_have_no_height() -> None:
    assert any_size_character_height(boxes(*[(5, 8)] * 7), 2.0) == 0
    assert any_size_character_height(boxes(), 2.0) == 0
    assert any_size_character_height(boxes(*[(5, 8)] * 9), 0.0) == 0
    assert any_size_character_height(boxes(*[(3, 3)] * 99), 1.0) == 0


def bars(*profile: int) -> tuple[Gray, Ink]:
    """Vertical bars whose darkness rises on both sides by that profile."""
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


def test_a_ramp_has_its_own_width() -> None:
    # From 0 to 200 by 50 per pixel is 4 pixels, of which central differences add 2.
    contrasts, blurs = measure_edges(*bars(50, 100, 150))
    assert set(contrasts.tolist()) == {200}
    assert blurs == pytest.approx(math.sqrt(4**2 - 2**2))


def test_a_slanted_edge_is_no_wider_than_a_vertical_one() -> None:
    # A diagonal edge: the difference is 200 both across and down, so it is steeper than a vertical one.
    flat = np.zeros((60, 60), np.uint8)
    flat[np.add.outer(np.arange(60), np.arange(60)) > 59] = 200
    _, blurs = measure_edges(flat, Ink(flat, np.where(flat > 0, 255, 0).astype(np.uint8), 8.0))
    assert len(blurs) > 20
    assert blurs.max() == 0


@pytest.mark.parametrize("deviation", [2.0, 3.0, 4.0])
def test_the_blur_of_a_wide_stroke_is_two_and_a_half_standard_deviations(deviation: float) -> None:
    sharp = np.zeros((50, 200), np.uint8)
    sharp[:, 60:140] = 240
    flat = np.asarray(cv2.GaussianBlur(sharp, (0, 0), deviation), np.uint8)
    _, blurs = measure_edges(flat, Ink(flat, np.where(flat > 120, 255, 0).astype(np.uint8), 80.0))
    assert np.median(blurs) == pytest.approx(math.sqrt(2 * math.pi) * deviation, rel=0.1)


# The findings


@pytest.mark.parametrize("height", [16, 30, 60])
@pytest.mark.parametrize("ink", [0, 60, 140])
def test_a_good_scan_has_no_findings(height: int, ink: int) -> None:
    assert findings(page(height, ink)) == ()


def test_inverted_light_writing_on_dark_paper_has_no_findings() -> None:
    assert findings(255 - page(30, 215, 30)) == ()


def test_small_characters_are_found_with_their_resolution() -> None:
    # Rings of 9 pixels; binarization adds one above and one below.
    (finding,) = findings(page(8, 0))
    assert finding == Finding(
        "small", "characters 11 pixels high, like print at about 110 dpi", "rescan at 200 dpi or more"
    )


def test_faint_ink_is_found_with_its_contrast() -> None:
    # Paper of 240 and ink of 216: a tenth darker.
    (finding,) = findings(page(30, 216))
    assert (finding.name, finding.measured) == ("faint", "ink 10% darker than paper")
    assert finding.advice == "scan darker or with higher contrast"


def test_an_overexposed_page_should_be_scanned_darker() -> None:
    (finding,) = findings(page(30, 229, 255))
    assert (finding.name, finding.measured, finding.advice) == ("faint", "ink 10% darker than paper", "scan darker")


@pytest.mark.parametrize("ink", [0, 10])
def test_a_dark_page_has_no_findings(ink: int) -> None:
    assert names(page(30, ink, 40)) == []


@pytest.mark.parametrize("height", [30, 60])
def test_a_blurred_page_is_found_and_a_soft_one_is_not(height: int) -> None:
    gray = page(height)
    soft, blurred = (np.asarray(cv2.GaussianBlur(gray, (0, 0), part * height), np.uint8) for part in (0.02, 0.09))
    assert names(soft) == []
    assert "blurred" in names(blurred)


def test_a_black_and_white_page_is_never_blurred() -> None:
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
def test_characters_cut_off_are_found_with_the_side(side: str, kept: tuple[slice, slice]) -> None:
    (finding,) = findings(np.ascontiguousarray(page()[kept]))
    assert finding.name == "cut_off"
    assert finding.measured == f"8 characters cut off at the {side}"


def test_rules_and_a_black_margin_at_the_edge_are_no_characters_cut_off() -> None:
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
    ("quarter_turns", "how"), [(1, "90 degrees to the left"), (2, "180 degrees"), (3, "90 degrees to the right")]
)
def test_what_was_done_to_a_page_that_was_turned_is_told_with_how_sure(quarter_turns: int, how: str) -> None:
    probabilities = [0.002] * 4
    probabilities[quarter_turns] = 0.994
    (finding,) = findings(page(), pose_of(quarter_turns, *probabilities))
    assert finding.name == "turned"
    assert finding.measured == f"by {how} before it was read, 99% sure that it needed to be"
    # It may have been upright: what is told is what was done, not how it lay.
    assert "if it was upright already, read it again" in finding.advice


def test_no_turn_is_claimed_to_be_certain() -> None:
    (finding,) = findings(page(), pose_of(2, 0.0, 0.0, 1.0, 0.0))
    assert ", 99% sure" in finding.measured
    (finding,) = findings(page(), pose_of(0, 0.0, 0.0, 1.0, 0.0))
    assert ", 99% likely" in finding.measured


def test_a_page_that_may_lie_otherwise_is_found() -> None:
    (finding,) = findings(page(), pose_of(0, 0.6, 0.05, 0.05, 0.3))
    assert finding.name == "orientation_unclear"
    assert (
        finding.measured == "not turned before it was read, 30% likely that it needed to be, by 90 degrees to the right"
    )
    assert names(page(), pose_of(0, 0.85, 0.05, 0.05, 0.05)) == []


def test_only_the_largest_skew_that_is_corrected_is_found() -> None:
    assert names(page(), PagePose(deskew_degrees=-14.0)) == []
    (finding,) = findings(page(), PagePose(deskew_degrees=-15.0))
    assert finding.name == "skewed"
    assert finding.measured.startswith("straightened by 15 degrees")


# What is no page


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (2, 2), (3, 3), (40, 30), (600, 400)])
@pytest.mark.parametrize("level", [0, 5, 128, 255])
def test_an_empty_page_has_no_findings(shape: tuple[int, int], level: int) -> None:
    assert findings(np.full(shape, level, np.uint8)) == ()


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_noise_is_judged_without_an_error(height: int, width: int, seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)
    for finding in findings(noise, PagePose(orientation=Orientation(seed % 4))):
        assert finding.measured
        assert finding.advice


def test_assessing_a_page_takes_milliseconds() -> None:
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
