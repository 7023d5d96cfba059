from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from scanner.debug import STAGE_PICTURES, draw_stage_pictures
from scanner.layout.ink_classes import InkClass, InkClassMap
from scanner.types import Opinion

if TYPE_CHECKING:
    from scanner.pipeline import StageOutputs


def names(stages: StageOutputs) -> list[str]:
    return [name for name, _ in draw_stage_pictures(stages)]


def test_the_names_sort_in_the_order_of_the_stages() -> None:
    all_names = [name for name, _ in STAGE_PICTURES]
    assert [int(name[:2]) for name in all_names] == list(range(1, 15))
    assert sorted(all_names) == all_names


def test_without_page_network_and_line_reader_there_are_no_pictures_of_them(page: StageOutputs) -> None:
    assert names(page) == [name for name, _ in STAGE_PICTURES if name not in {"05_page_network", "13_line_images"}]


def test_each_stage_that_ran_has_a_picture(page: StageOutputs) -> None:
    shares = np.full((50, 75, len(InkClass)), 1 / len(InkClass), np.float32)
    prepared = replace(page.prepared, ink_class_map=InkClassMap(shares, (1 / 8, 1 / 8)))
    asked = tuple(
        replace(each, reading=replace(each.reading, opinions=(*each.reading.opinions, Opinion("number", "7", 0.9))))
        for each in page.decisions
    )
    assert names(replace(page, prepared=prepared, decisions=asked)) == [name for name, _ in STAGE_PICTURES]


def test_a_crop_is_not_rectified_nor_read_as_a_form(crop: StageOutputs) -> None:
    drawn = names(crop)
    assert not {"04_rectified", "05_page_network", "08_form_structure", "13_line_images"} & set(drawn)
    assert {"01_gray", "09_components", "10_text_lines", "11_cuts", "12_glyphs", "14_numbers"} <= set(drawn)


def test_an_empty_page_has_no_contact_sheets(empty: StageOutputs) -> None:
    assert names(empty) == [
        *("01_gray", "02_flattened", "03_ink", "04_rectified", "06_rules", "07_ink_without_rules"),
        *("08_form_structure", "09_components", "14_numbers"),
    ]


@pytest.mark.parametrize("which", ["page", "crop", "empty"])
def test_pictures_are_in_colour_and_of_a_sane_size(request: pytest.FixtureRequest, which: str) -> None:
    for name, picture in draw_stage_pictures(request.getfixturevalue(which)):
        assert picture.dtype == np.uint8, name
        assert picture.ndim == 3, name
        assert picture.shape[2] == 3, name
        assert 900 <= picture.shape[1] <= 2400, name
        assert 60 <= picture.shape[0] <= 3000, name


def test_pictures_are_drawn_one_by_one(page: StageOutputs) -> None:
    # The ninth picture fails without its components; the first needs none.
    candidates = replace(page.prepared.candidates, component_indices=np.array([10**6]))
    broken = replace(page, prepared=replace(page.prepared, candidates=candidates))
    pictures = draw_stage_pictures(broken)
    assert next(pictures)[0] == "01_gray"
    with pytest.raises(IndexError):
        list(pictures)
