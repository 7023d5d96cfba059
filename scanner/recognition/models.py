"""Load the models that a page is read with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.geometry.orientation_network import load_orientation_network
from scanner.layout.ink_classes import load_page_network
from scanner.options import DEFAULT_CLASSIFIER, Readers
from scanner.recognition.digit_classifier import classifier_weights, load_classifier
from scanner.recognition.line_reader import load_line_reader
from scanner.weights import (
    CROP_READER_WEIGHTS,
    ORIENTATION_NETWORK_WEIGHTS,
    PAGE_NETWORK_WEIGHTS,
    TEXT_LINE_READER_WEIGHTS,
    load_weights,
    models_folder,
)

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.geometry.orientation_network import OrientationNetwork
    from scanner.layout.ink_classes import PageNetwork
    from scanner.recognition.digit_classifier import Classifier
    from scanner.recognition.line_reader import LineReader


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """The models that a page is read with."""

    digit_classifier: Classifier
    crop_reader: LineReader | None = None
    """Reads crops of one number and comb fields; if None, they are read by the digit classifier alone."""
    text_line_reader: LineReader | None = None
    """Reads text lines on pages; if None, they are read by the digit classifier alone."""
    page_network: PageNetwork | None = None
    """Classifies ink; if None, any ink may be a number."""
    orientation_network: OrientationNetwork | None = None
    """Tells which way up a page is; if None, every page is left as it is."""


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

    def folder_of(file: str) -> Path | None:
        return folder if folder is not None and (folder / file).exists() else None

    digits = load_classifier(classifier, folder_of(classifier_weights(classifier)))
    page = load_page_network(folder_of(PAGE_NETWORK_WEIGHTS))
    orientation = load_orientation_network(folder_of(ORIENTATION_NETWORK_WEIGHTS))
    if readers is Readers.CONTOURS:
        return Models(digits, page_network=page, orientation_network=orientation)
    crop_reader = load_line_reader(CROP_READER_WEIGHTS, folder_of(CROP_READER_WEIGHTS))
    text_line_reader = load_line_reader(TEXT_LINE_READER_WEIGHTS, folder_of(TEXT_LINE_READER_WEIGHTS))
    return Models(digits, crop_reader, text_line_reader, page, orientation)


def weights_checksums(
    classifier: str = DEFAULT_CLASSIFIER, readers: Readers = Readers.BOTH
) -> tuple[tuple[str, str], ...]:
    """List the files of weights that :func:`load_models` loads for the same arguments, each with its SHA-256.

    Raises:
        NotInstalledError: if weights are missing or damaged.
        ValueError: if there is no classifier of that name.
    """
    files = [classifier_weights(classifier), PAGE_NETWORK_WEIGHTS, ORIENTATION_NETWORK_WEIGHTS]
    if readers is not Readers.CONTOURS:
        files += [CROP_READER_WEIGHTS, TEXT_LINE_READER_WEIGHTS]
    # Loading checks the SHA-256 on the card against the weights.
    return tuple((file, str(load_weights(models_folder(), file)[1]["sha256"])) for file in files)
