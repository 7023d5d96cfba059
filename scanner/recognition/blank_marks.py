"""Tell the marks that people write into empty cells, a cross or a dash, from digits.

A linear model of the gradients of the digit frame (multinomial logistic regression): it says only which of the three
the ink looks like.  That a cross means nothing, and is no sign of something else, is for the form to say.
"""

from __future__ import annotations

import enum
import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.image.digit_frame import FRAME_SIDE
from scanner.recognition.hog import HOG_FEATURE_COUNT, hog_features
from scanner.weights import BLANK_MARK_WEIGHTS, invalid_weights_error, load_weights, models_folder

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.types import Image

_FRAMES_PER_SLICE = 500
"""Frames whose gradients are computed at once: those of 500 take 14 MB."""


class CellInk(enum.IntEnum):
    """What the ink in a cell looks like; the value is the column of its probability."""

    DIGIT = 0
    CROSS = 1
    DASH = 2


@dataclass(frozen=True, slots=True, eq=False)
class BlankMarkModel:
    """Multinomial logistic regression of HOG features."""

    weights: NDArray[np.float32]
    """Shape (len(CellInk), HOG_FEATURE_COUNT)."""
    bias: NDArray[np.float32]
    """Shape (len(CellInk),)."""

    def read(self, frames: Image) -> NDArray[np.float64]:
        """Tell what frames look like.

        Args:
            frames: shape (N, 28, 28), uint8, from :func:`scanner.image.digit_frame.digit_frames`; N may be 0.

        Returns:
            Probabilities, shape (N, len(CellInk)), each row of sum 1.

        Raises:
            ValueError: if the frames have another shape or dtype.
        """
        if frames.shape[1:] != (FRAME_SIDE, FRAME_SIDE) or frames.dtype != np.uint8:
            raise ValueError(
                f"frames must be uint8 of shape (N, {FRAME_SIDE}, {FRAME_SIDE}), not {frames.dtype} {frames.shape}"
            )
        scores = [np.empty((0, len(CellInk)), np.float64)]
        for start in range(0, len(frames), _FRAMES_PER_SLICE):
            features = hog_features(frames[start : start + _FRAMES_PER_SLICE])
            scores.append((features @ self.weights.T + self.bias).astype(np.float64))
        return _softmax(np.concatenate(scores))


def to_bytes(model: BlankMarkModel) -> bytes:
    """The bytes of an ``.npz`` file of the two arrays."""
    buffer = io.BytesIO()
    np.savez(buffer, weights=model.weights, bias=model.bias)
    return buffer.getvalue()


def from_bytes(data: bytes) -> BlankMarkModel:
    """Load a model that :func:`to_bytes` wrote.

    Raises:
        ValueError: if the bytes are something else, or the arrays have other shapes.
        KeyError: if an array is missing.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            weights, bias = np.asarray(file["weights"], np.float32), np.asarray(file["bias"], np.float32)
    # An empty file, and one array without a name.
    except (EOFError, TypeError, zipfile.BadZipFile) as error:
        raise ValueError(str(error)) from error
    shapes = (len(CellInk), HOG_FEATURE_COUNT), (len(CellInk),)
    if (weights.shape, bias.shape) != shapes:
        raise ValueError(f"arrays of shapes {weights.shape} and {bias.shape}, not {shapes[0]} and {shapes[1]}")
    return BlankMarkModel(weights, bias)


def load_blank_mark_model(folder: Path | None = None) -> BlankMarkModel:
    """Load the model.

    Args:
        folder: folder of the weights; None for those that come with the program.

    Raises:
        NotInstalledError: if its weights are missing or damaged.
    """
    folder = folder or models_folder()
    data, _ = load_weights(folder, BLANK_MARK_WEIGHTS)
    try:
        return from_bytes(data)
    except (ValueError, KeyError) as error:
        raise invalid_weights_error(folder / BLANK_MARK_WEIGHTS, error) from error


def _softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))
