"""Train the line reader, from data to files."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from scanner.datasets.data_folder import resolve_data_folder
from scanner.evaluation.number_crops import score_readers
from scanner.recognition.confidence_calibration import UNCALIBRATED, AgreementCalibration
from scanner.recognition.ctc import CHARACTERS
from scanner.recognition.digit_classifier import load_classifier
from scanner.recognition.line_reader import LineReader
from scanner.training.checkpoints import CHECKPOINTS_FOLDER, delete_checkpoints
from scanner.training.fit_calibration import calibrate_line_reader
from scanner.training.known_pages import make_known_pages
from scanner.training.model_card import SOURCE_LICENCES, description_of_start, write_model
from scanner.training.optional_dependencies import require_training_extra
from scanner.weights import CROP_READER_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from scanner.recognition.confidence_calibration import Calibration
    from scanner.training.line_reader_training import LineReaderPlan
    from scanner.training.torch_training import NetworkTraining

_SYNTHETIC_SOURCES = ("synthetic pages", "pen digits", "mnist")
_FOLDER_SOURCES = (
    *("usps", "ardis", "cheques", "clinic", "registers", "signs", "fonts", "letters and operators", "real pages"),
)
"""Sources of training data without and with a data folder, as in ``SOURCE_LICENCES``."""


def train_line_reader(
    folder: Path | None,
    models_folder: Path,
    seed: int,
    epochs: int | None,
    report_line: Callable[[str], None],
    without: Collection[str] = (),
    start: Path | None = None,
) -> None:
    """Train the line reader and write ``numbers.onnx`` with its card.

    An interrupted training run resumes after its last whole epoch.  Without a data folder the reader learns from
    synthetic lines of MNIST and pen digits alone, and stays uncalibrated.

    Args:
        folder: data folder; None for that of DIGITSCAN_DATA.
        models_folder: where the weights are written.
        seed: of data order, augmentation and initial weights.
        epochs: None for those of the plan.
        report_line: called with each line of progress.
        without: sources and kinds of pages that nothing is learnt from, to measure how the reader reads what it has
            never seen.
        start: weights of an earlier training run that this one begins with; None for random ones.

    Raises:
        DataError: if data is missing, or the weights to begin with cannot be read or are of another network.
        NotInstalledError: if the training extra is not installed.
        OutputError: if the weights cannot be written.
    """
    with require_training_extra():
        from scanner.training import line_reader_training
    folder = resolve_data_folder(folder)
    plan = line_reader_training.LineReaderPlan(without=tuple(sorted(set(without))))
    plan = plan if epochs is None else replace(plan, epochs=epochs)
    name = "-".join(["numbers", str(seed), str(plan.epochs), *(f"without-{source}" for source in plan.without)])
    root = CHECKPOINTS_FOLDER
    known_pages: tuple[Path, ...] = ()
    if folder is not None:
        known_pages = make_known_pages(folder, root, seed, plan.processes, plan.without).lines
    folders = line_reader_training.ReaderFolders(root / name / "state.pt", root / f"lines-{seed}", known_pages)
    training = line_reader_training.train_line_reader(folder, seed, plan, folders, report_line, start)
    export_line_reader(training, plan, seed, folder, models_folder, report_line, start)
    delete_checkpoints(root / name)


def export_line_reader(
    training: NetworkTraining,
    plan: LineReaderPlan,
    seed: int,
    folder: Path | None,
    models_folder: Path,
    report_line: Callable[[str], None],
    start: Path | None = None,
) -> None:
    """Export a trained reader, calibrate it on the validation split, score it on the test split, and write it.

    Raises:
        DataError: if data is missing.
        OutputError: if the weights cannot be written.
    """
    from scanner.training.line_reader import export_network
    from scanner.training.torch_training import count_parameters

    weights, classifier = export_network(training.averaged_network), load_classifier("cnn")
    calibration, agreement = (
        calibrate_line_reader(weights, classifier, folder) if folder else (UNCALIBRATED, AgreementCalibration())
    )
    scores = score_readers(classifier, LineReader(weights, calibration, agreement), folder) if folder else {}
    for name, score in scores.items():
        report_line(f"{name}: {score['exact']:.2%} of the test numbers correct")
    card = _reader_card(calibration, agreement, seed, plan, scores, has_folder=folder is not None)
    card["parameters"] = count_parameters(training.network)
    if start is not None:
        card["began with"] = description_of_start(start)
    card["hours of training"] = round(training.seconds_done / 3600, 2)
    write_model(models_folder / CROP_READER_WEIGHTS, weights, card)


def _reader_card(
    calibration: Calibration,
    agreement: AgreementCalibration,
    seed: int,
    plan: LineReaderPlan,
    scores: dict[str, Any],
    *,
    has_folder: bool,
) -> dict[str, Any]:
    sources = [*_SYNTHETIC_SOURCES, *(_FOLDER_SOURCES if has_folder else ())]
    return {
        "description": "reader of numbers: line images (N, 32, W, 1) in 0-1 (scanner/recognition/line_image.py) -> "
        "logits (N, W / 4, classes)",
        "classes": f"{CHARACTERS.strip()}, the break between two numbers, and blank",
        "calibration": calibration.to_card(),
        "agreement": agreement.to_card(),
        "seed": seed,
        "data": [SOURCE_LICENCES[source] for source in sources if source not in plan.without],
        "plan": asdict(plan),
        "scores": scores,
    }
