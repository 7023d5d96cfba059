"""Where numbers may stand on a page: from digits along runs and in comb fields to places in reading order."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.combine import Claim
from scanner.decode import SMALL
from scanner.join import in_rows, is_exponent, join_digits
from scanner.kinds import number_kind
from scanner.options import Kind
from scanner.strike import NONE, strike_through
from scanner.types import Box, Digit, Opinion

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from scanner.cells import InCells
    from scanner.components import Components
    from scanner.decode import Piece
    from scanner.regions import Part
    from scanner.runs import Run
    from scanner.segments import Rule
    from scanner.strip import Strip


@dataclass(frozen=True, slots=True)
class Found:
    """One number, where it was found."""

    contours: tuple[Piece, ...]
    """Its digits as their contours tell; none where they tell nothing."""
    number: Claim | None
    """What the number reader says; None if it was not asked."""
    box: Box
    """Around its digits."""
    run: Run
    region: int
    """In which region it stands: runs come first, comb fields then."""
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
    """Where a number may stand, and what the readers say of it."""

    row: int
    column: int
    contours: Claim
    number: Claim | None
    region: int
    """The region that the number reader looked at."""
    table: int = 0
    cells: tuple[int, ...] = ()
    kind: str = ""
    share: float = 1.0
    struck: float = NONE


def by_contours(runs: Sequence[Run], paths: Sequence[Sequence[Piece]], components: Components) -> tuple[Found, ...]:
    """The numbers along each run by the best way through it; ``components`` are those the runs are made of."""
    return tuple(
        Found(group.digits, None, group.box, run, index)
        for index, (run, path) in enumerate(zip(runs, paths, strict=True))
        for group in join_digits(path, _points(run, components))
    )


def as_read(
    runs: Sequence[Run], paths: Sequence[Sequence[Piece]], parts: Sequence[Sequence[Part]], components: Components
) -> tuple[Found, ...]:
    """The numbers along each run as the number reader parts them.

    Where it reads nothing, what the contours join is a number of theirs alone.

    Args:
        runs: on the page.
        paths: the best way through each.
        parts: what the number reader makes of each.
        components: those the runs are made of.
    """
    return tuple(
        one
        for index, (run, path, read) in enumerate(zip(runs, paths, parts, strict=True))
        for part in read
        for one in _in_part(index, run, part, path, components)
    )


def _in_part(index: int, run: Run, part: Part, path: Sequence[Piece], components: Components) -> Iterator[Found]:
    own = [piece for piece in path if part.left <= piece.box.center[0] < part.right]
    if part.claim.digits:
        left = float(part.left)
        for one, right in _without_exponents(part, own):
            digits = tuple(p for p in own if p.digit is not None and left <= p.box.center[0] < right)
            if boxes := [digit.box for digit in one.digits or digits]:
                yield Found(digits, one, Box.around(boxes), run, index)
            left = right
        return
    for group in join_digits(own, _points(run, components)):
        yield Found(group.digits, part.claim, group.box, run, index)


def _without_exponents(part: Part, own: Sequence[Piece]) -> Iterator[tuple[Claim, float]]:
    """The number that was read, each exponent by itself, and the column at which each of them ends.

    Numbers with a gap between are seldom that close: the reader takes "3²" for 32.
    """
    claim, text = part.claim, part.claim.opinion.text
    digits = [piece.box for piece in own if piece.digit is not None]
    ends = {
        float(second.x)
        for boxes in ([digit.box for digit in claim.digits], digits)
        for first, second in itertools.pairwise(boxes)
        if is_exponent(first, second)
    }
    places = [at for at, character in enumerate(text) if character.isdigit()]
    begin = 0
    for right in (*sorted(ends), float(part.right)):
        end = sum(digit.box.center[0] < right for digit in claim.digits)
        last = len(text) if end == len(places) else places[end]
        first = len(text) if begin == len(places) else 0 if begin == 0 else places[begin]
        yield Claim(replace(claim.opinion, text=text[first:last]), claim.digits[begin:end]), right
        begin = end


def in_strips(
    strips: Sequence[Strip], pieces: Sequence[tuple[Piece, ...]], claims: Sequence[Claim | None], first: int
) -> tuple[Found, ...]:
    """One number per comb field that has digits.

    Args:
        strips: comb fields with ink.
        pieces: a digit to each cell.
        claims: what the number reader says of each.
        first: number of the first one's region.
    """
    return tuple(
        Found(digits, claim, Box.around(piece.box for piece in digits), strip.run, index, strip.columns)
        for index, (strip, digits, claim) in enumerate(zip(strips, pieces, claims, strict=True), first)
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
        members = _within(one.run.members, one.box, components)
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
        else replace(one, struck=strike_through(one.box, one.run.box, components, rules, stroke_width))
        for one in found
    )


def in_reading_order(found: Sequence[Found], inked: InCells) -> tuple[Place, ...]:
    """The numbers of a page, each with the row and column of its table, or of the page.

    Args:
        found: the numbers.
        inked: the components of the straightened page without rules, by cells.
    """
    places = []
    for at in in_rows([one.box for one in found]):
        one = found[at.index]
        row, column, table = at.row, at.column, 0
        if (owner := int(inked.owner[one.run.members[0]])) >= 0 and inked.places[owner].table:
            place = inked.places[owner]
            row, column, table = place.cell.row, place.cell.column or at.column, place.table
        known = claim(one.contours), one.number, one.region
        places.append(Place(row, column, *known, table, one.cells, one.kind, one.share, one.struck))
    return tuple(places)


def whole(paths: Sequence[Sequence[Piece]], number: Claim | None) -> Place:
    """A picture of one number: whatever digits are in it are its."""
    digits = (piece for path in paths for group in join_digits(path) for piece in group.digits)
    return Place(1, 1, claim(sorted(digits, key=lambda piece: piece.box.center[0])), number, 0)


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


def _within(members: Sequence[int], box: Box, components: Components) -> NDArray[np.int64]:
    """Those of the components whose middle lies between the left and the right edge of the box."""
    indices: NDArray[np.int64] = np.array(members, np.int64)
    left, _, wide, _ = components.boxes[indices].T
    middle = left + wide / 2
    within: NDArray[np.int64] = indices[(middle >= box.x) & (middle <= box.right)]
    return within
