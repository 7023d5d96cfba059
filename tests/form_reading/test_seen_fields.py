from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from scanner.form_reading.seen_fields import see_fields
from scanner.geometry.page_map import identity_map
from scanner.geometry.rectification import RectifiedPage
from scanner.image.components import label_components
from scanner.image.measured_ink import MeasuredInk
from scanner.layout.page_network import PageNetwork, load_page_network
from scanner.synthesis.pen import draw_text, random_writer

if TYPE_CHECKING:
    from scanner.types import Image
    from tests.form_reading.conftest import Place


@pytest.fixture(scope="module")
def network() -> PageNetwork:
    return load_page_network()


@pytest.fixture(scope="module")
def page() -> tuple[RectifiedPage, Image]:
    """Two numbers, one far below the other."""
    flat = np.zeros((900, 400), np.uint8)
    writer = random_writer(np.random.default_rng(3))
    for top in (40, 780):
        ink, _ = draw_text("2753", writer, np.random.default_rng(4), 44)
        flat[top : top + ink.shape[0], 60 : 60 + ink.shape[1]] = ink
    mask = np.where(flat > 100, np.uint8(255), np.uint8(0))
    ink_of_page = MeasuredInk(flat, mask, 5.0, label_components(mask), 44.0)
    image = np.repeat((255 - flat)[..., None], 3, axis=2)
    return RectifiedPage(flat, ink_of_page, identity_map(400, 900)), image


def test_only_what_is_around_fields_of_numbers_is_looked_at(
    page: tuple[RectifiedPage, Image], network: PageNetwork, place: Place
) -> None:
    seen = see_fields(network, *page, [place((30, 20, 340, 110)), place((30, 760, 340, 110), "text_image")])
    assert seen.ink_class_map is not None
    assert seen.number_cores is not None
    assert len(seen.regions) == 1
    assert seen.regions[0].box.bottom < 150
    both = see_fields(network, *page, [place((30, 20, 340, 110)), place((30, 760, 340, 110), "decimal")])
    assert len(both.regions) == 2


def test_combs_ticks_and_pictures_ask_for_no_look(
    page: tuple[RectifiedPage, Image], network: PageNetwork, place: Place
) -> None:
    box = (30, 20, 340, 110)
    fields = [place(box, "comb", cells=4), place(box, "tick"), place(box, "text_image")]
    for none in (fields, []):
        seen = see_fields(network, *page, none)
        assert (seen.ink_class_map, seen.number_cores, seen.regions) == (None, None, ())
