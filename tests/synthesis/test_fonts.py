from pathlib import Path

import numpy as np
import pytest

from scanner.errors import DataError
from scanner.synthesis import fonts
from scanner.synthesis.fonts import FontFamily


def test_a_text_file_is_not_a_font(tmp_path: Path) -> None:
    path = tmp_path / "words.ttf"
    path.write_text("no outlines here")
    assert not fonts.is_usable_font(path)


def test_symbol_fonts_are_excluded_by_their_name(families: tuple[FontFamily, ...], tmp_path: Path) -> None:
    copy = tmp_path / "SomeSymbols.ttf"
    copy.write_bytes(families[0].regular.read_bytes())
    assert not fonts.is_usable_font(copy)
    assert fonts.is_usable_font(families[0].regular)


def test_without_fonts_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for source in ("find_packaged_fonts", "find_system_fonts"):
        monkeypatch.setattr(fonts, source, lambda: ())
    with pytest.raises(DataError, match="pip install font-"):
        fonts.find_fonts()


def test_the_order_of_the_files_does_not_matter(families: tuple[FontFamily, ...]) -> None:
    paths = [path for family in families for path in (family.regular, family.bold, family.italic)]
    assert fonts.group_by_family(paths) == fonts.group_by_family(paths[::-1])


def test_the_regular_face_replaces_missing_ones(families: tuple[FontFamily, ...]) -> None:
    (alone,) = fonts.group_by_family([families[0].regular])
    assert alone.bold == alone.italic == alone.regular


def test_capitals_stand_on_the_baseline_and_descenders_below(families: tuple[FontFamily, ...]) -> None:
    for family in families[:4]:
        coverage, _, top, advance = fonts.render_text("H", family.regular, 40)
        assert abs(top + coverage.shape[0]) <= 1
        below, _, top_p, _ = fonts.render_text("p", family.regular, 40)
        assert top_p + below.shape[0] > 4
        assert coverage.dtype == np.uint8
        assert coverage.shape[1] <= advance + 2
