from __future__ import annotations

import itertools
import math
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.geometry.orientation import (
    CHARACTER_IMAGE_SIDE,
    NOT_TURNED,
    Orientation,
    OrientationJudges,
    cut_characters,
    doubtful_turns,
    find_orientation,
    weigh_certainty,
)
from scanner.geometry.orientation_network import load_orientation_network
from scanner.image.background import flatten_background, to_gray
from scanner.image.binarization import binarize
from scanner.image.components import label_components
from scanner.preparation import orientation_judges
from scanner.reading_models import Models
from scanner.recognition.digit_classifier import load_classifier
from scanner.synthesis import paper
from scanner.synthesis.pen import draw_text, random_writer
from scanner.types import Ink

Gray = NDArray[np.uint8]
Shares = tuple[float, float, float, float]

PRINT = (
    "Please write the digits clearly and legibly",
    "within the boxes provided below each line.",
    "The total should be filled in at the end,",
    "before the sheet is handed to the clerk.",
)
EQUAL = (0.25, 0.25, 0.25, 0.25)


@cache
def printed(upper_case: bool = False) -> Gray:
    sheet = paper.blank_sheet(1100, 460, (245, 245, 245))
    for line, text in enumerate(PRINT * 2):
        words = text.upper() if upper_case else text
        sheet = paper.print_words(sheet, words, (40, 60 + 50 * line), 26, (20, 20, 20))
    gray = to_gray(sheet.image)
    gray.flags.writeable = False
    return gray


@cache
def numbers(seed: int = 3, rows: int = 6, length: int = 6) -> Gray:
    """A page with nothing but handwritten numbers."""
    rng = np.random.default_rng(seed)
    writer = random_writer(rng)
    gray = np.full((80 + 90 * rows, 700), 240, np.uint8)
    for row in range(rows):
        for column in range(2):
            text = "".join(str(rng.choice([1, 2, 3, 4, 4, 5, 7, 7, 9])) for _ in range(length))
            ink, _ = draw_text(text, writer, rng, 44)
            y, x = 40 + 90 * row, 40 + 330 * column
            window = gray[y : y + ink.shape[0], x : x + ink.shape[1]]
            window[:] = np.minimum(window, 240 - (ink * 0.8).astype(np.uint8))
    gray.flags.writeable = False
    return gray


def turned(gray: Gray, quarters: int) -> Ink:
    return binarize(flatten_background(np.rot90(gray, quarters).copy()))


def dots(count: int) -> Ink:
    """``count`` squares of 10 pixels in one row, 6 pixels apart."""
    mask = np.zeros((40, 16 * count + 14), np.uint8)
    for index in range(count):
        mask[15:25, 16 * index + 10 : 16 * index + 20] = 255
    return Ink(mask, mask, 3.0)


def judges_of(shares: Shares, confidences: Shares = (0.3, 0.3, 0.3, 0.3)) -> OrientationJudges:
    """Judges of which each says the same of all characters, for 0 to 3 turns; all four are asked in turn."""
    calls, turns_asked = itertools.count(), itertools.count()

    def character_turns(characters: Gray) -> NDArray[np.float32]:
        # They are shown upright first, then turned clockwise once more each time.
        own = np.roll(shares, next(calls))
        return np.asarray(np.log(np.tile(own, (len(characters), 1))), np.float32)

    def digit_confidences(frames: Gray) -> list[float]:
        return [confidences[next(turns_asked)]] * len(frames)

    return OrientationJudges(character_turns, digit_confidences)


def orientation_of(ink: Ink, judges: OrientationJudges) -> Orientation:
    return find_orientation(ink, label_components(ink.mask), judges)


def never(characters: Gray) -> NDArray[np.float32]:
    raise AssertionError("there are too few characters to ask")


NEVER = OrientationJudges(never, lambda frames: [*never(frames)])


@pytest.fixture(scope="module")
def judges() -> OrientationJudges:
    found = orientation_judges(Models(load_classifier("cnn"), orientation_network=load_orientation_network()))
    assert found is not None
    return found


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("page", [printed(), numbers(3), numbers(7)], ids=["print", "a hand", "another hand"])
def test_print_and_digits_are_set_upright(judges: OrientationJudges, page: Gray, quarters: int) -> None:
    assert orientation_of(turned(page, quarters), judges).quarter_turns == -quarters % 4


@pytest.mark.parametrize(("quarters", "allowed"), [(0, {0}), (1, {1, 3}), (2, {0, 2}), (3, {1, 3})])
def test_the_lines_of_capitals_are_found_and_upright_ones_stay(
    judges: OrientationJudges, quarters: int, allowed: set[int]
) -> None:
    # Capitals have no ascenders and are no digits, so it is hard to say which end is their top.
    assert orientation_of(turned(printed(upper_case=True), quarters), judges).quarter_turns in allowed


def test_evidence_that_points_nowhere_leaves_the_prior() -> None:
    found = orientation_of(dots(20), judges_of(EQUAL))
    assert found.quarter_turns == 0
    assert found.turn_probabilities == pytest.approx((0.97, 0.01, 0.01, 0.01), abs=1e-6)


def test_characters_of_one_page_count_as_fewer() -> None:
    # Eleven count as 11 / (1 + 10 * 0.1) = 5.5.  Both ways up on the side are 7 and 1 times as likely as upright, but
    # opposite ones differ by 0.7 at most: 7 ** 0.5 * exp(0.35) and 7 ** 0.5 * exp(-0.35).
    odds = [0.97, 0.01 * (7**0.5 * math.exp(0.35)) ** 5.5, 0.01, 0.01 * (7**0.5 * math.exp(-0.35)) ** 5.5]
    found = orientation_of(dots(11), judges_of((0.1, 0.7, 0.1, 0.1)))
    assert found.turn_probabilities == pytest.approx([share / sum(odds) for share in odds], abs=1e-5)
    assert math.isclose(sum(found.turn_probabilities), 1.0)


def test_a_page_surely_on_its_side_is_turned_the_likelier_way() -> None:
    found = orientation_of(dots(64), judges_of((0.001, 0.5, 0.001, 0.498)))
    assert found.quarter_turns == 1
    assert 0.5 < found.probability < 0.6


def test_the_network_alone_turns_no_page_over() -> None:
    found = orientation_of(dots(64), judges_of((0.001, 0.001, 0.997, 0.001)))
    assert found.quarter_turns == 0
    assert 0.5 < found.turn_probabilities[2] < 0.9
    assert found.probability == found.turn_probabilities[0] < 0.5


def test_digits_that_are_clear_upside_down_turn_a_page_over() -> None:
    # 100 * (0.97 - 0.85) = 12 against the prior of log(97); 20 * (0.97 - 0.3) = 13.4 against the other axis.
    found = orientation_of(dots(20), judges_of(EQUAL, (0.6, 0.3, 0.97, 0.3)))
    assert found.quarter_turns == 2
    assert found.probability == pytest.approx(math.exp(12) / (97 + math.exp(12) + 2 * math.exp(-13.4)), abs=1e-6)


def test_digits_that_are_clear_on_one_axis_alone_outweigh_the_network() -> None:
    # 50 characters count as 8.5: to the network, the page lies on its side with log odds of 9.8.
    sideways = (0.12, 0.38, 0.12, 0.38)
    assert orientation_of(dots(50), judges_of(sideways, (0.86, 0.35, 0.56, 0.3))).quarter_turns == 0
    assert orientation_of(dots(50), judges_of(sideways, (0.86, 0.86, 0.56, 0.3))).quarter_turns in {1, 3}


def test_digits_that_are_as_clear_both_ways_turn_no_page() -> None:
    assert orientation_of(dots(20), judges_of(EQUAL, (0.97, 0.3, 0.97, 0.3))).quarter_turns == 0


def test_ascenders_turn_print_over_but_no_digits() -> None:
    ink = turned(printed(), 2)
    assert orientation_of(ink, judges_of(EQUAL)).quarter_turns == 2
    assert orientation_of(ink, judges_of(EQUAL, (0.96, 0.3, 0.96, 0.3))).quarter_turns == 0


@pytest.mark.parametrize("count", [0, 1, 7])
def test_a_few_characters_turn_no_page(count: int) -> None:
    ink = dots(count)
    assert find_orientation(ink, label_components(ink.mask), NEVER) == NOT_TURNED


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (600, 600)])
def test_a_page_without_ink_is_upright(shape: tuple[int, int]) -> None:
    empty = np.zeros(shape, np.uint8)
    assert find_orientation(Ink(empty, empty, 0.0), label_components(empty), NEVER) == NOT_TURNED


def test_characters_of_a_turned_page_are_the_same_ones_turned() -> None:
    ink = turned(printed(), 0)
    upright = cut_characters(ink, label_components(ink.mask))
    assert len(upright) == 64
    on_side = Ink(np.rot90(ink.strength).copy(), np.rot90(ink.mask).copy(), ink.stroke_width)
    cut = cut_characters(on_side, label_components(on_side.mask))
    # In another order, so other ones are chosen: on average they are as dark.
    assert cut.shape == upright.shape
    assert cut.mean() == pytest.approx(upright.mean(), rel=0.1)


def test_a_character_is_in_the_middle_of_its_surroundings_at_full_strength() -> None:
    # Images of 30 pixels are enlarged to 32: a square, gaps of 6, and 4 pixels of the square to either side.
    ink = dots(9)
    pale = Ink(np.asarray(ink.strength // 2, np.uint8), ink.mask, ink.stroke_width)
    characters = cut_characters(pale, label_components(pale.mask))
    assert characters.shape == (9, CHARACTER_IMAGE_SIDE, CHARACTER_IMAGE_SIDE)
    assert characters[:, 16, 16].tolist() == [255] * 9
    assert not characters[:, :, 6:9].any()
    # The first has no neighbour on its left, the last none on its right.
    assert not characters[0, :, 0].any()
    assert characters[1, 16, 0]
    assert not characters[-1, :, -1].any()


def test_points_and_frames_are_no_characters() -> None:
    mask = dots(9).mask.copy()
    mask[2:4, 2:4] = 255
    cv2.rectangle(mask, (0, 8), (mask.shape[1] - 1, 38), 255, 1)
    assert len(cut_characters(Ink(mask, mask, 3.0), label_components(mask))) == 9


def test_certainty_tells_two_opposite_ways_apart_and_says_nothing_of_the_others() -> None:
    found = Orientation(0, (0.3, 0.0, 0.7, 0.0))
    assert doubtful_turns(found) == (0, 2)
    assert weigh_certainty(found, (2, 0), (-0.2, -0.25)).quarter_turns == 2
    assert weigh_certainty(found, (2, 0), (-0.25, -0.2)).quarter_turns == 0
    sideways = weigh_certainty(Orientation(0, (0.05, 0.25, 0.0, 0.7)), (3, 1), (-0.2, -0.25))
    assert sum(sideways.turn_probabilities) == pytest.approx(1)
    assert sideways.turn_probabilities[0] == pytest.approx(0.05)
    assert sideways.turn_probabilities[3] > 0.94


def test_no_way_up_is_in_doubt_if_one_is_sure() -> None:
    assert doubtful_turns(Orientation(0, (0.999, 0.0, 0.001, 0.0))) == ()


def test_all_ways_up_that_are_left_open_are_told_apart() -> None:
    found = Orientation(0, (0.55, 0.05, 0.0, 0.4))
    assert doubtful_turns(found) == (0, 1, 3)
    turned = weigh_certainty(found, (0, 1, 3), (-0.3, -0.3, -0.2))
    assert turned.quarter_turns == 3
    # Each of the others loses the most that it can, log odds of 4.
    assert turned.turn_probabilities[0] / turned.turn_probabilities[3] == pytest.approx(
        0.55 / 0.4 * np.exp(-4), rel=0.01
    )
