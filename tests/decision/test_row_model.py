from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from scanner.decision.row_evidence import EVIDENCE_NAMES
from scanner.decision.row_model import AdditiveModel, RowModel, hinge_bases, load_row_model
from scanner.errors import NotInstalledError


def one_feature(intercept: float = 0.0) -> AdditiveModel:
    """Log odds that rise by 1 per unit up to 2, and by 3 beyond, for a feature of mean 0 and deviation 1."""
    ranges = np.array([[-10.0, 4.0]])
    return AdditiveModel(np.zeros(1), np.ones(1), ranges, np.array([[2.0]]), np.array([[1.0, 2.0]]), intercept)


def log_odds(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


def test_a_function_bends_at_its_knot_and_is_level_beyond_its_range() -> None:
    found = [log_odds(p) for p in one_feature(-3).probabilities(np.array([[-1.0], [1.0], [2.0], [3.0], [4.0], [9.0]]))]
    assert found == pytest.approx([-4, -2, -1, 2, 5, 5])


def test_no_evidence_makes_a_row_certain() -> None:
    high, low = one_feature().probabilities(np.array([[1e6], [-1e6]]))
    assert 0.999 < high < 1
    assert 0 < low < 0.001


def test_bases_are_the_feature_and_what_is_beyond_each_knot() -> None:
    bases = hinge_bases(np.array([[0.5], [2.0]]), np.array([[0.0, 1.0]]))
    assert bases.tolist() == [[[0.5, 0.5, 0.0]], [[2.0, 2.0, 1.0]]]


def test_presence_is_never_less_than_being_right() -> None:
    judged = RowModel(one_feature(3.0), one_feature(-3.0)).judge(np.array([[0.0], [5.0]]))
    assert all(each.present >= each.right for each in judged)


def test_a_model_comes_back_from_its_bytes() -> None:
    model = RowModel(one_feature(1.0), one_feature(-1.0))
    loaded = RowModel.from_bytes(model.to_bytes())
    evidence = np.array([[0.3], [4.0]])
    assert loaded.judge(evidence) == model.judge(evidence)


def test_no_rows_are_no_judgements() -> None:
    assert RowModel(one_feature(), one_feature()).judge(np.zeros((0, 1))) == ()


def test_the_model_that_comes_with_the_program_weighs_all_evidence() -> None:
    assert load_row_model().right.means.shape == (len(EVIDENCE_NAMES),)


def test_a_damaged_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotInstalledError, match=r"rows\.npz"):
        load_row_model(tmp_path)
    import hashlib

    (tmp_path / "rows.npz").write_bytes(b"no arrays")
    card = {"sha256": hashlib.sha256(b"no arrays").hexdigest()}
    (tmp_path / "rows.json").write_text(json.dumps(card))
    with pytest.raises(NotInstalledError, match="cannot read the weights"):
        load_row_model(tmp_path)
