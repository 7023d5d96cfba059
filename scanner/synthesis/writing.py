"""Handwriting on synthetic pages: numbers by the pen or from pools of digit crops, and words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.synthesis import cursive_words, page_content
from scanner.synthesis.glyph_warps import bend_ink, resize_digit, stroke_width
from scanner.synthesis.ingredients import crop_image_to_ink, tail_length
from scanner.synthesis.letterforms import DIGIT_FORMS, WORLD_FORMS
from scanner.synthesis.page_content import InkElement, InkLayer, InkStyle, PageContent, PageNumber, PixelClass
from scanner.synthesis.pen import Writer, draw_text, random_writer
from scanner.synthesis.printed import NUMBER_PATTERN
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.synthesis.ingredients import DigitPool
    from scanner.synthesis.page_content import RowAndColumn
    from scanner.types import Image

    Generator = np.random.Generator

_POOL_HAND_SHARE = 0.5
"""Share of hands that write with the digits of a pool, if there is one; a choice."""
_ONE_HAND_SHARE = 0.5
"""Share of hands with a pool that knows hands which use one of them; the others mix its digits; a choice."""
_WIDE_HAND_SHARE = 0.05
"""Share of hands that set digits far apart; a choice."""
_BEND_SHARE = 0.02
"""Standard deviation of the bend of each digit of a pool, in digit heights, so that no two of a page are the same."""
_MIN_CRAMPED_SCALE = 0.72
"""Smallest size, relative to their usual one, at which people write to fit into a cell."""
_PEN_COLOUR_RANGES: tuple[tuple[page_content.Colour, page_content.Colour], ...] = (
    ((100, 30, 10), (190, 90, 70)),
    ((100, 30, 10), (190, 90, 70)),
    ((20, 20, 20), (70, 65, 65)),
    ((20, 20, 20), (70, 65, 65)),
    ((10, 10, 10), (35, 35, 35)),
    ((85, 85, 85), (130, 130, 130)),
    ((30, 20, 150), (90, 70, 225)),
    ((30, 80, 10), (90, 140, 60)),
)
"""Lowest and highest BGR colour of pens: blue and black ballpoints, a black gel pen, pencil, red and green pens."""
_PEN_COLOUR_SHARES = np.array([0.2, 0.14, 0.2, 0.12, 0.12, 0.14, 0.05, 0.03])
"""How common each pen is; a choice."""
_PENCIL_INDEX = 5
"""Index of the pencil among the pens."""
_CANDIDATE_CROP_COUNT = 5
"""Number of crops of a digit from which the one with the best stroke width is chosen."""


DrawnAlphabet = tuple["Image", ...]
"""Letters a-z of one hand: 26 images of shape (``LETTER_SHEET_HEIGHT``, W), uint8, 255 = ink; or none."""
LETTER_SHEET_HEIGHT = 105
"""Height of the images of drawn letters, pixels."""
_LETTER_SHEET_BASELINE_ROW = 70
"""Row of the baseline in these images."""
_LETTER_SHEET_DIGIT_HEIGHT = 48
"""Height of a digit at the scale of these images, pixels."""
_DRAWN_LETTER_HAND_SHARE = 0.35
"""Share of hands whose words are composed of drawn letters, if there are any; a choice."""


@dataclass(frozen=True, slots=True)
class Hand:
    """A person's handwriting with a certain pen."""

    writer: Writer
    digit_pool: DigitPool | None
    """Pool of the digits; None if they are written with the pen."""
    word_style: cursive_words.WordStyle
    height: int
    """Height of a digit, pixels."""
    ink: InkStyle
    drawn_letters: DrawnAlphabet = ()
    """Drawn letters a-z that words are composed of; empty if they are written in ``word_style``."""


def random_hand(
    rng: Generator,
    pools: Sequence[DigitPool],
    height: int,
    pixel_size_mm: float,
    alphabets: Sequence[DrawnAlphabet] = (),
) -> Hand:
    """Draw a hand at random.

    Args:
        rng: source of randomness.
        pools: pools of digits, chosen by their shares; may be empty.
        height: height of a digit, pixels.
        pixel_size_mm: size of a pixel, mm, because pens are 0.2 to 0.9 mm wide at any size of writing.
        alphabets: drawn letters for some hands; may be empty.
    """
    width = float(np.clip(rng.lognormal(np.log(0.37), 0.28), 0.2, 0.9)) / pixel_size_mm
    share = float(np.clip(width / height, 0.045, 0.17))
    writer = replace(random_writer(rng, WORLD_FORMS), pen_width=share)
    if rng.random() < _WIDE_HAND_SHARE:
        writer = replace(writer, spacing=float(rng.uniform(0.35, 0.9)))
    pool = None
    if pools and rng.random() < _POOL_HAND_SHARE:
        shares = np.array([pool.share for pool in pools])
        pool = pools[int(rng.choice(len(pools), p=shares / shares.sum()))]
        if pool.hands and rng.random() < _ONE_HAND_SHARE:
            pool = replace(pool, digit_crops=pool.hands[int(rng.integers(len(pool.hands)))])
    letters = (
        alphabets[int(rng.integers(len(alphabets)))] if alphabets and rng.random() < _DRAWN_LETTER_HAND_SHARE else ()
    )
    kind = int(rng.choice(len(_PEN_COLOUR_RANGES), p=_PEN_COLOUR_SHARES))
    low, high = _PEN_COLOUR_RANGES[kind]
    colour = tuple(int(n) for n in rng.integers(low, np.array(high) + 1))
    faint = kind == _PENCIL_INDEX or rng.random() < 0.1
    opacity = float(rng.uniform(0.45, 0.85) if faint else rng.uniform(0.85, 1.0))
    grain = float(rng.uniform(0.1, 0.35) if faint else rng.uniform(0.0, 0.15))
    return Hand(
        writer,
        pool,
        cursive_words.random_word_style(rng, 0.85 * share),
        height,
        InkStyle((colour[0], colour[1], colour[2]), opacity, grain),
        letters,
    )


def resize_hand(hand: Hand, height: float) -> Hand:
    """The hand writing at another digit height, in pixels, with the same pen."""
    pixels = max(round(height), 4)
    share = float(np.clip(hand.writer.pen_width * hand.height / pixels, 0.04, 0.22))
    writer, word_style = replace(hand.writer, pen_width=share), replace(hand.word_style, pen_width=0.85 * share)
    return replace(hand, writer=writer, word_style=word_style, height=pixels)


def write_characters(
    characters: str, start: tuple[int, int], hand: Hand, rng: Generator, row_and_column: RowAndColumn | None = None
) -> PageContent:
    """Write digits and signs.

    Args:
        characters: digits, blanks and signs that the pen has letterforms for.
        start: (x, y) of the start of the baseline.
        hand: who writes.
        rng: source of the differences between instances.
        row_and_column: position of the numbers in a table or comb field.

    Returns:
        Sequences of digits, with points and commas between them, as handwritten numbers; other signs as writing.
    """
    coverage, boxes = _draw_characters(characters, hand, rng)
    bottoms = [box.bottom for box, character in zip(boxes, characters, strict=True) if box and character in DIGIT_FORMS]
    baseline = int(np.median(bottoms)) if bottoms else coverage.shape[0]
    left, top = start[0], start[1] - baseline
    spans = [match.span() for match in NUMBER_PATTERN.finditer(characters)]
    pieces, numbers = [], []
    rest = coverage.copy()
    for first, end in spans:
        own = np.zeros_like(coverage)
        for box in boxes[first:end]:
            if box:
                part = np.s_[box.y : box.bottom, box.x : box.right]
                own[part] = coverage[part]
                rest[part] = 0
        pieces.append(InkElement(own, left, top, PixelClass.DIGIT, InkLayer.DIGITS, hand.ink))
        numbers.append(
            PageNumber(
                characters[first:end],
                page_content.find_outline(own, left, top),
                "handwritten",
                row_and_column=row_and_column,
                digit_boxes=tuple(
                    Box(box.x + left, box.y + top, box.width, box.height)
                    for box, character in zip(boxes[first:end], characters[first:end], strict=True)
                    if box and character.isdigit()
                ),
            )
        )
    # Only if there are signs: the faint edges of digits, outside their boxes, are left over too.
    if re.sub(NUMBER_PATTERN, "", characters).strip():
        pieces.insert(0, InkElement(rest, left, top, PixelClass.WRITING, InkLayer.WORDS, hand.ink))
    return PageContent(tuple(pieces), tuple(numbers))


def write_characters_in_cell(
    characters: str, cell: Box, hand: Hand, rng: Generator, row_and_column: RowAndColumn | None = None
) -> PageContent:
    """Write as ``write_characters`` does, roughly in the middle of a cell; smaller, then fewer, if there is no room."""
    content = write_characters(characters, (0, 0), hand, rng, row_and_column)
    box = content.box
    if box.width > 0.96 * cell.width:
        hand = resize_hand(hand, hand.height * max(0.96 * cell.width / box.width, _MIN_CRAMPED_SCALE))
        content = write_characters(characters, (0, 0), hand, rng, row_and_column)
        box = content.box
    shorter = characters[: max(len(characters) * 2 // 3, 1)].rstrip(" .,/-")
    if box.width > 1.15 * cell.width and 0 < len(shorter) < len(characters):
        return write_characters_in_cell(shorter, cell, hand, rng, row_and_column)
    slack_x, slack_y = max(cell.width - box.width, 0), cell.height - hand.height
    x = cell.x + round(slack_x * float(np.clip(rng.normal(0.45, 0.1), 0.0, 1.0)))
    y = cell.bottom - round(slack_y * float(np.clip(rng.normal(0.42, 0.11), -0.1, 0.9)))
    return page_content.move_content(content, x - box.x, y)


def write_words(phrase: str, start: tuple[int, int], hand: Hand, rng: Generator) -> PageContent:
    """Write words, without digits, from ``start``, (x, y) of their baseline."""
    if hand.drawn_letters and all(letter.isalpha() or letter == " " for letter in phrase):
        coverage, baseline = _compose_drawn_letters(phrase.lower(), hand, rng)
    else:
        words = phrase.upper() if rng.random() < hand.word_style.all_capitals_share else phrase
        coverage, baseline = cursive_words.render_words(words, hand.word_style, hand.height, rng)
    return PageContent(
        (InkElement(coverage, start[0], start[1] - baseline, PixelClass.WRITING, InkLayer.WORDS, hand.ink),)
    )


def write_words_in_cell(phrase: str, cell: Box, hand: Hand, rng: Generator) -> PageContent:
    """Write words in a cell; smaller, then fewer letters, if there is no room."""
    small = resize_hand(hand, min(hand.height, 0.8 * cell.height))
    while True:
        content = write_words(phrase, (0, 0), small, rng)
        if content.box.width <= 1.1 * cell.width or len(phrase) <= 2:
            break
        phrase = phrase[: max(len(phrase) * 2 // 3, 2)].strip()
    slack = max(cell.width - content.box.width, 0)
    x = cell.x + round(slack * float(rng.uniform(0.05, 0.5)))
    y = cell.bottom - round((cell.height - small.height) * float(rng.uniform(0.25, 0.6)))
    return page_content.move_content(content, x - content.box.x, y)


def sign_in_cell(cell: Box, hand: Hand, rng: Generator) -> PageContent:
    """Write a signature in a cell; it may extend beyond its edges."""
    coverage, baseline = cursive_words.render_signature(
        hand.word_style, round(min(hand.height, 0.75 * cell.height)), rng
    )
    x = cell.x + round(max(cell.width - coverage.shape[1], 0) * float(rng.uniform(0, 0.6)))
    y = cell.bottom - round(0.25 * cell.height)
    return PageContent((InkElement(coverage, x, y - baseline, PixelClass.WRITING, InkLayer.WORDS, hand.ink),))


def _compose_drawn_letters(phrase: str, hand: Hand, rng: Generator) -> tuple[Image, int]:
    """Compose a line of drawn letters, with strokes as wide as the pen; its coverage and the row of its baseline."""
    scale = hand.height / _LETTER_SHEET_DIGIT_HEIGHT
    rows = round(LETTER_SHEET_HEIGHT * scale)
    gap = hand.word_style.spacing * hand.height
    pen = max(round(hand.writer.pen_width * hand.height), 1)
    images: list[Image] = []
    for letter in phrase:
        index = ord(letter) - ord("a")
        if not 0 <= index < len(hand.drawn_letters):
            images.append(np.zeros((rows, max(round(0.5 * hand.height), 1)), np.uint8))
            continue
        coverage = hand.drawn_letters[index]
        size = scale * float(np.exp(rng.normal(0, 0.05)))
        shape = (
            max(round(coverage.shape[1] * size * hand.word_style.aspect), 2),
            max(round(coverage.shape[0] * size), 3),
        )
        interpolation = cv2.INTER_AREA if size < 1 else cv2.INTER_CUBIC
        large = cv2.resize(_widen_strokes(coverage, pen / scale), shape, interpolation=interpolation)
        room = max(round(gap * float(rng.uniform(0.5, 1.5))), 1)
        fitted = np.zeros((rows, large.shape[1] + room), np.uint8)
        height = min(rows, large.shape[0])
        fitted[:height, : large.shape[1]] = large[:height]
        images.append(fitted)
    return np.hstack(images), round(_LETTER_SHEET_BASELINE_ROW * scale)


def _widen_strokes(coverage: Image, pen: float) -> Image:
    """Widen the strokes of a drawn letter to about ``pen`` pixels."""
    extra = round(pen - stroke_width(coverage))
    if extra <= 0:
        return coverage
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (extra + 1, extra + 1))
    return np.asarray(
        cv2.dilate(cv2.copyMakeBorder(coverage, 0, 0, extra, extra, cv2.BORDER_CONSTANT), kernel), np.uint8
    )


def _draw_characters(words: str, hand: Hand, rng: Generator) -> tuple[Image, Sequence[Box | None]]:
    if hand.digit_pool is None or not any(character.isdigit() for character in words):
        return draw_text(words, hand.writer, rng, hand.height)
    return _draw_from_pool(words, hand, hand.digit_pool, rng)


def _draw_from_pool(words: str, hand: Hand, pool: DigitPool, rng: Generator) -> tuple[Image, Sequence[Box | None]]:
    """Render text as ``draw_text`` does, with digits of the pool and signs by the pen."""
    height = hand.height
    room = round(height * ((1.1 + max(hand.writer.spacing, 0.2)) * len(words) + 2))
    canvas = np.zeros((3 * height, room), np.uint8)
    gap, baseline_drift = hand.writer.spacing + float(rng.normal(-0.08, 0.08)), float(rng.uniform(0.0, 0.06))
    x, baseline = 0.6 * height, 2.0 * height
    boxes: list[Box | None] = []
    for character in words:
        if character == " ":
            x += 0.5 * height
            boxes.append(None)
            continue
        if character.isdigit():
            crops = pool.digit_crops[int(character)]
            crop = _choose_crop(crops, hand.writer.pen_width * pool.body_side, rng)
            factor = height / pool.body_side * float(np.exp(rng.normal(0, 0.06)))
            bent = bend_ink(np.pad(crop, 2), _BEND_SHARE * pool.body_side, 0.7 * pool.body_side, rng)
            coverage = resize_digit(crop_image_to_ink(bent), factor, factor)
            drop = tail_length(crop, character, pool.body_side) * height / pool.body_side
            top = round(baseline + drop + rng.normal(0, baseline_drift) * height - coverage.shape[0])
        else:
            drawn, (box,) = draw_text(character, hand.writer, rng, height)
            assert box is not None
            coverage = drawn[box.y : box.bottom, box.x : box.right]
            # Points and commas are on the baseline, other signs at half the height of digits.
            low = 0.05 if character == "." else 0.2 if character == "," else 0.0
            middle = round(baseline - 0.45 * height - coverage.shape[0] / 2)
            top = round(baseline + low * height - coverage.shape[0]) if low else middle
            if character == "°":
                top = round(baseline - height)
        left = max(round(x), 0)
        top = max(top, 0)
        window = canvas[top : top + coverage.shape[0], left : left + coverage.shape[1]]
        np.maximum(window, coverage[: window.shape[0], : window.shape[1]], out=window)
        boxes.append(Box(left, top, max(window.shape[1], 1), max(window.shape[0], 1)))
        x = left + coverage.shape[1] + max(gap + rng.normal(0, 0.05), -0.1) * height
    hull = Box.around(box for box in boxes if box)
    cropped = np.ascontiguousarray(canvas[hull.y : hull.bottom, hull.x : hull.right])
    return cropped, [box and Box(box.x - hull.x, box.y - hull.y, box.width, box.height) for box in boxes]


def _choose_crop(crops: Sequence[Image], stroke: float, rng: Generator) -> Image:
    """Choose from a few crops the one with a stroke width closest to ``stroke`` pixels, as of the same pen."""
    candidates = [crops[int(index)] for index in rng.integers(len(crops), size=_CANDIDATE_CROP_COUNT)]
    return min(candidates, key=lambda crop: abs(stroke_width(crop) - stroke))
