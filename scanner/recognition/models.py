"""What has been learnt, loaded: the models a page is read with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.layout.ink_classes import load_page_network
from scanner.options import CLASSIFIER_NAMES, Readers
from scanner.recognition.digit_classifier import load_classifier
from scanner.recognition.line_reader import CROP_READER_NAME, TEXT_LINE_READER_NAME, load_line_reader
from scanner.weights import load_weights, models_folder

if TYPE_CHECKING:
    from scanner.layout.ink_classes import PageNetwork
    from scanner.recognition.digit_classifier import Classifier
    from scanner.recognition.line_reader import LineReader


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """The models a page is read with."""

    digit_classifier: Classifier
    crop_reader: LineReader | None = None
    """Reads pictures of one number each, and comb fields; without it the contours read alone."""
    text_line_reader: LineReader | None = None
    """Reads runs on pages; likewise."""
    page_network: PageNetwork | None = None
    """Without it all that looks like a number is taken for one."""


def load_models(classifier: str = "cnn", readers: Readers = Readers.BOTH) -> Models:
    """The models that came with the program, those that are asked.

    Args:
        classifier: one of ``scanner.options.CLASSIFIER_NAMES``.
        readers: who reads.

    Raises:
        MissingPartError: if weights are not there or damaged.
        ValueError: if there is no classifier of that name.
    """
    digits, page = load_classifier(classifier), load_page_network()
    if readers is Readers.CONTOURS:
        return Models(digits, page_network=page)
    return Models(digits, load_line_reader(CROP_READER_NAME), load_line_reader(TEXT_LINE_READER_NAME), page)


def weights_checksums(classifier: str = "cnn", readers: Readers = Readers.BOTH) -> tuple[tuple[str, str], ...]:
    """The files of weights that ``load_models`` loads for the same arguments, each with its sha256.

    Raises:
        MissingPartError: if weights are not there or damaged.
        ValueError: if there is no classifier of that name.
    """
    if classifier not in CLASSIFIER_NAMES:
        raise ValueError(f"no classifier {classifier!r}; there are {', '.join(CLASSIFIER_NAMES)}")
    names = ["svm.skops" if classifier == "svm" else "digits.onnx", "pages.onnx"]
    if readers is not Readers.CONTOURS:
        names += [f"{CROP_READER_NAME}.onnx", f"{TEXT_LINE_READER_NAME}.onnx"]
    # The card holds the sum, and loading checks that it is that of the weights.
    return tuple((name, str(load_weights(models_folder(), name)[1]["sha256"])) for name in names)
