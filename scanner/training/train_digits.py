"""Train the classifiers of isolated digits, from data to files: the CNN and the SVM baseline."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from scanner.datasets import isolated_digits
from scanner.datasets.data_folder import DataSplit, resolve_data_folder
from scanner.recognition.digit_classifier import DigitCnn, DigitSvm
from scanner.training.checkpoints import CHECKPOINTS_FOLDER
from scanner.training.digit_samples import TrainingSet, build_training_set, load_validation_samples
from scanner.training.fit_calibration import fit_temperature
from scanner.training.model_card import (
    DIGIT_CNN_DESCRIPTION,
    description_of_start,
    source_entries,
    write_model,
)
from scanner.training.onnx_export import export_onnx
from scanner.training.optional_dependencies import require_training_extra
from scanner.weights import DIGIT_CNN_WEIGHTS, DIGIT_SVM_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import keras

    from scanner.recognition.digit_classifier import Classifier
    from scanner.training.digit_cnn import DigitCnnPlan


def train_digit_cnn(
    folder: Path | None,
    models_folder: Path,
    seed: int,
    epochs: int | None,
    report_line: Callable[[str], None],
    start: Path | None = None,
) -> None:
    """Train the digit CNN and write ``digits.onnx`` with its card.

    Args:
        folder: data folder; None for that of DIGITSCAN_DATA, and without one for MNIST and the pen alone.
        models_folder: where the weights are written.
        seed: of data order, augmentation and initial weights.
        epochs: passes over the data; None for those of the plan.
        report_line: called with each line of progress.
        start: weights of an earlier training run that this one begins with; None for random ones.

    Raises:
        DataError: if data is missing, or the weights to begin with cannot be read or are of another network.
        NotInstalledError: if the training extra is not installed.
        OutputError: if the weights cannot be written.
    """
    with require_training_extra():
        from scanner.training.digit_cnn import DigitCnnPlan, load_network, train
    plan = DigitCnnPlan(seed=seed) if epochs is None else DigitCnnPlan(seed=seed, epochs=epochs)
    folder = resolve_data_folder(folder)
    network, described_start, name = None, {}, f"digits-{plan.seed}-{plan.epochs}"
    if start is not None:
        network, described_start = load_network(start), {"began with": description_of_start(start)}
        plan = replace(plan, peak_learning_rate=plan.peak_learning_rate * plan.resumed_rate_share)
        # What another run left behind began with other weights.
        name += f"-from-{described_start['began with']['sha256'][:8]}"
    report_line("loading and framing the training digits")
    training = build_training_set(folder, seed)
    validation = load_validation_samples(folder)
    model = train(training, validation, plan, CHECKPOINTS_FOLDER / name, report_line, network)
    export_digit_cnn(model, training, plan, folder, models_folder, report_line, described_start)


def export_digit_cnn(
    model: keras.Model,
    training: TrainingSet,
    plan: DigitCnnPlan,
    folder: Path | None,
    models_folder: Path,
    report_line: Callable[[str], None],
    described_start: Mapping[str, Any],
) -> None:
    """Export a trained network, calibrate it on the validation split, score it on the test split, and write it."""
    weights = export_onnx(model)
    frames, labels = TrainingSet.each_once(load_validation_samples(folder)).epoch_arrays()
    temperature = fit_temperature(DigitCnn(weights, 1.0).logits(frames), labels)
    scores = _score_classifier(DigitCnn(weights, temperature), folder, report_line)
    card = {
        "description": DIGIT_CNN_DESCRIPTION,
        "parameters": model.count_params(),
        "temperature": round(temperature, 4),
        **described_start,
        "data": source_entries(training),
        "plan": asdict(plan),
        "scores": scores,
    }
    write_model(models_folder / DIGIT_CNN_WEIGHTS, weights, card)


def train_digit_svm(folder: Path | None, models_folder: Path, seed: int, report_line: Callable[[str], None]) -> None:
    """Train the SVM baseline and write ``svm.skops`` with its card.

    Arguments and errors are those of :func:`train_digit_cnn`.
    """
    from skops.io import dumps

    from scanner.training.digit_svm import DigitSvmPlan, fit_digit_svm

    folder = resolve_data_folder(folder)
    report_line("loading and framing the training digits")
    training = build_training_set(folder, seed)
    plan = DigitSvmPlan()
    # A support vector machine gains nothing from seeing a sample twice.
    frames, labels = TrainingSet.each_once(training.sources).epoch_arrays()
    report_line(f"fitting {len(labels):,} frames")
    model = fit_digit_svm(frames, labels, *TrainingSet.each_once(load_validation_samples(folder)).epoch_arrays(), plan)
    card = {
        "description": "SVM baseline: HOG features of frames (28 x 28) -> probabilities of the digits 0-9 and no digit",
        "data": source_entries(training),
        "plan": asdict(plan),
        "scores": _score_classifier(DigitSvm(model), folder, report_line),
    }
    write_model(models_folder / DIGIT_SVM_WEIGHTS, dumps(model, compression=_ZIP_DEFLATED, compresslevel=9), card)


_ZIP_DEFLATED = 8
"""Value of ``zipfile.ZIP_DEFLATED``: the compression of the SVM's file."""


def _score_classifier(
    classifier: Classifier, folder: Path | None, report_line: Callable[[str], None]
) -> dict[str, float]:
    """Share of digits read correctly on the test split, by source."""
    sources = [
        isolated_digits.load_mnist(folder, DataSplit.TEST),
        *(isolated_digits.load_digit_sources(folder, DataSplit.TEST) if folder else ()),
    ]
    scores = {}
    for source in sources:
        score = float(np.mean([reading.digit for reading in classifier.read(source.frames)] == source.labels))
        report_line(f"{source.name}: {score:.2%} of the test digits correct")
        scores[source.name] = round(score, 4)
    return scores
