"""Batches of line images with their targets, drawn at random from packed sets of lines."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.recognition.ctc import encode
from scanner.recognition.line_image import BUCKET_WIDTHS, COLUMNS_PER_STEP, LINE_HEIGHT, WIDTH_MULTIPLE
from scanner.training.line_augmentation import augment_lines
from scanner.training.line_sets import has_lines, map_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.types import Image


@dataclass(frozen=True, slots=True, eq=False)
class LineTargets:
    """The texts of some lines as the loss needs them."""

    labels: NDArray[np.int64]
    """Shape (N, longest text): the classes of each text, padded with 0."""
    lengths: NDArray[np.int64]
    """Shape (N,): number of labels of each text."""
    separators_omitted: NDArray[np.bool_]
    """Shape (N,): whether the text leaves out separators."""


@dataclass(frozen=True, slots=True, eq=False)
class LineBatch:
    """Line images of one width with their targets."""

    images: Image
    """Shape (N, LINE_HEIGHT, W), uint8, 0 = paper."""
    targets: LineTargets


def line_targets(texts: Sequence[str], separators_omitted: Sequence[bool]) -> LineTargets:
    """Targets of texts.

    Raises:
        ValueError: if a character has no class.
    """
    encoded = [encode(text) for text in texts]
    lengths = np.array([len(labels) for labels in encoded], np.int64)
    padded = np.zeros((len(texts), max(int(lengths.max(initial=0)), 1)), np.int64)
    for row, labels in zip(padded, encoded, strict=True):
        row[: len(labels)] = labels
    return LineTargets(padded, lengths, np.array(separators_omitted, bool))


def bucket_indices(widths: NDArray[np.int64] | Sequence[int]) -> NDArray[np.int64]:
    """Index into ``BUCKET_WIDTHS`` of the narrowest bucket that holds each line with a margin, shape (N,)."""
    return np.searchsorted(BUCKET_WIDTHS, np.asarray(widths, np.int64) + WIDTH_MULTIPLE).astype(np.int64)


class LineBatches:
    """Makes the batches of an epoch; the lines of a batch share a width bucket.

    It is sent to another process, and there maps the lines into memory when the first batch is made.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        shares: Mapping[str, float],
        left_out: Mapping[str, frozenset[int]],
        batch_size: int,
        seed: int,
    ) -> None:
        """Say what the batches are drawn from.

        Args:
            folders: where :func:`scanner.training.line_sets.write_lines` wrote sets to; each has some of them.
            shares: probability that a line is from each set, by name; sums to 1.
            left_out: ``source_ids`` of each set of which no line is drawn.
            batch_size: lines in a batch.
            seed: of the batches.
        """
        self._folders, self._shares, self._left_out = tuple(folders), dict(shares), dict(left_out)
        self._batch_size, self._seed = batch_size, seed
        self._sets: dict[str, _LineSet] = {}

    def __call__(self, step: int) -> LineBatch:
        """Draw and augment a batch: always the same for the same seed and step."""
        if not self._sets:
            self._sets = {
                name: _LineSet(self._folders, name, self._left_out.get(name, frozenset())) for name in self._shares
            }
        rng = np.random.default_rng((self._seed, 4, step))
        sets = list(self._sets.values())
        sizes = np.array([[len(members) for members in each.members_of_bucket] for each in sets], np.float64)
        shares = np.array(list(self._shares.values()))
        # P(bucket) and P(set | bucket) such that each set has its share, and each line of a set the same probability.
        joint = shares[:, None] * sizes / np.maximum(sizes.sum(axis=1, keepdims=True), 1)
        bucket = int(rng.choice(len(BUCKET_WIDTHS), p=joint.sum(axis=0) / joint.sum()))
        chosen = rng.choice(len(sets), self._batch_size, p=joint[:, bucket] / joint[:, bucket].sum())
        images = np.zeros((self._batch_size, LINE_HEIGHT, BUCKET_WIDTHS[bucket]), np.uint8)
        texts, separators_omitted = [], []
        for row, index in zip(images, chosen.tolist(), strict=True):
            members = sets[index].members_of_bucket[bucket]
            line, text = sets[index].line(int(members[rng.integers(len(members))]))
            row[:, : line.shape[1]] = line
            texts.append(text)
            separators_omitted.append(sets[index].separators_omitted)
        augmented = np.rint(augment_lines(images, rng) * 255).astype(np.uint8)
        return LineBatch(augmented, line_targets(texts, separators_omitted))


class _LineSet:
    """The lines of one set in all shards."""

    def __init__(self, folders: Sequence[Path], name: str, left_out: frozenset[int]) -> None:
        self._shards = [map_lines(folder, name) for folder in folders if has_lines(folder, name)]
        self._shard_starts = np.cumsum([0, *(len(shard.texts) for shard in self._shards)])
        self.separators_omitted = self._shards[0].separators_omitted
        widths = np.concatenate([shard.widths for shard in self._shards])
        sources = np.concatenate([shard.source_ids for shard in self._shards])
        texts = itertools.chain.from_iterable(shard.texts.tolist() for shard in self._shards)
        usable = np.array([_text_fits(width, text) for width, text in zip(widths.tolist(), texts, strict=True)], bool)
        usable &= ~np.isin(sources, np.array(sorted(left_out), np.int64))
        buckets = np.where(usable, bucket_indices(widths), -1)
        self.members_of_bucket = [np.flatnonzero(buckets == bucket) for bucket in range(len(BUCKET_WIDTHS))]

    def line(self, index: int) -> tuple[Image, str]:
        shard = int(np.searchsorted(self._shard_starts, index, side="right")) - 1
        lines, position = self._shards[shard], index - int(self._shard_starts[shard])
        return lines.image(position), str(lines.texts[position])


def _text_fits(width: int, text: str) -> bool:
    """Whether a line has a step for every character, and one for the blank between equal neighbours.

    A text with more labels than the line has steps has probability 0 whatever the network does.
    """
    repeats = sum(a == b for a, b in itertools.pairwise(text))
    return len(text) + repeats <= width // COLUMNS_PER_STEP
