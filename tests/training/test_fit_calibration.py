from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from scanner.datasets.labelled_crops import LabelledCrop
from scanner.options import Charset
from scanner.recognition.confidence_calibration import UNCALIBRATED, AgreementCalibration
from scanner.recognition.digit_classifier import load_classifier
from scanner.recognition.line_reader import LineReader, LineReading
from scanner.synthesis.pen import draw_text, random_writer
from scanner.training.fit_calibration import calibrate_line_reader, fit_calibration, fit_temperature


def labels_drawn_from_logits(
    rng: np.random.Generator, count: int, scale: float = 2.0
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Logits, and labels drawn with the probabilities of the logits."""
    logits = rng.normal(0, 2, (count, 11))
    # The Gumbel-max trick draws from the softmax.
    labels = np.argmax(logits + rng.gumbel(size=logits.shape), axis=1)
    return logits.astype(np.float32), labels


@pytest.mark.parametrize("overconfidence", [0.5, 1.0, 2.0, 3.0])
def test_the_temperature_is_the_overconfidence_of_the_logits(overconfidence: float) -> None:
    logits, labels = labels_drawn_from_logits(np.random.default_rng(0), 20_000)
    assert fit_temperature(logits * np.float32(overconfidence), labels) == pytest.approx(overconfidence, rel=0.05)


def test_correct_logits_are_sharpened_and_wrong_ones_softened() -> None:
    logits = np.eye(11, dtype=np.float32)[np.arange(110) % 11] * 3
    right = np.arange(110) % 11
    assert fit_temperature(logits, right) < 1 < fit_temperature(logits, (right + 1) % 11)


def test_logits_of_thousands_do_not_overflow() -> None:
    logits = np.eye(11, dtype=np.float32)[[0, 1, 2, 3]] * 5000
    assert np.isfinite(fit_temperature(logits, np.array([0, 1, 2, 4])))


@settings(max_examples=10)
@given(st.integers(0, 1000), st.floats(-20, 20))
def test_a_constant_added_to_all_logits_changes_nothing(seed: int, constant: float) -> None:
    logits, labels = labels_drawn_from_logits(np.random.default_rng(seed), 200)
    exact = (logits.astype(np.float64) + constant).astype(np.float32)
    assert fit_temperature(exact, labels) == pytest.approx(fit_temperature(logits, labels), rel=0.03)


def test_calibration_finds_the_true_probabilities() -> None:
    rng = np.random.default_rng(5)
    raw = rng.beta(6, 1, 4000)
    # Of readings with probability p the share p² is right.
    right = rng.random(4000) < raw**2
    curve = fit_calibration(raw.tolist(), right.tolist())
    assert curve.apply([0.5, 0.7, 0.9]) == pytest.approx([0.25, 0.49, 0.81], abs=0.06)


def test_a_calibration_never_falls_even_where_the_readings_do() -> None:
    raw = [0.1] * 10 + [0.9] * 10
    curve = fit_calibration(raw, [True] * 8 + [False] * 2 + [True] * 2 + [False] * 8)
    assert curve.apply([0.1, 0.9]) == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("right", [True, False])
def test_nothing_is_calibrated_if_all_or_none_are_correct(right: bool) -> None:
    assert fit_calibration([0.3, 0.9], [right, right]) is UNCALIBRATED
    assert fit_calibration([], []) is UNCALIBRATED


class ScriptedReader(LineReader):
    """Returns the given readings in turn, over and over."""

    def __init__(self, *readings: tuple[str, float]) -> None:
        self._script = readings
        self._next = 0
        self.agreement = AgreementCalibration()

    def read_numbers(self, lines: object, charset: Charset) -> tuple[LineReading, ...]:
        assert isinstance(lines, list)
        readings = []
        for _ in lines:
            text, probability = self._script[self._next % len(self._script)]
            self._next += 1
            readings.append(LineReading(text, probability, (), 0, 0))
        return tuple(readings)


def written(folder: Path, name: str, text: str, truth: str) -> LabelledCrop:
    """A picture of ``text`` with the truth ``truth``."""
    rng = np.random.default_rng(3)
    ink, _ = draw_text(text, random_writer(rng), rng, 60)
    cv2.imwrite(str(folder / name), 255 - np.pad(ink, 20))
    return LabelledCrop(folder / name, truth, ())


def test_confirmed_readings_have_a_calibration_of_their_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    crops = tuple(written(tmp_path, f"{n}.png", "2580", "2580" if n % 4 else "2581") for n in range(8))
    monkeypatch.setattr("scanner.datasets.labelled_crops.load_cheques", lambda *_: crops)
    monkeypatch.setattr("scanner.datasets.labelled_crops.load_clinic_cells", lambda *_: crops)
    # Alternately what is written and something else: three quarters of the former are right, none of the latter.
    reader = ScriptedReader(("2580", 0.9), ("2590", 0.9), ("2580", 0.8), ("2580", 0.9), ("2590", 0.7))
    monkeypatch.setattr("scanner.training.fit_calibration.LineReader", lambda weights: reader)
    confidence, agreement = calibrate_line_reader(b"", load_classifier("cnn"), tmp_path)
    alone = float(confidence.apply(0.9))
    assert float(agreement.confirmed.apply(alone)) > alone
    assert 0.3 < alone < 0.8
