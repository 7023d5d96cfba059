"""Calibrate confidence: map a reader's raw probabilities to the probability of being right.

Networks are overconfident (Guo, Pleiss, Sun & Weinberger, "On calibration of modern neural networks", ICML 2017).  How
often a reading of a given raw probability is right is measured once, on numbers that were not trained on
(:mod:`scanner.training.fit_calibration`), and kept with the weights as a curve.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Calibration:
    """A curve from raw probability to the probability of being right, linear between its knots.

    Raises:
        ValueError: if the knots are not as described below.
    """

    raw_knots: tuple[float, ...]
    """Raw probabilities of the knots, 0-1, strictly rising; at least one."""
    calibrated_knots: tuple[float, ...]
    """Probability of being right at each knot, 0-1, never falling."""

    def __post_init__(self) -> None:
        if not self.raw_knots or len(self.raw_knots) != len(self.calibrated_knots):
            raise ValueError(
                f"a calibration needs one value for each of its knots, at least one, "
                f"not {len(self.calibrated_knots)} for {len(self.raw_knots)}"
            )
        if not (np.diff(self.raw_knots) > 0).all() or not (np.diff(self.calibrated_knots) >= 0).all():
            raise ValueError("the knots of a calibration must rise, and its values must not fall")
        if not all(0 <= value <= 1 for value in (*self.raw_knots, *self.calibrated_knots)):
            raise ValueError("the knots and values of a calibration must be from 0 to 1")

    def apply(self, raw: ArrayLike) -> NDArray[np.float64]:
        """Map raw probabilities, of any shape, to probabilities of being right, of the same shape."""
        return np.asarray(np.interp(np.asarray(raw, np.float64), self.raw_knots, self.calibrated_knots), np.float64)

    def to_card(self) -> dict[str, list[float]]:
        """Convert to an entry of a model card."""
        return {"raw": list(self.raw_knots), "right": list(self.calibrated_knots)}

    @classmethod
    def from_card(cls, entry: Any) -> Calibration:
        """Convert an entry of a model card; None, if the card has none, gives ``UNCALIBRATED``.

        Raises:
            ValueError: if the entry is malformed.
        """
        if entry is None:
            return UNCALIBRATED
        try:
            return cls(tuple(map(float, entry["raw"])), tuple(map(float, entry["right"])))
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a calibration: {error!r}") from error


UNCALIBRATED = Calibration((0.0, 1.0), (0.0, 1.0))
"""The identity: raw probabilities are used unchanged."""


@dataclass(frozen=True, slots=True)
class AgreementCalibration:
    """How a reader's probability changes when another reader has read the same number."""

    confirmed: Calibration = UNCALIBRATED
    """Applies where both read the same digits."""
    disputed: Calibration = UNCALIBRATED
    """Applies where the other read different digits, or nothing."""

    def to_card(self) -> dict[str, dict[str, list[float]]]:
        """Convert to an entry of a model card."""
        return {"confirmed": self.confirmed.to_card(), "disputed": self.disputed.to_card()}

    @classmethod
    def from_card(cls, entry: Any) -> AgreementCalibration:
        """Convert an entry of a model card; None, if the card has none, changes no probability.

        Raises:
            ValueError: if the entry is malformed.
        """
        if entry is None:
            return cls()
        try:
            return cls(Calibration.from_card(entry["confirmed"]), Calibration.from_card(entry["disputed"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"not an agreement calibration: {error!r}") from error
