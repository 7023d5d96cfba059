"""Train the line readers, from data to files: that of number crops and that of text lines on pages."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from scanner.datasets.data_folder import resolve_data_folder
from scanner.evaluation.number_crops import score_readers
from scanner.recognition.confidence_calibration import UNCALIBRATED, AgreementCalibration
from scanner.recognition.ctc import CHARACTERS
from scanner.recognition.digit_classifier import load_classifier
from scanner.recognition.line_reader import LineReader
from scanner.training.fit_calibration import calibrate_from_readings, calibrate_line_reader
from scanner.training.fit_page_calibration import read_calibration_lines
from scanner.training.model_card import SOURCE_LICENCES, write_model
from scanner.training.onnx_export import export_onnx
from scanner.training.optional_dependencies import require_training_extra
from scanner.weights import CROP_READER_WEIGHTS, TEXT_LINE_READER_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import keras

    from scanner.recognition.confidence_calibration import Calibration
    from scanner.training.line_reader import LineReaderPlan


def train_crop_reader(
    folder: Path | None, models_folder: Path, seed: int, epochs: int | None, report_line: Callable[[str], None]
) -> None:
    """Train the reader of number crops and write ``numbers.onnx`` with its card.

    An interrupted training run resumes after its last whole epoch.  Without a data folder the reader learns from
    synthetic lines of MNIST and pen digits alone, and stays uncalibrated.

    Args:
        folder: data folder; None for that of DIGITSCAN_DATA.
        models_folder: where the weights are written.
        seed: of data order, augmentation and initial weights.
        epochs: None for those of the plan.
        report_line: called with each line of progress.

    Raises:
        DataError: if data is missing.
        NotInstalledError: if the training extra is not installed.
        OutputError: if the weights cannot be written.
    """
    with require_training_extra():
        from scanner.training import checkpoints
        from scanner.training.line_reader import LineReaderPlan
    folder = resolve_data_folder(folder)
    plan = LineReaderPlan() if epochs is None else LineReaderPlan(epochs=epochs)
    model, checkpoint_folder = _train_reader(CROP_READER_WEIGHTS, plan, seed, folder, report_line)
    export_crop_reader(model, plan, seed, folder, models_folder, report_line)
    checkpoints.delete_checkpoints(checkpoint_folder)


def train_text_line_reader(
    folder: Path | None, models_folder: Path, seed: int, epochs: int | None, report_line: Callable[[str], None]
) -> None:
    """Train the reader of text lines on pages and write ``text_lines.onnx`` with its card.

    It learns from text lines of synthetic pages, found by the digit and the page network, beside the lines that the
    reader of number crops learns from.  Arguments, errors and resuming are those of :func:`train_crop_reader`.
    """
    with require_training_extra():
        from scanner.training import checkpoints
        from scanner.training.line_reader import TEXT_LINE_READER_PLAN
    folder = resolve_data_folder(folder)
    plan = TEXT_LINE_READER_PLAN if epochs is None else replace(TEXT_LINE_READER_PLAN, epochs=epochs)
    model, checkpoint_folder = _train_reader(TEXT_LINE_READER_WEIGHTS, plan, seed, folder, report_line)
    export_text_line_reader(model, plan, seed, folder, models_folder, report_line)
    checkpoints.delete_checkpoints(checkpoint_folder)


def _train_reader(
    file: str, plan: LineReaderPlan, seed: int, folder: Path | None, report_line: Callable[[str], None]
) -> tuple[keras.Model, Path]:
    """The trained network and the folder of its checkpoints."""
    from scanner.training.checkpoints import CHECKPOINTS_FOLDER
    from scanner.training.line_reader import build_training_lines, train

    report_line("synthesizing lines and pages, and cutting lines out of real images")
    lines = build_training_lines(folder, seed, plan)
    report_line("".join(f"{len(each.texts):,} {each.name} lines  " for each in lines.line_sets).rstrip())
    checkpoint_folder = CHECKPOINTS_FOLDER / f"{file.removesuffix('.onnx')}-{seed}-{plan.epochs}"
    return train(lines, seed, plan, checkpoint_folder, report_line), checkpoint_folder


def export_crop_reader(
    model: keras.Model,
    plan: LineReaderPlan,
    seed: int,
    folder: Path | None,
    models_folder: Path,
    report_line: Callable[[str], None],
) -> None:
    """Export a trained reader, calibrate it on the validation split, score it on the test split, and write it."""
    weights, classifier = export_onnx(model), load_classifier("cnn")
    calibration, agreement = (
        calibrate_line_reader(weights, classifier, folder) if folder else (UNCALIBRATED, AgreementCalibration())
    )
    scores = score_readers(classifier, LineReader(weights, calibration, agreement), folder) if folder else {}
    for name, score in scores.items():
        report_line(f"{name}: {score['exact']:.2%} of the test numbers correct")
    sources = ["mnist", "pen digits", *(["usps", "ardis", "cheques", "clinic"] if folder else [])]
    card = _reader_card("reader of number crops", model, calibration, agreement, seed, sources, plan, scores)
    write_model(models_folder / CROP_READER_WEIGHTS, weights, card)


def export_text_line_reader(
    model: keras.Model,
    plan: LineReaderPlan,
    seed: int,
    folder: Path | None,
    models_folder: Path,
    report_line: Callable[[str], None],
) -> None:
    """Export a trained reader of text lines, calibrate it on synthetic pages of the validation split, and write it."""
    weights = export_onnx(model)
    report_line("reading synthetic pages to calibrate with")
    readings = read_calibration_lines(weights, folder, plan.processes)
    calibration, agreement = calibrate_from_readings(readings)
    exact = sum(reading.correct for reading in readings) / max(len(readings), 1)
    report_line(f"{exact:.2%} of their {len(readings):,} numbers are read correctly")
    sources = ["synthetic pages", "pen digits", "mnist"]
    sources += ["usps", "ardis", "cheques", "clinic", "letters and operators"] if folder else []
    scores = {"numbers on the synthetic pages of the calibration": round(exact, 4)}
    card = _reader_card("reader of text lines on pages", model, calibration, agreement, seed, sources, plan, scores)
    write_model(models_folder / TEXT_LINE_READER_WEIGHTS, weights, card)


def _reader_card(
    description: str,
    model: keras.Model,
    calibration: Calibration,
    agreement: AgreementCalibration,
    seed: int,
    sources: Sequence[str],
    plan: LineReaderPlan,
    scores: Mapping[str, Any],
) -> dict[str, Any]:
    return {
        "description": f"{description}: line images (N, 32, W, 1) in 0-1 (scanner/recognition/line_image.py) -> logits "
        "(N, W / 4, classes)",
        "classes": f"{CHARACTERS.strip()}, the break between two numbers, and blank",
        "parameters": model.count_params(),
        "calibration": calibration.to_card(),
        "agreement": agreement.to_card(),
        "seed": seed,
        "data": [SOURCE_LICENCES[source] for source in sources],
        "plan": asdict(plan),
        "scores": scores,
    }
