"""Rules in a synthetic crop: ruled and squared paper, borders of the cell, underlines, dividers of comb fields."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Generator = np.random.Generator
    Darkness = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class RuleStyle:
    """How the rules of a form look."""

    thickness: int
    """Pixels."""
    depth: float
    """Darkness, 0-1."""
    dash: float
    """Length of a dash and of the gap after it, pixels; 0 for a solid rule."""
    dash_share: float
    """Share of that length that is drawn, 0-1."""

    @classmethod
    def random(cls, digit_height: float, rng: Generator) -> RuleStyle:
        """Draw a style at random: hairlines to bars, pale to black, a quarter dotted or dashed."""
        kind = rng.random()
        thickness = rng.uniform(0.01, 0.05) if kind < 0.6 else rng.uniform(0.04, 0.11)
        is_pale = rng.random() < 0.4
        is_dashed = rng.random() < 0.25
        return cls(
            thickness=max(round(digit_height * float(thickness)), 1),
            depth=float(rng.uniform(0.06, 0.35) if is_pale else rng.uniform(0.35, 1.0)),
            dash=float(rng.uniform(0.08, 0.4)) * digit_height if is_dashed else 0.0,
            dash_share=float(rng.uniform(0.2, 0.7)),
        )


def draw_rules(
    darkness: Darkness, baseline: float, dividers: tuple[float, ...], digit_height: float, rng: Generator
) -> None:
    """Draw the rules that a number stands on, between or over.

    Args:
        darkness: shape (H, W), float32, 0-1; drawn into.
        baseline: row of the baseline of the number.
        dividers: columns of the borders of the comb cells; empty if there is no comb field.
        digit_height: pixels.
        rng: the same state gives the same rules.
    """
    if dividers:
        if rng.random() < 0.92:
            _draw_comb(darkness, baseline, dividers, digit_height, rng)
        return
    kind = rng.random()
    if kind < 0.3:
        _draw_borders(darkness, digit_height, rng)
    elif kind < 0.42:
        _draw_ruled_paper(darkness, baseline, digit_height, rng)
    elif kind < 0.47:
        _draw_squared_paper(darkness, digit_height, rng)
    elif kind < 0.57:
        # Underlines, which often cross the feet of the digits.
        y = baseline + float(rng.normal(0.08, 0.12)) * digit_height
        _draw_level_rule(darkness, y, RuleStyle.random(digit_height, rng), rng)
    if rng.random() < 0.05:
        y = baseline - float(rng.uniform(0.1, 1.1)) * digit_height
        _draw_level_rule(darkness, y, RuleStyle.random(digit_height, rng), rng)
    if rng.random() < 0.05:
        _draw_binding(darkness, digit_height, rng)


def _draw_rule(darkness: Darkness, start: tuple[float, float], end: tuple[float, float], style: RuleStyle) -> None:
    """Draw a rule; where something darker is already, it stays."""
    layer = np.zeros(darkness.shape, np.uint8)
    if style.dash <= 0:
        _draw_line(layer, start, end, style.thickness)
    else:
        first, way = np.array(start), np.array(end) - start
        length = max(float(np.hypot(*way)), 1.0)
        step, drawn = way / length * style.dash, way / length * style.dash * style.dash_share
        for index in range(int(length / style.dash) + 1):
            begin = first + index * step
            _draw_line(layer, (begin[0], begin[1]), (begin[0] + drawn[0], begin[1] + drawn[1]), style.thickness)
    np.maximum(darkness, layer.astype(np.float32) * np.float32(style.depth / 255), out=darkness)


def _draw_line(layer: NDArray[np.uint8], start: tuple[float, float], end: tuple[float, float], thickness: int) -> None:
    first, last = ((round(x * 16), round(y * 16)) for x, y in (start, end))
    cv2.line(layer, first, last, 255, thickness, cv2.LINE_AA, 4)


def _draw_level_rule(darkness: Darkness, y: float, style: RuleStyle, rng: Generator) -> None:
    """Draw a rule across the crop, seldom only a part of it."""
    width = darkness.shape[1]
    skew = float(rng.normal(0, 0.01)) * width
    left, right = (rng.uniform(0, 0.3) * width, rng.uniform(0.6, 1) * width) if rng.random() < 0.15 else (-1, width)
    _draw_rule(darkness, (float(left), y - skew / 2), (float(right), y + skew / 2), style)


def _draw_upright_rule(darkness: Darkness, x: float, style: RuleStyle, rng: Generator) -> None:
    height = darkness.shape[0]
    skew = float(rng.normal(0, 0.015)) * height
    _draw_rule(darkness, (x - skew / 2, -1.0), (x + skew / 2, float(height)), style)


def _draw_borders(darkness: Darkness, digit_height: float, rng: Generator) -> None:
    """Draw the borders of the cell near the edges of the crop; they may run through the digits there."""
    height, width = darkness.shape
    style = RuleStyle.random(digit_height, rng)
    chosen = rng.random(4) < 0.6
    inset = np.abs(rng.normal(0, 0.13, 4)) * digit_height
    if chosen[0]:
        _draw_level_rule(darkness, float(inset[0]), style, rng)
    if chosen[1]:
        _draw_level_rule(darkness, height - float(inset[1]), style, rng)
    if chosen[2]:
        _draw_upright_rule(darkness, float(inset[2]), style, rng)
    if chosen[3]:
        _draw_upright_rule(darkness, width - float(inset[3]), style, rng)


def _draw_ruled_paper(darkness: Darkness, baseline: float, digit_height: float, rng: Generator) -> None:
    style = RuleStyle.random(digit_height, rng)
    pitch = float(rng.uniform(0.9, 2.6)) * digit_height
    y = baseline + float(rng.normal(0.05, 0.25)) * digit_height
    y -= pitch * int(y / pitch)
    while y < darkness.shape[0]:
        _draw_level_rule(darkness, y, style, rng)
        y += pitch
    if rng.random() < 0.2:
        _draw_upright_rule(darkness, float(rng.uniform(0, 0.12)) * darkness.shape[1], style, rng)


def _draw_squared_paper(darkness: Darkness, digit_height: float, rng: Generator) -> None:
    height, width = darkness.shape
    style = RuleStyle.random(digit_height, rng)
    pitch = float(rng.uniform(0.45, 1.6)) * digit_height
    x, y = rng.uniform(0, pitch, 2)
    for row in np.arange(y, height, pitch):
        _draw_level_rule(darkness, float(row), style, rng)
    for column in np.arange(x, width, pitch):
        _draw_upright_rule(darkness, float(column), style, rng)


def _draw_binding(darkness: Darkness, digit_height: float, rng: Generator) -> None:
    """Draw the dark edge of a sheet or book at the left or right."""
    width = darkness.shape[1]
    style = RuleStyle(
        max(round(float(rng.uniform(0.1, 0.4)) * digit_height), 1), float(rng.uniform(0.5, 1.0)), 0.0, 1.0
    )
    _draw_upright_rule(darkness, 0.0 if rng.random() < 0.5 else float(width), style, rng)


def _draw_comb(
    darkness: Darkness, baseline: float, dividers: tuple[float, ...], digit_height: float, rng: Generator
) -> None:
    """Draw the cells of a comb field: closed boxes, boxes apart, dividers without a frame, or ticks on a line."""
    style = RuleStyle.random(digit_height, rng)
    top = baseline - float(rng.uniform(1.05, 1.9)) * digit_height
    bottom = baseline + float(rng.uniform(0.02, 0.6)) * digit_height
    kind = rng.random()
    if kind < 0.15:
        # Boxes apart.
        room = float(rng.uniform(0.04, 0.12)) * (dividers[1] - dividers[0])
        for left, right in itertools.pairwise(dividers):
            corners = [(left + room, top), (right - room, top), (right - room, bottom), (left + room, bottom)]
            for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
                _draw_rule(darkness, start, end, style)
        return
    if kind < 0.8:
        _draw_rule(darkness, (dividers[0], bottom), (dividers[-1], bottom), style)
    if kind < 0.65:
        _draw_rule(darkness, (dividers[0], top), (dividers[-1], top), style)
    inner = RuleStyle.random(digit_height, rng) if rng.random() < 0.4 else style
    tick_top = bottom - float(rng.uniform(0.15, 0.5)) * digit_height if kind >= 0.65 and rng.random() < 0.7 else top
    for index, column in enumerate(dividers):
        at_end = index in (0, len(dividers) - 1)
        if at_end and kind > 0.8:
            continue
        _draw_rule(darkness, (column, tick_top), (column, bottom), style if at_end else inner)
