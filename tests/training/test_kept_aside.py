from pathlib import Path

import cv2
import numpy as np
import pytest

from scanner.errors import DataError
from scanner.reader import Charset, LineReading, NumberReader
from scanner.training import kept_aside
from scanner.training.data import Part, Strip


class Parrot(NumberReader):
    """Says what it is told, in turn."""

    def __init__(self, *said: tuple[str, float]) -> None:
        self._said = said

    def read(self, lines: object, charset: Charset) -> tuple[LineReading, ...]:
        return tuple(LineReading(text, probability, ()) for text, probability in self._said)


@pytest.fixture
def strips(tmp_path: Path) -> tuple[Strip, ...]:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((20, 40), 255, np.uint8))
    return tuple(Strip(tmp_path / "a.png", text, ()) for text in ("1,20", "7"))


def test_separators_count_only_where_they_are_read(strips: tuple[Strip, ...]) -> None:
    reader = Parrot(("120", 0.9), ("1", 0.4))
    assert kept_aside.judged(reader, strips, Charset.DIGITS) == [(0.9, True), (0.4, False)]
    assert kept_aside.judged(reader, strips, Charset.DECIMAL) == [(0.9, False), (0.4, False)]


def test_scores_are_of_the_test_part(
    monkeypatch: pytest.MonkeyPatch, strips: tuple[Strip, ...], tmp_path: Path
) -> None:
    asked = []

    def source(folder: Path, part: Part) -> tuple[Strip, ...]:
        asked.append((folder, part))
        return strips

    monkeypatch.setattr("scanner.training.data.cheques", source)
    monkeypatch.setattr("scanner.training.data.clinic", source)
    scores = kept_aside.number_scores(Parrot(("120", 0.9), ("1", 0.4)), tmp_path)
    assert set(asked) == {(tmp_path, Part.TEST)}
    assert scores["cheques, digits"] == {"right": 0.5, "worst tenth, points": 40.0, "taken at 1 % errors": 0.5}
    assert scores["clinic, with separators"]["right"] == 0


def test_a_picture_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.png"):
        kept_aside.judged(Parrot(), [Strip(tmp_path / "none.png", "1", ())], Charset.DIGITS)
