"""Draw the output of each stage that works on the whole page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.debug.canvas import (
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
from scanner.debug.page_network_picture import page_view
from scanner.options import PageOrCrop
from scanner.results.annotated_page import draw_readings
from scanner.results.label_drawing import tint
from scanner.types import Box, PageImage, PageResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from scanner.decision.decisions import Decision
    from scanner.geometry.rectification import PagePose
    from scanner.layout.form_structure import FormStructure
    from scanner.layout.line_segments import Rule
    from scanner.pipeline import StageOutputs
    from scanner.results.label_drawing import Colour
    from scanner.types import Image

_SOFT_EDGE_COLOUR: Colour = (170, 205, 235)
_COMPONENT_COLOURS: tuple[Colour, ...] = (BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE)
"""Colours of components, used in turn so that neighbours differ."""
_PICTURE_GAP_PIXELS = 20
"""Gap between two pictures side by side, pixels."""
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
"""Maximum distance, character heights, by which a rule extends beyond the table, comb field or frame it is part of.
A choice."""

_TAKEN_FOR = {
    PageOrCrop.PAGE: "a page with numbers to be found",
    PageOrCrop.CROP: "the crop of one number",
    PageOrCrop.DIGIT_SHEET: "a page of single digits",
}
"""What a picture is read as, in words."""


def draw_gray(stages: StageOutputs) -> Image:
    """Draw the page in grey, dark on light."""
    lights = "inverted to dark ink on light paper" if stages.prepared.was_negative else "dark ink on light paper"
    picture, scaled = _scale_to_view(stages.prepared.scan.gray)
    return add_heading(picture, "01 Gray", [f"The page in grey, {lights}. {scaled}"])


def draw_flat(stages: StageOutputs) -> Image:
    """Draw the page with its background flattened."""
    picture, scaled = _scale_to_view(np.asarray(255 - stages.prepared.scan.flat, np.uint8))
    notes = f"Shadows and uneven light removed: the paper should be white all over, and ink stand out. {scaled}"
    return add_heading(picture, "02 Flattened", [notes])


def draw_ink(stages: StageOutputs) -> Image:
    """Draw the ink."""
    colours = np.array([(255, 255, 255), _SOFT_EDGE_COLOUR, (0, 0, 0)], np.uint8)[:, ::-1]
    ink = stages.prepared.scan.ink
    level = np.where(ink.mask > 0, 2, (ink.strength > 0).astype(np.uint8))
    picture, scaled = _scale_to_view(colours[level])
    width = f"A typical stroke is {ink.stroke_width:.1f} pixels wide."
    taken = _TAKEN_FOR[stages.prepared.page_or_crop]
    notes = f"The ink, binarized. {width} The picture is read as {taken}. {scaled}"
    return add_heading(picture, "03 Ink", [notes], [((0, 0, 0), "ink"), (_SOFT_EDGE_COLOUR, "soft edges of ink")])


def draw_rectified(stages: StageOutputs) -> Image | None:
    """Draw the page before and after it is rectified; None for a crop."""
    if stages.prepared.page_or_crop is PageOrCrop.CROP:
        return None
    page_map = stages.prepared.rectified.page_map
    after = np.asarray(255 - stages.prepared.rectified.ink.strength, np.uint8)
    if page_map.is_identity:
        picture, scaled = _scale_to_view(after)
        return add_heading(picture, "04 Rectified", [f"The ink. The page was level and upright already. {scaled}"])
    right, bottom = page_map.target_size[0] - 1, page_map.target_size[1] - 1
    outline = np.array([[0, 0], [right, 0], [right, bottom], [0, bottom]], np.float64)
    corners = [(float(x), float(y)) for x, y in page_map.to_original(outline)]
    half = (MAX_PAGE_PICTURE_SIDE - _PICTURE_GAP_PIXELS) // 2
    view = View.of(*page_map.original_size, half)
    before = Canvas(view.scale_image(stages.prepared.scan.gray), view)
    before.polygon(corners, ORANGE, 3)
    before.segment(corners[:2], VERMILLION, 6)
    shown = View.of(*page_map.target_size, half).scale_image(after)
    corrections = ", then ".join(_corrections(stages.prepared.rectified.pose))
    notes = f"Left the page as scanned, right its ink upright and level: {corrections}."
    legend = [(ORANGE, "edge of the rectified page"), (VERMILLION, "its top")]
    return add_heading(_side_by_side(before.image(), shown), "04 Rectified", [notes], legend)


def _corrections(pose: PagePose) -> Iterator[str]:
    """What was done to rectify a page, in order."""
    if pose.sheet_in_perspective:
        yield "a photographed sheet was found and its perspective corrected"
    if pose.quarter_turns:
        yield f"turned counter-clockwise by {90 * pose.quarter_turns} degrees"
    if degrees := pose.deskew_degrees:
        yield f"deskewed by {abs(degrees):.2f} degrees {'counter-clockwise' if degrees > 0 else 'clockwise'}"


def draw_rules(stages: StageOutputs) -> Image:
    """Draw the rules in the colour of what they are part of."""
    page, rules = stages.prepared, stages.prepared.rules.rules
    height = page.rectified.ink.character_height
    canvas = _faded_page(stages)
    roles = [rule_role(rule, page.form_structure, _ROLE_TOLERANCE_HEIGHTS * height) for rule in rules]
    for rule, role in zip(rules, roles, strict=True):
        canvas.segment(rule.endpoints, _ROLE_COLOURS[role], 2)
    size = f"The page's taller characters are {height:.0f} pixels high, which decides what is long enough for a rule."
    legend = [(colour, f"{role}: {roles.count(role)}") for role, colour in _ROLE_COLOURS.items()]
    notes = f"{_counted(len(rules), 'rule')}, in the colour of what each is part of. {size}"
    return add_heading(canvas.image(), "06 Rules", [notes], legend)


def rule_role(rule: Rule, form_structure: FormStructure, tolerance: float) -> str:
    """Determine what a rule is part of by its position: one of the names in the legend.

    Args:
        rule: rule on the rectified page.
        form_structure: structure of the same page.
        tolerance: pixels by which the rule may extend beyond what it is part of.
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
    """Draw the ink without rules, and in another colour what was removed."""
    removed = (stages.prepared.rectified.ink.strength > 0) & (stages.prepared.ink_without_rules.strength == 0)
    picture = cv2.cvtColor(np.asarray(255 - stages.prepared.ink_without_rules.strength, np.uint8), cv2.COLOR_GRAY2BGR)
    picture[removed] = _REMOVED_COLOUR[::-1]
    if removed.any():
        notes = "The ink without rules. Strokes of digits that cross a rule must still be black and whole."
    else:
        notes = "The ink without rules: there were none."
    legend = [((0, 0, 0), "ink that is left"), (_REMOVED_COLOUR, "removed with the rules")]
    return add_heading(
        page_view(stages).scale_image(np.asarray(picture, np.uint8)), "07 Ink without rules", [notes], legend
    )


def draw_form_structure(stages: StageOutputs) -> Image | None:
    """Draw tables, comb fields, frames and underlines; None for a crop."""
    if stages.prepared.page_or_crop is PageOrCrop.CROP:
        return None
    found = stages.prepared.form_structure
    canvas = _faded_page(stages)
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
    # Labels last, so that no line runs through them.
    for number, table in enumerate(found.tables, 1):
        for cell in table.cells:
            canvas.note(f"{cell.row},{cell.column}", cell.box, BLUE)
        canvas.label(f"table {number}", (table.box.x, table.box.y), BLUE)
    for comb in found.comb_fields:
        for cell in comb.cells:
            canvas.note(str(cell.column), cell.box, VERMILLION)
    legend = [
        (BLUE, f"tables, with row and column of each cell: {len(found.tables)}"),
        (ORANGE, f"comb fields, one digit per cell: {len(found.comb_fields)}"),
        (GREEN, f"frames: {len(found.form_frames)}"),
        (PURPLE, f"underlines: {len(found.underlines)}"),
    ]
    return add_heading(canvas.image(), "08 Form structure", ["What the rules make of the page."], legend)


def draw_components(stages: StageOutputs) -> Image:
    """Draw the connected components that may be characters of numbers in colour, the others in grey."""
    components = stages.prepared.cell_assignment.components
    indices = stages.prepared.candidates.component_indices
    palette = np.full((len(components) + 1, 3), _LEFT_OUT_COLOUR, np.uint8)
    palette[0] = 255
    colours = np.array(_COMPONENT_COLOURS, np.uint8)
    palette[indices + 1] = colours[np.arange(len(indices)) % len(colours)]
    picture = page_view(stages).scale_image(palette[:, ::-1][components.labels])
    kept = f"{_counted(len(components), 'connected component')}; {len(indices)} may be characters of numbers"
    why = "by size" if stages.prepared.ink_class_map is None else "by size or ink class"
    legend = [(BLUE, "kept, in colours that only tell neighbours apart"), (_LEFT_OUT_COLOUR, f"left out {why}")]
    return add_heading(picture, "09 Components", [f"{kept}."], legend)


def draw_text_lines(stages: StageOutputs) -> Image | None:
    """Draw boxes around text lines; None if there are none."""
    lines = stages.prepared.candidates.text_lines
    if not lines:
        return None
    canvas = _faded_page(stages)
    for line in lines:
        canvas.box(line.box, BLUE)
    for number, line in enumerate(lines, 1):
        canvas.label(str(number), (line.box.x, line.box.y), BLUE)
    notes = "The ink of each number that was found. Pictures 11 and 12 have the same labels."
    legend = [(BLUE, f"not yet cut into digits: {len(lines)}")]
    return add_heading(canvas.image(), "10 Text lines", [notes], legend)


def draw_numbers(stages: StageOutputs) -> Image:
    """Draw the numbers on the rectified page."""
    view = page_view(stages)
    picture = view.scale_image(np.asarray(255 - stages.prepared.rectified.ink.strength, np.uint8))
    shown = []
    for decision in stages.decisions:
        if decision.number is not None:
            span = view.to_picture_span(_number_box(decision))
            box = Box(span.left, span.top, span.right - span.left, span.bottom - span.top)
            shown.append(replace(decision.number, box=box, digits=()))
    drawn = draw_readings(PageImage("", 1, picture), PageResult("", 1, *view.size, tuple(shown)))
    rejected = sum(decision.number is None and bool(decision.reading.digits) for decision in stages.decisions)
    notes = f"{_counted(len(shown), 'number')} on the rectified page; those in a dashed box need review."
    notes += f" {_counted(rejected, 'reading')} rejected as no number."
    return add_heading(drawn, "14 Numbers", [notes], CONFIDENCE_LEGEND)


def _number_box(decision: Decision) -> Box:
    """Box of a number on the rectified page: around its digits, or around its ink if it could not be read."""
    digits, located_box = decision.reading.digits, decision.located.box
    is_unread = decision.number is not None and decision.number.is_unread
    return located_box if is_unread and located_box is not None else Box.around(digit.box for digit in digits)


def _scale_to_view(image: Image | NDArray[np.uint8]) -> tuple[Image, str]:
    """Scale a page to a size to look at; the picture, and a sentence about its size."""
    height, width = image.shape[:2]
    view = View.of(width, height)
    scaled = "" if view.scale == 1 else f", shown at {view.scale:.0%}"
    return view.scale_image(image), f"{width} x {height} pixels{scaled}."


def _faded_page(stages: StageOutputs) -> Canvas:
    """The rectified page in light grey, to draw on."""
    view = page_view(stages)
    return Canvas(view.scale_image(fade_ink(stages.prepared.rectified.ink.strength)), view)


def _side_by_side(left: Image, right: Image) -> Image:
    """Put two pictures side by side on pale grey."""
    height = max(left.shape[0], right.shape[0])
    ground = tint(GREY, 0.4)[0]
    padded = [
        np.pad(each, ((0, height - each.shape[0]), (0, gap), (0, 0)), constant_values=ground)
        for each, gap in ((left, _PICTURE_GAP_PIXELS), (right, 0))
    ]
    return np.concatenate(padded, axis=1).astype(np.uint8)


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
