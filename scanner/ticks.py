"""Comb fields whose cells are parted by ticks on a line: the ticks belong to the form, like its rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.comb import comb_on_line
from scanner.segments import Direction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.comb import Comb
    from scanner.rules import Ruling
    from scanner.segments import Rule
    from scanner.types import Image, Ink

_NEAR = 1.5
"""Stroke widths that a rule may lie off a tick or its end and be it, or meet it."""
_CLOSED = 0.5
"""Where more than this part of the ticks reaches up to another rule, they are the sides of boxes, ..."""
_WHOLE = 0.7
"""... which have at least this part of their ink left, ..."""
_TALLEST = 2.5
"""... and are at most so many times as high as they are apart."""


def with_ticks(ruling: Ruling, ink: Ink, character_height: float) -> Ruling:
    """Find the comb fields on lines, and take their lines and ticks out of the rules into them.

    A tick is shorter than a character, and so no rule; or as high as the digits, and like a 1.

    Args:
        ruling: of the page, from :func:`scanner.rules.find_rules`.
        ink: of the straightened page, with its rules.
        character_height: of the taller characters, pixels.

    Returns:
        The ruling with ``combs``; what stands in for their lines and ticks is of its pixels but not of its rules.
    """
    level = [rule for rule in ruling.rules if rule.direction is Direction.LEVEL]
    near = _NEAR * max(ink.stroke_width, 1.0)
    combs: list[Comb] = []
    pixels = ruling.pixels.copy()
    gone: set[Rule] = set()
    for line in level:
        comb = comb_on_line(line, ink.mask, ink.stroke_width, character_height)
        if comb is None or _is_closed(comb.ticks, level, line, ink.mask):
            continue
        combs.append(comb)
        gone.add(line)
        gone.update(rule for rule in ruling.rules if any(_is_tick(rule, tick, near) for tick in comb.ticks))
        for tick in comb.ticks:
            _take_out(pixels, ink.mask, tick)
    if not combs:
        return ruling
    rules = tuple(rule for rule in ruling.rules if rule not in gone)
    return replace(ruling, rules=rules, pixels=pixels, combs=tuple(combs))


def _is_closed(ticks: Sequence[Rule], level: Sequence[Rule], line: Rule, mask: Image) -> bool:
    """Whether the ticks are sides of boxes, which lead up to another rule."""
    pitch = float(np.median(np.diff([tick.at_begin for tick in ticks])))
    for rule in level:
        led = sum(_leads(tick, line, rule, mask) for tick in ticks if 0 < _rise(tick, line, rule) <= _TALLEST * pitch)
        if led > _CLOSED * len(ticks):
            return True
    return False


def _rise(tick: Rule, line: Rule, above: Rule) -> float:
    """How far a rule runs above the foot of a tick; 0 if it does not."""
    x = tick.at_begin
    rise = line.at(x) - above.at(x)
    return rise if above.begin <= x <= above.end and rise > line.thickness else 0.0


def _leads(tick: Rule, line: Rule, above: Rule, mask: Image) -> bool:
    """Whether ink leads square to the line from the foot of a tick up to a rule."""
    up = np.arange(round(_rise(tick, line, above)))
    y = np.clip(np.rint(line.at(tick.at_begin) - up).astype(np.intp), 0, mask.shape[0] - 1)
    x = np.rint(tick.at_begin + line.slope * up).astype(np.intp)
    inked = [mask[y, np.clip(x + off, 0, mask.shape[1] - 1)] > 0 for off in (-1, 0, 1)]
    return bool(np.any(inked, axis=0).mean() >= _WHOLE)


def _is_tick(rule: Rule, tick: Rule, near: float) -> bool:
    middle = (tick.begin + tick.end) / 2
    beside = rule.begin - near <= middle <= rule.end + near and abs(rule.at(middle) - tick.at(middle)) <= near
    return rule.direction is Direction.UPRIGHT and beside and rule.length <= tick.length + 2 * near


def _take_out(pixels: Image, mask: Image, tick: Rule) -> None:
    """Add the ink of a tick to the pixels of the rules."""
    reach = tick.thickness / 2 + 1
    rows = slice(max(round(tick.begin) - 1, 0), round(tick.end) + 1)
    columns = slice(max(round(tick.at_begin - reach), 0), round(tick.at_begin + reach) + 1)
    pixels[rows, columns] = np.maximum(pixels[rows, columns], mask[rows, columns])
