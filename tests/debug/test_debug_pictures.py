from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from scanner.debug import PICTURES, debug_pictures
from scanner.kinds import InkKind, KindMap
from scanner.types import Opinion

if TYPE_CHECKING:
    from scanner.pipeline import Stages


def names(stages: Stages) -> list[str]:
    return [name for name, _ in debug_pictures(stages)]


def test_the_names_sort_in_the_order_of_the_stages() -> None:
    all_names = [name for name, _ in PICTURES]
    assert [int(name[:2]) for name in all_names] == list(range(1, 15))
    assert sorted(all_names) == all_names


def test_a_page_read_without_page_network_and_number_reader_lacks_their_pictures(page: Stages) -> None:
    assert names(page) == [name for name, _ in PICTURES if name not in {"08_kinds", "13_lines"}]


def test_all_that_ran_has_a_picture(page: Stages) -> None:
    shares = np.full((50, 75, len(InkKind)), 1 / len(InkKind), np.float32)
    said = tuple(replace(answer, said=(*answer.said, Opinion("number", answer.text, 0.9))) for answer in page.answers)
    assert names(replace(page, kind_map=KindMap(shares, (1 / 8, 1 / 8)), answers=said)) == [
        name for name, _ in PICTURES
    ]


def test_a_cut_out_number_is_not_set_upright_nor_looked_at_as_a_form(cut_out: Stages) -> None:
    found = names(cut_out)
    assert not {"04_upright", "07_structure", "08_kinds", "13_lines"} & set(found)
    assert {"01_gray", "09_components", "10_runs", "11_cuts", "12_glyphs", "14_numbers"} <= set(found)


def test_an_empty_page_has_no_contact_sheets(empty: Stages) -> None:
    assert names(empty) == [
        *("01_gray", "02_flat", "03_ink", "04_upright", "05_rules", "06_clear", "07_structure", "09_components"),
        "14_numbers",
    ]


@pytest.mark.parametrize("which", ["page", "cut_out", "empty"])
def test_all_are_pictures_in_colour_of_a_sane_size(request: pytest.FixtureRequest, which: str) -> None:
    for name, picture in debug_pictures(request.getfixturevalue(which)):
        assert picture.dtype == np.uint8, name
        assert picture.ndim == 3, name
        assert picture.shape[2] == 3, name
        assert 900 <= picture.shape[1] <= 2400, name
        assert 60 <= picture.shape[0] <= 3000, name


def test_pictures_are_made_when_they_are_asked_for(page: Stages) -> None:
    # Without members the ninth would fail; the first does not know of them.
    broken = replace(page, members=np.array([10**6]))
    pictures = debug_pictures(broken)
    assert next(pictures)[0] == "01_gray"
    with pytest.raises(IndexError):
        list(pictures)
