"""Line images -> numbers: the network that reads a whole number at once, run by OpenCV's DNN module."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner import ctc
from scanner.classify import load_weights, models_folder, no_model
from scanner.confidence import UNCALIBRATED, Agreement, Calibration
from scanner.line import HEIGHT, STEP, WIDEST, bucket

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


class Charset(Enum):
    """What is read."""

    DIGITS = "digits"
    """Digits alone: points, commas and dashes are passed over."""
    DECIMAL = "decimal"
    """Digits and the separators ``,`` ``.`` ``-``."""


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
        """Read lines.

        Args:
            lines: each of shape (32, W), uint8, from :func:`scanner.line.line_image`.
            charset: what is read.

        Returns:
            One reading per line, in the same order.
        """
        said = self._said(lines)
        texts, chances = _best_texts(said, charset)
        doubtful = [index for index, chance in enumerate(chances) if chance < _DOUBTFUL]
        views = iter(self._said([view for index in doubtful for view in _looked_at_anew(lines[index])]))
        for index in doubtful:
            looks = [said[index], *itertools.islice(views, len(_VIEWS))]
            texts[index], chances[index] = ctc.best_common_text(looks, digits_only=charset is Charset.DIGITS)
        probabilities = self._calibration.apply(chances).tolist()
        return _readings(said, texts, probabilities, charset)

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


def load_reader(folder: Path | None = None) -> NumberReader:
    """Load the reader.

    Args:
        folder: of the weights; those that came with the program if None.

    Raises:
        MissingPartError: if its weights are not there or damaged.
    """
    weights, card = load_weights(folder or models_folder(), "numbers.onnx")
    try:
        calibration = Calibration.from_card(card.get("calibration"))
        return NumberReader(weights, calibration, Agreement.from_card(card.get("agreement")))
    except (cv2.error, ValueError) as error:
        raise no_model((folder or models_folder()) / "numbers.onnx", error) from error


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


def _best_texts(said: Sequence[NDArray[np.float32]], charset: Charset) -> tuple[list[list[int]], list[float]]:
    """The most probable text of each line, and its probability."""
    texts: list[list[int]] = [[]] * len(said)
    chances = [0.0] * len(said)
    for chosen, logits in _by_length(said):
        best, likelihoods = ctc.best_texts(logits, digits_only=charset is Charset.DIGITS)
        for index, text, likelihood in zip(chosen, best, likelihoods.tolist(), strict=True):
            texts[index], chances[index] = text, math.exp(likelihood)
    return texts, chances


def _readings(
    said: Sequence[NDArray[np.float32]], texts: Sequence[list[int]], probabilities: Sequence[float], charset: Charset
) -> tuple[LineReading, ...]:
    """Readings with a place for every character."""
    readings: dict[int, LineReading] = {}
    for chosen, logits in _by_length(said):
        logs = ctc.log_probabilities(logits, digits_only=charset is Charset.DIGITS)
        spans = ctc.align(logs, [texts[index] for index in chosen])
        for index, places in zip(chosen, spans, strict=True):
            characters = tuple(
                ReadCharacter(ctc.CHARACTERS[label], left * _COLUMNS, right * _COLUMNS)
                for label, (left, right) in zip(texts[index], places, strict=True)
            )
            readings[index] = LineReading(ctc.decode(texts[index]), probabilities[index], characters)
    return tuple(readings[index] for index in range(len(said)))
