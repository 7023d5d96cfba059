"""Line images to train the number reader on: put together or cut from real pages, in batches, distorted."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from scanner.line import BUCKETS, HEIGHT, STEP, WIDEST, find_line, line_image
from scanner.synthesis.material import Material, Pool, patterns, tight
from scanner.synthesis.strings import picture
from scanner.training import data
from scanner.training.penned import pen_digits, pen_signs
from scanner.training.workers import mapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.training.data import Samples, Strip
    from scanner.types import Image

_PICTURES_AT_ONCE = 16
"""Handed to a process at a time: one alone takes no longer than the handing."""
_CHUNK = 500
"""Strings put together at a time, each chunk from a seed of its own: the same whatever the number of processes."""
_SHARES = {"mnist": 3.0, "usps": 0.7, "ardis": 1.2, "cheques": 2.5, "pen digits": 1.5}
"""How often a string is written with the digits of each source."""
_PENNED = 6_000
_PENNED_AT_ONCE = 1_500
"""Fewer, where somebody waits for pictures to look at."""
_CROP_JITTER = 0.05
"""Standard deviation of the edges of a real picture cut anew, as part of its height."""


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Line images with their texts."""

    name: str
    images: tuple[Image, ...]
    """Each of shape (32, W), uint8, 0 = paper."""
    texts: tuple[str, ...]
    digits_only: bool
    """Whether the texts leave out separators that may stand in the pictures."""
    sources: NDArray[np.int64]
    """Shape (N,): lines with the same value were made from the same picture and share its fate if it is dropped."""


def material(folder: Path | None, seed: int) -> Material:
    """What strings are put together from: MNIST, the pen and, if there is a folder, the digits and texts in it.

    Raises:
        DataError: if the folder lacks a source.
    """
    part, rng = data.Part.TRAIN, np.random.default_rng((seed, 0))
    pools = digit_pools(folder, rng, part)
    texts = () if folder is None else tuple(strip.text for strip in data.clinic(folder, part))
    return Material(pools, tight(pen_signs(rng, 1_000).frames), texts, patterns(rng))


def digit_pools(folder: Path | None, rng: np.random.Generator, part: data.Part) -> tuple[Pool, ...]:
    """Digits to write with: of MNIST, the pen and, if there is a folder, the sources in it.

    Raises:
        DataError: if the folder lacks a source.
    """
    sources: list[Samples] = [data.mnist(folder, part), pen_digits(rng, _PENNED)]
    if folder is not None:
        sources += [
            data.usps(folder, part),
            data.ardis(folder, part),
            data.cheque_digits(data.cheques(folder, part)),
        ]
    return tuple(_pool(source) for source in sources)


def pen_material(seed: int) -> Material:
    """The same from the pen alone, at once and without data of others."""
    rng = np.random.default_rng((seed, 0))
    pool = _pool(pen_digits(rng, _PENNED_AT_ONCE))
    return Material((pool,), tight(pen_signs(rng, 100).frames), (), patterns(rng))


def pictures(made_of: Material, count: int, seed: int) -> Iterator[tuple[Image, str]]:
    """The gray pictures of the first ``count`` strings of :func:`synthetic`, and their texts."""
    for index in range(-(-count // _CHUNK)):
        rng = np.random.default_rng((seed, 1, index))
        for _ in range(min(_CHUNK, count - index * _CHUNK)):
            yield picture(made_of, rng)


def _pool(samples: Samples) -> Pool:
    digits = tuple(tight(samples.frames[samples.labels == digit]) for digit in range(10))
    return Pool(digits, _SHARES[samples.name])


def synthetic(made_of: Material, count: int, seed: int, processes: int) -> Lines:
    """``count`` strings; the same for the same seed, however many processes put them together."""
    chunks = range(-(-count // _CHUNK))
    make = partial(_chunk, made_of, seed)
    made = [pair for chunk in mapped(make, chunks, processes, at_once=1) for pair in chunk]
    images, texts = zip(*made[:count], strict=True)
    return Lines("synthetic", images, texts, digits_only=False, sources=np.arange(count))


def _chunk(made_of: Material, seed: int, index: int) -> list[tuple[Image, str]]:
    cv2.setNumThreads(1)
    rng = np.random.default_rng((seed, 1, index))
    pairs = (picture(made_of, rng) for _ in range(_CHUNK))
    return [(line_image(gray), text) for gray, text in pairs]


def real(name: str, strips: Sequence[Strip], seed: int, copies: int, *, digits_only: bool, processes: int = 1) -> Lines:
    """Lines of real pictures: each as it is, and ``copies`` times cut a little aside, blurred or shrunk.

    Raises:
        DataError: if a picture cannot be read.
    """
    cut = partial(_real, seed, copies)
    made = list(mapped(cut, list(enumerate(strips)), processes, _PICTURES_AT_ONCE))
    images = tuple(image for group in made for image in group)
    texts = tuple(strip.text for strip in strips for _ in range(copies + 1))
    return Lines(name, images, texts, digits_only, np.repeat(np.arange(len(strips)), copies + 1))


def _real(seed: int, copies: int, numbered: tuple[int, Strip]) -> list[Image]:
    cv2.setNumThreads(1)
    index, strip = numbered
    gray, rng = data.read_gray(strip.path), np.random.default_rng((seed, 2, index))
    return [line_image(gray), *(line_image(_cut_anew(gray, rng)) for _ in range(copies))]


def spliced(name: str, strips: Sequence[Strip], seed: int, count: int, processes: int = 1) -> Lines:
    """Lines put together from the beginning of one real picture and the end of another, cut between their digits.

    They show the hands of the pictures in strings that nobody wrote: what a
    digit stands beside is no longer to be learnt by heart.  Texts leave separators out.

    Raises:
        DataError: if a picture cannot be read.
    """
    halves = [cuts for cuts in mapped(_cuts, strips, processes, _PICTURES_AT_ONCE) if cuts is not None]
    rng = np.random.default_rng((seed, 3))
    images: list[Image] = []
    texts: list[str] = []
    while len(images) < count and halves:
        (front, text, places), (back, rest, others) = (halves[i] for i in rng.integers(len(halves), size=2))
        first, second = int(rng.integers(len(places))), int(rng.integers(len(others)))
        left, right = front[:, : places[first]], back[:, others[second] :]
        width = left.shape[1] + right.shape[1]
        if width + STEP > WIDEST:
            continue
        line = np.zeros((HEIGHT, -(-width // STEP) * STEP), np.uint8)
        line[:, :width] = np.hstack([left, right])
        images.append(line)
        texts.append(text[: first + 1] + rest[second + 1 :])
    return Lines(name, tuple(images), tuple(texts), digits_only=True, sources=np.arange(len(images)))


def _cuts(strip: Strip) -> tuple[Image, str, list[int]] | None:
    """The line, its digits, and the column between each and the next; None if they cannot be told apart by columns."""
    cv2.setNumThreads(1)
    between = [(a.right + b.x) / 2 for a, b in itertools.pairwise(strip.boxes)]
    if not between or any(a >= b for a, b in itertools.pairwise(between)):
        return None
    line = find_line(data.read_gray(strip.path))
    return line.image, strip.text, [round((x - line.left) * line.scale) for x in between]


def _cut_anew(gray: Image, rng: np.random.Generator) -> Image:
    """The picture as another page segmentation, scanner or light would have given it."""
    height, width = gray.shape
    top, bottom, left, right = (round(float(n)) for n in rng.normal(0.02, _CROP_JITTER, 4) * height)
    # Beyond the picture there is nothing to see but paper.
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


class Batches:
    """Random batches of several sets of lines, each batch of lines of about one width."""

    def __init__(self, sets: tuple[Lines, ...], encode: Callable[[str], list[int]], batch: int) -> None:
        """Sort the lines of ``sets`` into buckets; ``encode`` gives the labels of a text."""
        self._sets, self._encode, self._batch = sets, encode, batch
        buckets = [np.searchsorted(BUCKETS, [i.shape[1] + STEP for i in lines.images]) for lines in sets]
        self._members = [[np.flatnonzero(b == k) for k in range(len(BUCKETS))] for b in buckets]
        # A text that does not fit into its line has no likelihood to raise.
        self._fit = [np.array([_fits(i, s) for i, s in zip(lines.images, lines.texts, strict=True)]) for lines in sets]
        self._kept = list(self._fit)

    def drop(self, which: int, sources: NDArray[np.int64]) -> None:
        """From now on leave out those of set ``which`` made from these pictures, and no others."""
        self._kept[which] = self._fit[which] & ~np.isin(self._sets[which].sources, sources)

    def make(
        self, rng: np.random.Generator, shares: NDArray[np.float64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """A batch.

        Args:
            rng: the same generator state gives the same batch.
            shares: shape (sets,), sums to 1: how often a line is from each set.

        Returns:
            Lines (N, 32, W, 1), float32, 0 = paper, 1 = ink, and targets for ``numbers.ctc_loss``.
        """
        members = [
            [group[kept[group]] for group in groups] for groups, kept in zip(self._members, self._kept, strict=True)
        ]
        sizes = np.array([[len(group) for group in groups] for groups in members], np.float64)
        # P(bucket) and P(set | bucket) such that every set is met by its share, and evenly within.
        joint = shares[:, None] * sizes / sizes.sum(axis=1, keepdims=True)
        bucket = int(rng.choice(len(BUCKETS), p=joint.sum(axis=0) / joint.sum()))
        origin = rng.choice(len(shares), self._batch, p=joint[:, bucket] / joint[:, bucket].sum())
        images = np.zeros((self._batch, HEIGHT, BUCKETS[bucket]), np.uint8)
        targets = []
        for row, which in enumerate(origin):
            group = members[which][bucket]
            chosen, lines = group[rng.integers(len(group))], self._sets[which]
            line = lines.images[chosen]
            images[row, :, : line.shape[1]] = line
            targets.append(target(self._encode(lines.texts[chosen]), digits_only=lines.digits_only))
        return augment_lines(images, rng)[..., None], np.stack(targets)


def _fits(image: Image, text: str) -> bool:
    """Whether there is a step for every character, and a blank between equal ones."""
    repeats = sum(a == b for a, b in itertools.pairwise(text))
    return bool(len(text) + repeats <= image.shape[1] // SHRINK)


def target(labels: list[int], *, digits_only: bool) -> NDArray[np.float32]:
    """Labels as one row for the loss: padded to LABELS, then their number, then whether separators are unknown."""
    row = np.zeros(LABELS + 2, np.float32)
    row[: len(labels)] = labels
    row[LABELS:] = len(labels), digits_only
    return row


SHRINK = 4
"""Columns of the line image per step of the network's output."""
LABELS = 48
"""Room for labels in a target."""

_PAD = 4
"""Rows of paper between lines while they are stacked: no filter or warp below reaches further."""


def augment_lines(images: Image, rng: np.random.Generator) -> NDArray[np.float32]:
    """Distort each line in its own way: shape, pen, focus, contrast, noise.

    Args:
        images: shape (N, 32, W), uint8.
        rng: the same generator state gives the same result.

    Returns:
        Shape (N, 32, W), float32, 0 = paper, 1 = ink.
    """
    count, _, width = images.shape
    cell = HEIGHT + 2 * _PAD
    stacked = np.pad(images, ((0, 0), (_PAD, _PAD), (0, 0))).reshape(-1, width)
    bent = cv2.remap(stacked, *_warp(images, rng), interpolation=cv2.INTER_LINEAR)
    tall: NDArray[np.float32] = bent.astype(np.float32) / np.float32(255)

    def blend(other: NDArray[Any], weights: NDArray[Any]) -> NDArray[np.float32]:
        weight = np.repeat(weights, cell)[:, None].astype(np.float32)
        return np.asarray(tall + (other - tall) * weight, np.float32)

    kind, amount = rng.random(count), np.asarray(rng.uniform(0.2, 1.0, count))
    square = np.ones((2, 2), np.uint8)
    tall = blend(cv2.dilate(tall, square), amount * (kind < 0.18))
    tall = blend(cv2.erode(tall, square), 0.6 * amount * ((kind > 0.18) & (kind < 0.33)))
    unsharp = np.asarray(rng.uniform(0, 1, count)) * (rng.random(count) < 0.3)
    tall = blend(cv2.GaussianBlur(tall, (0, 0), 1.1), unsharp)
    lines = tall.reshape(count, cell, width)[:, _PAD:-_PAD]
    gamma = np.exp(rng.normal(0, 0.2, (count, 1, 1))).astype(np.float32)
    ink = rng.uniform(0.65, 1.15, (count, 1, 1)).astype(np.float32)
    grain = (rng.uniform(0, 0.08, (count, 1, 1)) * (rng.random((count, 1, 1)) < 0.5)).astype(np.float32)
    lines = np.power(lines, gamma) * ink + rng.standard_normal(lines.shape, np.float32) * grain
    return np.clip(lines, 0, 1)


_KNOT = 16
"""Columns between the knots of the random waves that bend a line."""


def _warp(images: Image, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Maps of :func:`cv2.remap` for the stacked lines: for each target pixel the x and y of its source."""
    count, _, width = images.shape
    inked = np.asarray(images.max(axis=1) > 0)
    right = np.where(inked.any(axis=1), width - np.argmax(inked[:, ::-1], axis=1), width)
    # A line may grow by the room there is to its right, and no more.
    stretch = np.minimum(np.exp(rng.normal(0, 0.13, count)), (width - 2) / np.maximum(right, 1))
    room = np.maximum(width - right * stretch - 4, 0)
    # Now and then up to the paper margin at the left is lost, as in a cut too narrow.
    shift_x = np.asarray(rng.uniform(-5, np.minimum(room, 12) + 1e-6, count))
    stretch_y, shift_y = np.exp(rng.normal(0, 0.11, count)), np.asarray(rng.normal(0, 1.4, count))
    shear, tilt = np.asarray(rng.normal(0, 0.2, count)), np.asarray(rng.normal(0, 0.012, count))
    knots = width // _KNOT + 2
    hat = np.maximum(1 - np.abs(np.arange(width)[:, None] / _KNOT - np.arange(knots)[None]), 0)
    size = np.asarray(rng.uniform(0, 1.2, (2, count, 1)))
    wave_x, wave_y = (rng.standard_normal((2, count, knots)) * size) @ hat.T
    cell, middle = HEIGHT + 2 * _PAD, (HEIGHT - 1) / 2 + _PAD
    y = np.arange(cell)[None, :, None] - middle
    x = np.arange(width)[None, None, :]
    per = np.s_[:, None, None]
    source_x = (x - shift_x[per]) / stretch[per] + shear[per] * y + wave_x[:, None]
    source_y = (y - shift_y[per]) / stretch_y[per] + tilt[per] * (x - width / 2) + wave_y[:, None] + middle
    source_y = np.clip(source_y, 0, cell - 1) + np.arange(count)[per] * cell
    source_y = np.broadcast_to(source_y, source_x.shape)
    return source_x.reshape(-1, width).astype(np.float32), source_y.reshape(-1, width).astype(np.float32)
