import numpy as np
import pytest

from scanner.datasets.labelled_ink import UNKNOWN_INK
from scanner.layout.number_finder import NumberRegion
from scanner.training.number_scores import NumberCounts, count_numbers
from scanner.training.page_samples import NO_INK_LABEL, PageNetworkSample
from scanner.types import Box


def sample_with(wanted: list[Box], others: list[Box] | None = None) -> PageNetworkSample:
    boxes = [*wanted, *(others or [])]
    quads = [[(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)] for box in boxes]
    return PageNetworkSample(
        np.zeros((100, 200), np.uint8),
        np.zeros((50, 100, 3), np.uint8),
        np.full((100, 200), NO_INK_LABEL, np.uint8),
        np.array(quads, np.float32).reshape(-1, 4, 2),
        np.array([True] * len(wanted) + [False] * len(others or []), np.bool_),
        np.zeros(len(boxes), np.bool_),
        np.zeros((0, 4), np.float32),
    )


def regions(*boxes: Box) -> list[NumberRegion]:
    return [NumberRegion(box, 0.9) for box in boxes]


def test_a_number_is_whole_if_the_boxes_overlap_by_half() -> None:
    page = sample_with([Box(10, 10, 40, 20), Box(100, 10, 40, 20)])
    # Half of the second is found: at its place, but not whole.
    assert count_numbers(regions(Box(12, 10, 40, 20), Box(100, 10, 18, 20)), page) == NumberCounts(2, 2, 1, 2)


def test_a_number_counts_once_and_a_region_that_joins_two_for_one() -> None:
    page = sample_with([Box(10, 10, 40, 20), Box(54, 10, 40, 20)])
    assert count_numbers(regions(Box(10, 10, 40, 20), Box(11, 11, 40, 20)), page) == NumberCounts(2, 2, 1, 1)
    assert count_numbers(regions(Box(10, 10, 60, 20)), page) == NumberCounts(2, 1, 1, 1)


def test_regions_where_nothing_is_known_do_not_count() -> None:
    page = sample_with([], [Box(10, 10, 40, 20)])
    page.labels[50:70, 100:140] = UNKNOWN_INK
    found = regions(Box(10, 10, 40, 20), Box(100, 50, 40, 20), Box(10, 70, 40, 20))
    assert count_numbers(found, page) == NumberCounts(0, 1, 0, 0)


def test_nothing_wanted_and_nothing_found_scores_nothing() -> None:
    counts = count_numbers([], sample_with([]))
    assert set(counts.scores().values()) == {0.0}


def test_scores_are_recall_precision_and_their_harmonic_mean() -> None:
    counts = NumberCounts(10, 4, 3, 4) + NumberCounts(0, 1, 0, 0)
    assert counts.scores() == pytest.approx(
        {"number recall": 0.3, "number precision": 0.6, "number F1": 0.4, "number places F1": 8 / 15}
    )
