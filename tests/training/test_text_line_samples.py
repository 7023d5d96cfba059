from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from scanner.datasets.page_sources import HandwritingSources
from scanner.image.components import Components, label_components
from scanner.numbers.text_lines import TextLine
from scanner.recognition.line_image import LINE_HEIGHT
from scanner.synthesis import fonts
from scanner.synthesis.page_content import PixelClass
from scanner.training import text_line_samples
from scanner.training.text_line_samples import RectifiedNumbers, make_text_line_samples, true_line_text
from scanner.types import Box

if TYPE_CHECKING:
    from scanner.types import Image

COLUMNS = (20, 50, 110, 140)


def page(*columns: int) -> tuple[Image, Components]:
    """Digits of 20 x 40 pixels, and what they are."""
    labels = np.zeros((80, 200), np.uint8)
    for x in columns:
        labels[20:60, x : x + 20] = PixelClass.DIGIT
    return labels, label_components((labels > 0).view(np.uint8) * np.uint8(255))


def written(labels: Image, *numbers: tuple[str, int, int]) -> RectifiedNumbers:
    """Texts with their left and right edges."""
    edges = np.array([[left, 20, right, 60] for _, left, right in numbers], np.float64).reshape(-1, 4)
    return RectifiedNumbers(tuple(text for text, _, _ in numbers), (False,) * len(numbers), edges, labels)


def text_line(components: Components, *members: int) -> TextLine:
    return TextLine(members, Box.around(components.box(index) for index in members), 40.0)


def test_the_text_of_a_run_is_its_numbers_from_left_to_right() -> None:
    labels, components = page(*COLUMNS)
    numbers = written(labels, ("3,4", 110, 160), ("12", 20, 70))
    assert true_line_text(text_line(components, 0, 1, 2, 3), components, numbers) == "12 3,4"
    assert true_line_text(text_line(components, 2, 3), components, numbers) == "3,4"


def test_of_half_a_number_nobody_can_say_what_it_is() -> None:
    labels, components = page(*COLUMNS)
    numbers = written(labels, ("12", 20, 70), ("34", 110, 160))
    assert true_line_text(text_line(components, 0, 1, 2), components, numbers) is None
    # Its box is whole, but the digit between is not in the text line.
    assert true_line_text(text_line(components, 0, 2), components, written(labels, ("123", 20, 130))) is None


def test_a_run_without_digits_says_nothing_unless_it_is_one_character() -> None:
    labels, components = page(*COLUMNS)
    labels[labels > 0] = PixelClass.WRITING
    assert true_line_text(text_line(components, 0, 1), components, written(labels)) == ""
    assert true_line_text(text_line(components, 0), components, written(labels)) is None


def test_digits_that_are_no_number_of_the_page_are_left_out() -> None:
    labels, components = page(*COLUMNS)
    assert true_line_text(text_line(components, 0, 1), components, written(labels)) is None


def test_what_has_no_class_is_left_out() -> None:
    labels, components = page(20, 50)
    assert true_line_text(text_line(components, 0, 1), components, written(labels, ("1/2", 20, 70))) is None


@pytest.mark.parametrize(("rows", "text"), [(8, "12"), (20, None), (32, "")])
def test_a_crossed_out_number_is_read_unless_it_is_hidden(rows: int, text: str | None) -> None:
    labels, components = page(20, 50)
    # Of 40 rows so many are covered.
    labels[20 : 20 + rows][labels[20 : 20 + rows] > 0] = PixelClass.MARK
    struck = RectifiedNumbers(("12",), (True,), np.array([[20.0, 20, 70, 60]]), labels)
    assert true_line_text(text_line(components, 0, 1), components, struck) == text


def test_lines_are_the_same_for_the_same_seed_in_one_process_and_in_two(
    families: tuple[fonts.FontFamily, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_line_samples, "_PAGES_PER_TASK", 2)
    (alone, in_cells), (together, _) = (
        make_text_line_samples(families[:2], HandwritingSources(), 3, 4, processes) for processes in (1, 2)
    )
    assert alone.texts == together.texts
    assert all(np.array_equal(one, other) for one, other in zip(alone.images, together.images, strict=True))
    assert all(image.shape[0] == LINE_HEIGHT and image.any() for image in alone.images)
    assert any(any(map(str.isdigit, text)) for text in alone.texts)
    assert in_cells.separators_omitted
    assert not any(" " in text for text in in_cells.texts)
