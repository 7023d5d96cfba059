"""An additive logistic model: it tells how probable it is that a number is right, by what is known of it.

The log odds are a sum of one function of each piece of evidence (Hastie & Tibshirani, "Generalized additive models",
Statistical Science 1986), each a line with bends at a few knots.  So every piece of evidence counts for or against a
number by itself, and one beyond what was seen in fitting counts no more than the most extreme that was.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from scanner.weights import invalid_weights_error, load_weights, models_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

_MAX_LOG_ODDS = 7.0
"""Largest log odds of a probability: one number in a thousand is wrong in ways that no evidence shows."""


@dataclass(frozen=True, slots=True, eq=False)
class AdditiveModel:
    """Log odds as a sum of functions of single features."""

    means: NDArray[np.float64]
    """Shape (features,)."""
    deviations: NDArray[np.float64]
    """Shape (features,), none 0."""
    ranges: NDArray[np.float64]
    """Least and greatest value that each feature is clipped to, in deviations from the mean, shape (features, 2)."""
    knots: NDArray[np.float64]
    """Where each function bends, in deviations from the mean, shape (features, K)."""
    weights: NDArray[np.float64]
    """Slope of each function, and by how much it changes at each knot, shape (features, 1 + K)."""
    intercept: float
    adjustment: NDArray[np.float64]
    """Shape (3,): the log odds z become a + b z + c max(z - ``ADJUSTMENT_KNOT``, 0), by what is known of samples of
    kinds that were not fitted to."""

    def log_odds(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log odds before they are adjusted, shape (N,), for features of shape (N, features)."""
        standardized = np.clip((features - self.means) / self.deviations, *self.ranges.T)
        bases = hinge_bases(standardized, self.knots)
        return np.asarray(np.einsum("nfk,fk->n", bases, self.weights) + self.intercept, np.float64)

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities, shape (N,), for features of shape (N, features)."""
        adjusted = adjustment_bases(self.log_odds(features)) @ self.adjustment[1:] + self.adjustment[0]
        return np.asarray(1 / (1 + np.exp(-np.clip(adjusted, -_MAX_LOG_ODDS, _MAX_LOG_ODDS))), np.float64)


NO_ADJUSTMENT = np.array([0.0, 1.0, 0.0])
"""Log odds stay as they are."""
ADJUSTMENT_KNOT = 1.5
"""Log odds from which on they are stretched or compressed by another factor.  A choice: those of a number that is
probably right, where it matters how sure that is."""


def clamped_log_odds(probability: float, margin: float) -> float:
    """Log odds of a probability that is first clamped to a distance of ``margin`` from 0 and 1."""
    p = min(max(probability, margin), 1 - margin)
    return math.log(p / (1 - p))


def adjustment_bases(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log odds, and how far they are beyond the knot: shape (N, 2)."""
    return np.stack([log_odds, np.maximum(log_odds - ADJUSTMENT_KNOT, 0)], axis=1)


def hinge_bases(standardized: NDArray[np.float64], knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each feature, and how far it is beyond each of its knots.

    Args:
        standardized: shape (N, features).
        knots: shape (features, K).

    Returns:
        Shape (N, features, 1 + K).
    """
    beyond = np.maximum(standardized[:, :, None] - knots, 0.0)
    return np.concatenate([standardized[:, :, None], beyond], axis=2)


def to_bytes(models: Mapping[str, AdditiveModel]) -> bytes:
    """The bytes of an ``.npz`` file of arrays alone, with models by their names."""
    buffer = io.BytesIO()
    arrays = {
        f"{name}_{field.name}": np.asarray(getattr(model, field.name))
        for name, model in models.items()
        for field in fields(AdditiveModel)
    }
    np.savez(buffer, **arrays)  # type: ignore[arg-type]  # its stubs take one more keyword for an array
    return buffer.getvalue()


def from_bytes(data: bytes, name: str) -> AdditiveModel:
    """Load a model of those that :func:`to_bytes` wrote.

    Raises:
        ValueError: if the bytes are something else.
        KeyError: if an array is missing.
    """
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        arrays = {field.name: np.asarray(file[f"{name}_{field.name}"], np.float64) for field in fields(AdditiveModel)}
    intercept = float(arrays.pop("intercept"))
    return AdditiveModel(**arrays, intercept=intercept)


def load_additive_models(
    file: str, names: tuple[str, ...], feature_count: int, folder: Path | None = None
) -> tuple[AdditiveModel, ...]:
    """Load the models of these names from a file of weights.

    Args:
        file: name of the file.
        names: names of the models in it.
        feature_count: how many features they must weigh.
        folder: folder of the weights; None for those that come with the program.

    Raises:
        NotInstalledError: if the weights are missing or damaged, or weigh another number of features.
    """
    folder = folder or models_folder()
    weights, _ = load_weights(folder, file)
    try:
        models = tuple(from_bytes(weights, name) for name in names)
    except (ValueError, KeyError) as error:
        raise invalid_weights_error(folder / file, error) from error
    for model in models:
        if model.means.shape != (feature_count,):
            cause = ValueError(f"weighs {model.means.size} pieces of evidence, not {feature_count}")
            raise invalid_weights_error(folder / file, cause)
    return models
