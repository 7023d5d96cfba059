"""Fit the row model to the rows of labelled pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.decision.row_model import RowModel
from scanner.training.fit_additive_model import fit_additive_model
from scanner.training.row_samples import is_drawn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.training.row_samples import RowSamples

_RANGE_QUANTILES = (0.01, 0.99)
"""Range of each piece of evidence that is counted, as shares of the rows: what is larger on another kind of page would
decide alone.  A choice."""
_PENALTY = 30.0
"""Penalty of squared weights, in rows."""
_MISLABELLED_SHARE = 0.01
"""Share of rows of real pages whose truth is taken to be wrong: of the mark sheets it is one in a hundred, and a few of
a hundred lines of registers are missing or wrong."""
_MAX_PAGE_ROWS = 60.0
"""Rows that a page counts for at most.  Those of one page are alike: a register of 300 rows is not five of 60."""


def fit_row_model(samples: Sequence[RowSamples]) -> RowModel:
    """Fit the row model; each kind counts alike, and pages of a kind by their rows.

    Args:
        samples: rows of at least one page; some right, some wrong, some of nothing.

    Raises:
        ValueError: if all rows are right, or none is.
    """
    evidence = np.concatenate([each.evidence for each in samples])
    weights = _row_weights(samples)
    right, present = (np.concatenate([getattr(each, name) for each in samples]) for name in ("right", "present"))
    shares = [0.0 if is_drawn(each.kind) else _MISLABELLED_SHARE for each in samples]
    mislabelled = np.repeat(shares, [len(each.right) for each in samples])
    models = (
        fit_additive_model(evidence, labels, weights, mislabelled, _PENALTY, _RANGE_QUANTILES)
        for labels in (right, present)
    )
    return RowModel(*models)


def _row_weights(samples: Sequence[RowSamples]) -> NDArray[np.float64]:
    """Weight of each row; their sum is the number of rows."""
    of_pages = [
        np.full(len(each.right), min(_MAX_PAGE_ROWS / max(len(each.right), 1), 1.0), np.float64) for each in samples
    ]
    totals: dict[str, float] = {}
    for each, page_weights in zip(samples, of_pages, strict=True):
        totals[each.kind] = totals.get(each.kind, 0.0) + float(page_weights.sum())
    # The square root is halfway between kinds that count alike and rows that do.
    scaled = [w / max(totals[each.kind], 1.0) ** 0.5 for each, w in zip(samples, of_pages, strict=True)]
    weights = np.concatenate(scaled)
    return np.asarray(weights * (len(weights) / weights.sum()), np.float64)
