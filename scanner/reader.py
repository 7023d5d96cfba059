"""Line images -> numbers: the network that reads a whole number at once, run by OpenCV's DNN module."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner import ctc
from scanner.classify import _weights, models_folder
from scanner.line import HEIGHT, bucket

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.types import Image

_BATCH = 16
"""Lines per forward pass: more gains no speed and the activations leave the cache."""


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
    """Of the whole text among all texts, 0-1."""
    characters: tuple[ReadCharacter, ...]


class NumberReader:
    """Reads line images."""

    def __init__(self, weights: bytes, temperature: float) -> None:
        """Take the ONNX file's bytes and the temperature its logits are divided by (Guo et al., ICML 2017)."""
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(weights, np.uint8))
        self._temperature = temperature

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
        readings: dict[int, LineReading] = {}
        by_width: dict[int, list[int]] = {}
        for index, line in enumerate(lines):
            by_width.setdefault(bucket(line.shape[1]), []).append(index)
        for width, members in by_width.items():
            for start in range(0, len(members), _BATCH):
                chosen = members[start : start + _BATCH]
                images = np.zeros((len(chosen), HEIGHT, width), np.uint8)
                for row, index in enumerate(chosen):
                    images[row, :, : lines[index].shape[1]] = lines[index]
                read = _readings(self.logits(images) / self._temperature, charset, width)
                readings.update(zip(chosen, read, strict=True))
        return tuple(readings[index] for index in range(len(lines)))


def load_reader(folder: Path | None = None) -> NumberReader:
    """Load the reader.

    Args:
        folder: of the weights; those that came with the program if None.

    Raises:
        MissingPartError: if its weights are not there or damaged.
    """
    weights, card = _weights(folder or models_folder(), "numbers.onnx")
    return NumberReader(weights, float(card["temperature"]))


def _readings(logits: NDArray[np.float32], charset: Charset, width: int) -> list[LineReading]:
    digits_only = charset is Charset.DIGITS
    texts, likelihoods = ctc.best_texts(logits, digits_only=digits_only)
    spans = ctc.align(ctc.log_probabilities(logits, digits_only=digits_only), texts)
    step = width / logits.shape[1]
    return [
        LineReading(
            ctc.decode(text),
            float(np.exp(likelihood)),
            tuple(
                ReadCharacter(ctc.CHARACTERS[label], left * step, right * step)
                for label, (left, right) in zip(text, places, strict=True)
            ),
        )
        for text, likelihood, places in zip(texts, likelihoods.tolist(), spans, strict=True)
    ]
