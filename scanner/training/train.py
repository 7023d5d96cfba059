"""Training runs from data to files: weights and card in the models folder."""

from __future__ import annotations

import os
import platform
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scanner import __version__
from scanner.datasets import labelled
from scanner.datasets.labelled import DataSplit
from scanner.datasets.page_material import find_held_out_fonts, find_training_fonts, font_packages, load_handwriting
from scanner.errors import NotInstalledError
from scanner.evaluation.number_crops import score_readers
from scanner.layout.ink_classes import InkClass, PageNetwork
from scanner.recognition.calibration import UNCALIBRATED, AgreementCalibration
from scanner.recognition.ctc import CHARACTERS
from scanner.recognition.digit_classifier import DigitCnn, load_classifier
from scanner.recognition.line_reader import CROP_READER_NAME, TEXT_LINE_READER_NAME, LineReader
from scanner.training.calibration import calibrate_from_readings, calibrate_line_reader, fit_temperature
from scanner.training.digit_samples import TrainingSet, build_training_set, load_validation_samples
from scanner.training.model_card import SOURCE_LICENCES, write_model
from scanner.training.onnx_export import convert_input_to_space_to_depth, export_onnx
from scanner.training.page_calibration import read_calibration_lines
from scanner.training.page_samples import ink_class_confusion, ink_class_scores, make_page_samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import keras

    from scanner.recognition.calibration import Calibration
    from scanner.training.digit_cnn import DigitCnnPlan
    from scanner.training.page_samples import PageNetworkSample

CHECKPOINTS_FOLDER = Path("checkpoints")
"""Checkpoints go here, below the current folder; a finished run leaves nothing."""


def train_digit_cnn(
    folder: Path | None, models_folder: Path, seed: int, epochs: int | None, report_line: Callable[[str], None]
) -> None:
    """Train the digit CNN and write ``digits.onnx`` with its card.

    Args:
        folder: data folder, or None for DIGITSCAN_DATA or else MNIST alone.
        models_folder: where the weights go.
        seed: of data order, augmentation and initial weights.
        epochs: fewer or more than the plan's.
        report_line: told one line at a time.

    Raises:
        DataError: if the data is not there.
        MissingPartError: if the training extra is not installed.
        OutputError: if the weights cannot be written.
    """
    with _require_training_extra():
        from scanner.training.digit_cnn import DigitCnnPlan, train
    plan = DigitCnnPlan(seed=seed) if epochs is None else DigitCnnPlan(seed=seed, epochs=epochs)
    folder = labelled.resolve_data_folder(folder)
    report_line("reading and framing the training digits")
    training = build_training_set(folder, seed)
    model = train(
        training,
        load_validation_samples(folder),
        plan,
        CHECKPOINTS_FOLDER / f"digits-{plan.seed}-{plan.epochs}",
        report_line,
    )
    export_digit_cnn(model, training, plan, folder, models_folder, report_line)


@contextmanager
def _require_training_extra() -> Iterator[None]:
    """Says what to install where the training extra does not import."""
    # Its own chatter about processors and CUDA libraries hides the progress.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        yield
    except ImportError as error:
        raise NotInstalledError(f"{error.name} is not installed: pip install 'digitscan[train]'") from error


def export_digit_cnn(
    model: keras.Model,
    training: TrainingSet,
    plan: DigitCnnPlan,
    folder: Path | None,
    models_folder: Path,
    report_line: Callable[[str], None],
) -> None:
    """Export a trained network, calibrate it on the validation part, score it on the test part, write it."""
    weights = export_onnx(model)
    held = TrainingSet(load_validation_samples(folder), (1,) * len(load_validation_samples(folder)))
    frames, labels = held.epoch_arrays()
    temperature = fit_temperature(DigitCnn(weights, 1.0).logits(frames), labels)
    scores = _score_classifier(DigitCnn(weights, temperature), folder)
    for name, score in scores.items():
        report_line(f"{name}: {score:.2%} of the held-aside digits right")
    card = {
        "what": "digit CNN: frames (N, 28, 28, 1) in 0-1 -> logits of the digits 0-9 and of no digit",
        "parameters": model.count_params(),
        "temperature": round(temperature, 4),
        **_provenance_fields(training),
        "plan": asdict(plan),
        "scores": {name: round(score, 4) for name, score in scores.items()},
    }
    write_model(models_folder / "digits.onnx", weights, card)


def train_crop_reader(
    folder: Path | None, models_folder: Path, seed: int, epochs: int | None, report_line: Callable[[str], None]
) -> None:
    """Train the number reader and write ``numbers.onnx`` with its card.

    A run that was broken off goes on after its last whole epoch.  Args and
    errors as for :func:`train_digit_cnn`; without a data folder it learns from
    synthetic lines of MNIST and pen digits alone, and stays uncalibrated.
    """
    with _require_training_extra():
        from scanner.training import checkpoints
        from scanner.training.line_reader import LineReaderPlan
    folder = labelled.resolve_data_folder(folder)
    plan = LineReaderPlan() if epochs is None else LineReaderPlan(epochs=epochs)
    model, checkpoint_folder = _train_reader(CROP_READER_NAME, plan, seed, folder, report_line)
    export_crop_reader(model, plan, seed, folder, models_folder, report_line)
    checkpoints.delete_checkpoints(checkpoint_folder)


def train_text_line_reader(
    folder: Path | None, models_folder: Path, seed: int, epochs: int | None, report_line: Callable[[str], None]
) -> None:
    """Train the reader of runs on pages and write ``text_lines.onnx`` with its card.

    As :func:`train_crop_reader`, on pages that the program makes up beside the lines
    of the number reader; the digit and the page network find the runs on them.
    """
    with _require_training_extra():
        from scanner.training import checkpoints
        from scanner.training.line_reader import TEXT_LINE_READER_PLAN
    folder = labelled.resolve_data_folder(folder)
    plan = TEXT_LINE_READER_PLAN if epochs is None else replace(TEXT_LINE_READER_PLAN, epochs=epochs)
    model, checkpoint_folder = _train_reader(TEXT_LINE_READER_NAME, plan, seed, folder, report_line)
    export_text_line_reader(model, plan, seed, folder, models_folder, report_line)
    checkpoints.delete_checkpoints(checkpoint_folder)


def _train_reader(
    name: str, plan: Any, seed: int, folder: Path | None, say: Callable[[str], None]
) -> tuple[keras.Model, Path]:
    """The trained network, and where its checkpoint_folder are."""
    from scanner.training.line_reader import build_training_lines, train

    say("putting together synthetic lines and pages, and cutting the real lines anew")
    lines = build_training_lines(folder, seed, plan)
    say("".join(f"{len(part.texts):,} {part.name} lines  " for part in lines.line_sets).rstrip())
    checkpoint_folder = CHECKPOINTS_FOLDER / f"{name}-{seed}-{plan.epochs}"
    return train(lines, seed, plan, checkpoint_folder, say), checkpoint_folder


def export_crop_reader(
    model: keras.Model,
    plan: Any,
    seed: int,
    folder: Path | None,
    models_folder: Path,
    report_line: Callable[[str], None],
) -> None:
    """Export a trained number reader, calibrate it on the validation part, score it on the test part, write it."""
    weights, classifier = export_onnx(model), load_classifier("cnn")
    calibration, agreement = (
        calibrate_line_reader(weights, classifier, folder) if folder else (UNCALIBRATED, AgreementCalibration())
    )
    reader = LineReader(weights, calibration, agreement)
    scores = score_readers(classifier, reader, folder) if folder else {}
    for name, score in scores.items():
        report_line(f"{name}: {score['right']:.2%} of the held-aside numbers right")
    sources = ["mnist", "pen digits", *(["usps", "ardis", "cheques", "clinic"] if folder else [])]
    card = {
        "what": "number reader: line images (N, 32, W, 1) in 0-1 (scanner/recognition/line_image.py) -> logits (N, W / 4, classes)",
        **_reader_card_fields(model, calibration, agreement),
        "seed": seed,
        "data": [SOURCE_LICENCES[source] for source in sources],
        "plan": asdict(plan),
        "scores": scores,
    }
    write_model(models_folder / f"{CROP_READER_NAME}.onnx", weights, card)


def export_text_line_reader(
    model: keras.Model,
    plan: Any,
    seed: int,
    folder: Path | None,
    models_folder: Path,
    report_line: Callable[[str], None],
) -> None:
    """Export a trained reader of runs, calibrate it on pages of the validation part, write it."""
    weights = export_onnx(model)
    report_line("reading pages to calibrate with")
    readings = read_calibration_lines(weights, folder, plan.processes)
    calibration, agreement = calibrate_from_readings(readings)
    right = sum(reading.correct for reading in readings) / max(len(readings), 1)
    report_line(f"{right:.2%} of {len(readings):,} numbers on them are read right")
    sources = ["synthesised pages", "pen digits", "mnist"]
    sources += ["usps", "ardis", "cheques", "clinic", "letters and operators"] if folder else []
    card = {
        "what": "reader of runs on pages: line images (N, 32, W, 1) in 0-1 (scanner/recognition/line_image.py) -> (N, W / 4, classes)",
        **_reader_card_fields(model, calibration, agreement),
        "seed": seed,
        "data": [SOURCE_LICENCES[source] for source in sources],
        "plan": asdict(plan),
        "scores": {"numbers on synthesised pages to calibrate with": round(right, 4)},
    }
    write_model(models_folder / f"{TEXT_LINE_READER_NAME}.onnx", weights, card)


def _reader_card_fields(
    model: keras.Model, calibration: Calibration, agreement: AgreementCalibration
) -> dict[str, Any]:
    return {
        "classes": f"{CHARACTERS.strip()}, what stands between two numbers, and blank",
        "parameters": model.count_params(),
        "calibration": calibration.to_card(),
        "agreement": agreement.to_card(),
        "version": __version__,
        "python": platform.python_version(),
    }


def train_page_network(
    folder: Path | None, models_folder: Path, seed: int, epochs: int | None, report_line: Callable[[str], None]
) -> None:
    """Train the page network and write ``pages.onnx`` with its card.

    A run that was broken off goes on after its last whole epoch.  Args and
    errors as for :func:`train_digit_cnn`; without a data folder all is written
    with the project's own pen.
    """
    with _require_training_extra():
        from scanner.training import checkpoints
        from scanner.training.page_network import PageNetworkPlan, train
    plan = PageNetworkPlan() if epochs is None else PageNetworkPlan(epochs=epochs)
    folder = labelled.resolve_data_folder(folder)
    report_line(f"synthesising {plan.pages:,} pages, and {plan.watched + plan.scored} with fonts that are held aside")
    pages = make_page_samples(
        find_training_fonts(), load_handwriting(folder, seed, DataSplit.TRAIN), seed, plan.pages, plan.processes
    )
    watched = _held_out_page_samples(folder, DataSplit.VALIDATION, plan.watched, plan.processes)
    checkpoint_folder = CHECKPOINTS_FOLDER / f"pages-{seed}-{plan.epochs}"
    model = train(pages, watched, seed, plan, checkpoint_folder, report_line)
    scored = _held_out_page_samples(folder, DataSplit.TEST, plan.scored, plan.processes)
    export_page_network(model, scored, plan, seed, folder, models_folder, report_line)
    checkpoints.delete_checkpoints(checkpoint_folder)


def export_page_network(
    model: keras.Model,
    held_out_samples: Sequence[PageNetworkSample],
    plan: Any,
    seed: int,
    folder: Path | None,
    models_folder: Path,
    report_line: Callable[[str], None],
) -> None:
    """Export a trained page network, score it on pages held aside, write it."""
    weights = convert_input_to_space_to_depth(export_onnx(model))
    scores = ink_class_scores(ink_class_confusion(PageNetwork(weights).logits, held_out_samples))
    for name, score in scores.items():
        report_line(f"{name}: {score:.2%}, by the amount of ink on the pages held aside")
    theirs = ["mnist", "usps", "ardis", "cheques", "letters and operators"] if folder else []
    sources = ["synthesised pages", "pen digits", *theirs]
    card = {
        "what": "page network: ink of pages by fours, (N, 4, H / 2, W / 2) in 0-1 (scanner/layout/ink_classes.py) -> logits "
        "(N, H / 4, W / 4, kinds)",
        "classes": [kind.name.lower().replace("_", " ") for kind in InkClass],
        "parameters": model.count_params(),
        "version": __version__,
        "python": platform.python_version(),
        "seed": seed,
        "data": [SOURCE_LICENCES[source] for source in sources],
        "fonts": {
            "packages": font_packages(),
            "families": [family.name for family in find_training_fonts()],
            "families held aside": [family.name for family in find_held_out_fonts()],
        },
        "plan": asdict(plan),
        "scores": scores,
    }
    write_model(models_folder / "pages.onnx", weights, card)


def _held_out_page_samples(folder: Path | None, part: DataSplit, count: int, processes: int) -> list[PageNetworkSample]:
    """Pages of fonts, and by digits, that are not trained with; others for each part."""
    seed = _HELD_OUT_SEEDS[part]
    return make_page_samples(find_held_out_fonts(), load_handwriting(folder, seed, part), seed, count, processes)


_HELD_OUT_SEEDS = {DataSplit.VALIDATION: 1_000_003, DataSplit.TEST: 1_000_004}
"""Seeds that nobody trains with."""


def train_digit_svm(folder: Path | None, models_folder: Path, seed: int, report_line: Callable[[str], None]) -> None:
    """Train the SVM baseline and write ``svm.skops`` with its card.

    Args and errors as for :func:`train_digit_cnn`.
    """
    from skops.io import dumps

    from scanner.recognition.digit_classifier import DigitSvm
    from scanner.training.digit_svm import DigitSvmPlan, fit_digit_svm

    folder = labelled.resolve_data_folder(folder)
    report_line("reading and framing the training digits")
    training = build_training_set(folder, seed)
    plan = DigitSvmPlan()
    # A support vector machine gains nothing from seeing a sample twice.
    frames, labels = TrainingSet(training.sources, (1,) * len(training.sources)).epoch_arrays()
    held = TrainingSet(load_validation_samples(folder), (1,) * len(load_validation_samples(folder)))
    report_line(f"fitting {len(labels):,} frames")
    model = fit_digit_svm(frames, labels, *held.epoch_arrays(), plan)
    scores = _score_classifier(DigitSvm(model), folder)
    for name, score in scores.items():
        report_line(f"{name}: {score:.2%} of the held-aside digits right")
    card = {
        "what": "SVM baseline: HOG features of 28 x 28 frames -> probabilities of the digits 0-9 and of no digit",
        **_provenance_fields(training),
        "plan": asdict(plan),
        "scores": {name: round(score, 4) for name, score in scores.items()},
    }
    write_model(models_folder / "svm.skops", dumps(model, compression=_ZIP_DEFLATED, compresslevel=9), card)


_ZIP_DEFLATED = 8
"""zipfile.ZIP_DEFLATED."""


def _score_classifier(classifier: DigitCnn | Any, folder: Path | None) -> dict[str, float]:
    """Share of digits read right on the test part of each source."""
    sources = [
        labelled.load_mnist(folder, DataSplit.TEST),
        *(labelled.load_digit_sources(folder, DataSplit.TEST) if folder else ()),
    ]
    return {
        source.name: float(np.mean([r.digit for r in classifier.read(source.frames)] == source.labels))
        for source in sources
    }


def _provenance_fields(training: TrainingSet) -> dict[str, Any]:
    return {
        "version": __version__,
        "python": platform.python_version(),
        "data": [
            {
                "samples": s.name,
                "source": SOURCE_LICENCES.get(s.name.split(",")[0], s.name),
                "frames": len(s.labels),
                "times_per_epoch": n,
            }
            for s, n in zip(training.sources, training.repeats, strict=True)
        ],
    }
