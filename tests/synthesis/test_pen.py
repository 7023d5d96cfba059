from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.synthesis.letterforms import ALL_FORMS, DIGIT_FORMS, WORLD_FORMS
from scanner.synthesis.pen import Writer, draw_text, random_writer, render_character, write_strokes

SEEDS = st.integers(0, 2**32 - 1)


def without_variation(writer: Writer, **changes: Any) -> Writer:
    """The writer without random variation."""
    still = {"allograph_switch_probability": 0.0, "habit_size": 0.0, "slant": 0.0, "aspect": 1.0}
    return replace(writer, **(still | {"shape_jitter": 0.0, "size_jitter": 0.0} | changes))


def prefer(writer: Writer, character: str, form: str) -> Writer:
    chosen = tuple((c, form if c == character else name) for c, name in writer.preferred_allographs)
    return replace(writer, preferred_allographs=chosen)


@pytest.fixture
def writer() -> Writer:
    return random_writer(np.random.default_rng(1))


@given(SEEDS, st.sampled_from(sorted(ALL_FORMS)))
def test_the_same_seed_writes_the_same(seed: int, character: str) -> None:
    first, second = (np.random.default_rng(seed) for _ in range(2))
    one = render_character(character, random_writer(first), first, 30)
    two = render_character(character, random_writer(second), second, 30)
    assert np.array_equal(one, two)


def test_instances_of_a_digit_differ(writer: Writer) -> None:
    rng = np.random.default_rng(0)
    one, two = write_strokes("3", writer, rng), write_strokes("3", writer, rng)
    assert one[0].shape != two[0].shape or not np.allclose(one[0], two[0])


@pytest.mark.parametrize("character", sorted(DIGIT_FORMS))
def test_a_digit_without_variation_stands_on_the_baseline_and_has_height_one(writer: Writer, character: str) -> None:
    path = np.concatenate(write_strokes(character, without_variation(writer), np.random.default_rng(0)))
    assert path[:, 0].min() == pytest.approx(0.0)
    assert path[:, 1].min() == pytest.approx(0.0, abs=0.06)
    assert path[:, 1].max() == pytest.approx(1.0, abs=0.03)


def test_points_of_a_stroke_are_close_together(writer: Writer) -> None:
    for character in ALL_FORMS:
        for path in write_strokes(character, writer, np.random.default_rng(0)):
            assert path.dtype == np.float64
            assert path.ndim == 2
            assert np.hypot(*np.diff(path, axis=0).T).max() < 0.06


def test_positive_slant_leans_to_the_right(writer: Writer) -> None:
    upright = without_variation(prefer(writer, "1", "stroke"))
    leaning = replace(upright, slant=0.5)
    (straight,), (slanted,) = (write_strokes("1", w, np.random.default_rng(0)) for w in (upright, leaning))
    assert straight[0, 0] - straight[-1, 0] == pytest.approx(0.02, abs=0.01)
    assert slanted[0, 0] - slanted[-1, 0] == pytest.approx(0.52, abs=0.02)


@pytest.mark.parametrize("character", sorted(DIGIT_FORMS))
def test_allographs_of_a_digit_differ(writer: Writer, character: str) -> None:
    drawn = []
    for form in WORLD_FORMS[character]:
        ink = render_character(
            character, without_variation(prefer(writer, character, form.name)), np.random.default_rng(0), 40
        )
        drawn.append(cv2.resize(ink, (32, 48), interpolation=cv2.INTER_AREA).astype(int))
    assert len(drawn) >= 4
    for i, one in enumerate(drawn):
        for other in drawn[:i]:
            assert np.abs(one - other).sum() > 0.1 * one.sum()


def test_the_barred_seven_has_a_bar(writer: Writer) -> None:
    rng = np.random.default_rng(0)
    assert len(write_strokes("7", without_variation(prefer(writer, "7", "barred")), rng)) == 2
    assert len(write_strokes("7", without_variation(prefer(writer, "7", "plain")), rng)) == 1


def test_allographs_have_names_of_their_own() -> None:
    for forms in ALL_FORMS.values():
        assert len({form.name for form in forms}) == len(forms)


def test_parentheses_curve_outwards(writer: Writer) -> None:
    (left,), (right,) = (write_strokes(c, without_variation(writer), np.random.default_rng(0)) for c in "()")
    middle = len(left) // 2
    assert left[middle, 0] < left[[0, -1], 0].min() - 0.08
    middle = len(right) // 2
    assert right[middle, 0] > right[[0, -1], 0].max() + 0.08


@pytest.mark.parametrize("height", [20, 28, 64, 100])
def test_digits_have_the_given_height(writer: Writer, height: int) -> None:
    _, boxes = draw_text("0123456789", without_variation(writer), np.random.default_rng(0), height)
    assert np.mean([box.height for box in boxes if box]) == pytest.approx(height, rel=0.08, abs=1.5)


@given(SEEDS, st.integers(8, 60), st.text(alphabet="0123456789(+)x=-./, ", min_size=1, max_size=8))
def test_boxes_hold_the_ink_and_blanks_have_none(seed: int, height: int, text: str) -> None:
    if not text.strip():
        text += "1"
    rng = np.random.default_rng(seed)
    ink, boxes = draw_text(text, random_writer(rng), rng, height)
    assert ink.dtype == np.uint8
    assert [box is None for box in boxes] == [character == " " for character in text]
    outside = ink.copy()
    for box in boxes:
        if box is not None:
            assert box.x >= 0
            assert box.y >= 0
            assert box.right <= ink.shape[1]
            assert box.bottom <= ink.shape[0]
            assert ink[box.y : box.bottom, box.x : box.right].any()
            outside[box.y : box.bottom, box.x : box.right] = 0
    assert outside.max() < 32


def test_boxes_are_tight(writer: Writer) -> None:
    ink, (box,) = draw_text("5", writer, np.random.default_rng(3), 40)
    assert box is not None
    rows, columns = np.nonzero(ink >= 32)
    assert (box.x, box.y) == (columns.min(), rows.min())
    assert (box.right - 1, box.bottom - 1) == (columns.max(), rows.max())


def test_ink_is_anti_aliased_with_paper_around_it(writer: Writer) -> None:
    ink = render_character("8", writer, np.random.default_rng(0), 40)
    assert ink.max() == 255
    assert np.count_nonzero((ink > 0) & (ink < 255)) > 20
    assert max(ink[0].max(), ink[-1].max(), ink[:, 0].max(), ink[:, -1].max()) < 32


def test_characters_follow_each_other_to_the_right(writer: Writer) -> None:
    _, boxes = draw_text("0123 456", writer, np.random.default_rng(0), 30)
    centers = [box.center[0] for box in boxes if box]
    assert centers == sorted(centers)


def test_a_character_without_letterform_is_named(writer: Writer) -> None:
    with pytest.raises(ValueError, match="no letterform for '§'"):
        render_character("§", writer, np.random.default_rng(0), 30)


@pytest.mark.parametrize(("text", "height"), [("", 30), ("  ", 30), ("1", 0)])
def test_nothing_to_write_is_an_error(writer: Writer, text: str, height: int) -> None:
    with pytest.raises(ValueError, match=r"no characters|at least 1 pixel"):
        draw_text(text, writer, np.random.default_rng(0), height)


def test_even_tiny_writing_leaves_ink(writer: Writer) -> None:
    for character in ALL_FORMS:
        ink, (box,) = draw_text(character, writer, np.random.default_rng(0), 1)
        assert box is not None
        assert ink.any()


def test_hands_of_the_world_write_more_forms_and_some_below_the_baseline() -> None:
    rng = np.random.default_rng(0)
    preferred = [dict(random_writer(rng, WORLD_FORMS).preferred_allographs) for _ in range(60)]
    common = {form.name for form in DIGIT_FORMS["9"]}
    assert {names["9"] for names in preferred} - common
    tailed = prefer(random_writer(np.random.default_rng(1)), "7", "tail")
    path = np.concatenate(write_strokes("7", without_variation(tailed), np.random.default_rng(0)))
    assert path[:, 1].max() == pytest.approx(1.32, abs=0.03)
