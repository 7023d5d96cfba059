"""Marks by hand other than text: ticks, crosses, dashes, scribbles, underlines, rings, strikethrough, tallies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.synthesis import curves, page_content
from scanner.synthesis.page_content import InkLayer, PageContent, PixelClass
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.synthesis.writing import Hand

    Points = NDArray[np.float64]
    Generator = np.random.Generator


def draw_tick(box: Box, hand: Hand, rng: Generator) -> PageContent:
    """Draw a tick about as large as the box."""
    return _draw_strokes_in_box([((0.1, 0.5), (0.35, 0.9), (1.0, -0.1))], box, hand, rng)


def draw_cross(box: Box, hand: Hand, rng: Generator) -> PageContent:
    """Draw an X over the box."""
    return _draw_strokes_in_box([((0.05, 0.05), (0.95, 0.95)), ((0.95, 0.05), (0.05, 0.95))], box, hand, rng)


def draw_dash(box: Box, hand: Hand, rng: Generator) -> PageContent:
    """Draw a dash in the middle of the box, as for an empty field."""
    start, end = rng.uniform(0.1, 0.35), rng.uniform(0.55, 0.95)
    return _draw_strokes_in_box([((start, 0.5), ((start + end) / 2, 0.5), (end, 0.5))], box, hand, rng)


def draw_scribble(box: Box, hand: Hand, rng: Generator) -> PageContent:
    """Blot out the box with a zigzag line."""
    count = int(rng.integers(6, 16))
    across = np.linspace(0, 1, count) if rng.random() < 0.6 else rng.uniform(0, 1, count)
    points = [(float(x), float(index % 2)) for index, x in enumerate(across)]
    return _draw_strokes_in_box([points], box, hand, rng)


def draw_underline(box: Box, hand: Hand, rng: Generator) -> PageContent:
    """Draw one or two lines under the box."""
    first = _draw_strokes_in_box([((-0.05, 1.12), (0.5, 1.15), (1.05, 1.12))], box, hand, rng, 0.03)
    if rng.random() < 0.3:
        first += _draw_strokes_in_box([((0.0, 1.3), (0.5, 1.32), (1.0, 1.28))], box, hand, rng, 0.03)
    return first


def draw_ring(box: Box, hand: Hand, rng: Generator) -> PageContent:
    """Draw a ring around the box, not quite closed."""
    radii = box.width * 0.62 + 0.25 * box.height, box.height * float(rng.uniform(0.7, 0.95))
    angles = np.linspace(0, float(rng.uniform(1.9, 2.25)) * np.pi, 26) + rng.uniform(0, 2 * np.pi)
    swell = 1 + rng.normal(0, 0.05) * np.cos(angles) + np.linspace(0, float(rng.normal(0, 0.08)), 26)
    points = np.stack([np.cos(angles) * radii[0] * swell, np.sin(angles) * radii[1] * swell], axis=1) + box.center
    return draw_pen_line(points, hand)


def cross_out(content: PageContent, hand: Hand, rng: Generator) -> PageContent:
    """Cross out content with one or two lines, a cross or a scribble; its numbers are marked as crossed out."""
    box = content.box
    kind = rng.random()
    middle = float(rng.uniform(0.4, 0.6))
    if kind < 0.45:
        strike = _draw_strokes_in_box([((-0.12, middle), (0.5, middle), (1.12, middle))], box, hand, rng, 0.05)
    elif kind < 0.6:
        strike = _draw_strokes_in_box([((-0.1, 0.4), (1.1, 0.35)), ((-0.1, 0.62), (1.1, 0.58))], box, hand, rng, 0.04)
    elif kind < 0.75:
        strike = _draw_strokes_in_box([((-0.05, 1.05), (1.05, -0.05))], box, hand, rng)
    elif kind < 0.85:
        strike = draw_cross(box, hand, rng)
    else:
        strike = draw_scribble(box, hand, rng)
    numbers = tuple(replace(number, crossed_out=True) for number in content.numbers)
    return PageContent(content.elements + strike.elements, numbers)


def draw_tally_marks(count: int, start: tuple[int, int], hand: Hand, rng: Generator) -> PageContent:
    """Draw ``count`` tally strokes in groups of five from ``start``, the left end of their baseline."""
    height, x, contents = hand.height, float(start[0]), []
    for index in range(count):
        if index % 5 == 4:
            box = Box(round(x - 1.3 * height), start[1] - height, round(1.4 * height), height)
            contents.append(_draw_strokes_in_box([((-0.05, 0.8), (1.0, 0.2))], box, hand, rng))
            x += 0.35 * height
            continue
        box = Box(round(x), start[1] - height, max(round(0.12 * height), 2), height)
        contents.append(_draw_strokes_in_box([((0.7, 0.0), (0.3, 1.0))], box, hand, rng))
        x += 0.32 * height
    return page_content.merge_contents(contents)


def _draw_strokes_in_box(
    strokes: Sequence[Sequence[tuple[float, float]]], box: Box, hand: Hand, rng: Generator, shake: float = 0.09
) -> PageContent:
    """Draw strokes given in shares of a box; ``shake`` is the random displacement of their points, as a share too."""
    size = np.array([box.width, box.height], np.float64)
    sigma = shake * np.sqrt(size.prod())
    contents = []
    for points in strokes:
        path = np.array(points) * size + (box.x, box.y) + rng.normal(0, sigma, (len(points), 2))
        if len(path) == 2:
            bow = path.mean(axis=0) + rng.normal(0, 0.5 * sigma, 2)
            path = np.array([path[0], bow, path[1]])
        contents.append(draw_pen_line(path, hand))
    return page_content.merge_contents(contents)


def draw_line(start: tuple[float, float], end: tuple[float, float], hand: Hand, rng: Generator) -> PageContent:
    """Draw a nearly straight line by hand."""
    ends = np.array([start, end], np.float64)
    sigma = 0.03 * float(np.hypot(*(ends[1] - ends[0])))
    path = np.stack([ends[0], ends.mean(axis=0), ends[1]]) + rng.normal(0, sigma, (3, 2))
    return draw_pen_line(path, hand)


def draw_pen_line(points: Points, hand: Hand) -> PageContent:
    """Draw a smooth line by hand through points, shape (N, 2), (x, y) on the page."""
    distinct = np.concatenate([[True], np.hypot(*np.diff(points, axis=0).T) > 0.5])
    path = (
        curves.smooth_curve_through(points[distinct], ())
        if distinct.sum() > 1
        else np.concatenate([points, points + 1])
    )
    return page_content.draw_stroke(
        path, hand.writer.pen_width * hand.height, hand.ink, PixelClass.MARK, InkLayer.HAND_MARKS
    )
