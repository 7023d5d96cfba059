"""Fit the row model to the rows of labelled pages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scanner.decision.row_model import RowModel
from scanner.training.fit_additive_model import fit_additive_model, fit_adjustment
from scanner.training.row_samples import is_drawn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scanner.decision.additive_model import AdditiveModel
    from scanner.training.row_samples import RowSamples

_RANGE_QUANTILES = (0.01, 0.99)
"""Range of each piece of evidence that is counted, as shares of the rows: what is larger on another kind of page would
decide alone.  A choice."""
_PENALTY = 100.0
"""Penalty of squared weights, in rows.  Of the rows of kinds left out, the surest half has the fewest errors with this
one; 30 and 60 have nearly as few."""
_MISLABELLED_SHARE = 0.01
"""Share of rows of real pages whose truth is taken to be wrong: of the mark sheets it is one in a hundred, and a few of
a hundred lines of registers are missing or wrong."""
_MIN_KINDS = 3
"""Minimum number of real kinds to adjust to: with fewer, each is too much of what is known.  A choice."""
_MAX_PAGE_ROWS = 60.0
"""Rows that a page counts for at most.  Those of one page are alike: a register of 300 rows is not five of 60."""


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Rows of many pages."""

    kinds: NDArray[np.str_]
    """Kind of the page of each row, shape (N,)."""
    evidence: NDArray[np.float64]
    """Shape (N, features)."""
    labels: NDArray[np.bool_]
    """What is to be foretold, shape (N,)."""
    weights: NDArray[np.float64]
    """How much each row counts, shape (N,)."""
    mislabelled: NDArray[np.float64]
    """Share of labels of its kind that are wrong, shape (N,)."""

    def where(self, chosen: NDArray[np.bool_]) -> _Rows:
        return _Rows(
            self.kinds[chosen],
            self.evidence[chosen],
            self.labels[chosen],
            self.weights[chosen],
            self.mislabelled[chosen],
        )


def fit_row_model(samples: Sequence[RowSamples]) -> RowModel:
    """Fit the row model, and adjust how sure it is to kinds of real pages that it has not seen.

    Drawn pages are harder than most real ones, and no kind is like another.  So each real kind is judged by a model
    that was fitted without it, and the probabilities of the whole model are adjusted by how often those were right.

    Args:
        samples: rows of at least one page; some right, some wrong, some of nothing.

    Raises:
        ValueError: if all rows are right, or none is.
    """
    return RowModel(_fit(_rows_of(samples, "right")), _fit(_rows_of(samples, "present")))


def _rows_of(samples: Sequence[RowSamples], name: str) -> _Rows:
    counts = [len(each.right) for each in samples]
    return _Rows(
        np.repeat([each.kind for each in samples], counts),
        np.concatenate([each.evidence for each in samples]),
        np.concatenate([getattr(each, name) for each in samples]),
        np.repeat([min(_MAX_PAGE_ROWS / max(count, 1), 1.0) for count in counts], counts),
        np.repeat([0.0 if is_drawn(each.kind) else _MISLABELLED_SHARE for each in samples], counts),
    )


def _fit(rows: _Rows) -> AdditiveModel:
    model = _fit_unadjusted(rows)
    real_kinds = [kind for kind in np.unique(rows.kinds).tolist() if not is_drawn(kind)]
    if len(real_kinds) < _MIN_KINDS:
        return model
    left_out = [rows.kinds == kind for kind in real_kinds]
    log_odds = [_fit_unadjusted(rows.where(~chosen)).log_odds(rows.evidence[chosen]) for chosen in left_out]
    held = [rows.where(chosen) for chosen in left_out]
    # The square root is halfway between kinds that count alike and rows that do.
    weights = np.concatenate([each.weights / each.weights.sum() ** 0.5 for each in held])
    adjustment = fit_adjustment(
        np.concatenate(log_odds),
        np.concatenate([each.labels for each in held]),
        weights * (len(weights) / weights.sum()),
        np.concatenate([each.mislabelled for each in held]),
    )
    return replace(model, adjustment=adjustment)


def _fit_unadjusted(rows: _Rows) -> AdditiveModel:
    weights = rows.weights * (len(rows.weights) / rows.weights.sum())
    return fit_additive_model(rows.evidence, rows.labels, weights, rows.mislabelled, _PENALTY, _RANGE_QUANTILES)
