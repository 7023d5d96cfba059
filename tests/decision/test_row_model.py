from __future__ import annotations

import numpy as np

from scanner.decision.additive_model import NO_ADJUSTMENT, AdditiveModel, from_bytes
from scanner.decision.row_evidence import EVIDENCE_NAMES
from scanner.decision.row_model import RowModel, load_row_model


def one_feature(intercept: float) -> AdditiveModel:
    """Log odds that rise by 1 per unit, for a feature of mean 0 and deviation 1."""
    ranges = np.array([[-10.0, 10.0]])
    return AdditiveModel(
        np.zeros(1), np.ones(1), ranges, np.array([[0.0]]), np.array([[1.0, 0.0]]), intercept, NO_ADJUSTMENT
    )


def test_presence_is_never_less_than_being_right() -> None:
    judged = RowModel(one_feature(3.0), one_feature(-3.0)).judge(np.array([[0.0], [5.0]]))
    assert all(each.present >= each.right for each in judged)


def test_a_model_comes_back_from_its_bytes() -> None:
    model = RowModel(one_feature(1.0), one_feature(-1.0))
    data = model.to_bytes()
    loaded = RowModel(from_bytes(data, "right"), from_bytes(data, "present"))
    evidence = np.array([[0.3], [4.0]])
    assert loaded.judge(evidence) == model.judge(evidence)


def test_no_rows_are_no_judgements() -> None:
    assert RowModel(one_feature(0.0), one_feature(0.0)).judge(np.zeros((0, 1))) == ()


def test_the_model_that_comes_with_the_program_weighs_all_evidence() -> None:
    assert load_row_model().right.means.shape == (len(EVIDENCE_NAMES),)
