import cv2
import numpy as np

from scanner.synthesis.page_content import PageNumber, PixelClass
from scanner.synthesis.scans import SyntheticPage
from scanner.training import page_window_samples
from scanner.training.page_window_samples import cut_line_at, cut_page_windows, free_margins
from scanner.types import Box


def outline(box: Box) -> np.ndarray:
    right, bottom = box.right - 1, box.bottom - 1
    return np.array([(box.x, box.y), (right, box.y), (right, bottom), (box.x, bottom)], np.float64)


def page(*texts_and_boxes: tuple[str, Box], crossed_out: bool = False) -> SyntheticPage:
    """A page with a thick vertical bar at either end of every number, and below them a printed word."""
    image = np.full((300, 600, 3), 240, np.uint8)
    classes = np.zeros((300, 600), np.uint8)
    for _, box in texts_and_boxes:
        for x in (box.x, box.right - 4):
            image[box.y : box.bottom, x : x + 4] = 30
            classes[box.y : box.bottom, x : x + 4] = PixelClass.DIGIT
        if crossed_out:
            image[box.y : box.bottom, box.x : box.right] = 30
            classes[box.y : box.bottom, box.x : box.right] = PixelClass.MARK
    cv2.putText(image, "word", (100, 280), cv2.FONT_HERSHEY_SIMPLEX, 1, (30, 30, 30), 2)
    classes[200:][image[200:, :, 0] < 128] = PixelClass.PRINT
    numbers = tuple(
        PageNumber(text, outline(box), "handwritten", crossed_out=crossed_out) for text, box in texts_and_boxes
    )
    return SyntheticPage(image, classes, numbers, 150)


def texts(synthetic: SyntheticPage, seed: int = 0) -> list[str]:
    return [text for _, text in cut_page_windows(synthetic, np.random.default_rng(seed))]


def test_each_number_and_some_places_without_one_are_windows() -> None:
    found = [texts(page(("12,5", Box(60, 40, 60, 30)), ("3", Box(400, 120, 30, 30))), seed) for seed in range(5)]
    for each in found:
        assert each[:2] == ["12,5", "3"]
    assert any("" in each for each in found)


def test_neighbours_in_a_row_are_windows_with_a_break() -> None:
    row = page(("12", Box(60, 40, 60, 30)), ("34", Box(160, 40, 60, 30)))
    found = [text for seed in range(20) for text in texts(row, seed)]
    assert "12 34" in found
    far = page(("12", Box(60, 40, 60, 30)), ("34", Box(400, 40, 60, 30)))
    assert "12 34" not in [text for seed in range(20) for text in texts(far, seed)]


def test_a_window_shows_the_whole_number_and_little_of_its_neighbour() -> None:
    row = page(("1", Box(60, 40, 30, 30)), ("2", Box(100, 40, 30, 30)))
    for seed in range(10):
        windows = [image for image, text in cut_page_windows(row, np.random.default_rng(seed)) if text == "1"]
        (image,) = windows
        strokes = np.diff((image[12:20] > 100).all(axis=0).astype(np.int8), prepend=0)
        assert np.count_nonzero(strokes > 0) in {2, 3}


def test_a_number_hidden_by_a_scribble_has_no_text() -> None:
    found = texts(page(("77", Box(60, 40, 60, 30)), crossed_out=True))
    assert set(found) == {""}


def test_a_skewed_page_gives_no_windows() -> None:
    boxes = tuple(Box(60 + 20 * place, 40 + 4 * place, 15, 30) for place in range(3))
    number = PageNumber("123", outline(Box.around(boxes)), "handwritten", digit_boxes=boxes)
    skewed = SyntheticPage(np.full((300, 600, 3), 240, np.uint8), np.zeros((300, 600), np.uint8), (number,), 150)
    assert texts(skewed) == []


def test_what_is_too_low_to_be_legible_or_has_other_signs_is_left_out() -> None:
    low = Box(60, 40, 60, page_window_samples._MIN_NUMBER_HEIGHT_PIXELS - 1)
    assert "12" not in texts(page(("12", low)))
    assert "1/2" not in texts(page(("1/2", Box(60, 40, 60, 30))))


def test_edges_beyond_the_page_are_paper() -> None:
    flat = np.full((40, 60), 200, np.uint8)
    image = cut_line_at(flat, (-20.0, -20.0, 30.0, 15.0), np.random.default_rng(0))
    assert image.shape[0] == 32
    assert not image[:6].any()


def test_a_number_that_cannot_be_seen_is_left_out() -> None:
    blank = page(("12", Box(60, 40, 60, 30)))
    blank.image[:] = 240
    assert "12" not in texts(blank)


def test_margins_are_free_of_the_next_numbers_in_the_row() -> None:
    edges = (100.0, 50.0, 200.0, 90.0)
    in_row = [(20.0, 40.0, 80.0, 80.0), (0.0, 50.0, 15.0, 90.0), (250.0, 80.0, 300.0, 120.0)]
    below = [(90.0, 90.0, 210.0, 130.0)]
    # Three fifths of gaps of 20 and 50 pixels.
    assert free_margins(edges, in_row + below) == (12, 30)
    assert free_margins(edges, below) == (np.inf, np.inf)


def test_margins_are_never_without_width() -> None:
    # One that reaches into the number: six hundredths of its height of 40 pixels.
    assert free_margins((100.0, 50.0, 200.0, 90.0), [(20.0, 50.0, 110.0, 90.0)]) == (2.4, np.inf)
