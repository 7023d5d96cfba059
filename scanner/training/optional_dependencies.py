"""The optional training extra: TensorFlow, Keras, PyTorch and the ONNX exporters."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scanner.errors import NotInstalledError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def require_training_extra() -> Iterator[None]:
    """Turn an import that fails for lack of the training extra into an error that names it.

    Raises:
        NotInstalledError: if an import in the ``with`` block fails.
    """
    # TensorFlow's own messages about processors and CUDA libraries would bury the progress lines.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        yield
    except ImportError as error:
        raise NotInstalledError(f"{error.name} is not installed: pip install 'digitscan[train]'") from error
