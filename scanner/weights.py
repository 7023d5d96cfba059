"""Weights on disk: where they are, and loading them checked against their model card."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanner.errors import NotInstalledError

if TYPE_CHECKING:
    pass


def models_folder() -> Path:
    """Where the weights are: inside the installed package, or beside it in a checkout."""
    inside = Path(__file__).parent / "models"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "models"


def card_path(weights: Path) -> Path:
    """The model card that belongs to a file of weights."""
    return weights.with_suffix(".json")


def load_weights(folder: Path, file: str) -> tuple[bytes, dict[str, Any]]:
    """The bytes of a file of weights, checked against its card, and the card.

    Raises:
        MissingPartError: if either is not there, or they do not belong together.
    """
    path = folder / file
    try:
        weights = path.read_bytes()
        card = json.loads(card_path(path).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise NotInstalledError(f"{path}: weights or card not readable ({error}); install digitscan again") from error
    if not isinstance(card, dict) or hashlib.sha256(weights).hexdigest() != card.get("sha256"):
        raise NotInstalledError(f"{path}: the weights are not those of the card beside them; install digitscan again")
    return weights, card


def invalid_weights_error(path: Path, error: Exception) -> NotInstalledError:
    """The error to raise where a file of weights is none, for whatever reason."""
    reason = str(error).strip().partition("\n")[0]
    return NotInstalledError(f"{path}: not the weights of a model ({reason}); install digitscan again")
