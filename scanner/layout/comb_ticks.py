"""Comb fields with ticks on a line between their cells: the ticks belong to the form, like its rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.layout.comb_fields import CELL_HEIGHT_RANGE_WIDTHS, find_comb_field_on_rule
from scanner.layout.line_segments import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.image.measured_ink import MeasuredInk
    from scanner.layout.comb_fields import CombField
    from scanner.layout.line_segments import Rule
    from scanner.layout.rules import Rules
    from scanner.types import Image

_MAX_TICK_OFFSET_STROKES = 1.5
"""Maximum distance, stroke widths, between a tick and a rule that is the same line.  A choice."""
_MAX_BOX_SIDE_TICK_SHARE = 0.5
"""Maximum share of the ticks that may reach up to another rule: if more do, they are the sides of boxes.  A choice."""
_MIN_BOX_SIDE_INK_SHARE = 0.7
"""Minimum share of a box side that is still ink.  A choice."""


def extract_comb_ticks(page_rules: Rules, ink: MeasuredInk) -> Rules:
    """Find the comb fields on lines, and move their lines and ticks from the rules to the comb fields.

    A tick may be lower than a character and so not found as a rule, or as high as the digits and so look like a 1.

    Args:
        page_rules: rules of the page, from :func:`scanner.layout.rules.find_rules`.
        ink: ink of the rectified page, with its rules.

    Returns:
        The rules with their ``comb_fields``; the lines and ticks of those are still among ``pixels``, but not among
        ``rules``.
    """
    horizontal = [rule for rule in page_rules.rules if rule.direction is Direction.HORIZONTAL]
    near = _MAX_TICK_OFFSET_STROKES * max(ink.stroke_width, 1.0)
    comb_fields: list[CombField] = []
    pixels = page_rules.pixels.copy()
    moved: set[Rule] = set()
    for line in horizontal:
        comb_field = find_comb_field_on_rule(line, ink)
        if comb_field is None or _are_box_sides(comb_field.ticks, horizontal, line, ink.mask):
            continue
        comb_fields.append(comb_field)
        moved.add(line)
        moved.update(
            rule for rule in page_rules.rules if any(_is_rule_of_tick(rule, tick, near) for tick in comb_field.ticks)
        )
        for tick in comb_field.ticks:
            _add_tick_pixels(pixels, ink.mask, tick)
    if not comb_fields:
        return page_rules
    rules = tuple(rule for rule in page_rules.rules if rule not in moved)
    return replace(page_rules, rules=rules, pixels=pixels, comb_fields=tuple(comb_fields))


def _are_box_sides(ticks: Sequence[Rule], horizontal: Sequence[Rule], line: Rule, mask: Image) -> bool:
    """Whether the ticks are sides of boxes, which lead up to another rule."""
    pitch = float(np.median(np.diff([tick.across_at_begin for tick in ticks])))
    for rule in horizontal:
        reaching = sum(
            _reaches_rule(tick, line, rule, mask)
            for tick in ticks
            if 0 < _rule_height_above_foot(tick, line, rule) <= CELL_HEIGHT_RANGE_WIDTHS[1] * pitch
        )
        if reaching > _MAX_BOX_SIDE_TICK_SHARE * len(ticks):
            return True
    return False


def _rule_height_above_foot(tick: Rule, line: Rule, above: Rule) -> float:
    """Height of a rule above the foot of a tick, pixels; 0 if it does not run there."""
    x = tick.across_at_begin
    rise = line.across_at(x) - above.across_at(x)
    return rise if above.begin <= x <= above.end and rise > line.thickness else 0.0


def _reaches_rule(tick: Rule, line: Rule, above: Rule, mask: Image) -> bool:
    """Whether ink leads from the foot of a tick, perpendicular to the line, up to a rule."""
    up = np.arange(round(_rule_height_above_foot(tick, line, above)))
    y = np.clip(np.rint(line.across_at(tick.across_at_begin) - up).astype(np.intp), 0, mask.shape[0] - 1)
    x = np.rint(tick.across_at_begin + line.slope * up).astype(np.intp)
    inked = [mask[y, np.clip(x + off, 0, mask.shape[1] - 1)] > 0 for off in (-1, 0, 1)]
    return bool(np.any(inked, axis=0).mean() >= _MIN_BOX_SIDE_INK_SHARE)


def _is_rule_of_tick(rule: Rule, tick: Rule, near: float) -> bool:
    """Whether a rule and a tick are the same line."""
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
