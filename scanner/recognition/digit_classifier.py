"""Read framed digits: the digit CNN and the SVM baseline behind one interface."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import cv2
import numpy as np

from scanner.errors import NotInstalledError
from scanner.image.digit_frame import FRAME_SIDE
from scanner.options import CLASSIFIER_NAMES
from scanner.types import DIGIT_CLASS_COUNT, DigitReading
from scanner.weights import (
    DIGIT_CNN_WEIGHTS,
    DIGIT_SVM_WEIGHTS,
    invalid_weights_error,
    load_weights,
    models_folder,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image


_FRAMES_PER_FORWARD_PASS = 256
"""Number of frames per forward pass.  More are no faster, since the activations no longer fit into the cache."""

_SVM_TRUSTED_TYPES = (
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
)
"""Types that the file of the SVM may contain besides those that skops trusts by itself; any other is refused."""


class Classifier(Protocol):
    """A classifier of framed digits."""

    name: str
    """One of ``scanner.options.CLASSIFIER_NAMES``."""

    def read(self, frames: Image) -> tuple[DigitReading, ...]:
        """Read frames.

        Args:
            frames: shape (N, 28, 28), uint8, from :func:`scanner.image.digit_frame.digit_frames`; N may be 0.

        Returns:
            One reading per frame, in the same order.

        Raises:
            ValueError: if the frames have another shape or dtype.
        """
        ...


class DigitCnn:
    """A convolutional network, run by OpenCV's DNN module."""

    name = "cnn"

    def __init__(self, weights: bytes, temperature: float) -> None:
        """Load the network.

        Args:
            weights: bytes of the ONNX file.
            temperature: number that calibrates the logits by dividing them (Guo et al., "On calibration of modern
                neural networks", ICML 2017).
        """
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(weights, np.uint8))
        self._temperature = temperature

    def logits(self, frames: Image) -> NDArray[np.float32]:
        """Raw outputs of the network, shape (N, DIGIT_CLASS_COUNT)."""
        batches = [
            frames[start : start + _FRAMES_PER_FORWARD_PASS]
            for start in range(0, len(frames), _FRAMES_PER_FORWARD_PASS)
        ]
        outputs = [np.empty((0, DIGIT_CLASS_COUNT), np.float32)]
        for batch in batches:
            self._net.setInput(batch[..., None].astype(np.float32) / 255)
            outputs.append(np.array(self._net.forward(), np.float32).reshape(len(batch), DIGIT_CLASS_COUNT))
        return np.concatenate(outputs)

    def read(self, frames: Image) -> tuple[DigitReading, ...]:
        """See :class:`Classifier`."""
        return _to_readings(_softmax(self.logits(_check_frames(frames)) / self._temperature))


class DigitSvm:
    """HOG features, PCA and an RBF support vector machine with calibrated probabilities."""

    name = "svm"

    def __init__(self, model: Any) -> None:
        """Take a fitted scikit-learn classifier of HOG features whose classes are the digits and "no digit"."""
        self._model = model

    def read(self, frames: Image) -> tuple[DigitReading, ...]:
        """See :class:`Classifier`."""
        from scanner.recognition.hog import hog_features

        if not len(_check_frames(frames)):
            return ()
        return _to_readings(self._model.predict_proba(hog_features(frames)))


def classifier_weights(name: str) -> str:
    """File of the weights of a classifier.

    Raises:
        ValueError: if there is no classifier of that name.
    """
    if name not in CLASSIFIER_NAMES:
        raise ValueError(f"there is no classifier {name!r}; choose from {', '.join(CLASSIFIER_NAMES)}")
    return {DigitCnn.name: DIGIT_CNN_WEIGHTS, DigitSvm.name: DIGIT_SVM_WEIGHTS}[name]


def load_classifier(name: str, folder: Path | None = None) -> Classifier:
    """Load a classifier.

    Args:
        name: one of ``scanner.options.CLASSIFIER_NAMES``.
        folder: folder of the weights; None for those that come with the program.

    Raises:
        NotInstalledError: if its weights are missing or damaged, or are not those of a classifier.
        ValueError: if there is no classifier of that name.
    """
    folder, file = folder or models_folder(), classifier_weights(name)
    if name == DigitSvm.name:
        return DigitSvm(_load_skops(folder, file))
    weights, card = load_weights(folder, file)
    try:
        return DigitCnn(weights, float(card["temperature"]))
    except (cv2.error, KeyError, TypeError, ValueError) as error:
        raise invalid_weights_error(folder / file, error) from error


def _load_skops(folder: Path, file: str) -> Any:
    from skops.io import loads
    from skops.io.exceptions import UntrustedTypesFoundException

    weights, _ = load_weights(folder, file)
    try:
        return loads(weights, trusted=list(_SVM_TRUSTED_TYPES))
    except UntrustedTypesFoundException as error:
        raise NotInstalledError(f"{folder / file}: refused, since it holds more than a model ({error})") from error
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise invalid_weights_error(folder / file, error) from error


def _check_frames(frames: Image) -> Image:
    if frames.shape[1:] != (FRAME_SIDE, FRAME_SIDE) or frames.dtype != np.uint8:
        raise ValueError(
            f"frames must be uint8 of shape (N, {FRAME_SIDE}, {FRAME_SIDE}), not {frames.dtype} {frames.shape}"
        )
    return frames


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def _to_readings(probabilities: NDArray[np.float64]) -> tuple[DigitReading, ...]:
    return tuple(DigitReading(tuple(row)) for row in probabilities.tolist())
