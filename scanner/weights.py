"""Find weights on disk, and load them checked against their model cards."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from scanner.errors import NotInstalledError

DIGIT_CNN_WEIGHTS = "digits.onnx"
"""File of the digit CNN."""
DIGIT_SVM_WEIGHTS = "svm.skops"
"""File of the support vector machine."""
CROP_READER_WEIGHTS = "numbers.onnx"
"""File of the line reader for crops of one number."""
TEXT_LINE_READER_WEIGHTS = "text_lines.onnx"
"""File of the line reader for text lines on pages."""
PAGE_NETWORK_WEIGHTS = "pages.onnx"
"""File of the page network."""
ORIENTATION_NETWORK_WEIGHTS = "orientation.onnx"
"""File of the orientation network."""
ROW_MODEL_WEIGHTS = "rows.npz"
"""File of the model of how sure a row is."""
CROP_MODEL_WEIGHTS = "crops.npz"
"""File of the model of how sure the number of a crop is."""


def models_folder() -> Path:
    """Folder of the weights: inside the installed package, or beside it in a checkout."""
    inside = Path(__file__).parent / "models"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "models"


def card_path(weights: Path) -> Path:
    """Path of the model card that belongs to a file of weights."""
    return weights.with_suffix(".json")


def load_weights(folder: Path, file: str) -> tuple[bytes, dict[str, Any]]:
    """Load a file of weights and its model card, and check that they belong together.

    Args:
        folder: folder of the weights.
        file: name of the file.

    Returns:
        The bytes of the weights, and the card.

    Raises:
        NotInstalledError: if either cannot be read, or the SHA-256 on the card is not that of the weights.
    """
    path = folder / file
    try:
        weights = path.read_bytes()
        card = json.loads(card_path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise NotInstalledError(
            f"{path}: cannot read the weights or their card ({error}); install digitscan again"
        ) from error
    if not isinstance(card, dict) or hashlib.sha256(weights).hexdigest() != card.get("sha256"):
        raise NotInstalledError(f"{path}: the weights do not match the card beside them; install digitscan again")
    return weights, card


def invalid_weights_error(path: Path, error: Exception) -> NotInstalledError:
    """Make the error to raise if a file does not hold the weights of a model; ``error`` is the cause."""
    reason = str(error).strip().partition("\n")[0]
    return NotInstalledError(f"{path}: not the weights of a model ({reason}); install digitscan again")
