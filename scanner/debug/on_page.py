"""Pictures of what a stage made of the whole page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.annotate import annotate
from scanner.debug.canvas import (
    BLACK,
    BLUE,
    CONFIDENCES,
    GREEN,
    GREY,
    LONGEST,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    Canvas,
    View,
    faint,
    headed,
)
from scanner.kinds import InkKind
from scanner.options import Layout
from scanner.plates import tinted
from scanner.presence import PRESENT
from scanner.types import Box, Page, PageResult

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.pipeline import Stages
    from scanner.plates import Colour
    from scanner.segments import Rule
    from scanner.structure import Structure
    from scanner.types import Image

_KIND_COLOURS: dict[InkKind, tuple[Colour, str]] = {
    InkKind.DIGIT: (BLUE, "handwritten digits"),
    InkKind.PRINTED_DIGIT: (GREEN, "printed digits"),
    InkKind.WRITING: (ORANGE, "other handwriting"),
    InkKind.PRINT: (BLACK, "other print"),
    InkKind.RULE: (PURPLE, "rules"),
    InkKind.MARK: (VERMILLION, "other marks"),
}
_PALEST = 0.25
"""Ink of which nothing is known has so much of its colour."""
_SOFT: Colour = (170, 205, 235)
_CYCLE: tuple[Colour, ...] = (BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE)
"""Colours of components, in turn, so that neighbours differ."""
_BETWEEN = 20
"""Pixels between two pictures side by side."""
_LEFT_OUT: Colour = (200, 200, 200)
_TAKEN_OUT: Colour = (247, 200, 150)

TABLE, COMB, FRAME, UNDERLINE, LOOSE = "table", "comb field", "frame", "underline", "none of these"
_ROLE_COLOURS: dict[str, Colour] = {TABLE: BLUE, COMB: ORANGE, FRAME: GREEN, UNDERLINE: PURPLE, LOOSE: VERMILLION}
_NEAR = 0.5
"""A rule is of a table, a comb field or a frame if it ends at most this many character heights outside of it."""


def gray(stages: Stages) -> Image:
    """The page as it came, without colour."""
    lights = "light on dark: it was inverted" if stages.negative else "dark on light already"
    picture, scaled = _shown(stages.gray)
    return headed(picture, "01 Gray", [f"The page without its colours, {lights}. {scaled}"])


def flat(stages: Stages) -> Image:
    """With the light evened out."""
    picture, scaled = _shown(np.asarray(255 - stages.flat, np.uint8))
    notes = f"Shadows and uneven light taken away: paper should be white all over, and ink stand out from it. {scaled}"
    return headed(picture, "02 Flat", [notes])


def ink(stages: Stages) -> Image:
    """What is ink."""
    colours = np.array([(255, 255, 255), _SOFT, (0, 0, 0)], np.uint8)[:, ::-1]
    found = stages.ink
    level = np.where(found.mask > 0, 2, (found.strength > 0).astype(np.uint8))
    picture, scaled = _shown(colours[level])
    width = f"A typical stroke is {found.stroke_width:.1f} pixels wide."
    taken = "a page with numbers to be found" if stages.layout is Layout.PAGE else "one number, cut out already"
    notes = f"What was told from the paper. {width} The picture is taken for {taken}. {scaled}"
    return headed(picture, "03 Ink", [notes], [((0, 0, 0), "ink"), (_SOFT, "soft edges of ink")])


def upright(stages: Stages) -> Image | None:
    """How the page was set upright; None for a cut-out number."""
    if stages.layout is not Layout.PAGE:
        return None
    how = stages.upright
    after = np.asarray(255 - how.ink.strength, np.uint8)
    done = [
        *(["a sheet was found in perspective and pulled straight"] if how.sheet else []),
        *([f"turned counter-clockwise by {90 * how.quarters} degrees"] if how.quarters else []),
        *([f"levelled by {abs(how.degrees):.2f} degrees {_way(how.degrees)}"] if how.degrees else []),
    ]
    if how.page_map.is_identity:
        picture, scaled = _shown(after)
        return headed(picture, "04 Upright", [f"The ink upright and level. The page was left as it lay. {scaled}"])
    right, bottom = how.page_map.size[0] - 1, how.page_map.size[1] - 1
    outline = np.array([[[0, 0], [right, 0], [right, bottom], [0, bottom]]], np.float64)
    on_original = cv2.perspectiveTransform(outline, np.linalg.inv(how.page_map.matrix))[0]
    corners = [(float(x), float(y)) for x, y in on_original]
    half = (LONGEST - _BETWEEN) // 2
    before = Canvas(stages.gray, View.of(*how.page_map.original, half))
    before.polygon(corners, ORANGE, 3)
    before.segment(corners[:2], VERMILLION, 6)
    shown = View.of(*how.page_map.size, half).show(after)
    notes = f"Left the page as it came, right its ink upright and level: {', then '.join(done)}."
    legend = [(ORANGE, "what the upright page shows"), (VERMILLION, "its upper edge")]
    return headed(_beside(before.image(), shown), "04 Upright", [notes], legend)


def rules(stages: Stages) -> Image:
    """The ruled lines, and what they were found to be part of."""
    found = stages.ruling.rules
    canvas = Canvas(faint(stages.upright.ink.strength), _view(stages))
    roles = [rule_role(rule, stages.structure, _NEAR * stages.character_height) for rule in found]
    for rule, role in zip(found, roles, strict=True):
        canvas.segment(rule.points, _ROLE_COLOURS[role], 2)
    size = f"The page's taller characters are {stages.character_height:.0f} pixels high, which decides what is a rule."
    legend = [(colour, f"{role}: {roles.count(role)}") for role, colour in _ROLE_COLOURS.items()]
    notes = f"{_count(len(found), 'ruled line')}, by what each was found to be part of. {size}"
    return headed(canvas.image(), "05 Rules", [notes], legend)


def rule_role(rule: Rule, structure: Structure, near: float) -> str:
    """What a rule was found to be part of, told by where it is: one of the names in the legend.

    Args:
        rule: on the upright page.
        structure: of the same page.
        near: pixels by which it may end outside of what it is part of.
    """
    if rule in structure.underlines:
        return UNDERLINE
    owners = (
        (COMB, [comb.box for comb in structure.combs]),
        (TABLE, [table.box for table in structure.tables]),
        (FRAME, [cell.box for cell in structure.frames]),
    )
    return next((role for role, boxes in owners if any(_holds(box, rule, near) for box in boxes)), LOOSE)


def _holds(box: Box, rule: Rule, near: float) -> bool:
    return all(box.x - near <= x <= box.right + near and box.y - near <= y <= box.bottom + near for x, y in rule.points)


def clear(stages: Stages) -> Image:
    """The ink without rules."""
    removed = (stages.upright.ink.strength > 0) & (stages.clear.strength == 0)
    picture = cv2.cvtColor(np.asarray(255 - stages.clear.strength, np.uint8), cv2.COLOR_GRAY2BGR)
    picture[removed] = _TAKEN_OUT[::-1]
    if removed.any():
        notes = "The ink once the rules were taken out. Strokes of digits across a rule must still be black and whole."
    else:
        notes = "The ink once the rules were taken out: there were none."
    legend = [((0, 0, 0), "ink that is left"), (_TAKEN_OUT, "taken out with the rules")]
    return headed(_view(stages).show(np.asarray(picture, np.uint8)), "06 Clear", [notes], legend)


def structure(stages: Stages) -> Image | None:
    """Tables, comb fields, frames and underlines; None for a cut-out number."""
    if stages.layout is not Layout.PAGE:
        return None
    found = stages.structure
    canvas = Canvas(faint(stages.upright.ink.strength), _view(stages))
    for rule in found.underlines:
        canvas.segment(rule.points, PURPLE, 2)
    for table in found.tables:
        for cell in table.cells:
            canvas.polygon(cell.corners, BLUE)
    for frame in found.frames:
        canvas.polygon(frame.corners, GREEN)
    for comb in found.combs:
        for cell in comb.cells:
            canvas.polygon(cell.corners, ORANGE)
    # Names last: no line runs through them.
    for number, table in enumerate(found.tables, 1):
        for cell in table.cells:
            canvas.note(f"{cell.row},{cell.column}", cell.box, BLUE)
        canvas.label(f"table {number}", (table.box.x, table.box.y), BLUE)
    for comb in found.combs:
        for cell in comb.cells:
            canvas.note(str(cell.column), cell.box, VERMILLION)
    legend = [
        (BLUE, f"tables, with row,column of each cell: {len(found.tables)}"),
        (ORANGE, f"comb fields, one digit to a cell: {len(found.combs)}"),
        (GREEN, f"frames: {len(found.frames)}"),
        (PURPLE, f"underlines: {len(found.underlines)}"),
    ]
    return headed(canvas.image(), "07 Structure", ["What the rules are, as a form to write in."], legend)


def kinds(stages: Stages) -> Image | None:
    """What the ink is; None where it was not looked at."""
    kind_map = stages.kind_map
    if kind_map is None:
        return None
    view = _view(stages)
    rows, columns = kind_map.shares.shape[:2]
    across, down = kind_map.cells
    cell_rows = np.minimum((np.arange(view.size[1]) / view.scale * down).astype(np.intp), rows - 1)
    cell_columns = np.minimum((np.arange(view.size[0]) / view.scale * across).astype(np.intp), columns - 1)
    kind, sure = kind_map.shares.argmax(axis=2), kind_map.shares.max(axis=2)
    chance = 1 / len(InkKind)
    colours = np.array([_KIND_COLOURS[each][0] for each in InkKind], np.float32)[:, ::-1]
    depth = _PALEST + (1 - _PALEST) * (sure - chance) / (1 - chance)
    taken = (depth[:, :, None] * (255 - colours[kind])).astype(np.float32)[np.ix_(cell_rows, cell_columns)]
    strength = view.show(stages.upright.ink.strength).astype(np.float32) / 255
    picture = np.clip(255 - strength * taken, 0, 255).astype(np.uint8)
    notes = "What the page network takes the ink for, cell by cell; the paler, the less sure it is."
    return headed(picture, "08 Kinds of ink", [notes], list(_KIND_COLOURS.values()))


def components(stages: Stages) -> Image:
    """The connected pieces of ink, and which of them may be characters."""
    found = stages.inked.components
    palette = np.full((len(found) + 1, 3), _LEFT_OUT, np.uint8)
    palette[0] = 255
    palette[stages.members + 1] = np.array(_CYCLE, np.uint8)[np.arange(len(stages.members)) % len(_CYCLE)]
    picture = _view(stages).show(palette[:, ::-1][found.labels])
    kept = f"{_count(len(found), 'connected piece')} of ink; {len(stages.members)} may be characters of numbers"
    why = "for their size and for the kind of their ink" if stages.kind_map is not None else "for their size"
    legend = [(BLUE, "kept: in colours that only tell neighbours apart"), (_LEFT_OUT, f"left out {why}")]
    return headed(picture, "09 Components", [f"{kept}."], legend)


def runs(stages: Stages) -> Image | None:
    """Where characters stand side by side; None where nothing does, or none were looked for."""
    if not stages.runs and not stages.strips:
        return None
    canvas = Canvas(faint(stages.upright.ink.strength), _view(stages))
    for run in stages.runs:
        canvas.box(run.box, BLUE)
    for strip in stages.strips:
        canvas.box(strip.run.box, ORANGE)
        for glyph in strip.glyphs:
            canvas.box(glyph.box, ORANGE)
    for number, run in enumerate(stages.runs, 1):
        canvas.label(str(number), (run.box.x, run.box.y), BLUE)
    for number, strip in enumerate(stages.strips, 1):
        canvas.label(f"comb {number}", (strip.run.box.x, strip.run.box.y), ORANGE)
    notes = "Pieces near enough to be one number. The numbers on the plates are those in the pictures 11 and 12."
    legend = [
        (BLUE, f"runs, still to be cut into digits: {len(stages.runs)}"),
        (ORANGE, f"ink in comb fields, cell by cell: {len(stages.strips)}"),
    ]
    return headed(canvas.image(), "10 Runs", [notes], legend)


def numbers(stages: Stages) -> Image:
    """The numbers, on the upright page."""
    view = _view(stages)
    picture = view.show(np.asarray(255 - stages.upright.ink.strength, np.uint8))
    shown = []
    boxes = [
        Box.around(digit.box for digit in answer.digits)
        for answer, presence in zip(stages.answers, stages.presences, strict=True)
        if presence >= PRESENT
    ]
    for number, box in zip(stages.numbers, boxes, strict=True):
        left, top, right, bottom = view.span(box)
        shown.append(replace(number, box=Box(left, top, right - left, bottom - top), digits=()))
    drawn = annotate(Page("", 1, picture), PageResult("", 1, *view.size, tuple(shown)))
    notes = f"{_count(len(shown), 'number')} on the page as it was read; a dashed box: a person is to look at it."
    doubted = sum(0 < presence < PRESENT for presence in stages.presences)
    notes += f" {_count(doubted, 'reading')} taken for no number."
    return headed(drawn, "14 Numbers", [notes], CONFIDENCES)


def _way(degrees: float) -> str:
    return "counter-clockwise" if degrees > 0 else "clockwise"


def _shown(image: Image | NDArray[np.uint8]) -> tuple[Image, str]:
    """A picture of a page at a size to look at, and what was done to its size."""
    height, width = image.shape[:2]
    view = View.of(width, height)
    scaled = "" if view.scale == 1 else f", shown at {view.scale:.0%}"
    return view.show(image), f"{width} x {height} pixels{scaled}."


def _view(stages: Stages) -> View:
    return View.of(*stages.upright.page_map.size)


def _beside(left: Image, right: Image) -> Image:
    """Two pictures side by side, on pale grey."""
    height = max(left.shape[0], right.shape[0])
    ground = tinted(GREY, 0.4)[0]
    padded = [
        np.pad(each, ((0, height - each.shape[0]), (0, gap), (0, 0)), constant_values=ground)
        for each, gap in ((left, _BETWEEN), (right, 0))
    ]
    return np.concatenate(padded, axis=1).astype(np.uint8)


def _count(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
