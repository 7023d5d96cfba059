"""Which of the lines found on a page are ruled: a 1 between two lines of a table spans them as a border does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.kinds import InkKind, at
from scanner.segments import Direction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.kinds import KindMap
    from scanner.rules import Ruling
    from scanner.segments import Rule
    from scanner.types import Image

_WRITTEN = (InkKind.DIGIT, InkKind.WRITING, InkKind.PRINTED_DIGIT, InkKind.PRINT)
_STROKE = 0.5
"""Where ink is written or printed with more than this probability, an upright line is a stroke ..."""
_LONG_ENOUGH = 0.6
"""... if it is one over this many character heights: where writing touches a border it is shorter."""
_MOSTLY = 0.5
"""An upright line of which more than this part is strokes is none at all."""


def confirmed(ruling: Ruling, kind_map: KindMap, character_height: float) -> Ruling:
    """Give back the strokes among upright lines.

    Level lines are left as they are: a dash is no digit.

    Args:
        ruling: the lines of a page, from :func:`scanner.rules.find_rules`.
        kind_map: of the same page.
        character_height: of the taller characters, pixels.
    """
    kept = []
    pixels = ruling.pixels.copy()
    for rule in ruling.rules:
        along = np.arange(int(rule.begin), int(rule.end) + 1)
        if rule.direction is not Direction.UPRIGHT or not len(along):
            kept.append(rule)
            continue
        strokes = _strokes(rule, along, kind_map, character_height)
        if not strokes.any():
            kept.append(rule)
            continue
        _give_back(pixels, rule, along[strokes])
        if strokes.mean() <= _MOSTLY:
            kept.append(rule)
    return replace(ruling, rules=tuple(kept), pixels=pixels)


def _strokes(rule: Rule, along: NDArray[np.intp], kind_map: KindMap, character_height: float) -> NDArray[np.bool_]:
    """Which of the rows along a line are those of a stroke, shape of ``along``."""
    written: NDArray[np.bool_] = (
        at(kind_map, along, _middle(rule, along).astype(np.intp))[:, list(_WRITTEN)].sum(axis=1) > _STROKE
    )
    edges = np.flatnonzero(np.diff(np.concatenate([[False], written, [False]]).astype(np.int8)))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        if end - begin < _LONG_ENOUGH * character_height:
            written[begin:end] = False
    return written


def _middle(rule: Rule, along: NDArray[np.intp]) -> NDArray[np.floating]:
    share = (along - rule.begin) / max(rule.length, 1.0)
    middle: NDArray[np.floating] = rule.at_begin + share * (rule.at_end - rule.at_begin)
    return middle


def _give_back(pixels: Image, rule: Rule, rows: NDArray[np.intp]) -> None:
    """Take the pixels of a line in these rows out of those of the rules."""
    reach = round(rule.thickness) + 1
    middle = np.rint(_middle(rule, rows)).astype(np.intp)
    height, width = pixels.shape
    for offset in range(-reach, reach + 1):
        pixels[np.clip(rows, 0, height - 1), np.clip(middle + offset, 0, width - 1)] = 0
