"""Models loaded once per process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.options import Readers
    from scanner.reading_models import Models


@dataclass(frozen=True, slots=True, eq=False)
class LoadedModels:
    """Models and the lock of their networks."""

    models: Models
    lock: Lock
    """To be held while the models are used: OpenCV's networks are not made for two threads at once."""


@cache
def load_models_once(classifier: str, readers: Readers) -> LoadedModels:
    """Load the models at the first call and return the same ones at every later call with the same arguments.

    Args:
        classifier: one of ``scanner.options.CLASSIFIER_NAMES``.
        readers: which readers need models.

    Raises:
        NotInstalledError: if weights are missing or damaged.
        ValueError: if there is no classifier of that name.
    """
    from scanner.reading_models import load_models

    return LoadedModels(load_models(classifier, readers), Lock())
