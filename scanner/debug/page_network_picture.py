"""Draw what the page network sees: the class of all ink, the cores of numbers, and the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.debug.canvas import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, Canvas, View, add_heading
from scanner.layout.ink_classes import InkClass
from scanner.numbers.region_ink import region_corners

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.layout.ink_classes import InkClassMap
    from scanner.pipeline import StageOutputs
    from scanner.results.label_drawing import Colour
    from scanner.types import Image

_INK_CLASS_COLOURS: dict[InkClass, tuple[Colour, str]] = {
    InkClass.DIGIT: (BLUE, "handwritten digits"),
    InkClass.PRINTED_DIGIT: (GREEN, "printed digits"),
    InkClass.WRITING: (ORANGE, "other handwriting"),
    InkClass.PRINT: (BLACK, "other print"),
    InkClass.RULE: (PURPLE, "rules"),
    InkClass.MARK: (VERMILLION, "other marks"),
}
_CORE_COLOUR: Colour = (255, 225, 110)
_DIGIT_MARK_SHARE = 0.12
"""Height of the mark in the middle of a digit, upwards and downwards, relative to its number.  A choice."""
_MIN_COLOUR_DEPTH = 0.25
"""Colour saturation, 0-1, of ink whose class is entirely uncertain.  A choice."""


def page_view(stages: StageOutputs) -> View:
    """How the rectified page is scaled in pictures."""
    return View.of(*stages.prepared.rectified.page_map.target_size)


def draw_page_network(stages: StageOutputs) -> Image | None:
    """Draw what the page network sees: the ink in the colour of its class, and the numbers; None without one."""
    kind_map, cores = stages.prepared.ink_class_map, stages.prepared.number_cores
    if kind_map is None:
        return None
    view = page_view(stages)
    picture = _draw_ink_classes(kind_map, view, stages.prepared.rectified.ink.strength)
    if cores is not None:
        core = _at_each_pixel(cores.probabilities, view)[:, :, None]
        picture = np.asarray(picture * (1 - core * (1 - np.array(_CORE_COLOUR[::-1]) / 255)), np.uint8)
    canvas = Canvas(picture, view)
    for region in stages.prepared.number_regions:
        canvas.polygon(region_corners(region).tolist(), SKY)
        canvas.label(f"{region.score:.2f}", (region.box.x, region.box.y), SKY)
        for column in region.digit_columns:
            middle = region.box.center[1] + region.slope * (column - region.box.center[0])
            mark = _DIGIT_MARK_SHARE * region.box.height
            canvas.segment([(column, middle - mark), (column, middle + mark)], GREY, 2)
    notes = [
        "What the page network sees. The colour of ink is its class, the paler, the less certain. Each number that it "
        "finds has a box with the mean probability of its core.",
    ]
    legend = [
        *_INK_CLASS_COLOURS.values(),
        (_CORE_COLOUR, "cores of handwritten numbers"),
        (SKY, f"handwritten numbers: {len(stages.prepared.number_regions)}"),
        (GREY, "middles of their digits"),
    ]
    return add_heading(canvas.image(), "05 Page network", notes, legend)


def _draw_ink_classes(kind_map: InkClassMap, view: View, ink: Image) -> Image:
    """The ink of a page in the colour of its class, at the scale of the view."""
    kind, sure = kind_map.probabilities.argmax(axis=2), kind_map.probabilities.max(axis=2)
    chance = 1 / len(InkClass)
    colours = np.array([_INK_CLASS_COLOURS[each][0] for each in InkClass], np.float32)[:, ::-1]
    depth = _MIN_COLOUR_DEPTH + (1 - _MIN_COLOUR_DEPTH) * (sure - chance) / (1 - chance)
    taken = _at_each_pixel((depth[:, :, None] * (255 - colours[kind])).astype(np.float32), view)
    strength = view.scale_image(ink).astype(np.float32) / 255
    return np.clip(255 - strength * taken, 0, 255).astype(np.uint8)


def _at_each_pixel(cells: NDArray[np.float32], view: View) -> NDArray[np.float32]:
    """Values of cells that cover a page evenly, at each pixel of its picture."""
    return np.asarray(cv2.resize(cells, view.size, interpolation=cv2.INTER_NEAREST), np.float32)
