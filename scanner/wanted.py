"""Ink in cells -> the pieces that may be numbers of the kind wanted: strips of comb fields, and runs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.kinds import InkKind, is_mark, number_kind, possible
from scanner.runs import LOWEST_STROKES, NEAR, characters, enclosing, find_runs, parted, with_points
from scanner.strip import find_strips

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.cells import InCells, Place
    from scanner.comb import Comb
    from scanner.components import Components
    from scanner.options import Kind
    from scanner.runs import Run
    from scanner.strip import Strip
    from scanner.types import Ink


_OF_A_NUMBER = 0.9
"""A speck is an exponent if its ink is of the kind wanted with at least this probability."""
_LOW = 3.0
"""Heights of what is written in it: a lower frame holds one line, and ..."""
_NEAR_IN_BOX = 2.4
"""... what stands no more than so many heights apart in it is one run: people fill a box from side to side."""
_BULKY = 2.5
"""Stroke widths: what is at least so wide and high is not left of a line."""
_SURELY = 0.97
"""Of small writing among bold print digits are as low as points and dashes: they count if their ink is of the kind
wanted with at least this probability, ..."""
_SMALL = 0.6
"""... and if they are at least so high, in heights of the page's characters."""
_EXPONENT = 0.4
"""So they do if they are an exponent: at least so high, in heights of the number before it, ..."""
_BASE = 0.7
"""... and beside the upper part of that, down to this part of its height, ..."""
_BEHIND = 0.8
"""... no more than so many of its heights behind it."""
_INNER = 0.35
"""What stands within a ring is at least so high, in heights of the ring: less is a speck within a 0."""


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """What may be numbers."""

    members: NDArray[np.int64]
    """The components that can be characters of the numbers that are wanted, those in comb fields left out."""
    strips: tuple[Strip, ...]
    runs: tuple[Run, ...]


def find_wanted(
    inked: InCells, clear: Ink, combs: Sequence[Comb], height: float, told: tuple[NDArray[np.float64], Kind] | None
) -> Wanted:
    """Leave out what is no part of a number, and chain the rest.

    Args:
        inked: ink by cells.
        clear: the same ink, without rules.
        combs: of the page.
        height: of a character on the page, from :func:`scanner.runs.character_height`.
        told: what each component is, from :func:`scanner.kinds.kinds_of`, and which numbers are wanted;
            None where nothing tells them apart, and all that can be a character is wanted.
    """
    members = characters(inked.components, clear.stroke_width, height)
    if told is None:
        strips = find_strips(inked, members, combs, clear)
        members = _loose(members, strips)
        runs = _runs(inked, members, clear.stroke_width)
        return Wanted(members, strips, tuple(run for run in runs if not _is_low(run, inked, clear.stroke_width)))
    shares, kind = told
    # A comb field is judged as a whole: in one of letters some look like digits, in one of digits some do not.
    strips = find_strips(inked, members[~_is_left_over(members, shares, inked, clear.stroke_width)], combs, clear)
    members = _loose(members, strips)
    wanted = possible(shares[members], kind)
    boxes = inked.components.boxes[members[wanted]]
    # A ring around a number is no digit.
    wanted[wanted] = ~enclosing(boxes, np.arange(len(boxes)), _INNER)
    strangers, members = members[~wanted], members[wanted]
    runs = parted(_runs(inked, members, clear.stroke_width), strangers, inked.components, clear.stroke_width)
    low = [_is_low(run, inked, clear.stroke_width) for run in runs]
    bases = [run for run, is_low in zip(runs, low, strict=True) if not is_low]
    runs = tuple(
        run
        for run, is_low in zip(runs, low, strict=True)
        if not is_low or _kind(run, shares, inked.components, kind)[1] >= _doubt(run, bases, height)
    )
    strips = tuple(strip for strip in strips if _kind(strip.run, shares, inked.components, kind)[0])
    return Wanted(members, strips, _with_points(runs, strips, inked, clear, shares, kind))


def _is_left_over(
    members: NDArray[np.int64], shares: NDArray[np.float64], inked: InCells, stroke_width: float
) -> NDArray[np.bool_]:
    """Which components are crosses and dashes, or what is left of the lines of a comb field.

    What is left of a line is as thin as one: half of a 4 beside a line is not.
    """
    of_rule = shares[members, InkKind.RULE] > shares[members, InkKind.MARK]
    bulky = inked.components.boxes[members, 2:].min(axis=1) >= _BULKY * stroke_width
    left_over: NDArray[np.bool_] = is_mark(shares[members]) & ~(of_rule & bulky)
    return left_over


def _with_points(
    runs: Sequence[Run],
    strips: Sequence[Strip],
    inked: InCells,
    clear: Ink,
    shares: NDArray[np.float64],
    kind: Kind,
) -> tuple[Run, ...]:
    """The runs with their points and commas, each of which stands in the run's cell; by cells."""
    used = [index for run in (*runs, *(strip.run for strip in strips)) for index in run.members]
    free = possible(shares, kind)
    free[used] = False
    specks = np.flatnonzero(free)
    places = np.array([inked.owner[run.members[0]] for run in runs], np.int64)
    return tuple(
        run
        for place in np.unique(places)
        for run in with_points(
            [runs[index] for index in np.flatnonzero(places == place).tolist()],
            specks[inked.owner[specks] == place],
            inked.components,
            clear.stroke_width,
        )
    )


def _is_low(run: Run, inked: InCells, stroke_width: float) -> bool:
    """Whether a run is as low as points and dashes are."""
    return bool(inked.components.boxes[np.array(run.members), 3].max() < LOWEST_STROKES * stroke_width)


def _doubt(run: Run, bases: Sequence[Run], height: float) -> float:
    """How probable the kind wanted must be for the ink of a low run to count; above 1 where it cannot be a number."""
    if any(_is_exponent(run, base) for base in bases):
        return _OF_A_NUMBER
    return _SURELY if run.height >= _SMALL * height else math.inf


def _is_exponent(run: Run, base: Run) -> bool:
    """Whether a run stands to the upper right of another as an exponent does."""
    top, tall = base.box.y, base.box.height
    raised = top - tall < run.box.y and run.box.bottom <= top + _BASE * tall
    behind = 0 <= run.box.center[0] - base.box.right <= _BEHIND * tall
    return raised and behind and run.height >= _EXPONENT * base.height


def _kind(run: Run, shares: NDArray[np.float64], components: Components, kind: Kind) -> tuple[str, float]:
    """What a run or a strip is by all of its ink, as :func:`scanner.kinds.number_kind` says."""
    members = np.array(run.members)
    return number_kind(shares[members], components.areas[members], kind)


def _loose(members: NDArray[np.int64], strips: Sequence[Strip]) -> NDArray[np.int64]:
    """The components that stand in no comb field."""
    return members[~np.isin(members, [index for strip in strips for index in strip.run.members])]


def _runs(inked: InCells, members: NDArray[np.int64], stroke_width: float) -> tuple[Run, ...]:
    """Runs, none of which crosses from one cell into another."""
    owner = inked.owner[members]
    found: list[Run] = []
    for place in np.unique(owner):
        own = members[owner == place]
        near = NEAR
        if place >= 0 and _is_box_for_one(inked.places[place], float(np.median(inked.components.boxes[own, 3]))):
            near = _NEAR_IN_BOX
        found += find_runs(inked.components, own, stroke_width, near)
    return tuple(found)


def _is_box_for_one(place: Place, height: float) -> bool:
    """Whether a place is a frame by itself, as low as a line of writing."""
    return not place.table and place.comb is None and place.cell.height <= _LOW * height
