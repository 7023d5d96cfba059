"""The grids of tables: how they are ruled (by print or pen, solid, dotted, broken, bent, in part), and shaded."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import page_content
from scanner.synthesis.page_content import InkStyle, PageContent, PixelClass
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.synthesis.page_content import Colour
    from scanner.synthesis.page_style import PageStyle

    Generator = np.random.Generator


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the cells of a table are, in pixels; rows and columns count from 0."""

    xs: tuple[int, ...]
    """Left edge of each column, and the right edge of the last."""
    ys: tuple[int, ...]
    """Upper edge of each row, and the lower edge of the last."""

    def cell(self, row: int, column: int, inset: int = 0, columns: int = 1) -> Box:
        """The inside of a cell, or of ``columns`` cells side by side, without ``inset`` pixels on each side."""
        left, right = self.xs[column] + inset, self.xs[column + columns] - inset
        top, bottom = self.ys[row] + inset, self.ys[row + 1] - inset
        return Box(left, top, max(right - left, 3), max(bottom - top, 3))


class RulePattern(enum.Enum):
    """What a rule is made of."""

    SOLID = "solid"
    DOTTED = "dotted"
    DASHED = "dashed"


@dataclass(frozen=True, slots=True)
class RuleStyle:
    """How a rule looks."""

    ink: InkStyle
    width: float
    """Thickness, pixels."""
    pattern: RulePattern = RulePattern.SOLID
    lost: float = 0.0
    """Share of its length where it is not printed, 0-1."""
    wobble: float = 0.0
    """Standard deviation of its points from a straight line, pixels."""


class GridPart(enum.Enum):
    """Which rules of a grid there are."""

    FULL = "all of them"
    ROWS = "between rows"
    COLUMNS = "between columns and around"
    HEADING = "under the heading and at the end"
    FRAME = "around the table"
    NONE = "none"


_RAGGED_SHARE = 0.08
"""Share of tables with rules that stop short of the frame; a choice."""
_GRID_PART_SHARES = np.array([0.74, 0.1, 0.06, 0.04, 0.03, 0.03])
"""How common each part is; a choice."""


def random_rule_style(rng: Generator, page_style: PageStyle) -> RuleStyle:
    """Draw how the rules of a table look: as print usually is, pale hair lines, dotted, broken, or ruled by hand."""
    kind = rng.random()
    style = RuleStyle(page_style.rule_ink, page_style.rule_width * float(rng.uniform(0.6, 1.5)))
    pixel_mm = 25.4 / page_style.dpi
    if kind < 0.16:
        style = replace(style, ink=_pale(page_style.rule_ink, rng), width=max(0.1 / pixel_mm, 0.5))
    elif kind < 0.24:
        style = replace(style, pattern=RulePattern.DOTTED, width=max(style.width, 0.7))
    elif kind < 0.28:
        style = replace(style, pattern=RulePattern.DASHED)
    elif kind < 0.36:
        style = replace(style, lost=float(rng.uniform(0.05, 0.4)))
    elif kind < 0.44:
        hand = page_style.hand
        width = max(hand.writer.pen_width * hand.height * float(rng.uniform(0.6, 1.0)), 0.7)
        style = RuleStyle(hand.ink, width, wobble=0.25 / pixel_mm)
    elif kind < 0.58:
        style = replace(style, wobble=float(rng.uniform(0.1, 0.6)) / pixel_mm)
    elif kind < 0.68:
        style = replace(style, width=max(style.width * float(rng.uniform(1.5, 3.0)), 1.0))
    return style


def draw_styled_rule(
    start: tuple[float, float], end: tuple[float, float], style: RuleStyle, rng: Generator
) -> PageContent:
    """Draw a rule from ``start`` to ``end``, (x, y)."""
    path = np.array([start, end], np.float64)
    length = float(np.hypot(*(path[1] - path[0])))
    if style.wobble:
        share = np.linspace(0, 1, int(rng.integers(3, 7)))[:, None]
        path = path[0] + share * (path[1] - path[0])
        across = np.array([path[0, 1] - path[-1, 1], path[-1, 0] - path[0, 0]]) / max(length, 1.0)
        path = path + rng.normal(0, style.wobble, (len(path), 1)) * across
    content = page_content.draw_stroke(path, style.width, style.ink, PixelClass.RULE, page_content.InkLayer.PRINT)
    if style.pattern is RulePattern.SOLID and not style.lost:
        return content
    element = content.elements[0]
    along = 1 if element.coverage.shape[1] >= element.coverage.shape[0] else 0
    shown = _shown_along(element.coverage.shape[along], style, rng)
    coverage = element.coverage * (shown[None, :] if along else shown[:, None])
    return PageContent((replace(element, coverage=coverage),)) if coverage.any() else content


def draw_grid(
    rng: Generator,
    page_style: PageStyle,
    grid: Grid,
    heading_rows: int,
    merged: Sequence[tuple[int, int, int]] = (),
) -> PageContent:
    """Draw the rules of a table.

    Args:
        rng: source of randomness.
        page_style: what the page is printed with.
        grid: where the cells are.
        heading_rows: rows of the heading, which may be set apart.
        merged: row, first column and count of cells that have no rules between them.
    """
    part = list(GridPart)[int(rng.choice(len(_GRID_PART_SHARES), p=_GRID_PART_SHARES))]
    style = random_rule_style(rng, page_style)
    bold = replace(style, width=style.width * float(rng.choice([1.0, 1.5, 2.5])), lost=0.0)
    last_row, last_column = len(grid.ys) - 1, len(grid.xs) - 1
    group = int(rng.choice([0, 0, 0, 5, 3, 10]))
    bold_rows = {0, heading_rows, last_row} | (set(range(heading_rows, last_row, group)) if group else set())
    overshoot = page_style.mm_to_pixels(1.2) if rng.random() < 0.06 else 0
    ragged = rng.random() < _RAGGED_SHARE
    rules = []
    for index, y in enumerate(grid.ys):
        if not _has_row_rule(part, index, heading_rows, last_row):
            continue
        row_style = bold if index in bold_rows else style
        start, end = _rule_ends(grid.xs[0] - overshoot, grid.xs[-1] + overshoot, rng, ragged=ragged)
        rules.append(draw_styled_rule((start, y), (end, y), row_style, rng))
    gaps = {(row, column + inner) for row, column, count in merged for inner in range(1, count)}
    for index, x in enumerate(grid.xs):
        if part in {GridPart.ROWS, GridPart.HEADING, GridPart.NONE}:
            break
        if part is GridPart.FRAME and index not in {0, last_column}:
            continue
        column_style = bold if index in {0, last_column} else style
        hidden = {row for row, column in gaps if column == index}
        first = max(hidden) + 1 if hidden else 0
        start, end = _rule_ends(grid.ys[first] - overshoot, grid.ys[-1] + overshoot, rng, ragged=ragged)
        rules.append(draw_styled_rule((x, start), (x, end), column_style, rng))
    return page_content.merge_contents(rules)


def _rule_ends(start: int, end: int, rng: Generator, *, ragged: bool) -> tuple[int, int]:
    """Ends of a rule; if ragged, some of them stop short."""
    if not ragged or rng.random() < 0.6:
        return start, end
    lost = round((end - start) * float(rng.uniform(0.0, 0.25)))
    return (start + lost, end) if rng.random() < 0.4 else (start, end - lost)


def random_ground(rng: Generator, *, dark: bool) -> Colour:
    """Draw a colour, BGR, that cells are filled with: grey or tinted."""
    low, high = (10, 110) if dark else (150, 240)
    blue, green, red = (int(level) for level in rng.integers(low, high, 3))
    grey = int(rng.integers(low, high))
    return (blue, green, red) if rng.random() < 0.6 else (grey, grey, grey)


def shade_parts(rng: Generator, grid: Grid) -> PageContent:
    """Shade the heading, every other row or some columns, in many tables in the colour of the form."""
    kind = rng.random()
    red, green, blue = (int(n) for n in rng.integers(185, 245, 3))
    grey = int(rng.integers(190, 240))
    tint = (blue, green, red) if rng.random() < 0.4 else (grey, grey, grey)
    ink = InkStyle(tint, float(rng.uniform(0.6, 1.0)))
    boxes: list[Box] = []
    if kind < 0.2:
        boxes = [Box(grid.xs[0], grid.ys[0], grid.xs[-1] - grid.xs[0], grid.ys[1] - grid.ys[0])]
    elif kind < 0.32:
        boxes = [
            Box(grid.xs[0], top, grid.xs[-1] - grid.xs[0], bottom - top)
            for top, bottom in zip(grid.ys[1::2], grid.ys[2::2], strict=False)
        ]
    elif kind < 0.4:
        index = int(rng.integers(len(grid.xs) - 1))
        boxes = [Box(grid.xs[index], grid.ys[0], grid.xs[index + 1] - grid.xs[index], grid.ys[-1] - grid.ys[0])]
    fills = [page_content.fill_box(box, ink, PixelClass.PAPER) for box in boxes if box.width > 0 and box.height > 0]
    return page_content.merge_contents(fills)


def darken_heading(rng: Generator, grid: Grid, heading_rows: int) -> PageContent:
    """Fill the heading with a dark ground, for white print."""
    ink = InkStyle(random_ground(rng, dark=True), float(rng.uniform(0.85, 1.0)))
    box = Box(grid.xs[0], grid.ys[0], grid.xs[-1] - grid.xs[0], grid.ys[heading_rows] - grid.ys[0])
    return page_content.fill_box(box, ink, PixelClass.PAPER)


def jittered_edges(start: int, sizes: Sequence[float], jitter: float, rng: Generator) -> tuple[int, ...]:
    """Edges of rows or columns of these sizes, pixels, each varied by the relative ``jitter``."""
    varied = np.asarray(sizes) * np.exp(rng.normal(0, jitter, len(sizes))) if jitter else np.asarray(sizes)
    return tuple(np.rint(start + np.concatenate([[0.0], np.cumsum(varied)])).astype(int).tolist())


def _has_row_rule(part: GridPart, index: int, heading_rows: int, last_row: int) -> bool:
    if part in {GridPart.FULL, GridPart.ROWS}:
        return True
    if part is GridPart.NONE:
        return False
    if part is GridPart.FRAME:
        return index in {0, last_row}
    return index in {0, heading_rows, last_row}


def _shown_along(length: int, style: RuleStyle, rng: Generator) -> NDArray[np.uint8]:
    """Which pixels along a rule are printed: 1 or 0."""
    shown = np.ones(length, np.uint8)
    if style.pattern is not RulePattern.SOLID:
        dotted = style.pattern is RulePattern.DOTTED
        period = max(style.width * float(rng.uniform(2.2, 4.0) if dotted else rng.uniform(6, 14)), 2.0)
        shown = ((np.arange(length) % period) < period * (0.45 if dotted else 0.65)).astype(np.uint8)
    if style.lost:
        pieces = max(length // 14, 3)
        level = np.interp(np.arange(length), np.linspace(0, length, pieces), rng.uniform(0, 1, pieces))
        shown = shown * (level > np.quantile(level, style.lost)).astype(np.uint8)
    return np.asarray(shown, np.uint8)


def _pale(ink: InkStyle, rng: Generator) -> InkStyle:
    share = float(rng.uniform(0.35, 0.8))
    colour = tuple(round(255 - (255 - channel) * (1 - share)) for channel in ink.colour)
    return InkStyle((colour[0], colour[1], colour[2]), float(rng.uniform(0.6, 1.0)))
