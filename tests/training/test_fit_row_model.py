from __future__ import annotations

import numpy as np
import pytest

from scanner.training.fit_row_model import fit_row_model
from scanner.training.row_samples import RowSamples


def samples(kind: str, count: int, seed: int, shift: float = 0.0) -> RowSamples:
    """Rows of which the first piece of evidence tells the probability, and the second nothing."""
    rng = np.random.default_rng(seed)
    evidence = rng.normal(0, 1.5, (count, 2))
    right = rng.random(count) < 1 / (1 + np.exp(-(evidence[:, 0] + shift)))
    return RowSamples(kind, evidence, right | (rng.random(count) < 0.5), right)


def test_the_probabilities_are_those_of_the_rows() -> None:
    model = fit_row_model([samples("a", 4000, 1), samples("b", 4000, 2)])
    fresh = samples("c", 20_000, 3)
    probabilities = model.right.probabilities(fresh.evidence)
    for low in (0.1, 0.3, 0.5, 0.7):
        chosen = (probabilities >= low) & (probabilities < low + 0.2)
        assert fresh.right[chosen].mean() == pytest.approx(probabilities[chosen].mean(), abs=0.05)


def test_what_tells_nothing_counts_little() -> None:
    model = fit_row_model([samples("a", 4000, 1)])
    assert np.abs(model.right.weights[1]).max() < 0.25 * np.abs(model.right.weights[0]).max()


def test_a_page_with_many_rows_does_not_decide_alone() -> None:
    # The rows of the large page are right less often for the same evidence.
    model = fit_row_model([samples("large", 8000, 1, shift=-2.0), samples("small", 200, 2, shift=2.0)])
    (level,) = model.right.probabilities(np.zeros((1, 2)))
    assert 0.17 < level < 0.83


def test_it_is_as_sure_of_an_unseen_kind_as_it_is_right_on_kinds_left_out() -> None:
    # Drawn pages are harder than real ones: their rows are right less often for the same evidence.
    drawn = [samples(f"drawn: {index}", 60, 10 + index, shift=-1.5) for index in range(80)]
    real = [samples(kind, 60, index, shift=1.0) for index, kind in enumerate(("a", "b", "c", "d") * 5)]
    fresh = samples("e", 20_000, 3, shift=1.0)
    sure = fit_row_model([*drawn, *real]).right.probabilities(fresh.evidence)
    unsure = fit_row_model(drawn).right.probabilities(fresh.evidence)
    assert sure.mean() == pytest.approx(fresh.right.mean(), abs=0.05)
    assert unsure.mean() < fresh.right.mean() - 0.1


def test_evidence_that_is_the_same_everywhere_is_left_out() -> None:
    constant = samples("a", 500, 1)
    constant.evidence[:, 1] = 7.0
    probabilities = fit_row_model([constant]).right.probabilities(constant.evidence)
    assert np.isfinite(probabilities).all()


def test_wrong_truth_of_real_pages_does_not_bound_the_probability() -> None:
    rng = np.random.default_rng(4)
    evidence = rng.normal(6, 1, (20_000, 1))
    # All are read rightly, and one in a hundred is called wrong.
    right = rng.random(20_000) > 0.01
    real, drawn = (
        fit_row_model([RowSamples(kind, evidence, right, right)]).right.probabilities(np.array([[6.0]]))[0]
        for kind in ("tally", "drawn: log")
    )
    assert drawn < 0.992 < 0.995 < real
