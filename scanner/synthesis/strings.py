"""Pictures of one number each, as cut from forms, cheques and logbooks, with their text.

Digits come from pools of framed digits (``scanner.training.data.Samples`` or
the pen), so that the same pictures can be put together from a data set's many
hands.  Unlike ``pen.draw_text`` the digits of a string touch, overlap and are
tied together, and there is round about what a cut-out cell shows: borders, a
security pattern, a dash behind the amount, the tails of the neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis.texts import random_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image

    Generator = np.random.Generator

_BODY = 20
"""Height of a digit in its frame, pixels."""
_PATTERNS = 48
_PATTERN_SHAPE = (160, 640)


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Ink to write with: crops of characters, uint8, 0 = paper, whose digits are about 20 pixels high."""

    digits: tuple[tuple[Image, ...], ...]
    """Ten tuples, of the digits 0-9."""
    share: float
    """How often a string is written with this pool, relative to the others."""


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """All that strings are put together from."""

    pools: tuple[Pool, ...]
    letters: tuple[Image, ...]
    """Crops of what is not read; may be empty."""
    texts: tuple[str, ...]
    """Real texts to draw from; may be empty."""
    patterns: tuple[Image, ...]
    """Security patterns, (160, 640), uint8, 255 = printed."""


def tight(frames: Image) -> tuple[Image, ...]:
    """Frames, shape (N, 28, 28), each cut to its ink."""
    return tuple(_cut(frame) for frame in frames if frame.max() > _SEEN)


def patterns(rng: Generator) -> tuple[Image, ...]:
    """Security patterns: waves, hatching and arcs of fine lines."""
    return tuple(_pattern(rng) for _ in range(_PATTERNS))


def picture(material: Material, rng: Generator) -> tuple[Image, str]:
    """A picture of one number.

    Args:
        material: what to write with.
        rng: the same generator state gives the same picture.

    Returns:
        Gray picture, shape (H, W), uint8, dark on light, and its text: "" where no number stands.
    """
    text = random_text(rng, material.texts)
    body = float(np.exp(rng.uniform(np.log(13), np.log(42))))
    ink = _write(text, material, body, rng) if text else _nothing(material, body, rng)
    ink = _in_cell(ink, body, rng)
    darkness = _surroundings(ink, material, body, rng)
    return _photographed(ink, darkness, body, rng), text


_SEEN = 60
"""Ink fainter than this (of 255) does not count for a character's extent."""


def _cut(frame: Image) -> Image:
    x, y, width, height = cv2.boundingRect((frame > _SEEN).view(np.uint8))
    return np.ascontiguousarray(frame[y : y + height, x : x + width])


def _write(text: str, material: Material, body: float, rng: Generator) -> Image:
    """Ink of the text and of the dash or point behind it that is not read."""
    shares = np.array([pool.share for pool in material.pools])
    pool = material.pools[rng.choice(len(shares), p=shares / shares.sum())]
    hand = _Hand.random(body, rng)
    canvas = np.zeros((round(2.6 * body), round(body * (1.5 * len(text) + 5))), np.uint8)
    x, baseline = body, 1.75 * body
    tied: tuple[float, float] | None = None
    for index, character in enumerate(text):
        drift = rng.normal(0, hand.wander) * body
        if not character.isdigit():
            x = _separator(canvas, character, x, baseline + drift, hand, rng)
            tied = None
            continue
        crops = pool.digits[int(character)]
        crop = hand.sized(crops[rng.integers(len(crops))], character, rng)
        height, width = crop.shape
        top = round(baseline + drift - height)
        if character in "79" and rng.random() < hand.low:
            top += round(0.25 * body)
        left = max(round(x), 0)
        window = canvas[max(top, 0) : top + height, left : left + width]
        np.maximum(window, crop[-window.shape[0] :, : window.shape[1]], out=window)
        if tied and character == "0" and text[index - 1] == "0" and hand.ties:
            start, end = (round(tied[0]), round(tied[1])), (left + round(0.5 * width), top + round(0.1 * height))
            cv2.line(canvas, start, end, 255, hand.pen, cv2.LINE_AA)
        tied = (left + 0.6 * width, top + rng.uniform(0.02, 0.3) * height)
        x = left + width + (hand.gap + rng.normal(0, hand.gap_jitter)) * body
    if text[-1].isdigit() and rng.random() < _TAILS:
        _tail(canvas, x, baseline, hand, rng)
    return _cut_wide(hand.slanted(canvas))


_TAILS = 0.22
"""Share of numbers with a dash, double dash or point behind that is not read."""


@dataclass(frozen=True, slots=True)
class _Hand:
    """What stays the same within a string.  Lengths are in bodies unless they say pixels."""

    body: float
    gap: float
    gap_jitter: float
    wander: float
    aspect: float
    slant: float
    size_jitter: float
    pen: int
    ties: bool
    low: float

    @classmethod
    def random(cls, body: float, rng: Generator) -> _Hand:
        tight_hand = rng.random() < 0.3
        return cls(
            body=body,
            gap=float(rng.normal(-0.04, 0.05) if tight_hand else abs(rng.normal(0.16, 0.13))),
            gap_jitter=float(rng.uniform(0.02, 0.1)),
            wander=float(rng.uniform(0.0, 0.1)),
            aspect=float(np.clip(rng.lognormal(0.0, 0.18), 0.65, 1.55)),
            slant=float(np.clip(rng.normal(0.18, 0.22), -0.3, 0.8)),
            size_jitter=float(rng.uniform(0.02, 0.14)),
            pen=max(round(body * rng.uniform(0.05, 0.13)), 1),
            ties=bool(rng.random() < 0.35),
            low=float(rng.choice([0.0, 0.7], p=[0.85, 0.15])),
        )

    def sized(self, crop: Image, character: str, rng: Generator) -> Image:
        scale = self.body / _BODY * float(np.exp(rng.normal(0, self.size_jitter)))
        if character == "0" and rng.random() < 0.15:
            scale *= 0.7
        width = max(round(crop.shape[1] * scale * self.aspect), 2)
        height = max(round(crop.shape[0] * scale), 3)
        shrinking = scale < 1
        return np.asarray(
            cv2.resize(crop, (width, height), interpolation=cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR), np.uint8
        )

    def slanted(self, canvas: Image) -> Image:
        matrix = np.array([[1, -self.slant, self.slant * 0.6 * len(canvas)], [0, 1, 0]])
        return np.asarray(cv2.warpAffine(canvas, matrix, canvas.shape[::-1], flags=cv2.INTER_LINEAR), np.uint8)


def _separator(canvas: Image, character: str, x: float, baseline: float, hand: _Hand, rng: Generator) -> float:
    """Draw a separator at x; the x behind it."""
    body = hand.body
    if character == "-":
        length, y = rng.uniform(0.3, 0.6) * body, baseline - rng.uniform(0.35, 0.6) * body
        _stroke(canvas, (x, y), (x + length, y + rng.normal(0, 0.05) * body), hand.pen)
        return x + length + rng.uniform(0.05, 0.3) * body
    x += rng.uniform(-0.05, 0.15) * body
    y = baseline + rng.normal(-0.03, 0.05) * body
    if character == ".":
        reach = rng.uniform(0.0, 0.08, 2) * body
        _stroke(canvas, (x, y), (x + reach[0], y + reach[1]), round(hand.pen * rng.uniform(1.0, 1.6)))
    else:
        length = rng.uniform(0.18, 0.42) * body
        _stroke(canvas, (x, y - 0.05 * body), (x - length * rng.uniform(-0.1, 0.6), y + length), hand.pen)
    return x + hand.pen + rng.uniform(0.0, 0.3) * body


def _tail(canvas: Image, x: float, baseline: float, hand: _Hand, rng: Generator) -> None:
    body, kind = hand.body, rng.random()
    if kind < 0.35:
        _separator(canvas, "." if rng.random() < 0.6 else ",", x, baseline, hand, rng)
        if rng.random() < 0.6:
            return
        x += 0.3 * body
    y, length = baseline - rng.uniform(0.1, 0.9) * body, rng.uniform(0.25, 1.2) * body
    x += rng.uniform(0.05, 0.4) * body
    for _ in range(1 + (rng.random() < 0.4)):
        _stroke(canvas, (x, y), (x + length, y + rng.normal(-0.05, 0.1) * body), hand.pen)
        y += rng.uniform(0.15, 0.3) * body


def _stroke(canvas: Image, start: tuple[float, float], end: tuple[float, float], pen: int) -> None:
    whole = [(round(x), round(y)) for x, y in (start, end)]
    cv2.line(canvas, whole[0], whole[1], 255, max(pen, 1), cv2.LINE_AA)


def _cut_wide(canvas: Image) -> Image:
    x, y, width, height = cv2.boundingRect((canvas > _SEEN).view(np.uint8))
    return canvas[y : y + max(height, 1), x : x + max(width, 1)]


def _nothing(material: Material, body: float, rng: Generator) -> Image:
    """What a field without a number holds: nothing, a scribble, a dash, or a word."""
    canvas = np.zeros((round(1.4 * body), round(body * rng.uniform(1.5, 5))), np.uint8)
    height, width = canvas.shape
    kind, pen = rng.random(), max(round(body * rng.uniform(0.05, 0.12)), 1)
    if kind < 0.25:
        return canvas
    if kind < 0.4:
        y = height * rng.uniform(0.3, 0.7)
        _stroke(canvas, (0.1 * width, y), (width * rng.uniform(0.3, 0.9), y * rng.uniform(0.85, 1.1)), pen)
    elif kind < 0.7 or not material.letters:
        turns = int(rng.integers(4, 14))
        points = np.stack([np.sort(rng.uniform(0, width, turns)), rng.uniform(0, height, turns)], axis=1)
        cv2.polylines(canvas, [np.rint(points).astype(np.int32)], False, 255, pen, cv2.LINE_AA)
    else:
        x, scale = 0, body / _BODY * rng.uniform(0.6, 1.0)
        while x < width - body:
            letter = cv2.resize(material.letters[rng.integers(len(material.letters))], None, fx=scale, fy=scale)
            window = canvas[-letter.shape[0] :, x : x + letter.shape[1]]
            np.maximum(window, letter[-window.shape[0] :, : window.shape[1]], out=window)
            x += letter.shape[1] + round(rng.uniform(-0.05, 0.2) * body)
    return canvas


def _in_cell(ink: Image, body: float, rng: Generator) -> Image:
    """The ink with the paper of its cell round about; now and then the cut goes through its edge."""
    height, width = ink.shape
    if rng.random() < 0.5:
        margins = rng.uniform(-0.06, 0.35, 4) * body
    else:
        margins = np.abs(rng.normal(0, (0.5, 0.5, 1.0, 1.2))) * body
    top, bottom, left, right = (round(float(m)) for m in margins)
    ink = ink[max(-top, 0) : height - max(-bottom, 0), max(-left, 0) : width - max(-right, 0)]
    return np.asarray(
        cv2.copyMakeBorder(ink, max(top, 0), max(bottom, 0), max(left, 0), max(right, 0), cv2.BORDER_CONSTANT, value=0),
        np.uint8,
    )


def _surroundings(ink: Image, material: Material, body: float, rng: Generator) -> NDArray[np.float32]:
    """How dark the print round the number is, 0-1, shape of the ink; neighbours' ink goes into the ink itself."""
    height, width = ink.shape
    darkness = np.zeros((height, width), np.float32)
    if rng.random() < 0.35 and material.patterns:
        source = material.patterns[rng.integers(len(material.patterns))]
        zoom = body / 42 * float(np.exp(rng.normal(0, 0.25)))
        rows, columns = (min(max(round(n / zoom), 1), limit) for n, limit in zip(ink.shape, source.shape, strict=True))
        y, x = rng.integers(source.shape[0] - rows + 1), rng.integers(source.shape[1] - columns + 1)
        cut = cv2.resize(source[y : y + rows, x : x + columns], (width, height), interpolation=cv2.INTER_AREA)
        darkness += cut.astype(np.float32) * np.float32(rng.uniform(0.08, 0.5) / 255)
    if rng.random() < 0.45:
        _borders(darkness, body, rng)
    if rng.random() < 0.15:
        _neighbour(ink, material, body, rng)
    return darkness


def _borders(darkness: NDArray[np.float32], body: float, rng: Generator) -> None:
    """Lines of the cell near the edges, not quite straight; or an underline alone."""
    height, width = darkness.shape
    thick = max(round(body * rng.uniform(0.02, 0.09)), 1)
    depth = float(rng.uniform(0.15, 1.0))
    chosen = [False, True, False, False] if rng.random() < 0.4 else rng.random(4) < 0.6
    inset = np.abs(rng.normal(0, 0.12, (4, 2))) * body
    skew = rng.normal(0, 0.015, 4) * (width, width, height, height)
    ends = (
        ((0, inset[0, 0]), (width, inset[0, 0] + skew[0])),
        ((0, height - inset[1, 0]), (width, height - inset[1, 0] + skew[1])),
        ((inset[2, 0], 0), (inset[2, 0] + skew[2], height)),
        ((width - inset[3, 0], 0), (width - inset[3, 0] + skew[3], height)),
    )
    for line, wanted in zip(ends, chosen, strict=True):
        if wanted:
            start, end = ((round(x), round(y)) for x, y in line)
            cv2.line(darkness, start, end, depth * float(rng.uniform(0.5, 1)), thick, cv2.LINE_AA)


def _neighbour(ink: Image, material: Material, body: float, rng: Generator) -> None:
    """The edge of what stands above, below or beside, cut through by the edge of the picture."""
    pool = material.pools[rng.integers(len(material.pools))]
    crops = pool.digits[rng.integers(10)]
    crop = cv2.resize(crops[rng.integers(len(crops))], None, fx=body / _BODY, fy=body / _BODY)
    height, width = ink.shape
    visible = rng.uniform(0.08, 0.22)
    side = rng.integers(3)
    if side == 2:
        piece = crop[:, : max(round(visible * crop.shape[1]), 1)]
        y = int(rng.integers(max(height - piece.shape[0], 0) + 1))
        window = ink[y : y + piece.shape[0], width - piece.shape[1] :]
        # Beside the number, not on it: a digit cut by the edge could be one of its own.
        if width < 3 * body or window.any():
            return
    else:
        rows = max(round(visible * crop.shape[0]), 1)
        piece = crop[-rows:] if side == 0 else crop[:rows]
        x = int(rng.integers(max(width - piece.shape[1], 0) + 1))
        window = ink[:rows, x : x + piece.shape[1]] if side == 0 else ink[-rows:, x : x + piece.shape[1]]
    np.maximum(window, piece[: window.shape[0], : window.shape[1]], out=window)


def _photographed(ink: Image, darkness: NDArray[np.float32], body: float, rng: Generator) -> Image:
    """Ink and print on paper, through lens and compression."""
    height, width = ink.shape
    contrast = rng.uniform(0.25, 0.95)
    cover = _other_pen(ink, body, rng).astype(np.float32) * np.float32(contrast / 255)
    darkness = darkness * np.float32(contrast * rng.uniform(0.3, 1.2))
    paper = rng.uniform(110, 250) * (1 + np.linspace(-1, 1, width, dtype=np.float32) * rng.normal(0, 0.08))
    paper = paper[None] * (1 + np.linspace(-1, 1, height, dtype=np.float32)[:, None] * rng.normal(0, 0.05))
    gray = paper * (1 - np.maximum(cover, darkness))
    sigma = abs(rng.normal(0, 0.033)) * body
    if sigma > 0.3:
        gray = cv2.GaussianBlur(gray, (0, 0), sigma)
    if rng.random() < 0.6:
        gray = gray + rng.standard_normal(gray.shape, np.float32) * np.float32(abs(rng.normal(0, 5 * contrast)))
    image = np.clip(gray, 0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 85))]
        image = cv2.imdecode(cv2.imencode(".jpg", image, quality)[1], cv2.IMREAD_GRAYSCALE)
    return np.asarray(image, np.uint8)


def _other_pen(ink: Image, body: float, rng: Generator) -> Image:
    """Thinner or thicker strokes, by up to a fourteenth of a body."""
    kind, size = rng.random(), max(round(body * rng.uniform(0.02, 0.07)), 1) + 1
    if kind < 0.3:
        return np.asarray(cv2.dilate(ink, np.ones((size, size), np.uint8)), np.uint8)
    if kind < 0.5:
        thin = cv2.erode(ink, np.ones((size, size), np.uint8))
        # What would vanish altogether stays as it was.
        return np.asarray(cv2.addWeighted(thin, 0.75, ink, 0.25, 0), np.uint8)
    return ink


def _pattern(rng: Generator) -> Image:
    width = _PATTERN_SHAPE[1]
    sheet = np.zeros(_PATTERN_SHAPE, np.uint8)
    x = np.arange(-200, width + 200, 4, dtype=np.float64)
    for _ in range(int(rng.integers(1, 4))):
        spacing, waves, depth = rng.uniform(4, 12), rng.uniform(15, 120), rng.uniform(0, 5)
        phase_step, angle = rng.uniform(0, 0.8), rng.choice([0.0, rng.uniform(-1.3, 1.3)])
        for index in range(int(2.4 * width / spacing)):
            y = -0.8 * width + index * spacing + depth * np.sin(2 * np.pi * x / waves + index * phase_step)
            turned = np.stack([x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)], axis=1)
            cv2.polylines(sheet, [np.rint(turned).astype(np.int32)], False, 255, 1, cv2.LINE_AA)
    return sheet
