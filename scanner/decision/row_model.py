"""Judge the rows of a page: how probable it is that each is right, and that a number stands there at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.decision.additive_model import load_additive_models, to_bytes
from scanner.decision.row_evidence import EVIDENCE_NAMES
from scanner.weights import ROW_MODEL_WEIGHTS

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from scanner.decision.additive_model import AdditiveModel


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
        """The bytes of a file of weights."""
        return to_bytes({"right": self.right, "present": self.present})


def load_row_model(folder: Path | None = None) -> RowModel:
    """Load the row model.

    Args:
        folder: folder of the weights; None for those that come with the program.

    Raises:
        NotInstalledError: if its weights are missing or damaged.
    """
    return RowModel(*load_additive_models(ROW_MODEL_WEIGHTS, ("right", "present"), len(EVIDENCE_NAMES), folder))
