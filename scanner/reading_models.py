"""Load the models that a page is read with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.decision.crop_evidence import load_crop_model
from scanner.decision.row_model import load_row_model
from scanner.geometry.orientation_network import load_orientation_network
from scanner.layout.page_network import load_page_network
from scanner.options import DEFAULT_CLASSIFIER, Readers
from scanner.recognition.blank_marks import load_blank_mark_model
from scanner.recognition.digit_classifier import classifier_weights, load_classifier
from scanner.recognition.line_reader import load_line_reader
from scanner.weights import (
    BLANK_MARK_WEIGHTS,
    CROP_MODEL_WEIGHTS,
    CROP_READER_WEIGHTS,
    ORIENTATION_NETWORK_WEIGHTS,
    PAGE_NETWORK_WEIGHTS,
    ROW_MODEL_WEIGHTS,
    TEXT_LINE_READER_WEIGHTS,
    folder_with,
    load_weights,
    models_folder,
)

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.decision.additive_model import AdditiveModel
    from scanner.decision.row_model import RowModel
    from scanner.geometry.orientation_network import OrientationNetwork
    from scanner.layout.page_network import PageNetwork
    from scanner.recognition.blank_marks import BlankMarkModel
    from scanner.recognition.digit_classifier import Classifier
    from scanner.recognition.line_reader import LineReader


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """The models that a page is read with."""

    digit_classifier: Classifier
    crop_reader: LineReader | None = None
    """Reads crops of one number; if None, they are read by the digit classifier alone."""
    text_line_reader: LineReader | None = None
    """Reads text lines on pages; if None, they are read by the digit classifier alone."""
    page_network: PageNetwork | None = None
    """Classifies ink; if None, any ink may be a number."""
    orientation_network: OrientationNetwork | None = None
    """Tells which way up a page is; if None, every page is left as it is."""
    row_model: RowModel | None = None
    """Tells how sure each row is; if None, what the readers say does."""
    blank_mark_model: BlankMarkModel | None = None
    """Tells crosses and dashes in empty cells from digits; None without forms."""
    crop_model: AdditiveModel | None = None
    """Tells how sure the number of a crop is; likewise."""


def load_models(
    classifier: str = DEFAULT_CLASSIFIER, readers: Readers = Readers.BOTH, folder: Path | None = None
) -> Models:
    """Load those of the models that come with the program which are needed.

    Args:
        classifier: one of ``scanner.options.CLASSIFIER_NAMES``.
        readers: which readers will be asked.
        folder: folder of other weights; a file that it lacks is taken from those that come with the program.

    Raises:
        NotInstalledError: if weights are missing or damaged.
        ValueError: if there is no classifier of that name.
    """
    models = load_networks(classifier, readers, folder)
    # The evidence is that of both readers.
    if readers is not Readers.BOTH:
        return models
    return replace(
        models,
        row_model=load_row_model(folder_with(ROW_MODEL_WEIGHTS, folder)),
        crop_model=load_crop_model(folder_with(CROP_MODEL_WEIGHTS, folder)),
    )


def load_digit_classifier(name: str, folder: Path | None = None) -> Classifier:
    """Load a digit classifier alone; see :func:`load_models`."""
    return load_classifier(name, folder_with(classifier_weights(name), folder))


def load_networks(
    classifier: str = DEFAULT_CLASSIFIER, readers: Readers = Readers.BOTH, folder: Path | None = None
) -> Models:
    """Load the models that find and read, without those that judge what these say; see :func:`load_models`."""
    digits = load_digit_classifier(classifier, folder)
    page = load_page_network(folder_with(PAGE_NETWORK_WEIGHTS, folder))
    orientation = load_orientation_network(folder_with(ORIENTATION_NETWORK_WEIGHTS, folder))
    marks = load_blank_mark_model(folder_with(BLANK_MARK_WEIGHTS, folder))
    if readers is Readers.CONTOURS:
        return Models(digits, page_network=page, orientation_network=orientation, blank_mark_model=marks)
    crop_reader = load_line_reader(CROP_READER_WEIGHTS, folder_with(CROP_READER_WEIGHTS, folder))
    text_line_reader = load_line_reader(TEXT_LINE_READER_WEIGHTS, folder_with(TEXT_LINE_READER_WEIGHTS, folder))
    return Models(digits, crop_reader, text_line_reader, page, orientation, blank_mark_model=marks)


def weights_checksums(
    classifier: str = DEFAULT_CLASSIFIER, readers: Readers = Readers.BOTH, folder: Path | None = None
) -> tuple[tuple[str, str], ...]:
    """List the files of weights that :func:`load_models` loads for the same arguments, each with its SHA-256.

    Raises:
        NotInstalledError: if weights are missing or damaged.
        ValueError: if there is no classifier of that name.
    """
    files = [classifier_weights(classifier), PAGE_NETWORK_WEIGHTS, ORIENTATION_NETWORK_WEIGHTS, BLANK_MARK_WEIGHTS]
    if readers is not Readers.CONTOURS:
        files += [CROP_READER_WEIGHTS, TEXT_LINE_READER_WEIGHTS]
    if readers is Readers.BOTH:
        files += [ROW_MODEL_WEIGHTS, CROP_MODEL_WEIGHTS]
    # Loading checks the SHA-256 on the card against the weights.
    return tuple(
        (file, str(load_weights(folder_with(file, folder) or models_folder(), file)[1]["sha256"])) for file in files
    )
