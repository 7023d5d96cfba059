from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from scanner.geometry.orientation import OrientationJudges
from scanner.geometry.rectification import PagePose, ScannedPage, isolate_sheet, leave_unrectified, rectify
from scanner.image.background import flatten_background
from scanner.image.binarization import binarize
from scanner.options import DEFAULT_OPTIONS, ScanOptions

if TYPE_CHECKING:
    from scanner.types import Image


def scan_of(gray: Image) -> ScannedPage:
    flat = flatten_background(gray)
    return ScannedPage(gray, flat, binarize(flat))


def ruled_page(degrees: float = 0.0) -> Image:
    """Rules on light paper, rotated counter-clockwise."""
    gray = np.full((600, 800), 235, np.uint8)
    for y in range(100, 520, 60):
        cv2.line(gray, (60, y), (740, y), 40, 3)
    matrix = cv2.getRotationMatrix2D((400, 300), degrees, 1.0)
    return np.asarray(cv2.warpAffine(gray, matrix, (800, 600), borderValue=(235.0,)), np.uint8)


def photograph() -> Image:
    """A ruled sheet on a dark table top with grain."""
    noise = cv2.GaussianBlur(np.random.default_rng(0).normal(0, 1, (900, 1100)), (0, 0), 2)
    picture = np.clip(70 + 20 * noise / noise.std(), 0, 150).astype(np.uint8)
    corners = np.array([(120, 90), (980, 130), (950, 800), (150, 780)], np.float32)
    page = np.array([(0, 0), (799, 0), (799, 599), (0, 599)], np.float32)
    matrix = cv2.getPerspectiveTransform(page, corners)
    cv2.warpPerspective(ruled_page(), matrix, (1100, 900), picture, borderMode=cv2.BORDER_TRANSPARENT)
    return np.asarray(picture, np.uint8)


def turning_over() -> OrientationJudges:
    """Judges who find clear digits upside down, and know nothing else."""
    asked = itertools.count()
    return OrientationJudges(
        lambda characters: np.full((len(characters), 4), np.log(0.25), np.float32),
        lambda frames: [1.0 if next(asked) % 4 == 2 else 0.0] * len(frames),
    )


def test_a_level_page_stays_as_it_is() -> None:
    scan = scan_of(ruled_page())
    assert isolate_sheet(scan) is scan
    page = rectify(scan, None, DEFAULT_OPTIONS)
    assert page.page_map.is_identity
    assert page.pose == PagePose()
    assert page.flat is scan.flat
    assert page.ink.mask is scan.ink.mask


def test_a_skewed_page_is_rotated_with_its_flat_image() -> None:
    page = rectify(scan_of(ruled_page(5.0)), None, DEFAULT_OPTIONS)
    assert page.pose.deskew_degrees == pytest.approx(-5.0, abs=0.2)
    assert page.flat.shape == page.ink.mask.shape == page.page_map.target_size[::-1]
    assert len(page.ink.components) == 7
    assert rectify(scan_of(ruled_page(5.0)), None, ScanOptions(deskew=False)).page_map.is_identity


def test_a_page_upside_down_is_turned_unless_switched_off() -> None:
    gray = np.full((600, 800), 235, np.uint8)
    for x in range(100, 700, 50):
        cv2.putText(gray, "7", (x, 120), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 20, 3, cv2.LINE_AA)
    scan = scan_of(gray)
    page = rectify(scan, turning_over(), DEFAULT_OPTIONS)
    assert page.pose.quarter_turns == 2
    assert page.pose.orientation.probability > 0.99
    assert np.array_equal(page.ink.mask, np.rot90(scan.ink.mask, 2))
    assert np.array_equal(page.flat, np.rot90(scan.flat, 2))
    assert rectify(scan, turning_over(), ScanOptions(correct_orientation=False)).page_map.is_identity
    assert rectify(scan, None, DEFAULT_OPTIONS).page_map.is_identity


def test_a_photographed_sheet_has_no_ink_and_no_darkness_beside_it() -> None:
    whole = scan_of(photograph())
    sheet = isolate_sheet(whole)
    assert sheet.sheet_corners is not None
    for beside in (np.s_[:80], np.s_[820:], np.s_[:, :100], np.s_[:, 1000:]):
        assert whole.ink.mask[beside].any()
        assert not sheet.ink.mask[beside].any()
        assert not sheet.flat[beside].any()
    page = rectify(sheet, None, DEFAULT_OPTIONS)
    assert page.pose.sheet_in_perspective
    assert len(page.ink.components) == 7


def test_a_crop_is_measured_but_not_rectified() -> None:
    scan = scan_of(ruled_page(5.0))
    page = leave_unrectified(scan)
    assert page.page_map.is_identity
    assert page.ink.mask is scan.ink.mask
    assert len(page.ink.components) == 7
