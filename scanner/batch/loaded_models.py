"""Models loaded once per process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

from scanner.errors import NotInstalledError
from scanner.weights import open_weights_folder

if TYPE_CHECKING:
    from scanner.options import Readers
    from scanner.reading_models import Models
    from scanner.weights import OwnWeights


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModels:
    """Models and the lock of their networks."""

    models: Models
    lock: Lock
    """To be held while the models are used: OpenCV's networks are not made for two threads at once."""


@cache
def load_models_once(classifier: str, readers: Readers, own_weights: OwnWeights | None = None) -> LoadedModels:
    """Load the models at the first call and return the same ones at every later call with the same arguments.

    Args:
        classifier: one of ``scanner.options.CLASSIFIER_NAMES``.
        readers: which readers need models.
        own_weights: weights that go before those that come with the program.

    Raises:
        NotInstalledError: if weights are missing or damaged, or a folder of one's own is not as it was when it was
            opened.
        ValueError: if there is no classifier of that name.
    """
    from scanner.reading_models import load_models

    if own_weights is None:
        return LoadedModels(load_models(classifier, readers), Lock())
    _check_unchanged(own_weights)
    return LoadedModels(load_models(classifier, readers, own_weights.folder), Lock())


def _check_unchanged(own_weights: OwnWeights) -> None:
    """Refuse weights that were changed since the batch began, or that differ on this machine of a cluster."""
    if open_weights_folder(own_weights.folder) != own_weights:
        raise NotInstalledError(
            f"{own_weights.folder}: its weights are not those that reading began with; put the same files there, on "
            "every machine, and start again"
        )
