from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scanner.datasets import isolated_digits
from scanner.datasets.pen_samples import draw_pen_digits, draw_pen_signs
from scanner.recognition.digit_classifier import DigitSvm, load_classifier
from scanner.training import train_digits
from scanner.training.digit_samples import TrainingSet
from scanner.training.digit_svm import DigitSvmPlan, fit_digit_svm


def digits_and_signs(seed: int, count: int) -> TrainingSet:
    rng = np.random.default_rng(seed)
    return TrainingSet((draw_pen_digits(rng, count), draw_pen_signs(rng, count // 5)), (1, 1))


@pytest.fixture(scope="module")
def svm() -> DigitSvm:
    return DigitSvm(
        fit_digit_svm(
            *digits_and_signs(0, 600).epoch_arrays(), *digits_and_signs(1, 300).epoch_arrays(), DigitSvmPlan()
        )
    )


def test_learns_written_digits(svm: DigitSvm) -> None:
    frames, labels = digits_and_signs(2, 200).epoch_arrays()
    best = np.array([np.argmax(reading.probabilities) for reading in svm.read(frames)])
    assert np.mean(best == labels) > 0.75


def test_its_scores_are_probabilities_of_eleven_classes(svm: DigitSvm) -> None:
    for reading in svm.read(digits_and_signs(3, 20).epoch_arrays()[0]):
        assert len(reading.probabilities) == 11
        assert sum(reading.probabilities) == pytest.approx(1.0)


def test_confidence_is_higher_where_it_is_right(svm: DigitSvm) -> None:
    frames, labels = digits_and_signs(4, 2000).epoch_arrays()
    readings = svm.read(frames)
    right = np.array([np.argmax(reading.probabilities) for reading in readings]) == labels
    confidence = np.array([max(reading.probabilities) for reading in readings])
    assert confidence[right].mean() > confidence[~right].mean() + 0.02


def test_training_writes_a_file_that_loads_and_reads_digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    training, held = digits_and_signs(0, 300), digits_and_signs(1, 150)
    monkeypatch.setattr(train_digits, "build_training_set", lambda folder, seed: training)
    monkeypatch.setattr(train_digits, "load_validation_samples", lambda folder: held.sources)
    monkeypatch.setattr(isolated_digits, "load_mnist", lambda folder, part: replace(held.sources[0], name="mnist"))
    monkeypatch.setattr(
        isolated_digits, "load_digit_sources", lambda folder, part: [replace(held.sources[0], name="usps")]
    )
    models = tmp_path / "models"
    models.mkdir()
    report: list[str] = []
    train_digits.train_digit_svm(tmp_path, models, 1, report.append)
    assert sorted(path.name for path in models.iterdir()) == ["svm.json", "svm.skops"]
    frames, labels = digits_and_signs(5, 60).epoch_arrays()
    readings = load_classifier("svm", models).read(frames)
    assert np.mean([np.argmax(reading.probabilities) for reading in readings] == labels) > 0.5
    assert any("usps" in line for line in report)
