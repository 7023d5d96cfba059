from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scanner.decision.additive_model import (
    NO_ADJUSTMENT,
    AdditiveModel,
    from_bytes,
    hinge_bases,
    load_additive_models,
    to_bytes,
)
from scanner.errors import NotInstalledError


def one_feature(intercept: float = 0.0) -> AdditiveModel:
    """Log odds that rise by 1 per unit up to 2, and by 3 beyond, for a feature of mean 0 and deviation 1."""
    ranges = np.array([[-10.0, 4.0]])
    return AdditiveModel(
        np.zeros(1), np.ones(1), ranges, np.array([[2.0]]), np.array([[1.0, 2.0]]), intercept, NO_ADJUSTMENT
    )


def log_odds(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))


def test_a_function_bends_at_its_knot_and_is_level_beyond_its_range() -> None:
    found = [log_odds(p) for p in one_feature(-3).probabilities(np.array([[-1.0], [1.0], [2.0], [3.0], [4.0], [9.0]]))]
    assert found == pytest.approx([-4, -2, -1, 2, 5, 5])


def test_no_evidence_makes_anything_certain() -> None:
    high, low = one_feature().probabilities(np.array([[1e6], [-1e6]]))
    assert 0.999 < high < 1
    assert 0 < low < 0.001


def test_an_adjustment_bends_at_its_knot() -> None:
    model = replace(one_feature(), adjustment=np.array([0.5, 2.0, 2.0]))
    found = [log_odds(p) for p in model.probabilities(np.array([[-3.0], [1.0], [2.0]]))]
    assert found == pytest.approx([-5.5, 2.5, 5.5])


def test_bases_are_the_feature_and_what_is_beyond_each_knot() -> None:
    bases = hinge_bases(np.array([[0.5], [2.0]]), np.array([[0.0, 1.0]]))
    assert bases.tolist() == [[[0.5, 0.5, 0.0]], [[2.0, 2.0, 1.0]]]


def test_models_come_back_from_their_bytes_by_name() -> None:
    features = np.array([[0.3], [4.0]])
    data = to_bytes({"one": one_feature(1.0), "other": one_feature(-1.0)})
    for name, intercept in (("one", 1.0), ("other", -1.0)):
        loaded = from_bytes(data, name)
        assert loaded.probabilities(features).tolist() == one_feature(intercept).probabilities(features).tolist()


def test_no_numbers_have_no_probabilities() -> None:
    assert one_feature().probabilities(np.zeros((0, 1))).shape == (0,)


def test_a_missing_or_damaged_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotInstalledError, match=r"rows\.npz"):
        load_additive_models("rows.npz", ("right",), 1, tmp_path)
    (tmp_path / "rows.npz").write_bytes(b"no arrays")
    (tmp_path / "rows.json").write_text(
        json.dumps({"file": "rows.npz", "sha256": hashlib.sha256(b"no arrays").hexdigest()})
    )
    with pytest.raises(NotInstalledError, match="not the weights of a model"):
        load_additive_models("rows.npz", ("right",), 1, tmp_path)


def test_a_file_without_the_model_is_an_error(tmp_path: Path) -> None:
    data = to_bytes({"other": one_feature()})
    (tmp_path / "rows.npz").write_bytes(data)
    (tmp_path / "rows.json").write_text(json.dumps({"file": "rows.npz", "sha256": hashlib.sha256(data).hexdigest()}))
    with pytest.raises(NotInstalledError, match="right_means"):
        load_additive_models("rows.npz", ("right",), 1, tmp_path)


def test_a_model_of_other_evidence_is_an_error(tmp_path: Path) -> None:
    data = to_bytes({"right": one_feature()})
    (tmp_path / "rows.npz").write_bytes(data)
    card = {"file": "rows.npz", "sha256": hashlib.sha256(data).hexdigest()}
    (tmp_path / "rows.json").write_text(json.dumps(card))
    with pytest.raises(NotInstalledError, match="weighs 1 pieces of evidence, not 2"):
        load_additive_models("rows.npz", ("right",), 2, tmp_path)
