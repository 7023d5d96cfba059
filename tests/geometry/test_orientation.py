from collections.abc import Callable, Sequence
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.geometry.orientation import find_quarter_turns
from scanner.image.background import flatten_background, to_gray
from scanner.image.binarization import binarize
from scanner.image.components import label_components
from scanner.recognition.digit_classifier import Classifier, load_classifier
from scanner.synthesis import paper
from scanner.synthesis.pen import draw_text, random_writer
from scanner.types import Ink

Gray = NDArray[np.uint8]

PRINT = (
    "Please write the digits clearly and legibly",
    "within the boxes provided below each line.",
    "The total should be filled in at the end,",
    "before the sheet is handed to the clerk.",
)


def printed(lines: int = 8) -> Gray:
    sheet = paper.blank_sheet(900, 60 + 50 * lines, (245, 245, 245))
    for line, text in enumerate((PRINT * 2)[:lines]):
        sheet = paper.print_words(sheet, text, (40, 60 + 50 * line), 26, (20, 20, 20))
    return to_gray(sheet.image)


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


def quarters_of(ink: Ink, read: Callable[[Gray], Sequence[float]]) -> int:
    return find_quarter_turns(ink, label_components(ink.mask), read)


def never(frames: Gray) -> Sequence[float]:
    raise AssertionError("the orientation of a page of print is found without reading it")


@pytest.fixture(scope="module")
def cnn() -> Classifier:
    return load_classifier("cnn")


@pytest.mark.parametrize("quarters", range(4))
def test_print_is_turned_by_its_ascenders(quarters: int) -> None:
    assert quarters_of(turned(printed(), quarters), never) == -quarters % 4


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("seed", [3, 7])
def test_digits_are_turned_by_reading_them(cnn: Classifier, quarters: int, seed: int) -> None:
    def read(frames: Gray) -> Sequence[float]:
        return [reading.confidence for reading in cnn.read(frames)]

    found = quarters_of(turned(numbers(seed), quarters), read)
    assert found == -quarters % 4 if quarters % 2 == 0 else found in (0, -quarters % 4)


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("sure", [0.0, 0.6, 1.0])
def test_equal_confidences_turn_no_page(quarters: int, sure: float) -> None:
    assert quarters_of(turned(numbers(), quarters), lambda frames: [sure] * len(frames)) == 0


def test_low_confidences_turn_no_page() -> None:
    # Like letters, which look more like digits upside down.
    answers = iter([0.3, 0.9])
    assert quarters_of(turned(numbers(), 0), lambda frames: [next(answers)] * len(frames)) == 0


def test_a_little_print_overrules_the_digit_classifier() -> None:
    answers = iter([0.0, 1.0])
    assert quarters_of(turned(printed(2), 0), lambda frames: [next(answers)] * len(frames)) == 0


def test_a_few_digits_turn_no_page() -> None:
    answers = iter([0.0, 1.0])
    few = numbers(rows=1, length=4)
    assert quarters_of(turned(few, 0), lambda frames: [next(answers)] * len(frames)) == 0


def test_a_column_of_single_digits_is_not_on_its_side() -> None:
    gray = np.full((1100, 300), 240, np.uint8)
    for row in range(30):
        cv2.putText(gray, str(row % 9 + 1), (100, 60 + 34 * row), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 20, 2, cv2.LINE_AA)
    answers = iter([0.0, 1.0])
    assert quarters_of(turned(gray, 0), lambda frames: [next(answers, 0.0)] * len(frames)) in (0, 2)


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (600, 600)])
def test_a_page_without_ink_is_upright(shape: tuple[int, int]) -> None:
    empty = np.zeros(shape, np.uint8)
    assert quarters_of(Ink(empty, empty, 0.0), never_asked_of_none) == 0


def never_asked_of_none(frames: Gray) -> Sequence[float]:
    assert not len(frames)
    return []


def test_one_blot_is_upright() -> None:
    mask = np.zeros((300, 300), np.uint8)
    cv2.circle(mask, (150, 150), 20, 255, -1)
    assert quarters_of(Ink(mask, mask, 8.0), lambda frames: [1.0] * len(frames)) == 0
