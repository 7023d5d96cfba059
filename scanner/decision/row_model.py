"""Estimate the probability that a row of the result is right: an additive logistic model of the evidence on it.

The log odds are a sum of one function of each piece of evidence (Hastie & Tibshirani, "Generalized additive models",
Statistical Science 1986), each a line with bends at a few knots.  So every piece of evidence counts for or against a
row by itself, and one beyond what was seen in fitting counts no more than the most extreme that was.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.errors import NotInstalledError
from scanner.weights import ROW_MODEL_WEIGHTS, load_weights, models_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

_MAX_LOG_ODDS = 7.0
"""Largest log odds of a probability: one row in a thousand is wrong in ways that no evidence shows."""


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

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities, shape (N,), for features of shape (N, features)."""
        standardized = np.clip((features - self.means) / self.deviations, *self.ranges.T)
        bases = hinge_bases(standardized, self.knots)
        log_odds = np.einsum("nfk,fk->n", bases, self.weights) + self.intercept
        return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -_MAX_LOG_ODDS, _MAX_LOG_ODDS))), np.float64)


@dataclass(frozen=True, slots=True)
class RowJudgement:
    """What the evidence on a row says."""

    right: float
    """Probability that a number stands there and is read rightly, 0-1."""
    present: float
    """Probability that a number stands there, 0-1; not less than ``right``."""


@dataclass(frozen=True, slots=True, eq=False)
class RowModel:
    """Weighs the evidence on a row."""

    right: AdditiveModel
    """That its text is right."""
    present: AdditiveModel
    """That a number stands there, whether it is read rightly or not."""

    def judge(self, evidence: NDArray[np.float64]) -> tuple[RowJudgement, ...]:
        """Weigh the evidence on each row, shape (N, features), from :mod:`scanner.decision.row_evidence`."""
        right, present = (model.probabilities(evidence).tolist() for model in (self.right, self.present))
        return tuple(RowJudgement(r, max(r, p)) for r, p in zip(right, present, strict=True))

    def to_bytes(self) -> bytes:
        """The bytes of an ``.npz`` file of arrays alone."""
        buffer = io.BytesIO()
        arrays = {
            f"{name}_{field}": np.asarray(getattr(model, field))
            for name, model in (("right", self.right), ("present", self.present))
            for field in (*_ARRAY_FIELDS, "intercept")
        }
        np.savez(buffer, **arrays)  # type: ignore[arg-type]  # its stubs take one more keyword for an array
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> RowModel:
        """Load what :meth:`to_bytes` made.

        Raises:
            ValueError: if the bytes are something else.
            KeyError: if an array is missing.
        """
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            arrays = {name: np.asarray(file[name], np.float64) for name in file.files}
        return cls(_model_of_arrays("right", arrays), _model_of_arrays("present", arrays))


def _model_of_arrays(name: str, arrays: Mapping[str, NDArray[np.float64]]) -> AdditiveModel:
    means, deviations, ranges, knots, weights = (arrays[f"{name}_{field}"] for field in _ARRAY_FIELDS)
    return AdditiveModel(means, deviations, ranges, knots, weights, float(arrays[f"{name}_intercept"]))


_ARRAY_FIELDS = ("means", "deviations", "ranges", "knots", "weights")
"""Fields of an additive model that are arrays, in order."""


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


def load_row_model(folder: Path | None = None) -> RowModel:
    """Load the row model.

    Args:
        folder: folder of the weights; None for those that come with the program.

    Raises:
        NotInstalledError: if its weights are missing or damaged.
    """
    folder = folder or models_folder()
    weights, _ = load_weights(folder, ROW_MODEL_WEIGHTS)
    try:
        return RowModel.from_bytes(weights)
    except (ValueError, KeyError) as error:
        path = folder / ROW_MODEL_WEIGHTS
        raise NotInstalledError(f"{path}: cannot read the weights ({error}); install digitscan again") from error
