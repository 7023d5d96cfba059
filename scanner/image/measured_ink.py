"""The ink of a page with what is measured on it once and used by every later stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.image.character_height import character_height
from scanner.image.components import label_components
from scanner.types import Ink

if TYPE_CHECKING:
    from scanner.image.components import Components


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredInk(Ink):
    """Ink with its connected components and the height of its characters."""

    components: Components
    """Connected components of ``mask``; some of them may have been split."""
    character_height: float
    """Height of the taller characters, pixels, from :func:`scanner.image.character_height.character_height`."""


def measure_ink(ink: Ink, components: Components | None = None) -> MeasuredInk:
    """Measure the characters of a page.

    Args:
        ink: ink of the page.
        components: connected components of ``ink.mask``, where they are known already.
    """
    if components is None:
        components = label_components(ink.mask)
    height = character_height(components, ink.stroke_width)
    return MeasuredInk(ink.strength, ink.mask, ink.stroke_width, components, height)
