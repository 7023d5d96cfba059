import json
from pathlib import Path

import numpy as np
import pytest

from scanner.errors import DataError
from scanner.image.digit_frame import digit_frames
from scanner.recognition.blank_marks import BlankMarkModel, CellInk, load_blank_mark_model
from scanner.recognition.hog import HOG_FEATURE_COUNT
from scanner.synthesis.blank_marks import draw_cross_ink, draw_dash_ink, draw_one_ink
from scanner.training import train_blank_marks
from scanner.training.blank_mark_samples import CellInkSamples
from scanner.training.train_blank_marks import fit_blank_marks, score_blank_marks

DRAW = {CellInk.DIGIT: draw_one_ink, CellInk.CROSS: draw_cross_ink, CellInk.DASH: draw_dash_ink}


def draw_samples(seed: int, count: int = 60) -> tuple[CellInkSamples, ...]:
    rng = np.random.default_rng(seed)
    return tuple(
        CellInkSamples(
            kind.name.lower(),
            kind,
            digit_frames(draw(rng) for _ in range(count)),
            (1,) * count if kind is CellInk.DIGIT else (),
        )
        for kind, draw in DRAW.items()
    )


def test_what_is_fitted_tells_others_apart() -> None:
    model = fit_blank_marks(draw_samples(1))
    assert model.weights.dtype == np.float32
    assert (model.weights.shape, model.bias.shape) == ((3, HOG_FEATURE_COUNT), (3,))
    for samples in draw_samples(2):
        assert (model.read(samples.frames).argmax(axis=1) == samples.kind).mean() > 0.9


def test_there_must_be_samples_of_each_kind() -> None:
    with pytest.raises(ValueError, match="each kind"):
        fit_blank_marks(draw_samples(1, 3)[:2])


def test_scores_are_shares_of_what_is_taken_for_what() -> None:
    """A model that takes all for a cross, with a probability of 2 in 3."""
    model = BlankMarkModel(
        np.zeros((3, HOG_FEATURE_COUNT), np.float32), np.log(np.array([1 / 6, 2 / 3, 1 / 6], np.float32))
    )
    lines: list[str] = []
    scores = score_blank_marks(model, draw_samples(1, 4), lines.append)
    assert scores["probabilities"] == [0.5, 0.9]
    assert scores["sources"] == {
        "digit taken for marks": [1.0, 0.0],
        "cross found": [1.0, 0.0],
        "dash found": [0.0, 0.0],
    }
    assert scores["digits taken for marks"] == {"1": [1.0, 0.0]}
    assert lines[0] == "digit: 100.00% taken for marks, 0.00% with a probability of 0.9"


def test_it_is_written_with_a_card_and_alike_for_a_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_blank_marks, "scan_samples", lambda folder, split, seed, plan: draw_samples(seed, 20))
    monkeypatch.setattr(train_blank_marks, "load_letters_x", lambda folder: draw_samples(9, 5)[1])
    lines: list[str] = []
    for name in ("one", "same"):
        train_blank_marks.train_blank_marks(tmp_path, tmp_path / name, 3, lines.append)
    card = json.loads((tmp_path / "one" / "blank_marks.json").read_text("utf-8"))
    assert card["seed"] == 3
    assert card["frames"] == {"digit": 20, "cross": 20, "dash": 20}
    assert card["kept aside"]["sources"]["cross found"][0] > 0.5
    one, same = (load_blank_mark_model(tmp_path / name) for name in ("one", "same"))
    assert np.array_equal(one.weights, same.weights)
    assert "fitting 60 frames" in lines
    assert lines[-1].endswith("blank_marks.npz: written")


def test_there_must_be_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DIGITSCAN_DATA", raising=False)
    with pytest.raises(DataError, match="--data"):
        train_blank_marks.train_blank_marks(None, tmp_path, 1, lambda _: None)
