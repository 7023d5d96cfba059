import itertools
import time
from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.decision.number_presence import MIN_READING_PRESENCE, MIN_UNREAD_PRESENCE
from scanner.decision.review import CROSSED_OUT, DEFAULT_REVIEW_THRESHOLD, LOW_CONFIDENCE, UNREAD
from scanner.geometry.orientation_network import load_orientation_network
from scanner.geometry.page_map import quadrilateral_map, quarter_turn_map
from scanner.layout.ink_classes import InkClass, InkClassMap
from scanner.layout.number_finder import NumberRegion
from scanner.layout.page_network import NumberCoreMap, PageMaps, load_page_network
from scanner.options import DEFAULT_OPTIONS, Charset, Finder, PageOrCrop, ScanOptions
from scanner.pipeline import run_stages, scan_page
from scanner.reading_models import Models
from scanner.recognition.confidence_calibration import AgreementCalibration
from scanner.recognition.digit_classifier import Classifier, load_classifier
from scanner.recognition.line_reader import LineReader, LineReading, ReadCharacter
from scanner.synthesis.pen import draw_text, random_writer
from scanner.types import Box, DigitReading, Number, PageImage, PageResult

Gray = NDArray[np.uint8]

LINES = ("40718", "2593", "860124")
"""What is written on the test page, one line each."""


class Blind:
    """Reads everything as no digit."""

    name = "blind"

    def read(self, frames: Gray) -> tuple[DigitReading, ...]:
        return (DigitReading((0.0,) * 10 + (1.0,)),) * len(frames)


class Ones:
    """Reads everything as a one, with the given probability."""

    name = "ones"

    def __init__(self, probability: float) -> None:
        rest = (1 - probability) / 10
        self._reading = DigitReading((rest, probability, *[rest] * 9))

    def read(self, frames: Gray) -> tuple[DigitReading, ...]:
        return (self._reading,) * len(frames)


class OnesInEachLine(LineReader):
    """Reads so many ones in each line that is known to be one number, each in an equal part of it."""

    def __init__(self, count: int) -> None:
        self._count, self.agreement = count, AgreementCalibration()

    def read_numbers(self, lines: Sequence[Gray], charset: Charset) -> tuple[LineReading, ...]:
        return tuple(self._reading(line.shape[1]) for line in lines)

    def read_text_lines(self, lines: Sequence[Gray], charset: Charset) -> tuple[tuple[LineReading, ...], ...]:
        assert not lines
        return ()

    def _reading(self, width: int) -> LineReading:
        steps = itertools.pairwise(np.linspace(0, width, self._count + 1).tolist())
        characters = tuple(ReadCharacter("1", *step) for step in steps)
        return LineReading("1" * self._count, 0.9, characters, 0, width)


def let_page_network_see(monkeypatch: pytest.MonkeyPatch, gray: Gray, *numbers: Box) -> None:
    """Let the page network take all ink of a page for digits, and see numbers in these places alone."""
    height, width = gray.shape
    digits = np.eye(len(InkClass), dtype=np.float32)[[[InkClass.DIGIT]]]
    unseen = np.zeros((2, 2), np.float32)
    cells_per_pixel = (1 / width, 1 / height)
    cores = NumberCoreMap(unseen, unseen, np.ones((1, 1, 2), np.float32), cells_per_pixel)
    maps = PageMaps(InkClassMap(digits, cells_per_pixel), cores)
    regions = tuple(NumberRegion(box, 0.9) for box in numbers)
    monkeypatch.setattr("scanner.preparation.search_numbers", lambda *_: (maps, regions))


@pytest.fixture(scope="module")
def cnn() -> Classifier:
    return load_classifier("cnn")


@cache
def handwriting(seed: int) -> tuple[Gray, tuple[tuple[Box, ...], ...]]:
    """A page of LINES in dark grey on off-white paper, and the box of each digit."""
    rng = np.random.default_rng(seed)
    writer = random_writer(rng)
    gray = np.full((420, 520), 236, np.uint8)
    truth = []
    for line, text in enumerate(LINES):
        ink, boxes = draw_text(text, writer, rng, 44)
        x, y = 60 + 20 * line, 40 + 120 * line
        window = gray[y : y + ink.shape[0], x : x + ink.shape[1]]
        window[:] = np.minimum(window, 236 - (ink * 0.8).astype(np.uint8))
        truth.append(tuple(Box(x + box.x, y + box.y, box.width, box.height) for box in boxes if box))
    gray.flags.writeable = False
    return gray, tuple(truth)


def scanned(gray: Gray, classifier: Classifier, options: ScanOptions = DEFAULT_OPTIONS) -> PageResult:
    page = PageImage("page.png", 1, np.asarray(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), np.uint8))
    return scan_page(page, Models(classifier, orientation_network=load_orientation_network()), options)


def measured(result: PageResult, step: str) -> dict[str, object]:
    return dict(next(s.settings for s in result.steps if s.name == step))


def texts(result: PageResult) -> list[str]:
    return [number.text for number in result.numbers]


def edges(box: Box) -> tuple[int, int, int, int]:
    return box.x, box.y, box.right, box.bottom


def assert_sound(result: PageResult) -> None:
    page = Box(0, 0, result.width, result.height)
    for number in result.numbers:
        assert Box.around([page, number.box]) == page
        if number.is_unread:
            assert (number.confidence, number.review_reason, number.digits) == (0.0, UNREAD, ())
            continue
        assert number.text == "".join(digit.text for digit in number.digits)
        assert 0 < number.confidence <= min(digit.confidence for digit in number.digits) + 1e-12
        assert [digit.box.center[0] for digit in number.digits] == sorted(d.box.center[0] for d in number.digits)
        assert (number.review_reason == "") == (number.confidence >= DEFAULT_REVIEW_THRESHOLD)
        assert all(Box.around([page, digit.box]) == page for digit in number.digits)


SEEDS = (0, 3, 5, 8)


def test_handwritten_numbers_are_read(cnn: Classifier) -> None:
    right = 0
    for seed in SEEDS:
        result = scanned(handwriting(seed)[0], cnn)
        assert_sound(result)
        right += sum(text in texts(result) for text in LINES)
    assert right >= 0.75 * len(SEEDS) * len(LINES)


@pytest.fixture(scope="module")
def clear_seed(cnn: Classifier) -> int:
    """Seed of a handwriting that is read without errors: the pipeline is tested, not the weights."""
    return next(seed for seed in range(20) if texts(scanned(handwriting(seed)[0], cnn)) == list(LINES))


@pytest.fixture(scope="module")
def well_read(cnn: Classifier, clear_seed: int) -> tuple[Gray, tuple[Number, ...]]:
    """A page that is read without errors, so that tests can compare changed ones with it."""
    gray, _ = handwriting(clear_seed)
    result = scanned(gray, cnn)
    assert texts(result) == list(LINES)
    return gray, result.numbers


@pytest.fixture(scope="module")
def found_seed(cnn: Classifier) -> int:
    """Seed of a handwriting whose numbers the page network finds, and that is read without errors."""
    models = Models(cnn, page_network=load_page_network())

    def reads(seed: int) -> list[str]:
        image = np.repeat(handwriting(seed)[0][..., None], 3, axis=2)
        return [decision.reading.text for decision in run_stages(image, models).decisions]

    return next(seed for seed in range(60) if reads(seed) == list(LINES))


def test_a_page_has_its_size_and_its_numbers_have_rows_and_columns(cnn: Classifier, clear_seed: int) -> None:
    result = scanned(handwriting(clear_seed)[0], cnn)
    assert (result.file, result.page_number, result.width, result.height) == ("page.png", 1, 520, 420)
    assert [(number.row, number.column) for number in result.numbers] == [(1, 1), (2, 1), (3, 1)]
    assert result.error == ""


def test_digits_have_their_boxes(cnn: Classifier, clear_seed: int) -> None:
    gray, truth = handwriting(clear_seed)
    for number, boxes in zip(scanned(gray, cnn).numbers, truth, strict=True):
        for digit, box in zip(number.digits, boxes, strict=True):
            assert edges(digit.box) == pytest.approx(edges(box), abs=4)
        assert edges(number.box) == pytest.approx(edges(Box.around(boxes)), abs=4)


@pytest.mark.parametrize(("dx", "dy"), [(1, 0), (0, 1), (37, 90)])
def test_numbers_move_with_the_page(
    cnn: Classifier, well_read: tuple[Gray, tuple[Number, ...]], dx: int, dy: int
) -> None:
    gray, here = well_read
    there = scanned(np.pad(gray, ((dy, 0), (dx, 0)), constant_values=236), cnn).numbers
    assert [number.text for number in there] == [number.text for number in here]
    for one, other in zip(here, there, strict=True):
        moved = Box(one.box.x + dx, one.box.y + dy, one.box.width, one.box.height)
        assert edges(other.box) == pytest.approx(edges(moved), abs=2)


def test_light_ink_on_dark_paper_reads_the_same(cnn: Classifier, well_read: tuple[Gray, tuple[Number, ...]]) -> None:
    gray, here = well_read
    result = scanned(255 - gray, cnn)
    assert texts(result) == [number.text for number in here]
    assert dict(result.steps[0].settings)["negative"] is True
    # White ink on black paper, like a blackboard or an inverted scan.
    pure = np.where(gray < 128, np.uint8(255), np.uint8(0))
    assert texts(scanned(pure, cnn)) == texts(scanned(255 - pure, cnn)) == list(LINES)


def test_a_page_in_shadow_reads_the_same(cnn: Classifier, well_read: tuple[Gray, tuple[Number, ...]]) -> None:
    gray, _ = well_read
    light = np.linspace(1.0, 0.45, gray.shape[1])[None]
    assert texts(scanned((gray * light).astype(np.uint8), cnn)) == list(LINES)


@pytest.mark.parametrize("clockwise", [-3.0, 2.0])
def test_a_skewed_page_is_read_and_boxed_on_the_original(cnn: Classifier, clear_seed: int, clockwise: float) -> None:
    gray, truth = handwriting(clear_seed)
    # Rules make the skew clear.
    ruled = gray.copy()
    for y in (130, 250, 370):
        ruled[y : y + 2, 10:510] = 90
    matrix = cv2.getRotationMatrix2D((260, 210), -clockwise, 1.0)
    tilted = cv2.warpAffine(ruled, matrix, (520, 420), borderMode=cv2.BORDER_CONSTANT, borderValue=236.0)
    result = scanned(np.asarray(tilted, np.uint8), cnn)
    assert_sound(result)
    settings = {name: value for step in result.steps for name, value in step.settings}
    assert settings["degrees"] == pytest.approx(clockwise, abs=0.3)
    assert settings["removed"] is True
    assert texts(result) == list(LINES)
    for number, boxes in zip(result.numbers, truth, strict=True):
        for digit, box in zip(number.digits, boxes, strict=True):
            x, y = matrix @ (*box.center, 1.0)
            assert digit.box.x <= x <= digit.box.right
            assert digit.box.y <= y <= digit.box.bottom


@cache
def full_page() -> Gray:
    """A page with enough numbers to find its orientation."""
    rng = np.random.default_rng(6)
    writer = random_writer(rng)
    gray = np.full((800, 640), 236, np.uint8)
    for row in range(8):
        for column in range(2):
            text = "".join(str(digit) for digit in rng.choice([2, 3, 4, 4, 5, 7, 7, 9], 5))
            ink, _ = draw_text(text, writer, rng, 44)
            y, x = 50 + 90 * row, 50 + 300 * column
            window = gray[y : y + ink.shape[0], x : x + ink.shape[1]]
            window[:] = np.minimum(window, 236 - (ink * 0.8).astype(np.uint8))
    gray.flags.writeable = False
    return gray


@pytest.fixture(scope="module")
def upright(cnn: Classifier) -> PageResult:
    """The full page as it is read."""
    return scanned(full_page(), cnn)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_page_is_read_the_same_and_boxed_on_the_original(
    cnn: Classifier, upright: PageResult, quarters: int
) -> None:
    assert measured(upright, "orientation")["quarter_turns"] == 0
    turned = scanned(np.rot90(full_page(), quarters).copy(), cnn)
    assert measured(turned, "orientation")["quarter_turns"] == 4 - quarters
    assert texts(turned) == texts(upright)
    assert upright.scan_quality == ()
    # NumPy rotates counter-clockwise, to the left.
    (finding,) = turned.scan_quality
    assert finding.name == "turned"
    assert ("to the right", "180 degrees", "to the left")[quarters - 1] in finding.measured
    page_map = quarter_turn_map(turned.width, turned.height, -quarters)
    for one, other in zip(upright.numbers, turned.numbers, strict=True):
        assert (one.row, one.column) == (other.row, other.column)
        assert edges(page_map.box_to_original(one.box)) == pytest.approx(edges(other.box), abs=2)


def photographed(gray: Gray, grain: float = 0.0) -> tuple[Gray, NDArray[np.float64]]:
    """The page on a dark table top whose grain has this standard deviation, and the homography from page to picture."""
    height, width = gray.shape
    corners = [(90.0, 70.0), (width + 60.0, 50.0), (width + 110.0, height + 100.0), (50.0, height + 120.0)]
    to_page = quadrilateral_map(width + 160, height + 170, corners, (width, height))
    to_picture = np.asarray(np.linalg.inv(to_page.matrix), np.float64)
    noise = cv2.GaussianBlur(np.random.default_rng(0).normal(0, 1, (height + 170, width + 160)), (0, 0), 2)
    picture = np.clip(70 + grain * noise / noise.std(), 0, 150).astype(np.uint8)
    cv2.warpPerspective(gray, to_picture, picture.shape[::-1], picture, borderMode=cv2.BORDER_TRANSPARENT)
    return picture, to_picture


def test_a_photographed_sheet_is_read_and_boxed_on_the_photograph(cnn: Classifier, clear_seed: int) -> None:
    gray, truth = handwriting(clear_seed)
    photograph, there = photographed(gray)
    result = scanned(photograph, cnn)
    assert measured(result, "perspective") == {"sheet": True}
    assert texts(result) == list(LINES)
    for number, boxes in zip(result.numbers, truth, strict=True):
        for digit, box in zip(number.digits, boxes, strict=True):
            x, y = cv2.perspectiveTransform(np.array([[box.center]]), there)[0, 0]
            assert digit.box.center == pytest.approx((x, y), abs=4)


def test_a_photographed_sheet_is_judged_without_the_table_top(cnn: Classifier) -> None:
    # The grain is darker and larger than the writing, and most of the ink of the photograph.
    gray = full_page()
    faint = np.asarray(gray.max() - (gray.max() - gray) // 8, np.uint8)
    assert scanned(photographed(gray, grain=20.0)[0], cnn).scan_quality == ()
    (finding,) = scanned(photographed(faint, grain=20.0)[0], cnn).scan_quality
    assert (finding.name, finding.measured) == ("faint", "ink 11% darker than paper")


def test_corrections_can_be_switched_off(cnn: Classifier) -> None:
    photograph, _ = photographed(full_page())
    on_its_side = np.rot90(photograph).copy()
    off = scanned(on_its_side, cnn, ScanOptions(deskew=False, correct_orientation=False, correct_perspective=False))
    assert measured(off, "perspective") == {"sheet": False}
    assert measured(off, "orientation")["quarter_turns"] == 0
    assert measured(off, "deskew") == {"degrees": 0.0}
    assert measured(scanned(on_its_side, cnn), "orientation")["quarter_turns"] == 3
    still_on_its_side = scanned(on_its_side, cnn, ScanOptions(correct_orientation=False))
    assert measured(still_on_its_side, "perspective") == {"sheet": True}
    assert measured(still_on_its_side, "orientation")["quarter_turns"] == 0


def test_a_crop_has_no_scan_quality(cnn: Classifier) -> None:
    gray = full_page()
    faint = np.asarray(gray.max() - (gray.max() - gray) // 8, np.uint8)
    assert [finding.name for finding in scanned(faint, cnn).scan_quality] == ["faint"]
    assert scanned(faint, cnn, ScanOptions(page_or_crop=PageOrCrop.CROP)).scan_quality == ()


def test_a_crop_is_not_rectified(cnn: Classifier) -> None:
    photograph, _ = photographed(full_page())
    result = scanned(np.rot90(photograph).copy(), cnn, ScanOptions(page_or_crop=PageOrCrop.CROP))
    assert measured(result, "perspective") == {"sheet": False}
    assert measured(result, "orientation")["quarter_turns"] == 0
    assert measured(result, "deskew") == {"degrees": 0.0}


def test_digits_in_boxes_are_one_number(cnn: Classifier, clear_seed: int) -> None:
    rng = np.random.default_rng(clear_seed)
    writer = random_writer(rng)
    gray = np.full((150, 500), 236, np.uint8)
    for place, character in enumerate("39206"):
        ink, _ = draw_text(character, writer, rng, 40)
        x, y = 53 + 56 * place - ink.shape[1] // 2, 50
        gray[y : y + ink.shape[0], x : x + ink.shape[1]] -= (ink * 0.8).astype(np.uint8)
        cv2.rectangle(gray, (25 + 56 * place, 35), (81 + 56 * place, 110), 60, 2)
    result = scanned(gray, cnn)
    assert len(result.numbers) == 1
    assert len(result.numbers[0].text) == 5


TYPED = (
    "The quick brown fox jumps over",
    "the lazy dog and runs away from",
    "hunters with their noisy hounds",
    "through fields of barley toward",
    "another forest beyond the river",
)


@pytest.mark.parametrize("scale", [1.0, 1.4])
def test_a_typed_paragraph_has_no_numbers(cnn: Classifier, scale: float) -> None:
    gray = np.full((400, 900), 245, np.uint8)
    for line, text in enumerate(TYPED):
        cv2.putText(gray, text, (30, 60 + 70 * line), cv2.FONT_HERSHEY_SIMPLEX, scale, 20, 3, cv2.LINE_AA)
    page = PageImage("page.png", 1, np.asarray(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), np.uint8))
    assert texts(scan_page(page, Models(cnn, page_network=load_page_network()))) == []


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 2), (2, 1), (3, 3), (1, 900), (900, 1), (2, 700), (700, 2), (16, 16), (300, 400)]
)
@pytest.mark.parametrize("value", [0, 1, 127, 255])
def test_an_even_page_has_no_numbers(cnn: Classifier, shape: tuple[int, int], value: int) -> None:
    result = scanned(np.full(shape, value, np.uint8), cnn)
    assert result.numbers == ()
    assert (result.height, result.width) == shape


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 1), (3, 3), (1, 400), (400, 1), (2, 300), (300, 2), (16, 16)])
def test_noise_on_a_few_pixels_is_no_error(cnn: Classifier, shape: tuple[int, int]) -> None:
    for seed in range(2):
        noise = np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)
        assert_sound(scanned(noise, cnn))


def test_one_black_pixel_is_no_number(cnn: Classifier) -> None:
    gray = np.full((200, 200), 255, np.uint8)
    gray[100, 100] = 0
    assert scanned(gray, cnn).numbers == ()


def test_a_page_of_twenty_thousand_specks_takes_seconds() -> None:
    rng = np.random.default_rng(0)
    gray = np.full((2400, 2400), 255, np.uint8)
    for y, x in rng.integers(5, 2390, (20_000, 2)):
        gray[y : y + 3, x : x + 3] = 0
    started = time.process_time()
    assert scanned(gray, Blind()).numbers == ()
    assert time.process_time() - started < 20.0


def test_ink_that_is_no_digit_is_no_number() -> None:
    assert scanned(handwriting(0)[0], Blind()).numbers == ()


@pytest.mark.parametrize(("probability", "review"), [(0.7, LOW_CONFIDENCE), (0.999, "")])
def test_numbers_of_low_confidence_need_review(probability: float, review: str) -> None:
    gray = np.full((120, 120), 255, np.uint8)
    gray[40:80, 58:63] = 0
    (number,) = scanned(gray, Ones(probability)).numbers
    assert (number.text, number.review_reason) == ("1", review)
    assert number.confidence == pytest.approx(probability, abs=0.01)


def test_a_picture_of_one_number_that_nobody_can_read_is_unread_unless_it_is_blank() -> None:
    crop = ScanOptions(page_or_crop=PageOrCrop.CROP)
    gray = np.full((120, 120), 255, np.uint8)
    assert scanned(gray, Blind(), crop).numbers == ()
    gray[40:80, 58:63] = 0
    (number,) = scanned(gray, Blind(), crop).numbers
    assert (number.text, number.confidence, number.review_reason, number.digits) == ("", 0.0, UNREAD, ())
    assert edges(number.box) == pytest.approx((58, 40, 63, 80), abs=1)


def test_a_crossed_out_number_is_marked_as_such(cnn: Classifier, clear_seed: int) -> None:
    gray, truth = handwriting(clear_seed)
    box = Box.around(truth[1])
    level = round(box.center[1])
    struck = np.asarray(cv2.line(gray.copy(), (box.x - 15, level + 2), (box.right + 15, level - 3), 60, 3), np.uint8)
    numbers = scanned(struck, cnn).numbers
    # The line may have been read as a digit, or have split the number in two.
    crossed_out = [number for number in numbers if number.crossed_out]
    assert crossed_out
    assert {number.row for number in crossed_out} == {2}
    assert {number.review_reason for number in crossed_out} == {CROSSED_OUT}
    assert [number.text for number in numbers if not number.crossed_out] == [LINES[0], LINES[2]]


def test_each_stage_is_recorded_once(cnn: Classifier) -> None:
    steps = [step.name for step in scanned(handwriting(0)[0], cnn).steps]
    assert len(set(steps)) == len(steps)
    assert {"gray", "binarization", "deskew", "rules", "digit_classifier"} <= set(steps)


def test_the_same_page_is_read_the_same_again(cnn: Classifier) -> None:
    gray, _ = handwriting(3)
    assert scanned(gray, cnn) == scanned(gray, cnn)


def form(
    seed: int, pitch: int, place: dict[tuple[int, int], str], rows: int, columns: int, line: tuple[int, int] = (90, 2)
) -> Gray:
    """A grid of cells 60 pixels high and ``pitch`` wide from (40, 50), with writing in some of them.

    Its lines are as dark and as thick as ``line`` says.
    """
    rng = np.random.default_rng(seed)
    writer = random_writer(rng)
    gray = np.full((160 + 60 * rows, 80 + pitch * columns), 236, np.uint8)
    for (row, column), text in place.items():
        ink, _ = draw_text(text, writer, rng, 36)
        x, y = 40 + pitch * (column - 1) + 14, 50 + 60 * (row - 1) + 8
        window = gray[y : y + ink.shape[0], x : x + ink.shape[1]]
        window[:] = np.minimum(window, 236 - (ink * 0.8).astype(np.uint8)[: window.shape[0], : window.shape[1]])
    for row in range(rows + 1):
        cv2.line(gray, (40, 50 + 60 * row), (40 + pitch * columns, 50 + 60 * row), *line)
    for column in range(columns + 1):
        cv2.line(gray, (40 + pitch * column, 50), (40 + pitch * column, 50 + 60 * rows), *line)
    return gray


def test_a_comb_field_is_one_number_without_its_empty_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = (2, 3, 4, 5, 7, 8, 9)
    gray = form(3, 60, {(1, column): str(column) for column in columns}, 1, 9)
    # The cells begin at x = 40, and the sixth is empty.
    let_page_network_see(monkeypatch, gray, Box(105, 54, 230, 50), Box(405, 54, 170, 50))
    models = Models(Ones(0.9), text_line_reader=OnesInEachLine(7), page_network=load_page_network())
    (number,) = run_stages(np.repeat(gray[..., None], 3, axis=2), models).numbers
    assert number.text == "1111111"
    assert number.table == 0
    for digit, column in zip(number.digits, columns, strict=True):
        assert 40 + 60 * (column - 1) <= digit.box.center[0] <= 40 + 60 * column


def test_numbers_are_found_by_their_contours_if_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    gray, truth = handwriting(3)
    first = Box.around(truth[0])
    let_page_network_see(monkeypatch, gray, first)
    image = np.repeat(gray[..., None], 3, axis=2)
    models = Models(Ones(0.9), page_network=load_page_network())
    seen, traced = (run_stages(image, models, ScanOptions(finder=finder)) for finder in Finder)
    assert [line.region for line in seen.prepared.candidates.text_lines] == [NumberRegion(first, 0.9)]
    assert [number.row for number in seen.numbers] == [1]
    assert seen.evidence is not None
    assert [line.region for line in traced.prepared.candidates.text_lines] == [None] * len(LINES)
    assert [number.row for number in traced.numbers] == [1, 2, 3]
    for number, boxes in zip(traced.numbers, truth, strict=True):
        assert edges(number.box) == pytest.approx(edges(Box.around(boxes)), abs=4)
    assert {number.kind for number in traced.numbers} == {"handwritten"}
    assert traced.prepared.number_regions == ()
    assert traced.evidence is None


@pytest.mark.parametrize("line", [(90, 2), (216, 1)], ids=["dark", "paler than the threshold"])
def test_numbers_in_a_table_have_its_rows_and_columns(line: tuple[int, int]) -> None:
    cells = {(1, 2): "12", (2, 1): "307", (2, 3): "45", (3, 3): "86"}
    result = scanned(form(3, 150, cells, 3, 3, line), Ones(0.9))
    assert {(number.row, number.column) for number in result.numbers} == set(cells)
    assert {number.table for number in result.numbers} == {1}


def test_numbers_outside_a_table_have_the_rows_of_the_page() -> None:
    gray = handwriting(0)[0]
    assert {number.table for number in scanned(gray, Ones(0.9)).numbers} == {0}


def test_the_confidence_of_a_number_includes_its_presence(cnn: Classifier, found_seed: int) -> None:
    image = np.repeat(handwriting(found_seed)[0][..., None], 3, axis=2)
    stages = run_stages(image, Models(cnn, page_network=load_page_network()))
    decisions = [decision for decision in stages.decisions if decision.reading.digits]
    assert len(decisions) == len(stages.numbers) == len(LINES)
    for number, decision in zip(stages.numbers, decisions, strict=True):
        assert decision.located.text_line is not None
        region = decision.located.text_line.region
        assert region is not None
        assert number.confidence == pytest.approx(region.score * decision.reading.confidence)
        assert number.confidence < decision.reading.confidence


def test_a_number_that_may_be_none_is_unread_and_keeps_its_place_and_what_was_read(
    cnn: Classifier, found_seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = np.repeat(handwriting(found_seed)[0][..., None], 3, axis=2)
    models = Models(cnn, page_network=load_page_network())
    read = run_stages(image, models).numbers
    monkeypatch.setattr("scanner.decision.decisions._presence_probability", lambda *_: MIN_READING_PRESENCE - 0.01)
    unread = run_stages(image, models).numbers
    assert [number.is_unread for number in unread] == [True] * len(LINES)
    assert [number.opinions[0].text for number in unread] == list(LINES)
    assert [(number.row, number.column, number.kind) for number in unread] == [
        (number.row, number.column, number.kind) for number in read
    ]
    for before, after in zip(read, unread, strict=True):
        assert edges(after.box) == pytest.approx(edges(before.box), abs=4)
    monkeypatch.setattr("scanner.decision.decisions._presence_probability", lambda *_: MIN_UNREAD_PRESENCE - 0.01)
    assert run_stages(image, models).numbers == ()


def test_on_a_sheet_of_digits_every_digit_is_a_number_of_its_own(cnn: Classifier, found_seed: int) -> None:
    image = np.repeat(handwriting(found_seed)[0][..., None], 3, axis=2)
    models = Models(cnn, page_network=load_page_network())
    outputs = run_stages(image, models, ScanOptions(page_or_crop=PageOrCrop.DIGIT_SHEET))
    assert [number.text for number in outputs.numbers] == list("".join(LINES))
    assert [number.row for number in outputs.numbers] == [1] * 5 + [2] * 4 + [3] * 6
    assert outputs.prepared.page_or_crop is PageOrCrop.DIGIT_SHEET
    assert outputs.prepared.digit_matrix is None
