"""Where the labels on an annotated page stand: on free paper, beside their own number and no other.

A label is a tab on the outline of its number.  Where no side of the outline has free paper, the label is set smaller;
where even that has no room, it stands on the nearest free paper and a line joins it to its number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.results.free_paper import count_ink
from scanner.results.label_drawing import Rectangle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.types import Image

    _Rectangles = NDArray[np.int64]
    """Shape (n, 4): one ``Rectangle`` a row."""

_SLIDE_STEPS = 8
"""Number of steps in which a label is moved along a side of its outline."""
_SEARCH_RADIUS_HEIGHTS = 16
"""How far from its number a label may stand that is joined to it by a line, in heights of its text.  A choice."""
_SEARCH_STEPS_PER_HEIGHT = 2
"""Number of places tried per height of a label, along and across."""
_LINE_SAMPLES_PER_HEIGHT = 3
"""Number of points per height of a label in which a line is tried: no gap between digits is narrower."""
_CROSSING_COST = 4
"""Cost of a pixel of a joining line that crosses ink or another number, relative to one that does not.  A choice."""
_MAX_LINES_TRIED = 80
"""Number of the nearest free places whose lines to the number are tried.  A choice."""


@dataclass(frozen=True, slots=True)
class LabelSize:
    """One size in which a label can be set."""

    text_height: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """A number that needs a label; all in pixels of the page."""

    box: Rectangle
    """Around its ink."""
    outline: Rectangle
    """Outer edge of the line drawn around the box."""
    sizes: tuple[LabelSize, ...]
    """The sizes that are easily read, at least one, the one to prefer first."""
    crowded_sizes: tuple[LabelSize, ...]
    """Smaller sizes for where there is no room, likewise."""


@dataclass(frozen=True, slots=True)
class JoiningLine:
    """A straight line from a number's outline to its label, points as (x, y)."""

    start: tuple[int, int]
    end: tuple[int, int]


@dataclass(frozen=True, slots=True)
class PlacedLabel:
    """A label with its place."""

    rectangle: Rectangle
    size: LabelSize
    line: JoiningLine | None = None
    """What joins it to its number; None if it touches the number's outline."""


@dataclass(frozen=True, slots=True, eq=False)
class _Obstacles:
    """What a label must not hide."""

    rectangles: _Rectangles
    """Outlines of other numbers, labels and joining lines, with a gap around them."""
    ink_integral: NDArray[np.int32]
    """Integral image of the page's writing and print, shape (height + 1, width + 1)."""

    def hidden_pixels(self, labels: _Rectangles) -> NDArray[np.int64]:
        """Count the pixels that labels would hide, shape (n,); those in several rectangles count as often."""
        left, top, right, bottom = labels.T
        ink = self.ink_integral
        columns, rows = labels[:, ::2].clip(0, ink.shape[1] - 1).T, labels[:, 1::2].clip(0, ink.shape[0] - 1).T
        counts = (
            ink[rows[1], columns[1]] - ink[rows[0], columns[1]] - ink[rows[1], columns[0]] + ink[rows[0], columns[0]]
        )
        others = self.rectangles
        # A page may have hundreds of numbers, of which only the nearest matter.
        others = others[(others[:, 0] < right.max(initial=0)) & (others[:, 2] > left.min(initial=ink.shape[1]))]
        others = others[(others[:, 1] < bottom.max(initial=0)) & (others[:, 3] > top.min(initial=ink.shape[0]))]
        across = np.minimum(right[:, None], others[:, 2]) - np.maximum(left[:, None], others[:, 0])
        down = np.minimum(bottom[:, None], others[:, 3]) - np.maximum(top[:, None], others[:, 1])
        return np.asarray(counts + (across.clip(0) * down.clip(0)).sum(axis=1), np.int64)


def place_labels(
    page: Image, numbers: Sequence[Unlabelled], min_text_height: int, line_width: int
) -> list[PlacedLabel]:
    """Place the label of every number of a page.

    Where the page has no free paper for a label within reach, it stands on the side of its number where it hides least.

    Args:
        page: the page, BGR, shape (height, width, 3).
        numbers: its numbers, in reading order.
        min_text_height: height of the smallest text that is set without need, pixels.
        line_width: thickness of outlines, pixels.

    Returns:
        One for each number, in the same order.  Labels are on the page if they fit on it.
    """
    height, width = page.shape[:2]
    ink = count_ink(page, min_text_height)
    outlines = np.array([number.outline for number in numbers], np.int64).reshape(-1, 4)
    around = _with_gap(outlines, line_width)
    taken: list[Rectangle] = []

    def obstacles_of(index: int) -> _Obstacles:
        # A label may share the line of its own outline, but not hide the ink.
        own = np.array([numbers[index].box], np.int64)
        labels = _with_gap(np.array(taken, np.int64).reshape(-1, 4), line_width)
        return _Obstacles(np.concatenate([np.delete(around, index, axis=0), own, labels]), ink)

    sides = _side_order(numbers, [obstacles_of(index) for index in range(len(numbers))], (width, height), line_width)
    placed: dict[int, PlacedLabel] = {}
    for index, number in enumerate(numbers):
        if (label := _place_beside(number, sides, obstacles_of(index), (width, height), line_width)) is not None:
            placed[index] = label
            taken.append(label.rectangle)
    # Only now, so that no label that is joined by a line takes the free side of another number.
    for index, number in enumerate(numbers):
        if index not in placed:
            obstacles = obstacles_of(index)
            label = _place_apart(number, obstacles, (width, height), line_width) or _place_where_least_is_hidden(
                number, obstacles, (width, height), line_width
            )
            placed[index] = label
            taken += [label.rectangle, *_line_rectangles(label.line, line_width, label.size.height)]
    return [placed[index] for index in range(len(numbers))]


def _side_order(
    numbers: Sequence[Unlabelled], obstacles: Sequence[_Obstacles], page_size: tuple[int, int], line_width: int
) -> list[int]:
    """Indices of the sides in ``_tabs``, the one with free paper at most numbers first.

    Labels that stand on the same side of all numbers tell at a glance which number each belongs to.
    """
    free = np.zeros(4, np.int64)
    for number, around in zip(numbers, obstacles, strict=True):
        for size in (*number.sizes, *number.crowded_sizes):
            for side, tabs in enumerate(_tabs(number.outline, size, page_size, line_width)):
                free[side] += _first_free(tabs, around) is not None
    return sorted(range(4), key=lambda side: -free[side])


def _place_beside(
    number: Unlabelled, sides: Sequence[int], obstacles: _Obstacles, page_size: tuple[int, int], line_width: int
) -> PlacedLabel | None:
    """The first place on a side of the number where nothing is hidden.

    The same side in a smaller size comes before another side, as long as the text is easily read.
    """
    for sizes in (number.sizes, number.crowded_sizes):
        tabs = [_tabs(number.outline, size, page_size, line_width) for size in sizes]
        for side in sides:
            for size, tabs_of_size in zip(sizes, tabs, strict=True):
                if (free := _first_free(tabs_of_size[side], obstacles)) is not None:
                    return PlacedLabel(free, size)
    return None


def _place_apart(
    number: Unlabelled, obstacles: _Obstacles, page_size: tuple[int, int], line_width: int
) -> PlacedLabel | None:
    """A free place near the number, in the smallest size; the nearer and the less its line crosses, the better."""
    size = number.crowded_sizes[-1]
    places = _places_around(number.outline, size, page_size)
    places = places[obstacles.hidden_pixels(places) == 0][:_MAX_LINES_TRIED]
    step = max(line_width, size.height // _LINE_SAMPLES_PER_HEIGHT)
    best, lowest = None, np.inf
    for place in places.tolist():
        label = Rectangle(*place)
        line = _joining_line(number.outline, label)
        # Its ends touch the outline and may lie in the gap around a neighbour.
        inner = np.array(_line_rectangles(line, line_width, step)[1:-1], np.int64).reshape(-1, 4)
        crossed = np.count_nonzero(obstacles.hidden_pixels(inner)) * step
        cost = np.hypot(*np.subtract(line.start, line.end)) + _CROSSING_COST * crossed
        if cost < lowest:
            best, lowest = PlacedLabel(label, size, line), cost
    return best


def _place_where_least_is_hidden(
    number: Unlabelled, obstacles: _Obstacles, page_size: tuple[int, int], line_width: int
) -> PlacedLabel:
    size = number.crowded_sizes[-1]
    tabs = np.concatenate(_tabs(number.outline, size, page_size, line_width))
    if not len(tabs):
        # Larger than the page.
        return PlacedLabel(Rectangle(0, 0, size.width, size.height), size)
    return PlacedLabel(Rectangle(*tabs[obstacles.hidden_pixels(tabs).argmin()].tolist()), size)


def _first_free(labels: _Rectangles, obstacles: _Obstacles) -> Rectangle | None:
    free = labels[obstacles.hidden_pixels(labels) == 0]
    return Rectangle(*free[0].tolist()) if len(free) else None


def _tabs(outline: Rectangle, size: LabelSize, page_size: tuple[int, int], line_width: int) -> list[_Rectangles]:
    """Places of a label above, to the right of, below and to the left of an outline, the one to prefer first.

    One line of the label coincides with the outline's, like the tab on an index card.
    """
    left, top, right, bottom = outline
    above, below = top + line_width - size.height, bottom - line_width
    columns = _slide(left, right - size.width)
    middle = (top + bottom - size.height) // 2
    rows = sorted(_slide(top, bottom - size.height), key=lambda row: abs(row - middle))
    return [
        _on_page([(column, above) for column in columns], size, page_size),
        _on_page([(right - line_width, row) for row in rows], size, page_size),
        _on_page([(column, below) for column in columns], size, page_size),
        _on_page([(left + line_width - size.width, row) for row in rows], size, page_size),
    ]


def _slide(first: int, last: int) -> list[int]:
    """Positions from one end of a side to the other."""
    return sorted(
        {round(value) for value in np.linspace(first, last, _SLIDE_STEPS + 1)}, key=lambda at: abs(at - first)
    )


def _places_around(outline: Rectangle, size: LabelSize, page_size: tuple[int, int]) -> _Rectangles:
    """Places of a label around an outline and apart from it, the nearest first."""
    reach, step = _SEARCH_RADIUS_HEIGHTS * size.height, max(1, size.height // _SEARCH_STEPS_PER_HEIGHT)
    columns = np.arange(outline.left - reach - size.width, outline.right + reach, step)
    rows = np.arange(outline.top - reach - size.height, outline.bottom + reach, step)
    corners = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    places = _on_page(corners, size, page_size)
    across = np.maximum(outline.left - places[:, 2], places[:, 0] - outline.right).clip(0)
    down = np.maximum(outline.top - places[:, 3], places[:, 1] - outline.bottom).clip(0)
    distance = np.hypot(across, down)
    order = np.argsort(distance, kind="stable")
    nearest_first: _Rectangles = places[order[distance[order] > 0]]
    return nearest_first


def _on_page(
    corners: Sequence[tuple[int, int]] | NDArray[np.int64], size: LabelSize, page_size: tuple[int, int]
) -> _Rectangles:
    """Labels with these upper left corners, without those that reach beyond the page."""
    origin = np.array(corners, np.int64).reshape(-1, 2)
    labels = np.hstack([origin, origin + np.array([size.width, size.height])])
    on_page: _Rectangles = labels[(labels[:, :2] >= 0).all(axis=1) & (labels[:, 2:] <= page_size).all(axis=1)]
    return on_page


def _joining_line(outline: Rectangle, label: Rectangle) -> JoiningLine:
    """The shortest line between two rectangles."""
    start_x, end_x = _nearest(outline.left, outline.right - 1, label.left, label.right - 1)
    start_y, end_y = _nearest(outline.top, outline.bottom - 1, label.top, label.bottom - 1)
    return JoiningLine((start_x, start_y), (end_x, end_y))


def _nearest(first: int, last: int, other_first: int, other_last: int) -> tuple[int, int]:
    """The nearest positions of two intervals; the middle of what they share."""
    low, high = max(first, other_first), min(last, other_last)
    if low <= high:
        return (low + high) // 2, (low + high) // 2
    return (first, other_last) if other_last < first else (last, other_first)


def _line_rectangles(line: JoiningLine | None, line_width: int, step: int) -> list[Rectangle]:
    """Small rectangles along a line, ``step`` pixels apart; none if there is no line."""
    if line is None:
        return []
    (start_x, start_y), (end_x, end_y) = line.start, line.end
    count = max(abs(end_x - start_x), abs(end_y - start_y)) // step + 2
    xs = np.linspace(start_x, end_x, count).round().astype(int).tolist()
    ys = np.linspace(start_y, end_y, count).round().astype(int).tolist()
    return [Rectangle(x, y, x + line_width, y + line_width) for x, y in zip(xs, ys, strict=True)]


def _with_gap(rectangles: _Rectangles, gap: int) -> _Rectangles:
    return np.asarray(rectangles + np.array([-gap, -gap, gap, gap]), np.int64)
