from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.datasets.page_sources import find_held_out_fonts
from scanner.errors import DataError
from scanner.evaluation import orientation
from scanner.evaluation.orientation import (
    OrientationCounts,
    count_number_tables,
    count_orientations,
    count_real_pages,
    load_judges,
)
from scanner.geometry.orientation import OrientationJudges


def always(turns: int) -> OrientationJudges:
    """Judges that are sure that digits need the same turns however the page lies, and know nothing else."""

    def character_turns(characters: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.full((len(characters), 4), np.log(0.25), np.float32)

    asked = itertools.count()

    def digit_confidences(frames: NDArray[np.uint8]) -> list[float]:
        return [1.0 if next(asked) % 4 == turns else 0.0] * len(frames)

    return OrientationJudges(character_turns, digit_confidences)


def page() -> NDArray[np.uint8]:
    image = np.full((300, 500, 3), 240, np.uint8)
    for row in range(6):
        words = "Figures and their words"
        cv2.putText(image, words, (20, 45 + 45 * row), cv2.FONT_HERSHEY_DUPLEX, 1.0, (20, 20, 20), 1, cv2.LINE_AA)
    return image


def test_a_page_is_counted_the_four_ways_up() -> None:
    never_turning, turning_over = (count_orientations(page(), always(turns)) for turns in (0, 2))
    assert never_turning == OrientationCounts(1, upright_turned=0, set_upright=0, left=3, turned_wrongly=0)
    # The page on its head is set upright; the two on their sides are turned over as well.
    assert turning_over == OrientationCounts(1, upright_turned=1, set_upright=1, left=0, turned_wrongly=2)
    assert (never_turning + turning_over).turned == 6


def test_a_page_that_did_not_come_upright_is_counted_like_one_that_did() -> None:
    judges = load_judges()
    upright = count_orientations(page(), judges)
    assert upright == OrientationCounts(1, 0, 3, 0, 0)
    assert count_orientations(np.rot90(page()).copy(), judges, upright_turns=3) == upright


def test_real_pages_are_counted_by_kind(tmp_path: Path) -> None:
    for name in ("forms/a.png", "forms/b.png", "letters/c.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / name), page())
    counts = count_real_pages(tmp_path)
    assert {kind: count.pages for kind, count in counts.items()} == {"forms": 2, "letters": 1}
    assert all(count.upright_turned == 0 for count in counts.values())


def test_a_page_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    with pytest.raises(DataError, match=r"broken\.png"):
        count_real_pages(tmp_path)


def test_tables_are_counted_whatever_the_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        find_held_out_fonts()
    except DataError as error:
        pytest.skip(str(error))
    monkeypatch.setattr(orientation, "DPI_RANGE", (100.0, 110.0))
    counts = count_number_tables(None, 2, 1)
    assert counts.pages == 2
    assert counts.upright_turned == 0
    monkeypatch.setattr(orientation, "_TABLES_PER_TASK", 1)
    assert count_number_tables(None, 2, 1) == counts
