"""The network that says which way up a character is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.geometry.orientation import CHARACTER_IMAGE_SIDE
from scanner.weights import ORIENTATION_NETWORK_WEIGHTS, invalid_weights_error, load_weights, models_folder

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.types import Image

QUARTER_TURN_COUNT = 4
"""Number of classes: 0 to 3 quarter turns counter-clockwise set a character upright."""


class OrientationNetwork:
    """A small convolutional network, run by OpenCV's DNN module."""

    def __init__(self, weights: bytes) -> None:
        """Load the network from the bytes of its ONNX file."""
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(weights, np.uint8))

    def character_turns(self, characters: Image) -> NDArray[np.float32]:
        """Judge which way up characters are.

        Args:
            characters: from :func:`scanner.geometry.orientation.cut_characters`, shape (N, side, side), uint8.

        Returns:
            Log probabilities of 0 to 3 quarter turns counter-clockwise that set each upright, shape (N, 4).

        Raises:
            ValueError: if the images have another size or type.
        """
        side = CHARACTER_IMAGE_SIDE
        if characters.shape[1:] != (side, side) or characters.dtype != np.uint8:
            raise ValueError(
                f"characters must be uint8 of shape (N, {side}, {side}), not {characters.dtype} {characters.shape}"
            )
        if not len(characters):
            return np.empty((0, QUARTER_TURN_COUNT), np.float32)
        self._net.setInput(characters[:, None].astype(np.float32) / 255)
        logits = np.array(self._net.forward(), np.float32).reshape(len(characters), QUARTER_TURN_COUNT)
        shifted = logits - logits.max(axis=1, keepdims=True)
        return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), np.float32)


def load_orientation_network(folder: Path | None = None) -> OrientationNetwork:
    """Load the orientation network.

    Args:
        folder: folder of the weights; None for those that come with the program.

    Raises:
        NotInstalledError: if its weights are missing or damaged.
    """
    folder = folder or models_folder()
    weights, _ = load_weights(folder, ORIENTATION_NETWORK_WEIGHTS)
    try:
        return OrientationNetwork(weights)
    except cv2.error as error:
        raise invalid_weights_error(folder / ORIENTATION_NETWORK_WEIGHTS, error) from error
