from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanner.datasets.labelled_crops import LabelledCrop
from scanner.decision.crop_evidence import CROP_EVIDENCE_NAMES, load_crop_model
from scanner.errors import DataError
from scanner.options import Charset
from scanner.synthesis.pen import draw_text, random_writer
from scanner.training import train_crop_model


def write_crop(folder: Path, index: int) -> LabelledCrop:
    """A number written with the pen; every fourth has a wrong label."""
    rng = np.random.default_rng(index)
    text = str(int(rng.integers(10, 10_000)))
    coverage, _ = draw_text(text, random_writer(rng), rng, 40)
    path = folder / f"{index}.png"
    cv2.imwrite(str(path), 255 - np.pad(coverage, 12))
    return LabelledCrop(path, text if index % 4 else text + "7", ())


def test_it_is_fitted_to_what_is_read_and_written_with_a_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crops = [write_crop(tmp_path, index) for index in range(16)]
    sources = (("pen", crops, Charset.DIGITS),)
    monkeypatch.setattr(train_crop_model, "labelled_crop_sources", lambda *_: sources)
    lines: list[str] = []
    train_crop_model.train_crop_model(tmp_path, tmp_path / "models", lines.append)
    card = json.loads((tmp_path / "models" / "crops.json").read_text())
    assert card["crops"] == {"pen": 16}
    assert card["evidence"] == list(CROP_EVIDENCE_NAMES)
    assert load_crop_model(tmp_path / "models").means.shape == (len(CROP_EVIDENCE_NAMES),)
    assert lines[-1].endswith("fitted to 16 crops")


def test_there_must_be_crops(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DIGITSCAN_DATA", raising=False)
    with pytest.raises(DataError, match="--data"):
        train_crop_model.train_crop_model(None, tmp_path, lambda _: None)
