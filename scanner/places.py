"""Where numbers may stand on a page: from digits along runs and in comb fields to places in reading order."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.combine import Claim
from scanner.decode import SMALL
from scanner.join import Group, in_rows, join_digits
from scanner.kinds import Kind, number_kind
from scanner.regions import cut_region
from scanner.strike import NONE, strike_through
from scanner.types import Digit, Opinion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.cells import InCells
    from scanner.components import Components
    from scanner.decode import Piece
    from scanner.regions import Region
    from scanner.runs import Run
    from scanner.segments import Rule
    from scanner.strip import Strip
    from scanner.types import Box, Ink


@dataclass(frozen=True, slots=True)
class Found:
    """One number, where it was found."""

    group: Group
    run: Run
    limits: tuple[int, int]
    """Columns of the straightened page: what lies left and right of them is another number's."""
    cells: tuple[int, ...] = ()
    """Of a comb field, from 1."""
    kind: str = ""
    """``handwritten`` or ``printed``; empty where nothing told them apart."""
    share: float = 1.0
    """Of its ink that is of the kind wanted, 0-1."""
    struck: float = NONE
    """How much speaks for its being crossed out, see :mod:`scanner.strike`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number may stand: what the contours say, and what the number reader is to look at."""

    row: int
    column: int
    contours: Claim
    region: Region
    table: int = 0
    cells: tuple[int, ...] = ()
    kind: str = ""
    share: float = 1.0
    struck: float = NONE


def in_runs(runs: Sequence[Run], paths: Sequence[Sequence[Piece]], components: Components) -> tuple[Found, ...]:
    """The numbers along each run, given the best way through it; ``components`` are those the runs are made of."""
    return tuple(
        Found(group, run, _limits(group, path))
        for run, path in zip(runs, paths, strict=True)
        for group in join_digits(path, _points(run, components))
    )


def in_strips(strips: Sequence[Strip], pieces: Sequence[tuple[Piece, ...]]) -> tuple[Found, ...]:
    """One number per comb field that has digits."""
    return tuple(
        Found(Group(digits), strip.run, (strip.run.box.x, strip.run.box.right), strip.columns)
        for strip, digits in zip(strips, pieces, strict=True)
        if digits
    )


def of_kind(
    found: Sequence[Found], shares: NDArray[np.float64], components: Components, kind: Kind
) -> tuple[Found, ...]:
    """Those whose ink is of the kind that is wanted, with what it is.

    Args:
        found: numbers.
        shares: what each component is, from :func:`scanner.kinds.kinds_of`.
        components: of the straightened page, without rules.
        kind: which numbers are wanted.
    """
    kept = []
    for one in found:
        members = _within(one.run.members, one.group.box, components)
        if not members.size:
            continue
        told, share = number_kind(shares[members], components.areas[members], kind)
        if told:
            kept.append(replace(one, kind=told, share=share))
    return tuple(kept)


def looked_for_strikes(
    found: Sequence[Found], rules: Sequence[Rule], components: Components, stroke_width: float
) -> tuple[Found, ...]:
    """The same numbers, with how much speaks for each one's being crossed out.

    Nobody crosses out print, and digits in boxes of their own are written anew.

    Args:
        found: numbers.
        rules: of the straightened page.
        components: of the same page, without rules.
        stroke_width: typical, pixels.
    """
    return tuple(
        one
        if one.cells or one.kind == Kind.PRINTED.value
        else replace(one, struck=strike_through(one.group.box, one.run.box, components, rules, stroke_width))
        for one in found
    )


def in_reading_order(found: Sequence[Found], ink: Ink, inked: InCells) -> tuple[Place, ...]:
    """The numbers of a page, each with the row and column of its table, or of the page.

    Args:
        found: the numbers.
        ink: of the straightened page, without rules.
        inked: the components of that ink, by cells.
    """
    by_digits = {one.group.digits: one for one in found}
    places = []
    for group in in_rows(one.group for one in found):
        one = by_digits[group.digits]
        region = cut_region(one.run, group.box, one.limits, ink, inked.components)
        row, column, table = group.row, group.column, 0
        if (owner := int(inked.owner[one.run.members[0]])) >= 0 and inked.places[owner].table:
            place = inked.places[owner]
            row, column, table = place.cell.row, place.cell.column or group.column, place.table
        contours = claim(group.digits)
        places.append(Place(row, column, contours, region, table, one.cells, one.kind, one.share, one.struck))
    return tuple(places)


def whole(paths: Sequence[Sequence[Piece]], region: Region) -> Place:
    """A picture of one number: whatever digits are in it are its."""
    digits = (piece for path in paths for group in join_digits(path) for piece in group.digits)
    return Place(1, 1, claim(sorted(digits, key=lambda piece: piece.box.center[0])), region)


def claim(pieces: Sequence[Piece]) -> Claim:
    """What the contours say of a number."""
    digits = tuple(Digit(str(piece.digit), piece.confidence, piece.box) for piece in pieces)
    text = "".join(digit.text for digit in digits)
    confidence = math.prod(digit.confidence for digit in digits) if digits else 0.0
    return Claim(Opinion("contours", text, confidence), digits)


def _points(run: Run, components: Components) -> list[float]:
    """Columns of the components of a run that are points and commas, in the middle."""
    x, _, width, height = components.boxes[np.array(run.members)].T
    small = height < SMALL * run.height
    columns: list[float] = (x + width / 2)[small].tolist()
    return columns


def _limits(group: Group, path: Sequence[Piece]) -> tuple[int, int]:
    """Columns up to the pieces left and right of a number that are not its own."""
    box = group.box
    before = [piece.box.right for piece in path if piece.box.center[0] < box.x]
    behind = [piece.box.x for piece in path if piece.box.center[0] > box.right]
    return min(max(before, default=0), box.x), max(min(behind, default=box.right), box.right)


def _within(members: Sequence[int], box: Box, components: Components) -> NDArray[np.int64]:
    """Those of the components whose middle lies between the left and the right edge of the box."""
    indices: NDArray[np.int64] = np.array(members, np.int64)
    left, _, wide, _ = components.boxes[indices].T
    middle = left + wide / 2
    within: NDArray[np.int64] = indices[(middle >= box.x) & (middle <= box.right)]
    return within
