"""Frames -> readings: the digit CNN and the SVM baseline behind one interface."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import cv2
import numpy as np

from scanner.errors import NotInstalledError
from scanner.image.digit_frame import FRAME_SIDE
from scanner.options import CLASSIFIER_NAMES
from scanner.types import DigitReading
from scanner.weights import invalid_weights_error, load_weights, models_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image


_FRAMES_PER_FORWARD_PASS = 256
"""Frames per forward pass: more gains no speed and the activations leave the cache."""

_SVM_TRUSTED_TYPES = (
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
)
"""What the SVM file may contain beyond the types skops trusts by itself; loading anything else is refused."""


class Classifier(Protocol):
    """Reads framed digits."""

    name: str
    """``"cnn"`` or ``"svm"``."""

    def read(self, frames: Image) -> tuple[DigitReading, ...]:
        """Read each frame, shape (N, 28, 28), uint8; N may be 0."""
        ...


class DigitCnn:
    """The convolutional network, run by OpenCV's DNN module."""

    name = "cnn"

    def __init__(self, weights: bytes, temperature: float) -> None:
        """Take the ONNX file's bytes and the temperature its logits are divided by (Guo et al., ICML 2017)."""
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(weights, np.uint8))
        self._temperature = temperature

    def logits(self, frames: Image) -> NDArray[np.float32]:
        """Raw outputs, shape (N, 11)."""
        batches = [
            frames[start : start + _FRAMES_PER_FORWARD_PASS]
            for start in range(0, len(frames), _FRAMES_PER_FORWARD_PASS)
        ]
        outputs = [np.empty((0, 11), np.float32)]
        for batch in batches:
            self._net.setInput(batch[..., None].astype(np.float32) / 255)
            outputs.append(np.array(self._net.forward(), np.float32).reshape(len(batch), 11))
        return np.concatenate(outputs)

    def read(self, frames: Image) -> tuple[DigitReading, ...]:
        """See :class:`Classifier`."""
        return _to_readings(_softmax(self.logits(_check_frames(frames)) / self._temperature))


class DigitSvm:
    """HOG, PCA and an RBF support vector machine with calibrated probabilities."""

    name = "svm"

    def __init__(self, model: Any) -> None:
        """Take a fitted scikit-learn classifier of HOG features with the classes 0-10."""
        self._model = model

    def read(self, frames: Image) -> tuple[DigitReading, ...]:
        """See :class:`Classifier`."""
        from scanner.recognition.hog import hog_features

        if not len(_check_frames(frames)):
            return ()
        return _to_readings(self._model.predict_proba(hog_features(frames)))


def load_classifier(name: str, folder: Path | None = None) -> Classifier:
    """Load a classifier.

    Args:
        name: one of CLASSIFIERS.
        folder: of the weights; those that came with the program if None.

    Raises:
        MissingPartError: if its weights are not there, damaged, or hold anything but a model.
        ValueError: if there is no classifier of that name.
    """
    folder = folder or models_folder()
    if name == "cnn":
        weights, card = load_weights(folder, "digits.onnx")
        try:
            return DigitCnn(weights, float(card["temperature"]))
        except (cv2.error, KeyError, TypeError, ValueError) as error:
            raise invalid_weights_error(folder / "digits.onnx", error) from error
    if name == "svm":
        return DigitSvm(_load_skops(folder, "svm.skops"))
    raise ValueError(f"no classifier {name!r}; there are {', '.join(CLASSIFIER_NAMES)}")


def _load_skops(folder: Path, file: str) -> Any:
    from skops.io import loads
    from skops.io.exceptions import UntrustedTypesFoundException

    weights, _ = load_weights(folder, file)
    try:
        return loads(weights, trusted=list(_SVM_TRUSTED_TYPES))
    except UntrustedTypesFoundException as error:
        raise NotInstalledError(f"{folder / file}: refused, it holds more than a model ({error})") from error
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise invalid_weights_error(folder / file, error) from error


def _check_frames(frames: Image) -> Image:
    if frames.shape[1:] != (FRAME_SIDE, FRAME_SIDE) or frames.dtype != np.uint8:
        raise ValueError(f"frames are uint8 (N, {FRAME_SIDE}, {FRAME_SIDE}), not {frames.dtype} {frames.shape}")
    return frames


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def _to_readings(probabilities: NDArray[np.float64]) -> tuple[DigitReading, ...]:
    return tuple(DigitReading(tuple(row)) for row in probabilities.tolist())
