import cv2
import numpy as np
import pytest

from scanner.geometry.page_map import quarter_turn_map, rotation_map
from scanner.registration.registration import best_registration, describe_reference, register
from scanner.types import Image
from tests.registration.printed_page import printed_page, write_on

SIZE = (420, 560)


def scribbles(page: Image, form: Image) -> Image:
    return np.asarray(cv2.subtract(page, form), np.uint8)


@pytest.mark.parametrize("quarter_turns", range(4))
def test_a_page_of_the_form_is_laid_on_its_reference(quarter_turns: int) -> None:
    form = printed_page(1)
    true = quarter_turn_map(*SIZE, quarter_turns).then(
        rotation_map(*quarter_turn_map(*SIZE, quarter_turns).target_size, 2)
    )
    filled = write_on(form, 2)
    reference = describe_reference(filled, scribbles(filled, form))
    found = register(true.warp(write_on(form, 1)), reference, 1.0)
    assert found is not None
    assert found.fit.is_this_form
    assert found.fit.found_share > 0.7
    assert found.fit.residual_strokes < 0.3
    assert found.page_map.target_size == SIZE
    words = np.array([(60, 60), (150, 250), (100, 500)], np.float64)
    assert np.abs(found.page_map.to_original(words) - true.to_target(words)).max() < 1.5


def test_a_page_is_laid_on_the_rules_between_handwriting_too() -> None:
    # Words at the top alone, and a table below that somebody has filled in.
    form = printed_page(1)
    form[150:] = 0
    rules = np.zeros_like(form)
    rules[150:540:60, 20:400] = 255
    rules[150:512, 20:400:95] = 255
    empty = np.maximum(form, rules)
    handwriting = np.zeros_like(form)
    handwriting[150:540] = 255
    # Farther down the page is stretched more.
    y, x = np.mgrid[0:560, 0:420].astype(np.float32)
    stretched = np.asarray(cv2.remap(empty, x, y - 8 * (y / 560) ** 4, cv2.INTER_LINEAR), np.uint8)
    errors = []
    for known_rules in (None, rules):
        found = register(stretched, describe_reference(write_on(empty, 3), handwriting, known_rules), 1.0)
        assert found is not None
        errors.append(abs(float(found.page_map.to_original(np.array([(210.0, 510.0)]))[0, 1]) - 516.0))
    assert errors[0] > 2.5
    assert errors[1] < 1.5


@pytest.mark.parametrize("faint", ["page", "reference"])
def test_a_faint_page_of_the_form_is_found(faint: str) -> None:
    form, page = printed_page(1), write_on(printed_page(1), 1)
    pale = {"page": 0.05 if faint == "page" else 1, "reference": 0.05 if faint == "reference" else 1}
    reference = describe_reference(np.asarray(form * pale["reference"], np.uint8))
    found = register(np.asarray(page * pale["page"], np.uint8), reference, 1.0)
    assert found is not None
    assert found.fit.found_share > 0.9
    assert np.abs(found.page_map.to_original(np.array([(60.0, 60.0)])) - 60).max() < 0.5


def test_the_target_has_the_scale_that_is_asked_for_or_the_page_s_own() -> None:
    form = printed_page(1)
    reference = describe_reference(form)
    page = np.asarray(cv2.resize(form, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC), np.uint8)
    asked, own = register(page, reference, 0.5), register(page, reference)
    assert asked is not None
    assert own is not None
    assert asked.page_map.target_size == (210, 280)
    assert asked.page_map.magnification == pytest.approx(1 / 3, rel=0.01)
    assert own.page_map.target_size == pytest.approx((630, 840), rel=0.01)
    assert own.page_map.magnification == pytest.approx(1, rel=0.01)


@pytest.mark.parametrize(
    "page",
    [
        printed_page(2),
        np.zeros((560, 420), np.uint8),
        np.random.default_rng(0).integers(0, 256, (560, 420), dtype=np.uint8),
        np.zeros((1, 1), np.uint8),
        np.full((560, 420), 255, np.uint8),
    ],
    ids=["another form", "bare paper", "noise", "a pixel", "all ink"],
)
def test_what_is_not_the_form_is_refused(page: Image) -> None:
    reference = describe_reference(printed_page(1))
    found = register(page, reference)
    assert found is None or not found.fit.is_this_form
    assert best_registration(page, [reference]) is None


def test_nothing_is_of_the_form_of_a_blank_reference() -> None:
    reference = describe_reference(np.zeros((560, 420), np.uint8))
    assert register(printed_page(1), reference) is None


def test_of_several_forms_the_right_one_is_found() -> None:
    references = [describe_reference(printed_page(form)) for form in (1, 2, 3)]
    found = best_registration(write_on(printed_page(2), 5), references)
    assert found is not None
    index, registration = found
    assert index == 1
    assert registration.fit.is_this_form


def test_of_no_forms_none_is_found() -> None:
    assert best_registration(printed_page(1), []) is None


@pytest.mark.parametrize("shape", [(30, 40), (1, 1), (8, 300)])
def test_a_reference_smaller_than_its_patches_is_that_of_no_page(shape: tuple[int, int]) -> None:
    flat = np.random.default_rng(1).integers(0, 255, shape, np.uint8)
    reference = describe_reference(flat)
    assert len(reference.fine_patches.points) == reference.distinctness.is_distinctive.size
    assert best_registration(flat, [reference]) is None
