"""Line images -> numbers: the networks that read a line at once, run by OpenCV's DNN module.

One has learnt pictures of one number each, the other runs on pages; they are built alike.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner import ctc
from scanner.classify import load_weights, models_folder, no_model
from scanner.confidence import UNCALIBRATED, Agreement, Calibration
from scanner.line import HEIGHT, STEP, WIDEST, bucket
from scanner.options import Charset

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.types import Image

_BATCH = 16
"""Lines per forward pass: more gains no speed and the activations leave the cache."""
_DECODED = 64
"""Lines decoded together."""
_COLUMNS = 4
"""Columns of the line image per step of the network's output."""


_PASSED_OVER = {Charset.DIGITS: (*ctc.SEPARATORS, ctc.BREAK), Charset.DECIMAL: (ctc.BREAK,)}
"""What counts as nothing within one number."""


@dataclass(frozen=True, slots=True)
class ReadCharacter:
    """One character of a line."""

    text: str
    left: float
    right: float
    """Where it begins and ends, columns of the line image: ``Line.x_in_picture`` maps them on."""


@dataclass(frozen=True, slots=True)
class LineReading:
    """What a line says."""

    text: str
    """As written, left to right; empty if there is no number."""
    probability: float
    """That the whole text is right, 0-1, as the reader is calibrated."""
    characters: tuple[ReadCharacter, ...]
    left: float
    """Where the part of the line begins that it is of, columns of the line image ..."""
    right: float
    """... and where it ends."""


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """A part of a line with one number, or none."""

    line: int
    first: int
    """Step of the network's output."""
    logits: NDArray[np.float32]
    """Shape (T, ctc.CLASSES)."""

    @property
    def columns(self) -> slice:
        """Of the line image."""
        return slice(self.first * _COLUMNS, (self.first + len(self.logits)) * _COLUMNS)


class NumberReader:
    """Reads line images."""

    def __init__(
        self, weights: bytes, calibration: Calibration = UNCALIBRATED, agreement: Agreement | None = None
    ) -> None:
        """Take the ONNX file's bytes and what its probabilities mean, alone and beside another reader's."""
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(weights, np.uint8))
        self._calibration = calibration
        self.agreement = agreement or Agreement()

    def logits(self, images: Image) -> NDArray[np.float32]:
        """Raw outputs for lines of one width, shape (N, 32, W) -> (N, W / 4, ctc.CLASSES)."""
        self._net.setInput(images[..., None].astype(np.float32) / 255)
        return np.asarray(self._net.forward(), np.float32).reshape(len(images), -1, ctc.CLASSES).copy()

    def read(self, lines: Sequence[Image], charset: Charset) -> tuple[LineReading, ...]:
        """Read lines of one number each.

        Args:
            lines: each of shape (32, W), uint8, from :func:`scanner.line.line_image`.
            charset: what is read.

        Returns:
            One reading per line, in the same order.
        """
        return self._read([_Part(index, 0, said) for index, said in enumerate(self._said(lines))], lines, charset)

    def read_runs(self, lines: Sequence[Image], charset: Charset) -> tuple[tuple[LineReading, ...], ...]:
        """Read lines of any count of numbers, and of what stands between them.

        Args:
            lines: as for :meth:`read`.
            charset: what is read.

        Returns:
            For each line, in the same order, its parts from left to right, each up to the next; at least one, with an
            empty text where no number is.
        """
        parts = [
            part
            for index, (said, breaks) in enumerate(zip(*self._with_breaks(lines), strict=True))
            for part in _parts(index, said, breaks)
        ]
        found: list[list[LineReading]] = [[] for _ in lines]
        for part, reading in zip(parts, self._read(parts, lines, charset), strict=True):
            found[part.line].append(reading)
        return tuple(tuple(readings) for readings in found)

    def _with_breaks(self, lines: Sequence[Image]) -> tuple[list[NDArray[np.float32]], list[list[int]]]:
        """The logits of each line, and the steps at which one number ends and the next begins."""
        said = self._said(lines)
        expected = [logits + _RARE for logits in said]
        texts, _ = _best_texts(expected, ctc.SEPARATORS)
        breaks: list[list[int]] = [[] for _ in lines]
        for index, spans in _aligned(expected, texts, ctc.SEPARATORS):
            at = zip(texts[index], spans, strict=True)
            breaks[index] = [(first + last) // 2 for label, (first, last) in at if label == ctc.BREAK]
        return said, breaks

    def _read(self, parts: Sequence[_Part], lines: Sequence[Image], charset: Charset) -> tuple[LineReading, ...]:
        """The number in each part."""
        passed_over = _PASSED_OVER[charset]
        said = [part.logits for part in parts]
        texts, chances = _best_texts(said, passed_over)
        doubtful = [index for index, chance in enumerate(chances) if chance < _DOUBTFUL]
        shown = [lines[parts[index].line][:, parts[index].columns] for index in doubtful]
        views = iter(self._said([view for line in shown for view in _looked_at_anew(line)]))
        for index in doubtful:
            looks = [said[index], *itertools.islice(views, len(_VIEWS))]
            texts[index], chances[index] = ctc.best_common_text(looks, passed_over)
        probabilities = self._calibration.apply(chances).tolist()
        readings: dict[int, LineReading] = {}
        for index, spans in _aligned(said, texts, passed_over):
            columns = parts[index].columns
            characters = tuple(
                ReadCharacter(ctc.CHARACTERS[label], columns.start + left * _COLUMNS, columns.start + right * _COLUMNS)
                for label, (left, right) in zip(texts[index], spans, strict=True)
            )
            text, probability = ctc.decode(texts[index]), probabilities[index]
            # A line is filled up with paper to be read.
            right = min(columns.stop, lines[parts[index].line].shape[1])
            readings[index] = LineReading(text, probability, characters, columns.start, right)
        return tuple(readings[index] for index in range(len(parts)))

    def _said(self, lines: Sequence[Image]) -> list[NDArray[np.float32]]:
        """The logits of each line, shapes (T, ctc.CLASSES)."""
        by_width: dict[int, list[int]] = {}
        for index, line in enumerate(lines):
            by_width.setdefault(bucket(line.shape[1]), []).append(index)
        said: dict[int, NDArray[np.float32]] = {}
        for width, members in sorted(by_width.items()):
            for start in range(0, len(members), _BATCH):
                chosen = members[start : start + _BATCH]
                images = np.zeros((len(chosen), HEIGHT, width), np.uint8)
                for row, index in enumerate(chosen):
                    images[row, :, : lines[index].shape[1]] = lines[index]
                said.update(zip(chosen, self.logits(images), strict=True))
        return [said[index] for index in range(len(lines))]


_RARE = np.where(np.arange(ctc.CLASSES) == ctc.BREAK, np.float32(-2), np.float32(0))
"""Added to the logits: of the lines of pages one in twenty has several numbers, of those to learn from one in three."""
_DOUBTFUL = 0.75
"""A line whose best text is less probable is looked at again: one cheque in twelve."""
_VIEWS = ((1.08, 0.93), (0.93, 1.07))
"""Width and height of a line when it is looked at again: how large writing is taken to be is a guess, and a digit that
is read otherwise for a twelfth more or less is one to doubt.  The mean of the looks reads 90.0 % of the cheques and
94.2 % of the cells to choose with, the first look alone 89.2 % and 93.2 %.  Slanted looks gain less; twice as many
looks at twice as many lines gain one cheque more and cost a quarter of the speed."""


def _looked_at_anew(line: Image) -> Iterator[Image]:
    """The line drawn anew in each of the sizes, all equally wide, so that the network reads them at once."""
    height, width = line.shape
    wide = min(math.ceil((width * max(stretch for stretch, _ in _VIEWS) + STEP) / STEP) * STEP, WIDEST)
    for stretch, rise in _VIEWS:
        matrix = np.array([[min(stretch, wide / width), 0, 0], [0, rise, (1 - rise) * height / 2]])
        yield np.asarray(cv2.warpAffine(line, matrix, (wide, height)), np.uint8)


NUMBERS = "numbers"
"""Name of the reader of pictures of one number, ..."""
RUNS = "runs"
"""... and of the one of runs on pages, which tells where one number ends."""


def load_reader(name: str = NUMBERS, folder: Path | None = None) -> NumberReader:
    """Load a reader.

    Args:
        name: ``NUMBERS`` or ``RUNS``.
        folder: of the weights; those that came with the program if None.

    Raises:
        MissingPartError: if its weights are not there or damaged.
    """
    folder, file = folder or models_folder(), f"{name}.onnx"
    weights, card = load_weights(folder, file)
    try:
        calibration = Calibration.from_card(card.get("calibration"))
        return NumberReader(weights, calibration, Agreement.from_card(card.get("agreement")))
    except (cv2.error, ValueError) as error:
        raise no_model(folder / file, error) from error


def _of_one_length(logits: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Lines of different width with blanks behind, which change neither texts nor their probabilities."""
    longest = max(len(line) for line in logits)
    out = np.full((len(logits), longest, ctc.CLASSES), -_SURE, np.float32)
    out[..., ctc.BLANK] = _SURE
    for row, line in zip(out, logits, strict=True):
        row[: len(line)] = line
    return out


_SURE = 500.0
"""A logit of so much leaves nothing to the others."""


def _by_length(said: Sequence[NDArray[np.float32]]) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
    """Lines to be decoded together, with their indices: in order of width, so that few steps are added."""
    order = sorted(range(len(said)), key=lambda index: len(said[index]))
    for start in range(0, len(order), _DECODED):
        chosen = order[start : start + _DECODED]
        yield chosen, _of_one_length([said[index] for index in chosen])


def _best_texts(said: Sequence[NDArray[np.float32]], passed_over: Sequence[int]) -> tuple[list[list[int]], list[float]]:
    """The most probable text of each line, and its probability."""
    texts: list[list[int]] = [[]] * len(said)
    chances = [0.0] * len(said)
    for chosen, logits in _by_length(said):
        best, likelihoods = ctc.best_texts(logits, passed_over)
        for index, text, likelihood in zip(chosen, best, likelihoods.tolist(), strict=True):
            texts[index], chances[index] = text, math.exp(likelihood)
    return texts, chances


def _aligned(
    said: Sequence[NDArray[np.float32]], texts: Sequence[list[int]], passed_over: Sequence[int]
) -> Iterator[tuple[int, tuple[tuple[int, int], ...]]]:
    """Each line's index, and the steps of each label of its text."""
    for chosen, logits in _by_length(said):
        logs = ctc.log_probabilities(logits, passed_over)
        yield from zip(chosen, ctc.align(logs, [texts[index] for index in chosen]), strict=True)


def _parts(line: int, said: NDArray[np.float32], breaks: Sequence[int]) -> Iterator[_Part]:
    """A line from break to break."""
    for first, last in itertools.pairwise([0, *breaks, len(said)]):
        if last > first:
            yield _Part(line, first, said[first:last])
