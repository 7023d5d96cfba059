import numpy as np
import pytest

from scanner.datasets.page_sources import find_held_out_fonts
from scanner.errors import DataError
from scanner.evaluation import synthetic_pages
from scanner.evaluation.synthetic_pages import ReadingCounts, count_readings, read_synthetic_pages
from scanner.synthesis.page_content import PageNumber
from scanner.types import Box, Number


def written(text: str, box: Box, kind: str = "handwritten", *, crossed_out: bool = False) -> PageNumber:
    corners = [(box.x, box.y), (box.right - 1, box.y), (box.right - 1, box.bottom - 1), (box.x, box.bottom - 1)]
    return PageNumber(text, np.array(corners, np.float64), kind, crossed_out)


def read(text: str, box: Box) -> Number:
    return Number(text, 0.9, "", 1, 1, box, ())


def test_a_reading_is_correct_if_its_digits_and_place_are() -> None:
    truth = [written("1,250", Box(0, 0, 50, 20)), written("7", Box(0, 40, 10, 20)), written("33", Box(0, 80, 20, 20))]
    readings = [read("1250", Box(1, 1, 48, 18)), read("1", Box(0, 41, 9, 18)), read("33", Box(300, 80, 20, 20))]
    counts = count_readings(truth, readings)
    assert counts == ReadingCounts(pages=1, written=3, read=3, correct=1, false=1)
    assert counts.precision == pytest.approx(1 / 3)
    assert counts.recall == pytest.approx(1 / 3)
    assert counts.f1 == pytest.approx(1 / 3)


def test_a_reading_that_overlaps_little_belongs_to_the_number_it_is_centred_on() -> None:
    counts = count_readings([written("5", Box(0, 0, 40, 40))], [read("5", Box(18, 18, 6, 6))])
    assert counts == ReadingCounts(1, 1, 1, 1, 0)


def test_one_number_is_read_once() -> None:
    box = Box(0, 0, 40, 20)
    assert count_readings([written("5", box)], [read("5", box), read("5", box)]) == ReadingCounts(1, 1, 2, 1, 1)


def test_crossed_out_numbers_count_neither_as_written_nor_as_false() -> None:
    box = Box(0, 0, 40, 20)
    assert count_readings([written("12", box, crossed_out=True)], [read("12", box)]) == ReadingCounts(1, 0, 0, 0, 0)
    assert count_readings([written("12", box, crossed_out=True)], []) == ReadingCounts(1, 0, 0, 0, 0)


def test_printed_numbers_that_are_read_are_false() -> None:
    box = Box(0, 0, 40, 20)
    assert count_readings([written("12", box, "printed")], [read("12", box)]) == ReadingCounts(1, 0, 1, 0, 1)


def test_pages_without_numbers_divide_by_nothing() -> None:
    counts = count_readings([], []) + count_readings([], [])
    assert counts == ReadingCounts(pages=2)
    assert (counts.precision, counts.recall, counts.f1) == (0, 0, 0)


def test_synthesised_pages_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        find_held_out_fonts()
    except DataError as error:
        pytest.skip(str(error))
    monkeypatch.setattr(synthetic_pages, "DPI_RANGE", (100.0, 110.0))
    counts = read_synthetic_pages(None, 2, 1)
    assert counts.pages == 2
    assert counts.correct <= counts.read
    assert counts.false <= counts.read
