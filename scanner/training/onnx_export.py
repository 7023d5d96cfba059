"""Export Keras models as ONNX files that OpenCV 4 and 5 can read."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

_PLACEHOLDER_SIDE_PIXELS = 64
"""Length given to an input dimension of variable size when the model is called once before its export; any will do."""


def export_onnx(model: keras.Model) -> bytes:
    """Export a Keras model as the bytes of an ONNX file."""
    import onnx

    # A model that was loaded from a file has no graph to export until it has been called once.
    model(np.zeros((1, *(size or _PLACEHOLDER_SIDE_PIXELS for size in model.input_shape[1:])), np.float32))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        model.export(str(path), format="onnx", verbose=False)
        exported = onnx.load(path)
    onnx.checker.check_model(exported)
    return bytes(exported.SerializeToString())
