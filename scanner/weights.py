"""Find weights on disk, and load them checked against their model cards."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
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
BLANK_MARK_WEIGHTS = "blank_marks.npz"
"""File of the model that tells crosses and dashes in empty cells from digits."""
WEIGHTS_FILES = (
    DIGIT_CNN_WEIGHTS,
    DIGIT_SVM_WEIGHTS,
    CROP_READER_WEIGHTS,
    TEXT_LINE_READER_WEIGHTS,
    PAGE_NETWORK_WEIGHTS,
    ORIENTATION_NETWORK_WEIGHTS,
    ROW_MODEL_WEIGHTS,
    CROP_MODEL_WEIGHTS,
    BLANK_MARK_WEIGHTS,
)
"""All files of weights."""


@dataclass(frozen=True, slots=True)
class OwnWeights:
    """A folder of weights that go before those that come with the program, as it was when it was opened."""

    folder: Path
    checksums: tuple[tuple[str, str], ...]
    """Name and SHA-256 of each file of weights in the folder."""


def models_folder() -> Path:
    """Folder of the weights: inside the installed package, or beside it in a checkout."""
    inside = Path(__file__).parent / "models"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "models"


def folder_of(own_weights: OwnWeights | None) -> Path | None:
    """Return the folder of somebody's own weights; None for None."""
    return None if own_weights is None else own_weights.folder


def folder_with(file: str, folder: Path | None) -> Path | None:
    """Return the folder if it has the file; None for that of the weights that come with the program."""
    return folder if folder is not None and (folder / file).exists() else None


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
        NotInstalledError: if either cannot be read, or the file or the SHA-256 on the card is not that of the weights.
    """
    path = folder / file
    try:
        weights = path.read_bytes()
        card = json.loads(card_path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise NotInstalledError(
            f"{path}: cannot read the weights or their card ({error}); {_advice(folder)}"
        ) from error
    if not isinstance(card, dict) or hashlib.sha256(weights).hexdigest() != card.get("sha256"):
        raise NotInstalledError(f"{path}: the weights do not match the card beside them; {_advice(folder)}")
    if card.get("file") != file:
        raise NotInstalledError(
            f"{path}: the card beside it is that of {card.get('file', 'other weights')}; {_advice(folder)}"
        )
    return weights, card


def open_weights_folder(folder: Path) -> OwnWeights:
    """Look which weights a folder has, and check them against their cards.

    Raises:
        NotInstalledError: if it is no folder or has no weights, or some do not match their card.
    """
    if not folder.is_dir():
        raise NotInstalledError(f"{folder}: is not a folder; name the one that digitscan train wrote to")
    files = [file for file in WEIGHTS_FILES if (folder / file).exists()]
    if not files:
        raise NotInstalledError(
            f"{folder}: has no weights, which are called {', '.join(WEIGHTS_FILES[:-1])} or {WEIGHTS_FILES[-1]}; "
            "name the folder that digitscan train wrote to"
        )
    return OwnWeights(folder, tuple((file, str(load_weights(folder, file)[1]["sha256"])) for file in files))


def _advice(folder: Path) -> str:
    if folder == models_folder():
        return "install digitscan again"
    return "copy the weights there again, with their card, or train them again"


def invalid_weights_error(path: Path, error: Exception) -> NotInstalledError:
    """Make the error to raise if a file does not hold the weights of a model; ``error`` is the cause."""
    reason = str(error).strip().partition("\n")[0]
    return NotInstalledError(f"{path}: not the weights of a model ({reason}); {_advice(path.parent)}")
