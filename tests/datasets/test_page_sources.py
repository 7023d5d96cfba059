from pathlib import Path

import pytest

from scanner.datasets import page_sources
from scanner.datasets.data_folder import resolve_data_folder
from scanner.datasets.page_sources import HELD_OUT_FAMILIES
from scanner.errors import DataError
from scanner.synthesis.fonts import FontFamily


def names(families: tuple[FontFamily, ...]) -> set[str]:
    return {family.name for family in families}


def test_a_folder_without_fonts_adds_none(tmp_path: Path) -> None:
    try:
        plain = page_sources.find_training_fonts()
    except DataError as error:
        pytest.skip(str(error))
    assert names(page_sources.find_training_fonts(tmp_path)) == names(plain)


def test_fonts_of_the_data_folder_are_trained_with_or_held_out() -> None:
    data_folder = resolve_data_folder(None)
    if data_folder is None:
        pytest.skip("DIGITSCAN_DATA names no data folder")
    if not (data_folder / page_sources.PRINT_FONTS_FOLDER).is_dir():
        pytest.skip("the data folder has no print fonts")
    trained, held_out = (
        names(find(data_folder)) for find in (page_sources.find_training_fonts, page_sources.find_held_out_fonts)
    )
    assert "Alegreya" in trained
    assert "Zilla Slab" in held_out
    assert held_out <= HELD_OUT_FAMILIES
    assert not trained & held_out
