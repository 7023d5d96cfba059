"""See where in the fields of a form handwritten numbers stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.forms.form import FieldKind
from scanner.layout.ink_classes import assume_handwritten_without_print
from scanner.layout.number_search import ink_around, search_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.form_reading.placed_fields import PlacedField
    from scanner.geometry.rectification import RectifiedPage
    from scanner.layout.ink_classes import InkClassMap
    from scanner.layout.number_finder import NumberRegion
    from scanner.layout.page_network import NumberCoreMap, PageNetwork
    from scanner.types import Image


@dataclass(frozen=True, slots=True, eq=False)
class SeenFields:
    """What the page network sees in the fields; None and nothing if it was not asked."""

    ink_class_map: InkClassMap | None = None
    number_cores: NumberCoreMap | None = None
    regions: tuple[NumberRegion, ...] = ()


def see_fields(network: PageNetwork, page: RectifiedPage, image: Image, placed: Sequence[PlacedField]) -> SeenFields:
    """Ask the page network for the numbers in the fields, where the form does not say in which cell each digit is.

    Args:
        network: the page network.
        page: the page, laid on the reference.
        image: the original page, dark ink on light paper, BGR.
        placed: the fields.
    """
    boxes = [place.box for place in placed if place.field.kind in {FieldKind.NUMBER, FieldKind.DECIMAL}]
    if not boxes:
        return SeenFields()
    maps, regions = search_numbers(network, ink_around(boxes, page.ink), page.flat, image, page.page_map)
    return SeenFields(assume_handwritten_without_print(maps.ink_classes, page.ink), maps.number_cores, regions)
