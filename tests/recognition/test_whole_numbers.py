"""Crops of one number, or of none, through the whole pipeline with both readers."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from scanner.options import Charset, PageOrCrop, Readers, ScanOptions
from scanner.pipeline import scan_page
from scanner.reading_models import Models
from scanner.recognition.digit_classifier import load_classifier
from scanner.recognition.line_reader import LineReader, load_line_reader
from scanner.synthesis.pen import draw_text, random_writer
from scanner.types import Box, PageImage, PageResult
from scanner.weights import TEXT_LINE_READER_WEIGHTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.recognition.digit_classifier import Classifier

    Gray = NDArray[np.uint8]

PAPER = 236


@pytest.fixture(scope="module")
def cnn() -> Classifier:
    return load_classifier("cnn")


@pytest.fixture(scope="module")
def reader() -> LineReader:
    return load_line_reader()


@cache
def text_line_reader() -> LineReader:
    return load_line_reader(TEXT_LINE_READER_WEIGHTS)


def written(text: str, seed: int, height: int, charge: float = 0.8) -> tuple[Gray, list[Box | None]]:
    """A picture of ``text`` in a random handwriting, and the box of each character."""
    rng = np.random.default_rng(seed)
    ink, boxes = draw_text(text, random_writer(rng), rng, height)
    margin = height // 3
    gray = np.full((ink.shape[0] + 2 * margin, ink.shape[1] + 2 * margin), PAPER, np.uint8)
    gray[margin:-margin, margin:-margin] -= (ink * charge).astype(np.uint8)
    return gray, [box and Box(box.x + margin, box.y + margin, box.width, box.height) for box in boxes]


def scanned(
    gray: Gray, classifier: Classifier, reader: LineReader | None, options: ScanOptions | None = None
) -> PageResult:
    page = PageImage("cell.png", 1, np.asarray(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), np.uint8))
    return scan_page(page, Models(classifier, reader, reader and text_line_reader()), options or ScanOptions())


def texts(result: PageResult) -> list[str]:
    return [number.text for number in result.numbers]


def layout_of(result: PageResult) -> object:
    return next(dict(step.settings)["is"] for step in result.steps if step.name == "page_or_crop")


def assert_all_flagged(result: PageResult) -> None:
    assert all(number.review_reason for number in result.numbers), result.numbers


AS_CROP = ScanOptions(page_or_crop=PageOrCrop.CROP)
SEEDS = range(4)


@pytest.mark.parametrize("height", [12, 44, 200])
def test_crops_are_recognized_and_read_at_any_size(cnn: Classifier, reader: LineReader, height: int) -> None:
    right = 0
    for seed in SEEDS:
        text = "".join(map(str, np.random.default_rng(seed).integers(0, 10, 5)))
        result = scanned(written(text, seed, height)[0], cnn, reader)
        assert layout_of(result) == "number"
        right += texts(result) == [text]
    assert right >= 3


def test_numbers_of_twenty_digits_are_read(cnn: Classifier, reader: LineReader) -> None:
    right = 0
    for seed in SEEDS:
        text = "".join(map(str, np.random.default_rng(seed).integers(0, 10, 20)))
        result = scanned(written(text, seed, 44)[0], cnn, reader)
        right += texts(result) == [text]
    assert right >= 3


@pytest.mark.parametrize("shape", [(34, 60), (60, 200), (120, 400)])
@pytest.mark.parametrize("layout", list(PageOrCrop))
def test_an_empty_crop_gives_no_number(
    cnn: Classifier, reader: LineReader, shape: tuple[int, int], layout: PageOrCrop
) -> None:
    height, width = shape
    grain = np.clip(np.random.default_rng(0).normal(220, 4, shape), 0, 255).astype(np.uint8)
    for gray in (np.full(shape, 230, np.uint8), grain):
        assert texts(scanned(gray, cnn, reader, ScanOptions(page_or_crop=layout))) == []
    framed = grain.copy()
    cv2.rectangle(framed, (0, 0), (width - 1, height - 1), 90, 1)
    underlined = grain.copy()
    underlined[-3:-1] = 60
    cornered = underlined.copy()
    cornered[:, 2:4] = 60
    for gray in (framed, underlined, cornered):
        assert texts(scanned(gray, cnn, reader, AS_CROP)) == []


@pytest.mark.parametrize("word", ["word", "nil", "hello", "twenty"])
def test_a_word_in_a_crop_is_not_read_or_flagged(cnn: Classifier, reader: LineReader, word: str) -> None:
    for seed in SEEDS:
        assert_all_flagged(scanned(written(word, seed, 44)[0], cnn, reader, AS_CROP))


def scribble(seed: int) -> Gray:
    rng = np.random.default_rng(seed)
    gray = np.full((60, 160), PAPER, np.uint8)
    points = np.stack([np.linspace(15, 145, 40) + rng.normal(0, 8, 40), 30 + rng.normal(0, 12, 40)], axis=1)
    cv2.polylines(gray, [points.astype(np.int32)], False, 50, 2, cv2.LINE_AA)
    return gray


def signature(seed: int) -> Gray:
    gray = np.full((70, 220), PAPER, np.uint8)
    t = np.linspace(0, 1, 200)
    x = 15 + 185 * t + 10 * np.sin(40 * t + seed)
    y = 35 + 22 * np.sin(25 * t + seed) * np.exp(-2 * t)
    cv2.polylines(gray, [np.stack([x, y], axis=1).astype(np.int32)], False, 50, 2, cv2.LINE_AA)
    return gray


def crossed_out(seed: int) -> Gray:
    gray, _ = written("4071", seed, 44)
    height, width = gray.shape
    cv2.line(gray, (8, height // 2 + 8), (width - 8, height // 2 - 10), 40, 3)
    return gray


def crossed_out_twice(seed: int) -> Gray:
    gray, _ = written("4071", seed, 44)
    height, width = gray.shape
    for end, other in ((8, height - 8), (height - 8, 8)):
        cv2.line(gray, (8, end), (width - 8, other), 40, 3)
    return gray


@pytest.mark.parametrize("draw", [scribble, signature, crossed_out, crossed_out_twice])
def test_what_is_no_number_is_not_read_or_flagged(cnn: Classifier, reader: LineReader, draw: object) -> None:
    for seed in SEEDS:
        assert_all_flagged(scanned(draw(seed), cnn, reader, AS_CROP))  # type: ignore[operator]  # parametrized


@pytest.mark.parametrize("readers", list(Readers))
def test_each_reader_boxes_the_digits_where_they_are(cnn: Classifier, reader: LineReader, readers: Readers) -> None:
    gray, truth = written("40718", 1, 44)
    (number,) = scanned(gray, cnn, reader, ScanOptions(readers)).numbers
    assert number.text == "40718"
    for digit, box in zip(number.digits, truth, strict=True):
        assert box is not None
        assert (digit.box.x, digit.box.right) == pytest.approx((box.x, box.right), abs=6)
        assert (digit.box.y, digit.box.bottom) == pytest.approx((box.y, box.bottom), abs=6)


def test_the_opinion_of_each_reader_is_kept(cnn: Classifier, reader: LineReader) -> None:
    gray, _ = written("40718", 1, 44)
    readers_asked = {
        readers: [opinion.reader for opinion in scanned(gray, cnn, reader, ScanOptions(readers)).numbers[0].opinions]
        for readers in Readers
    }
    assert readers_asked[Readers.CONTOURS] == ["contours"]
    assert readers_asked[Readers.LINE] == ["number"]
    assert readers_asked[Readers.BOTH] == ["contours", "number"]


def test_without_a_line_reader_the_contours_are_read_alone(cnn: Classifier) -> None:
    gray, _ = written("40718", 1, 44)
    (number,) = scanned(gray, cnn, None).numbers
    assert [opinion.reader for opinion in number.opinions] == ["contours"]
    with pytest.raises(ValueError, match="line reader"):
        scanned(gray, cnn, None, ScanOptions(Readers.LINE))


def test_separators_are_read_unless_only_digits_are_wanted(cnn: Classifier, reader: LineReader) -> None:
    right = 0
    for seed in SEEDS:
        gray, _ = written("4,50", seed, 44)
        assert texts(scanned(gray, cnn, reader, ScanOptions(charset=Charset.DIGITS))) == ["450"]
        right += texts(scanned(gray, cnn, reader)) == ["4,50"]
    assert right >= 3


def test_numbers_on_a_page_are_in_rows(cnn: Classifier, reader: LineReader) -> None:
    gray = np.full((420, 520), PAPER, np.uint8)
    for line, text in enumerate(("40718", "2593", "860124")):
        number, _ = written(text, line + 3, 44)
        gray[20 + 130 * line : 20 + 130 * line + number.shape[0], 40 : 40 + number.shape[1]] = number
    result = scanned(gray, cnn, reader)
    assert layout_of(result) == "page"
    assert [number.row for number in result.numbers] == [1, 2, 3]
    assert all("".join(digit.text for digit in number.digits) == number.text for number in result.numbers)


def test_boxes_of_the_line_reader_lie_on_the_original_of_a_tilted_page(cnn: Classifier, reader: LineReader) -> None:
    gray = np.full((420, 520), PAPER, np.uint8)
    number, truth = written("40718", 1, 44)
    gray[150 : 150 + number.shape[0], 100 : 100 + number.shape[1]] = number
    for y in (130, 270, 370):
        gray[y : y + 2, 10:510] = 90
    matrix = cv2.getRotationMatrix2D((260, 210), -2.0, 1.0)
    tilted = cv2.warpAffine(gray, matrix, (520, 420), borderMode=cv2.BORDER_CONSTANT, borderValue=PAPER)
    (found,) = scanned(np.asarray(tilted, np.uint8), cnn, reader, ScanOptions(Readers.LINE)).numbers
    assert found.text == "40718"
    for digit, box in zip(found.digits, truth, strict=True):
        assert box is not None
        x, y = matrix @ (box.center[0] + 100, box.center[1] + 150, 1.0)
        assert digit.box.x <= x <= digit.box.right
        assert digit.box.y <= y <= digit.box.bottom


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 1), (3, 3), (1, 400), (400, 1), (2, 300), (16, 16)])
@pytest.mark.parametrize("layout", list(PageOrCrop))
def test_a_picture_of_a_few_pixels_can_be_read(
    cnn: Classifier, reader: LineReader, shape: tuple[int, int], layout: PageOrCrop
) -> None:
    for seed in range(3):
        noise = np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)
        result = scanned(noise, cnn, reader, ScanOptions(page_or_crop=layout))
        page = Box(0, 0, shape[1], shape[0])
        for number in result.numbers:
            for box in (number.box, *(digit.box for digit in number.digits)):
                assert Box.around([page, box]) == page
