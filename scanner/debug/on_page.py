"""Pictures of what a stage made of the whole page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.debug.canvas import (
    BLACK,
    BLUE,
    CONFIDENCE_LEGEND,
    GREEN,
    GREY,
    MAX_PAGE_PICTURE_SIDE,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    Canvas,
    View,
    add_heading,
    fade_ink,
)
from scanner.decision.number_presence import PRESENCE_THRESHOLD
from scanner.layout.ink_classes import InkClass
from scanner.options import PageOrCrop
from scanner.results.annotated_page import draw_readings
from scanner.results.label_drawing import tint
from scanner.types import Box, PageImage, PageResult

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.layout.form_structure import FormStructure
    from scanner.layout.line_segments import Rule
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
_MIN_COLOUR_DEPTH = 0.25
"""Ink of which nothing is known has so much of its colour."""
_SOFT_EDGE_COLOUR: Colour = (170, 205, 235)
_COMPONENT_COLOURS: tuple[Colour, ...] = (BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE)
"""Colours of components, in turn, so that neighbours differ."""
_PICTURE_GAP_PIXELS = 20
"""Pixels between two pictures side by side."""
_LEFT_OUT_COLOUR: Colour = (200, 200, 200)
_REMOVED_COLOUR: Colour = (247, 200, 150)

TABLE, COMB_FIELD, FORM_FRAME, UNDERLINE, NO_ROLE = "table", "comb field", "frame", "underline", "none of these"
_ROLE_COLOURS: dict[str, Colour] = {
    TABLE: BLUE,
    COMB_FIELD: ORANGE,
    FORM_FRAME: GREEN,
    UNDERLINE: PURPLE,
    NO_ROLE: VERMILLION,
}
_ROLE_TOLERANCE_HEIGHTS = 0.5
"""A rule is of a table, a comb field or a frame if it ends at most this many character heights outside of it."""


def draw_gray(stages: StageOutputs) -> Image:
    """The page as it came, without colour."""
    lights = "light on dark: it was inverted" if stages.was_negative else "dark on light already"
    picture, scaled = _scale_to_view(stages.gray)
    return add_heading(picture, "01 Gray", [f"The page without its colours, {lights}. {scaled}"])


def draw_flat(stages: StageOutputs) -> Image:
    """With the light evened out."""
    picture, scaled = _scale_to_view(np.asarray(255 - stages.flat, np.uint8))
    notes = f"Shadows and uneven light taken away: paper should be white all over, and ink stand out from it. {scaled}"
    return add_heading(picture, "02 Flat", [notes])


def draw_ink(stages: StageOutputs) -> Image:
    """What is ink."""
    colours = np.array([(255, 255, 255), _SOFT_EDGE_COLOUR, (0, 0, 0)], np.uint8)[:, ::-1]
    found = stages.ink
    level = np.where(found.mask > 0, 2, (found.strength > 0).astype(np.uint8))
    picture, scaled = _scale_to_view(colours[level])
    width = f"A typical stroke is {found.stroke_width:.1f} pixels wide."
    taken = (
        "a page with numbers to be found" if stages.page_or_crop is PageOrCrop.PAGE else "one number, cut out already"
    )
    notes = f"What was told from the paper. {width} The picture is taken for {taken}. {scaled}"
    return add_heading(picture, "03 Ink", [notes], [((0, 0, 0), "ink"), (_SOFT_EDGE_COLOUR, "soft edges of ink")])


def draw_rectified(stages: StageOutputs) -> Image | None:
    """How the page was set upright; None for a cut-out number."""
    if stages.page_or_crop is not PageOrCrop.PAGE:
        return None
    how = stages.rectified
    after = np.asarray(255 - how.ink.strength, np.uint8)
    done = [
        *(["a sheet was found in perspective and pulled straight"] if how.sheet_in_perspective else []),
        *([f"turned counter-clockwise by {90 * how.quarter_turns} degrees"] if how.quarter_turns else []),
        *(
            [f"levelled by {abs(how.deskew_degrees):.2f} degrees {_turn_direction(how.deskew_degrees)}"]
            if how.deskew_degrees
            else []
        ),
    ]
    if how.page_map.is_identity:
        picture, scaled = _scale_to_view(after)
        return add_heading(picture, "04 Upright", [f"The ink upright and level. The page was left as it lay. {scaled}"])
    right, bottom = how.page_map.target_size[0] - 1, how.page_map.target_size[1] - 1
    outline = np.array([[[0, 0], [right, 0], [right, bottom], [0, bottom]]], np.float64)
    on_original = cv2.perspectiveTransform(outline, np.linalg.inv(how.page_map.matrix))[0]
    corners = [(float(x), float(y)) for x, y in on_original]
    half = (MAX_PAGE_PICTURE_SIDE - _PICTURE_GAP_PIXELS) // 2
    before = Canvas(stages.gray, View.of(*how.page_map.original_size, half))
    before.polygon(corners, ORANGE, 3)
    before.segment(corners[:2], VERMILLION, 6)
    shown = View.of(*how.page_map.target_size, half).scale_image(after)
    notes = f"Left the page as it came, right its ink upright and level: {', then '.join(done)}."
    legend = [(ORANGE, "what the upright page shows"), (VERMILLION, "its upper edge")]
    return add_heading(_side_by_side(before.image(), shown), "04 Upright", [notes], legend)


def draw_rules(stages: StageOutputs) -> Image:
    """The ruled lines, and what they were found to be part of."""
    found = stages.rules.rules
    canvas = Canvas(fade_ink(stages.rectified.ink.strength), _page_view(stages))
    roles = [
        rule_role(rule, stages.form_structure, _ROLE_TOLERANCE_HEIGHTS * stages.character_height) for rule in found
    ]
    for rule, role in zip(found, roles, strict=True):
        canvas.segment(rule.endpoints, _ROLE_COLOURS[role], 2)
    size = f"The page's taller characters are {stages.character_height:.0f} pixels high, which decides what is a rule."
    legend = [(colour, f"{role}: {roles.count(role)}") for role, colour in _ROLE_COLOURS.items()]
    notes = f"{_counted(len(found), 'ruled line')}, by what each was found to be part of. {size}"
    return add_heading(canvas.image(), "05 Rules", [notes], legend)


def rule_role(rule: Rule, form_structure: FormStructure, tolerance: float) -> str:
    """What a rule was found to be part of, told by where it is: one of the names in the legend.

    Args:
        rule: on the upright page.
        form_structure: of the same page.
        tolerance: pixels by which it may end outside of what it is part of.
    """
    if rule in form_structure.underlines:
        return UNDERLINE
    owners = (
        (COMB_FIELD, [comb.box for comb in form_structure.comb_fields]),
        (TABLE, [table.box for table in form_structure.tables]),
        (FORM_FRAME, [cell.box for cell in form_structure.form_frames]),
    )
    return next((role for role, boxes in owners if any(_contains_rule(box, rule, tolerance) for box in boxes)), NO_ROLE)


def _contains_rule(box: Box, rule: Rule, near: float) -> bool:
    return all(
        box.x - near <= x <= box.right + near and box.y - near <= y <= box.bottom + near for x, y in rule.endpoints
    )


def draw_ink_without_rules(stages: StageOutputs) -> Image:
    """The ink without rules."""
    removed = (stages.rectified.ink.strength > 0) & (stages.ink_without_rules.strength == 0)
    picture = cv2.cvtColor(np.asarray(255 - stages.ink_without_rules.strength, np.uint8), cv2.COLOR_GRAY2BGR)
    picture[removed] = _REMOVED_COLOUR[::-1]
    if removed.any():
        notes = "The ink once the rules were taken out. Strokes of digits across a rule must still be black and whole."
    else:
        notes = "The ink once the rules were taken out: there were none."
    legend = [((0, 0, 0), "ink that is left"), (_REMOVED_COLOUR, "taken out with the rules")]
    return add_heading(_page_view(stages).scale_image(np.asarray(picture, np.uint8)), "06 Clear", [notes], legend)


def draw_form_structure(stages: StageOutputs) -> Image | None:
    """Tables, comb fields, frames and underlines; None for a cut-out number."""
    if stages.page_or_crop is not PageOrCrop.PAGE:
        return None
    found = stages.form_structure
    canvas = Canvas(fade_ink(stages.rectified.ink.strength), _page_view(stages))
    for rule in found.underlines:
        canvas.segment(rule.endpoints, PURPLE, 2)
    for table in found.tables:
        for cell in table.cells:
            canvas.polygon(cell.corners, BLUE)
    for frame in found.form_frames:
        canvas.polygon(frame.corners, GREEN)
    for comb in found.comb_fields:
        for cell in comb.cells:
            canvas.polygon(cell.corners, ORANGE)
    # Names last: no line runs through them.
    for number, table in enumerate(found.tables, 1):
        for cell in table.cells:
            canvas.note(f"{cell.row},{cell.column}", cell.box, BLUE)
        canvas.label(f"table {number}", (table.box.x, table.box.y), BLUE)
    for comb in found.comb_fields:
        for cell in comb.cells:
            canvas.note(str(cell.column), cell.box, VERMILLION)
    legend = [
        (BLUE, f"tables, with row,column of each cell: {len(found.tables)}"),
        (ORANGE, f"comb fields, one digit to a cell: {len(found.comb_fields)}"),
        (GREEN, f"frames: {len(found.form_frames)}"),
        (PURPLE, f"underlines: {len(found.underlines)}"),
    ]
    return add_heading(canvas.image(), "07 Structure", ["What the rules are, as a form to write in."], legend)


def draw_ink_classes(stages: StageOutputs) -> Image | None:
    """What the ink is; None where it was not looked at."""
    kind_map = stages.ink_class_map
    if kind_map is None:
        return None
    view = _page_view(stages)
    rows, columns = kind_map.probabilities.shape[:2]
    across, down = kind_map.cells_per_page_pixel
    cell_rows = np.minimum((np.arange(view.size[1]) / view.scale * down).astype(np.intp), rows - 1)
    cell_columns = np.minimum((np.arange(view.size[0]) / view.scale * across).astype(np.intp), columns - 1)
    kind, sure = kind_map.probabilities.argmax(axis=2), kind_map.probabilities.max(axis=2)
    chance = 1 / len(InkClass)
    colours = np.array([_INK_CLASS_COLOURS[each][0] for each in InkClass], np.float32)[:, ::-1]
    depth = _MIN_COLOUR_DEPTH + (1 - _MIN_COLOUR_DEPTH) * (sure - chance) / (1 - chance)
    taken = (depth[:, :, None] * (255 - colours[kind])).astype(np.float32)[np.ix_(cell_rows, cell_columns)]
    strength = view.scale_image(stages.rectified.ink.strength).astype(np.float32) / 255
    picture = np.clip(255 - strength * taken, 0, 255).astype(np.uint8)
    notes = "What the page network takes the ink for, cell by cell; the paler, the less sure it is."
    return add_heading(picture, "08 Kinds of ink", [notes], list(_INK_CLASS_COLOURS.values()))


def draw_components(stages: StageOutputs) -> Image:
    """The connected pieces of ink, and which of them may be characters."""
    found = stages.cell_assignment.components
    palette = np.full((len(found) + 1, 3), _LEFT_OUT_COLOUR, np.uint8)
    palette[0] = 255
    palette[stages.component_indices + 1] = np.array(_COMPONENT_COLOURS, np.uint8)[
        np.arange(len(stages.component_indices)) % len(_COMPONENT_COLOURS)
    ]
    picture = _page_view(stages).scale_image(palette[:, ::-1][found.labels])
    kept = f"{_counted(len(found), 'connected piece')} of ink; {len(stages.component_indices)} may be characters of numbers"
    why = "for their size and for the kind of their ink" if stages.ink_class_map is not None else "for their size"
    legend = [(BLUE, "kept: in colours that only tell neighbours apart"), (_LEFT_OUT_COLOUR, f"left out {why}")]
    return add_heading(picture, "09 Components", [f"{kept}."], legend)


def draw_text_lines(stages: StageOutputs) -> Image | None:
    """Where characters stand side by side; None where nothing does, or none were looked for."""
    if not stages.text_lines and not stages.comb_digits:
        return None
    canvas = Canvas(fade_ink(stages.rectified.ink.strength), _page_view(stages))
    for run in stages.text_lines:
        canvas.box(run.box, BLUE)
    for strip in stages.comb_digits:
        canvas.box(strip.text_line.box, ORANGE)
        for glyph in strip.glyphs:
            canvas.box(glyph.box, ORANGE)
    for number, run in enumerate(stages.text_lines, 1):
        canvas.label(str(number), (run.box.x, run.box.y), BLUE)
    for number, strip in enumerate(stages.comb_digits, 1):
        canvas.label(f"comb {number}", (strip.text_line.box.x, strip.text_line.box.y), ORANGE)
    notes = "Pieces near enough to be one number. The numbers on the plates are those in the pictures 11 and 12."
    legend = [
        (BLUE, f"runs, still to be cut into digits: {len(stages.text_lines)}"),
        (ORANGE, f"ink in comb fields, cell by cell: {len(stages.comb_digits)}"),
    ]
    return add_heading(canvas.image(), "10 Runs", [notes], legend)


def draw_numbers(stages: StageOutputs) -> Image:
    """The numbers, on the upright page."""
    view = _page_view(stages)
    picture = view.scale_image(np.asarray(255 - stages.rectified.ink.strength, np.uint8))
    shown = []
    boxes = [
        Box.around(digit.box for digit in answer.digits)
        for answer, presence in zip(stages.fused_readings, stages.presence_probabilities, strict=True)
        if presence >= PRESENCE_THRESHOLD
    ]
    for number, box in zip(stages.numbers, boxes, strict=True):
        left, top, right, bottom = view.to_picture_span(box)
        shown.append(replace(number, box=Box(left, top, right - left, bottom - top), digits=()))
    drawn = draw_readings(PageImage("", 1, picture), PageResult("", 1, *view.size, tuple(shown)))
    notes = f"{_counted(len(shown), 'number')} on the page as it was read; a dashed box: a person is to look at it."
    doubted = sum(0 < presence < PRESENCE_THRESHOLD for presence in stages.presence_probabilities)
    notes += f" {_counted(doubted, 'reading')} taken for no number."
    return add_heading(drawn, "14 Numbers", [notes], CONFIDENCE_LEGEND)


def _turn_direction(degrees: float) -> str:
    return "counter-clockwise" if degrees > 0 else "clockwise"


def _scale_to_view(image: Image | NDArray[np.uint8]) -> tuple[Image, str]:
    """A picture of a page at a size to look at, and what was done to its size."""
    height, width = image.shape[:2]
    view = View.of(width, height)
    scaled = "" if view.scale == 1 else f", shown at {view.scale:.0%}"
    return view.scale_image(image), f"{width} x {height} pixels{scaled}."


def _page_view(stages: StageOutputs) -> View:
    return View.of(*stages.rectified.page_map.target_size)


def _side_by_side(left: Image, right: Image) -> Image:
    """Two pictures side by side, on pale grey."""
    height = max(left.shape[0], right.shape[0])
    ground = tint(GREY, 0.4)[0]
    padded = [
        np.pad(each, ((0, height - each.shape[0]), (0, gap), (0, 0)), constant_values=ground)
        for each, gap in ((left, _PICTURE_GAP_PIXELS), (right, 0))
    ]
    return np.concatenate(padded, axis=1).astype(np.uint8)


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
