from pathlib import Path

import numpy as np
import pytest

from scanner.datasets import number_surroundings
from scanner.datasets.data_folder import DataSplit
from scanner.errors import DataError
from scanner.synthesis import fonts


@pytest.fixture(scope="module")
def print_fonts() -> tuple[Path, ...]:
    try:
        return fonts.find_fonts()[:2]
    except DataError as error:
        pytest.skip(str(error))


def test_without_a_folder_or_fonts_in_it_there_are_none(tmp_path: Path) -> None:
    assert number_surroundings.find_data_fonts(None, "print") == ()
    assert number_surroundings.find_data_fonts(tmp_path, "print") == ()


def test_fonts_are_found_sorted(tmp_path: Path) -> None:
    (tmp_path / "fonts" / "print").mkdir(parents=True)
    for name in ("b.ttf", "a.ttf", "a.txt"):
        (tmp_path / "fonts" / "print" / name).touch()
    assert [path.name for path in number_surroundings.find_data_fonts(tmp_path, "print")] == ["a.ttf", "b.ttf"]


def test_words_are_drawn_with_the_pen_where_there_are_no_fonts() -> None:
    for draw in (number_surroundings.draw_word_crops, number_surroundings.draw_unit_crops):
        crops = draw((), 20, np.random.default_rng(0))
        assert len(crops) == 20
        assert all(crop[:, 0].any() and crop[0].any() and crop[-1].any() for crop in crops)
    assert number_surroundings.draw_printed_words((), 20, np.random.default_rng(0)) == ()
    assert number_surroundings.draw_printed_suffixes((), 20, np.random.default_rng(0)) == ()


def test_print_is_cropped_to_its_ink(print_fonts: tuple[Path, ...]) -> None:
    for draw in (number_surroundings.draw_printed_words, number_surroundings.draw_printed_suffixes):
        crops = draw(print_fonts, 10, np.random.default_rng(0))
        assert len(crops) == 10
        assert all(crop[0].any() and crop[-1].any() and crop.dtype == np.uint8 for crop in crops)


def test_signs_are_split_and_light_on_dark(tmp_path: Path) -> None:
    assert number_surroundings.load_drawn_signs(tmp_path, DataSplit.TRAIN) == ()
    signs = np.full((200, 8, 8), 255, np.uint8)
    signs[:, 2:5, 3:7] = 10
    (tmp_path / "signs").mkdir()
    np.savez(tmp_path / "signs" / "unipen", comma=signs, minus=signs, point=signs)
    loaded = {split: dict(number_surroundings.load_drawn_signs(tmp_path, split)) for split in DataSplit}
    assert set(loaded[DataSplit.TRAIN]) == set(",-.")
    assert sum(len(crops[","]) for crops in loaded.values()) == 200
    assert all(len(crops[","]) > 0 for crops in loaded.values())
    (crop, *_) = loaded[DataSplit.TEST]["-"]
    assert crop.tolist() == [[245] * 4] * 3


def test_damaged_signs_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "signs").mkdir()
    (tmp_path / "signs" / "unipen.npz").write_bytes(b"no archive")
    with pytest.raises(DataError):
        number_surroundings.load_drawn_signs(tmp_path, DataSplit.TRAIN)
