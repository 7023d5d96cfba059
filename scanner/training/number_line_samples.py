"""Line images to train the line readers on: synthetic, cut from real images or spliced, in augmented batches."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from scanner.datasets.data_folder import read_gray
from scanner.datasets.number_sources import CROPS_PER_CHUNK
from scanner.datasets.parallel_map import parallel_map
from scanner.recognition.line_image import (
    BUCKET_WIDTHS,
    COLUMNS_PER_STEP,
    LINE_HEIGHT,
    MAX_LINE_WIDTH,
    WIDTH_MULTIPLE,
    line_pixels,
    make_line_image,
)
from scanner.synthesis.ingredients import NumberMaterial
from scanner.synthesis.number_crops import draw_number_crop

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from scanner.datasets.labelled_crops import LabelledCrop
    from scanner.types import Image


_CROPS_PER_TASK = 16
"""Number crops sent to a process at a time: one alone would take no longer than sending it."""

_CROP_JITTER_HEIGHTS = 0.05
"""Standard deviation of each edge of a varied crop, in heights of the crop; a choice."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledLines:
    """Line images with their texts."""

    name: str
    images: tuple[Image, ...]
    """Line images, each of shape (32, W), uint8, 0 = paper."""
    texts: tuple[str, ...]
    separators_omitted: bool
    """Whether the texts leave out separators that may be visible in the images."""
    source_ids: NDArray[np.int64]
    """Shape (N,): lines with the same value were made from the same image and are left out together."""


def synthesize_lines(material: NumberMaterial, count: int, seed: int, processes: int) -> LabelledLines:
    """Synthesize ``count`` lines; the same for the same seed, whatever the number of processes."""
    chunks = range(-(-count // CROPS_PER_CHUNK))
    make = partial(_synthesize_chunk, material, seed)
    made = [pair for chunk in parallel_map(make, chunks, processes, items_per_task=1) for pair in chunk]
    images, texts = zip(*made[:count], strict=True)
    return LabelledLines("synthetic", images, texts, separators_omitted=False, source_ids=np.arange(count))


def _synthesize_chunk(material: NumberMaterial, seed: int, index: int) -> list[tuple[Image, str]]:
    cv2.setNumThreads(1)
    rng = np.random.default_rng((seed, 1, index))
    pairs = (draw_number_crop(material, rng) for _ in range(CROPS_PER_CHUNK))
    return [(line_pixels(gray), text) for gray, text in pairs]


def cut_real_lines(
    name: str, crops: Sequence[LabelledCrop], seed: int, copies: int, *, separators_omitted: bool, processes: int = 1
) -> LabelledLines:
    """Make lines of real number crops: each as it is, and ``copies`` with other edges, scale, blur and contrast.

    Raises:
        DataError: if an image cannot be read.
    """
    cut = partial(_cut_line_variants, seed, copies)
    made = list(parallel_map(cut, list(enumerate(crops)), processes, _CROPS_PER_TASK))
    images = tuple(image for group in made for image in group)
    texts = tuple(crop.text for crop in crops for _ in range(copies + 1))
    return LabelledLines(name, images, texts, separators_omitted, np.repeat(np.arange(len(crops)), copies + 1))


def _cut_line_variants(seed: int, copies: int, numbered: tuple[int, LabelledCrop]) -> list[Image]:
    cv2.setNumThreads(1)
    index, crop = numbered
    gray, rng = read_gray(crop.path), np.random.default_rng((seed, 2, index))
    return [line_pixels(gray), *(line_pixels(_vary_crop(gray, rng)) for _ in range(copies))]


def splice_lines(name: str, crops: Sequence[LabelledCrop], seed: int, count: int, processes: int = 1) -> LabelledLines:
    """Splice lines from the beginning of one real number and the end of another, both cut between digits.

    They show real handwriting in numbers that nobody wrote, so that the network cannot memorize which digits follow
    each other.  Their texts leave out separators.

    Raises:
        DataError: if an image cannot be read.
    """
    splittable = [
        cuts for cuts in parallel_map(_find_digit_boundaries, crops, processes, _CROPS_PER_TASK) if cuts is not None
    ]
    rng = np.random.default_rng((seed, 3))
    images: list[Image] = []
    texts: list[str] = []
    while len(images) < count and splittable:
        (front, text, columns), (back, rest, others) = (splittable[i] for i in rng.integers(len(splittable), size=2))
        first, second = int(rng.integers(len(columns))), int(rng.integers(len(others)))
        left, right = front[:, : columns[first]], back[:, others[second] :]
        width = left.shape[1] + right.shape[1]
        if width + WIDTH_MULTIPLE > MAX_LINE_WIDTH:
            continue
        line = np.zeros((LINE_HEIGHT, -(-width // WIDTH_MULTIPLE) * WIDTH_MULTIPLE), np.uint8)
        line[:, :width] = np.hstack([left, right])
        images.append(line)
        texts.append(text[: first + 1] + rest[second + 1 :])
    return LabelledLines(name, tuple(images), tuple(texts), separators_omitted=True, source_ids=np.arange(len(images)))


def _find_digit_boundaries(crop: LabelledCrop) -> tuple[Image, str, list[int]] | None:
    """The line image, its text, and the column between each digit and the next; None if no columns separate them."""
    cv2.setNumThreads(1)
    between = [(a.right + b.x) / 2 for a, b in itertools.pairwise(crop.boxes)]
    if not between or any(a >= b for a, b in itertools.pairwise(between)):
        return None
    line = make_line_image(read_gray(crop.path))
    return line.pixels, crop.text, [round((x - line.crop_left) * line.scale) for x in between]


def _vary_crop(gray: Image, rng: np.random.Generator) -> Image:
    """Vary a number crop as another segmentation, scanner or light would have."""
    height, width = gray.shape
    top, bottom, left, right = (round(float(n)) for n in rng.normal(0.02, _CROP_JITTER_HEIGHTS, 4) * height)
    # Beyond the image there is only paper.
    inside = gray[max(top, 0) : height - max(bottom, 0), max(left, 0) : width - max(right, 0)]
    above, below, before, behind = (max(-n, 0) for n in (top, bottom, left, right))
    paper = float(np.percentile(gray, 80))
    cut = cv2.copyMakeBorder(inside, above, below, before, behind, cv2.BORDER_CONSTANT, value=paper)
    factor = float(np.exp(rng.normal(0, 0.2)))
    cut = cv2.resize(cut, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    if rng.random() < 0.3:
        cut = cv2.GaussianBlur(cut, (0, 0), float(rng.uniform(0.3, 1.0)))
    gain, offset = rng.uniform(0.6, 1.1), rng.uniform(-20, 20)
    return np.asarray(cv2.convertScaleAbs(cut, alpha=float(gain), beta=float(offset + (1 - gain) * 128)), np.uint8)


def bucket_indices(images: Sequence[Image]) -> NDArray[np.int64]:
    """Index into ``BUCKET_WIDTHS`` of the narrowest bucket that holds each line with a margin, shape (N,)."""
    return np.searchsorted(BUCKET_WIDTHS, [image.shape[1] + WIDTH_MULTIPLE for image in images]).astype(np.int64)


class LineBatches:
    """Random batches drawn from several sets of lines; the lines of a batch share a width bucket."""

    def __init__(self, sets: tuple[LabelledLines, ...], encode: Callable[[str], list[int]], batch_size: int) -> None:
        """Sort the lines of ``sets`` into width buckets; ``encode`` turns a text into labels."""
        self._sets, self._encode, self._batch_size = sets, encode, batch_size
        buckets = [bucket_indices(lines.images) for lines in sets]
        self._members = [[np.flatnonzero(b == k) for k in range(len(BUCKET_WIDTHS))] for b in buckets]
        # A text with more labels than the line has steps has probability 0 whatever the network does.
        self._fits = [
            np.array([_text_fits(i, s) for i, s in zip(lines.images, lines.texts, strict=True)]) for lines in sets
        ]
        self._kept = list(self._fits)

    def leave_out(self, set_index: int, source_ids: NDArray[np.int64]) -> None:
        """Leave out the lines of a set that were made from these images; replaces what was left out of it before."""
        self._kept[set_index] = self._fits[set_index] & ~np.isin(self._sets[set_index].source_ids, source_ids)

    def make_batch(
        self, rng: np.random.Generator, shares: NDArray[np.float64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Draw and augment a batch.

        Args:
            rng: the same generator state gives the same batch.
            shares: shape (sets,), sums to 1: probability that a line is from each set.

        Returns:
            Lines (N, 32, W, 1), float32, 0 = paper, 1 = ink, and targets (N, ``MAX_LABELS`` + 2) for
            ``line_reader.ctc_loss``.
        """
        members = [
            [group[kept[group]] for group in groups] for groups, kept in zip(self._members, self._kept, strict=True)
        ]
        sizes = np.array([[len(group) for group in groups] for groups in members], np.float64)
        # P(bucket) and P(set | bucket) such that each set has its share, and each line of a set the same probability.
        joint = shares[:, None] * sizes / sizes.sum(axis=1, keepdims=True)
        bucket = int(rng.choice(len(BUCKET_WIDTHS), p=joint.sum(axis=0) / joint.sum()))
        set_indices = rng.choice(len(shares), self._batch_size, p=joint[:, bucket] / joint[:, bucket].sum())
        images = np.zeros((self._batch_size, LINE_HEIGHT, BUCKET_WIDTHS[bucket]), np.uint8)
        targets = []
        for row, set_index in enumerate(set_indices):
            group = members[set_index][bucket]
            chosen, lines = group[rng.integers(len(group))], self._sets[set_index]
            line = lines.images[chosen]
            images[row, :, : line.shape[1]] = line
            targets.append(ctc_target(self._encode(lines.texts[chosen]), separators_omitted=lines.separators_omitted))
        return augment_lines(images, rng)[..., None], np.stack(targets)


def _text_fits(image: Image, text: str) -> bool:
    """Whether the line has a step for every character, and one for the blank between equal neighbours."""
    repeats = sum(a == b for a, b in itertools.pairwise(text))
    return bool(len(text) + repeats <= image.shape[1] // COLUMNS_PER_STEP)


def ctc_target(labels: list[int], *, separators_omitted: bool) -> NDArray[np.float32]:
    """Pack labels into one row for the loss.

    Returns:
        Shape (``MAX_LABELS`` + 2,): the labels padded with 0, then their number, then 1 if the text leaves out
        separators, else 0.
    """
    row = np.zeros(MAX_LABELS + 2, np.float32)
    row[: len(labels)] = labels
    row[MAX_LABELS:] = len(labels), separators_omitted
    return row


MAX_LABELS = 48
"""Maximum number of labels that a target holds."""

_PADDING_ROWS = 4
"""Rows of paper above and below each stacked line: no filter or warp below reaches further."""


def augment_lines(images: Image, rng: np.random.Generator) -> NDArray[np.float32]:
    """Distort each line differently: shape, pen width, focus, contrast, noise.

    Args:
        images: shape (N, 32, W), uint8.
        rng: the same generator state gives the same result.

    Returns:
        Shape (N, 32, W), float32, 0 = paper, 1 = ink.
    """
    count, _, width = images.shape
    cell = LINE_HEIGHT + 2 * _PADDING_ROWS
    stacked = np.pad(images, ((0, 0), (_PADDING_ROWS, _PADDING_ROWS), (0, 0))).reshape(-1, width)
    bent = cv2.remap(stacked, *_warp_maps(images, rng), interpolation=cv2.INTER_LINEAR)
    tall: NDArray[np.float32] = bent.astype(np.float32) / np.float32(255)

    def blend(other: NDArray[Any], weights: NDArray[Any]) -> NDArray[np.float32]:
        weight = np.repeat(weights, cell)[:, None].astype(np.float32)
        return np.asarray(tall + (other - tall) * weight, np.float32)

    chance, amount = rng.random(count), np.asarray(rng.uniform(0.2, 1.0, count))
    square = np.ones((2, 2), np.uint8)
    tall = blend(cv2.dilate(tall, square), amount * (chance < 0.18))
    tall = blend(cv2.erode(tall, square), 0.6 * amount * ((chance > 0.18) & (chance < 0.33)))
    blur = np.asarray(rng.uniform(0, 1, count)) * (rng.random(count) < 0.3)
    tall = blend(cv2.GaussianBlur(tall, (0, 0), 1.1), blur)
    lines = tall.reshape(count, cell, width)[:, _PADDING_ROWS:-_PADDING_ROWS]
    gamma = np.exp(rng.normal(0, 0.2, (count, 1, 1))).astype(np.float32)
    ink = rng.uniform(0.65, 1.15, (count, 1, 1)).astype(np.float32)
    grain = (rng.uniform(0, 0.08, (count, 1, 1)) * (rng.random((count, 1, 1)) < 0.5)).astype(np.float32)
    lines = np.power(lines, gamma) * ink + rng.standard_normal(lines.shape, np.float32) * grain
    return np.clip(lines, 0, 1)


_WAVE_KNOT_SPACING_COLUMNS = 16
"""Columns between the knots of the random waves that bend a line; a choice."""


def _warp_maps(images: Image, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Maps of :func:`cv2.remap` for the stacked lines: the source x and y of each target pixel."""
    count, _, width = images.shape
    inked = np.asarray(images.max(axis=1) > 0)
    right = np.where(inked.any(axis=1), width - np.argmax(inked[:, ::-1], axis=1), width)
    # A line may be stretched into the free room at its right, and no further.
    stretch = np.minimum(np.exp(rng.normal(0, 0.13, count)), (width - 2) / np.maximum(right, 1))
    room = np.maximum(width - right * stretch - 4, 0)
    # A negative shift cuts off the paper margin at the left, as a crop too narrow would.
    shift_x = np.asarray(rng.uniform(-5, np.minimum(room, 12) + 1e-6, count))
    stretch_y, shift_y = np.exp(rng.normal(0, 0.11, count)), np.asarray(rng.normal(0, 1.4, count))
    shear, tilt = np.asarray(rng.normal(0, 0.2, count)), np.asarray(rng.normal(0, 0.012, count))
    knots = width // _WAVE_KNOT_SPACING_COLUMNS + 2
    hat = np.maximum(1 - np.abs(np.arange(width)[:, None] / _WAVE_KNOT_SPACING_COLUMNS - np.arange(knots)[None]), 0)
    size = np.asarray(rng.uniform(0, 1.2, (2, count, 1)))
    wave_x, wave_y = (rng.standard_normal((2, count, knots)) * size) @ hat.T
    cell, middle = LINE_HEIGHT + 2 * _PADDING_ROWS, (LINE_HEIGHT - 1) / 2 + _PADDING_ROWS
    y = np.arange(cell)[None, :, None] - middle
    x = np.arange(width)[None, None, :]
    each = np.s_[:, None, None]
    source_x = (x - shift_x[each]) / stretch[each] + shear[each] * y + wave_x[:, None]
    source_y = (y - shift_y[each]) / stretch_y[each] + tilt[each] * (x - width / 2) + wave_y[:, None] + middle
    source_y = np.clip(source_y, 0, cell - 1) + np.arange(count)[each] * cell
    source_y = np.broadcast_to(source_y, source_x.shape)
    return source_x.reshape(-1, width).astype(np.float32), source_y.reshape(-1, width).astype(np.float32)
