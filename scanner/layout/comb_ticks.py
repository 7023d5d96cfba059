"""Comb fields whose cells are parted by ticks on a line: the ticks belong to the form, like its rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.layout.comb_fields import find_comb_field_on_rule
from scanner.layout.line_segments import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.layout.comb_fields import CombField
    from scanner.layout.line_segments import Rule
    from scanner.layout.rules import Rules
    from scanner.types import Image, Ink

_MAX_TICK_OFFSET_STROKES = 1.5
"""Stroke widths that a rule may lie off a tick or its end and be it, or meet it."""
_MAX_BOX_SIDE_TICK_SHARE = 0.5
"""Where more than this part of the ticks reaches up to another rule, they are the sides of boxes, ..."""
_MIN_BOX_SIDE_INK_SHARE = 0.7
"""... which have at least this part of their ink left, ..."""
_MAX_BOX_SIDE_HEIGHT_PITCHES = 2.5
"""... and are at most so many times as high as they are apart."""


def extract_comb_ticks(page_rules: Rules, ink: Ink, character_height: float) -> Rules:
    """Find the comb fields on lines, and take their lines and ticks out of the rules into them.

    A tick is shorter than a character, and so no rule; or as high as the digits, and like a 1.

    Args:
        page_rules: of the page, from :func:`scanner.layout.rules.find_rules`.
        ink: of the straightened page, with its rules.
        character_height: of the taller characters, pixels.

    Returns:
        The ruling with ``combs``; what stands in for their lines and ticks is of its pixels but not of its rules.
    """
    level = [rule for rule in page_rules.rules if rule.direction is Direction.HORIZONTAL]
    near = _MAX_TICK_OFFSET_STROKES * max(ink.stroke_width, 1.0)
    combs: list[CombField] = []
    pixels = page_rules.pixels.copy()
    gone: set[Rule] = set()
    for line in level:
        comb = find_comb_field_on_rule(line, ink.mask, ink.stroke_width, character_height)
        if comb is None or _are_box_sides(comb.ticks, level, line, ink.mask):
            continue
        combs.append(comb)
        gone.add(line)
        gone.update(rule for rule in page_rules.rules if any(_is_rule_of_tick(rule, tick, near) for tick in comb.ticks))
        for tick in comb.ticks:
            _add_tick_pixels(pixels, ink.mask, tick)
    if not combs:
        return page_rules
    rules = tuple(rule for rule in page_rules.rules if rule not in gone)
    return replace(page_rules, rules=rules, pixels=pixels, comb_fields=tuple(combs))


def _are_box_sides(ticks: Sequence[Rule], level: Sequence[Rule], line: Rule, mask: Image) -> bool:
    """Whether the ticks are sides of boxes, which lead up to another rule."""
    pitch = float(np.median(np.diff([tick.across_at_begin for tick in ticks])))
    for rule in level:
        led = sum(
            _reaches_rule(tick, line, rule, mask)
            for tick in ticks
            if 0 < _rule_height_above_foot(tick, line, rule) <= _MAX_BOX_SIDE_HEIGHT_PITCHES * pitch
        )
        if led > _MAX_BOX_SIDE_TICK_SHARE * len(ticks):
            return True
    return False


def _rule_height_above_foot(tick: Rule, line: Rule, above: Rule) -> float:
    """How far a rule runs above the foot of a tick; 0 if it does not."""
    x = tick.across_at_begin
    rise = line.across_at(x) - above.across_at(x)
    return rise if above.begin <= x <= above.end and rise > line.thickness else 0.0


def _reaches_rule(tick: Rule, line: Rule, above: Rule, mask: Image) -> bool:
    """Whether ink leads square to the line from the foot of a tick up to a rule."""
    up = np.arange(round(_rule_height_above_foot(tick, line, above)))
    y = np.clip(np.rint(line.across_at(tick.across_at_begin) - up).astype(np.intp), 0, mask.shape[0] - 1)
    x = np.rint(tick.across_at_begin + line.slope * up).astype(np.intp)
    inked = [mask[y, np.clip(x + off, 0, mask.shape[1] - 1)] > 0 for off in (-1, 0, 1)]
    return bool(np.any(inked, axis=0).mean() >= _MIN_BOX_SIDE_INK_SHARE)


def _is_rule_of_tick(rule: Rule, tick: Rule, near: float) -> bool:
    middle = (tick.begin + tick.end) / 2
    beside = (
        rule.begin - near <= middle <= rule.end + near and abs(rule.across_at(middle) - tick.across_at(middle)) <= near
    )
    return rule.direction is Direction.VERTICAL and beside and rule.length <= tick.length + 2 * near


def _add_tick_pixels(pixels: Image, mask: Image, tick: Rule) -> None:
    """Add the ink of a tick to the pixels of the rules."""
    reach = tick.thickness / 2 + 1
    rows = slice(max(round(tick.begin) - 1, 0), round(tick.end) + 1)
    columns = slice(max(round(tick.across_at_begin - reach), 0), round(tick.across_at_begin + reach) + 1)
    pixels[rows, columns] = np.maximum(pixels[rows, columns], mask[rows, columns])
