"""Confidence that means something: raw probabilities -> the probability of being right, and how well it holds.

A network's probability of its own text is too sure of itself (Guo, Pleiss, Sun
& Weinberger, "On calibration of modern neural networks", ICML 2017).  What it
has to be taken for is measured once, on numbers that no training saw
(``scanner.training.calibration``), and kept with the weights as a curve.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Calibration:
    """A rising curve from raw probability to the probability of being right, straight between its knots.

    Raises:
        ValueError: if the knots are not as said below.
    """

    raw_knots: tuple[float, ...]
    """Knots, rising, within 0-1; at least one."""
    calibrated_knots: tuple[float, ...]
    """What they stand for, never falling, within 0-1; as many."""

    def __post_init__(self) -> None:
        if not self.raw_knots or len(self.raw_knots) != len(self.calibrated_knots):
            raise ValueError(
                f"a calibration has as many values as knots, not {len(self.calibrated_knots)} for {len(self.raw_knots)}"
            )
        if not (np.diff(self.raw_knots) > 0).all() or not (np.diff(self.calibrated_knots) >= 0).all():
            raise ValueError("the knots of a calibration rise, and its values never fall")
        if not all(0 <= value <= 1 for value in (*self.raw_knots, *self.calibrated_knots)):
            raise ValueError("the knots and values of a calibration are from 0 to 1")

    def apply(self, raw: ArrayLike) -> NDArray[np.float64]:
        """Probability of being right for raw probabilities of any shape."""
        return np.asarray(np.interp(np.asarray(raw, np.float64), self.raw_knots, self.calibrated_knots), np.float64)

    def to_card(self) -> dict[str, list[float]]:
        """As it stands in a model card."""
        return {"raw": list(self.raw_knots), "right": list(self.calibrated_knots)}

    @classmethod
    def from_card(cls, entry: Any) -> Calibration:
        """Read what :meth:`to_card` made; None, where a card has no calibration, changes nothing.

        Raises:
            ValueError: if it is malformed.
        """
        if entry is None:
            return UNCALIBRATED
        try:
            return cls(tuple(map(float, entry["raw"])), tuple(map(float, entry["right"])))
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a calibration: {error}") from error


UNCALIBRATED = Calibration((0.0, 1.0), (0.0, 1.0))
"""Takes every probability at its word."""


@dataclass(frozen=True, slots=True)
class AgreementCalibration:
    """What the probability of a reading becomes when another reader has looked at the same number."""

    confirmed: Calibration = UNCALIBRATED
    """Where it read the same."""
    disputed: Calibration = UNCALIBRATED
    """Where it read something else, or nothing."""

    def to_card(self) -> dict[str, dict[str, list[float]]]:
        """As it stands in a model card."""
        return {"confirmed": self.confirmed.to_card(), "disputed": self.disputed.to_card()}

    @classmethod
    def from_card(cls, entry: Any) -> AgreementCalibration:
        """Read what :meth:`to_card` made; None, where a card has none, changes nothing.

        Raises:
            ValueError: if it is malformed.
        """
        if entry is None:
            return cls()
        try:
            return cls(Calibration.from_card(entry["confirmed"]), Calibration.from_card(entry["disputed"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"not an agreement: {error}") from error
