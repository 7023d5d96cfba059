"""Read line images with the networks that read a whole line at once, run by OpenCV's DNN module.

There are two: one trained on crops of one number, and one trained on numbers as they stand on pages, which also reads
the breaks between them.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.options import Charset
from scanner.recognition import ctc
from scanner.recognition.confidence_calibration import UNCALIBRATED, AgreementCalibration, Calibration
from scanner.recognition.line_image import (
    COLUMNS_PER_STEP,
    LINE_HEIGHT,
    MAX_LINE_WIDTH,
    WIDTH_MULTIPLE,
    bucket_width,
)
from scanner.weights import CROP_READER_WEIGHTS, invalid_weights_error, load_weights, models_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.types import Image

_LINES_PER_FORWARD_PASS = 16
"""Number of lines per forward pass.  More are no faster, since the activations no longer fit into the cache."""
_LINES_PER_DECODING = 64
"""Number of lines decoded together."""
_IGNORED_CLASSES = {Charset.DIGITS: (*ctc.SEPARATOR_CLASSES, ctc.BREAK_CLASS), Charset.DECIMAL: (ctc.BREAK_CLASS,)}
"""Classes that count as blanks within one number, by charset."""
_BREAK_LOGIT_OFFSET = np.where(np.arange(ctc.CLASS_COUNT) == ctc.BREAK_CLASS, np.float32(-2), np.float32(0))
"""Added to the logits to find breaks, since they are rarer than in training: one text line in twenty on pages has
several numbers, one in three in the training data."""
_MIN_PROBABILITY_WITHOUT_RETRY = 0.75
"""Minimum probability of the best text of a line that is not read again at other sizes.  One cheque in twelve is read
again."""
_RETRY_SCALES = ((1.08, 0.93), (0.93, 1.07))
"""Factors of width and height at which a line is read again.  The height of writing is an estimate, and a digit that
reads differently when it is a twelfth larger or smaller is doubtful.  On the validation split the mean of all views
reads 90.0 % of the cheque amounts and 94.2 % of the clinic logbook cells correctly, the first view alone 89.2 % and
93.2 %.  Slanted views gain less; twice as many views of twice as many lines gain one more cheque and cost a quarter of
the speed."""
_CERTAIN_LOGIT = 500.0
"""A logit so large that its class has all of the probability, if the others have the negative of it."""


@dataclass(frozen=True, slots=True)
class ReadCharacter:
    """One character of a line."""

    text: str
    left: float
    """Column of the line image where it begins; :meth:`scanner.recognition.line_image.LineImage.to_crop_x` maps it to
    the picture."""
    right: float
    """Column of the line image where it ends."""


@dataclass(frozen=True, slots=True)
class LineReading:
    """The number read in a line, or in a part of one."""

    text: str
    """As written, left to right; empty if there is no number."""
    probability: float
    """Calibrated probability that the whole text is right, 0-1."""
    characters: tuple[ReadCharacter, ...]
    """The characters of the text, left to right."""
    left: float
    """Column of the line image where the part begins."""
    right: float
    """Column of the line image where the part ends."""


@dataclass(frozen=True, slots=True, eq=False)
class _LogitSpan:
    """A part of a line with at most one number."""

    line_index: int
    first_step: int
    """First step of the part in the output of the network."""
    logits: NDArray[np.float32]
    """Shape (T, ctc.CLASS_COUNT)."""

    @property
    def columns(self) -> slice:
        """Columns of the part in the line image."""
        return slice(self.first_step * COLUMNS_PER_STEP, (self.first_step + len(self.logits)) * COLUMNS_PER_STEP)


class LineReader:
    """A network that reads line images."""

    def __init__(
        self, weights: bytes, calibration: Calibration = UNCALIBRATED, agreement: AgreementCalibration | None = None
    ) -> None:
        """Load the network.

        Args:
            weights: bytes of the ONNX file.
            calibration: calibration of its probabilities if it reads alone.
            agreement: calibration of those probabilities if another reader has read the same number; None changes none.
        """
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(weights, np.uint8))
        self._calibration = calibration
        self.agreement = agreement or AgreementCalibration()

    def logits(self, images: Image) -> NDArray[np.float32]:
        """Raw outputs of the network.

        Args:
            images: line images of one width, shape (N, LINE_HEIGHT, W), uint8.

        Returns:
            Shape (N, W / COLUMNS_PER_STEP, ctc.CLASS_COUNT).
        """
        self._net.setInput(images[..., None].astype(np.float32) / 255)
        return np.asarray(self._net.forward(), np.float32).reshape(len(images), -1, ctc.CLASS_COUNT).copy()

    def read_numbers(self, lines: Sequence[Image], charset: Charset) -> tuple[LineReading, ...]:
        """Read lines of one number each.

        Args:
            lines: each of shape (LINE_HEIGHT, W), uint8, from :func:`scanner.recognition.line_image.line_pixels`.
            charset: characters to read.

        Returns:
            One reading per line, in the same order.
        """
        return self._read_spans(
            [_LogitSpan(index, 0, logits) for index, logits in enumerate(self._logits_of_lines(lines))], lines, charset
        )

    def read_text_lines(self, lines: Sequence[Image], charset: Charset) -> tuple[tuple[LineReading, ...], ...]:
        """Read lines of several numbers, or of none.

        Args:
            lines: as for :meth:`read_numbers`.
            charset: characters to read.

        Returns:
            For each line, in the same order, the readings of its parts from left to right.  The parts cover the line;
            there is at least one, and the text of a part without a number is empty.
        """
        spans = [
            span
            for index, (logits, breaks) in enumerate(zip(*self._find_breaks(lines), strict=True))
            for span in _split_at_breaks(index, logits, breaks)
        ]
        readings_of_line: list[list[LineReading]] = [[] for _ in lines]
        for span, reading in zip(spans, self._read_spans(spans, lines, charset), strict=True):
            readings_of_line[span.line_index].append(reading)
        return tuple(tuple(readings) for readings in readings_of_line)

    def rank_texts(
        self, lines: Sequence[Image], charset: Charset, offered: Sequence[Sequence[str]]
    ) -> tuple[tuple[tuple[str, float], ...], ...]:
        """Find how probable several texts of lines of one number each are.

        Args:
            lines: as for :meth:`read_numbers`.
            charset: characters to read.
            offered: for each line texts that others have read.

        Returns:
            For each line the offered texts and those that the network finds probable, most probable first, with their
            raw probabilities: the means over views of several sizes.
        """
        ignored_classes = _IGNORED_CLASSES[charset]
        count = 1 + len(_RETRY_SCALES)
        logits = self._logits_of_lines([view for line in lines for view in (line, *_rescaled_views(line))])
        ranked = []
        for index, texts in enumerate(offered):
            views = logits[count * index : count * (index + 1)]
            found = map(ctc.decode, ctc.probable_texts(views[0], ignored_classes))
            candidates = list(dict.fromkeys((*texts, *found)))
            probabilities = ctc.mean_probabilities(views, ignored_classes, list(map(ctc.encode, candidates)))
            pairs = zip(candidates, probabilities.tolist(), strict=True)
            ranked.append(tuple(sorted(pairs, key=lambda pair: -pair[1])))
        return tuple(ranked)

    def _find_breaks(self, lines: Sequence[Image]) -> tuple[list[NDArray[np.float32]], list[list[int]]]:
        """The logits of each line, and the steps of the breaks between its numbers."""
        logits = self._logits_of_lines(lines)
        adjusted = [each + _BREAK_LOGIT_OFFSET for each in logits]
        texts, _ = _best_texts(adjusted, ctc.SEPARATOR_CLASSES)
        breaks: list[list[int]] = [[] for _ in lines]
        for index, spans in _align_spans(adjusted, texts, ctc.SEPARATOR_CLASSES):
            labels_and_spans = zip(texts[index], spans, strict=True)
            breaks[index] = [
                (first + last) // 2 for label, (first, last) in labels_and_spans if label == ctc.BREAK_CLASS
            ]
        return logits, breaks

    def _read_spans(
        self, spans: Sequence[_LogitSpan], lines: Sequence[Image], charset: Charset
    ) -> tuple[LineReading, ...]:
        """Read the number in each span."""
        ignored_classes = _IGNORED_CLASSES[charset]
        logits = [span.logits for span in spans]
        texts, raw_probabilities = _best_texts(logits, ignored_classes)
        doubtful = [
            index for index, probability in enumerate(raw_probabilities) if probability < _MIN_PROBABILITY_WITHOUT_RETRY
        ]
        images = [lines[spans[index].line_index][:, spans[index].columns] for index in doubtful]
        rescaled = iter(self._logits_of_lines([view for image in images for view in _rescaled_views(image)]))
        for index in doubtful:
            views = [logits[index], *itertools.islice(rescaled, len(_RETRY_SCALES))]
            texts[index], raw_probabilities[index] = ctc.best_text_over_views(views, ignored_classes)
        probabilities = self._calibration.apply(raw_probabilities).tolist()
        readings: dict[int, LineReading] = {}
        for index, steps in _align_spans(logits, texts, ignored_classes):
            columns = spans[index].columns
            characters = tuple(
                ReadCharacter(
                    ctc.CHARACTERS[label],
                    columns.start + first * COLUMNS_PER_STEP,
                    columns.start + last * COLUMNS_PER_STEP,
                )
                for label, (first, last) in zip(texts[index], steps, strict=True)
            )
            # The columns may reach into the paper that the line was padded with.
            right = min(columns.stop, lines[spans[index].line_index].shape[1])
            readings[index] = LineReading(
                ctc.decode(texts[index]), probabilities[index], characters, columns.start, right
            )
        return tuple(readings[index] for index in range(len(spans)))

    def _logits_of_lines(self, lines: Sequence[Image]) -> list[NDArray[np.float32]]:
        """The logits of lines of any width, each of shape (T, ctc.CLASS_COUNT)."""
        by_width: dict[int, list[int]] = {}
        for index, line in enumerate(lines):
            by_width.setdefault(bucket_width(line.shape[1]), []).append(index)
        logits: dict[int, NDArray[np.float32]] = {}
        for width, members in sorted(by_width.items()):
            for start in range(0, len(members), _LINES_PER_FORWARD_PASS):
                chosen = members[start : start + _LINES_PER_FORWARD_PASS]
                images = np.zeros((len(chosen), LINE_HEIGHT, width), np.uint8)
                for row, index in enumerate(chosen):
                    images[row, :, : lines[index].shape[1]] = lines[index]
                logits.update(zip(chosen, self.logits(images), strict=True))
        return [logits[index] for index in range(len(lines))]


def _rescaled_views(line: Image) -> Iterator[Image]:
    """Resize a line to each of the retry scales, all padded to one width so that the network reads them together."""
    height, width = line.shape
    view_width = min(
        math.ceil((width * max(scale_x for scale_x, _ in _RETRY_SCALES) + WIDTH_MULTIPLE) / WIDTH_MULTIPLE)
        * WIDTH_MULTIPLE,
        MAX_LINE_WIDTH,
    )
    for scale_x, scale_y in _RETRY_SCALES:
        matrix = np.array([[min(scale_x, view_width / width), 0, 0], [0, scale_y, (1 - scale_y) * height / 2]])
        yield np.asarray(cv2.warpAffine(line, matrix, (view_width, height)), np.uint8)


def load_line_reader(file: str = CROP_READER_WEIGHTS, folder: Path | None = None) -> LineReader:
    """Load a line reader.

    Args:
        file: ``CROP_READER_WEIGHTS`` or ``TEXT_LINE_READER_WEIGHTS`` of :mod:`scanner.weights`.
        folder: folder of the weights; None for those that come with the program.

    Raises:
        NotInstalledError: if its weights are missing or damaged.
    """
    folder = folder or models_folder()
    weights, card = load_weights(folder, file)
    try:
        calibration = Calibration.from_card(card.get("calibration"))
        return LineReader(weights, calibration, AgreementCalibration.from_card(card.get("agreement")))
    except (cv2.error, ValueError) as error:
        raise invalid_weights_error(folder / file, error) from error


def _pad_to_longest(logits: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Stack lines of different length, padded with certain blanks, which do not change texts or probabilities."""
    longest = max(len(line) for line in logits)
    padded = np.full((len(logits), longest, ctc.CLASS_COUNT), -_CERTAIN_LOGIT, np.float32)
    padded[..., ctc.BLANK_CLASS] = _CERTAIN_LOGIT
    for row, line in zip(padded, logits, strict=True):
        row[: len(line)] = line
    return padded


def _batches_by_length(logits: Sequence[NDArray[np.float32]]) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
    """Indices and padded logits of lines to be decoded together, sorted by length so that little padding is needed."""
    order = sorted(range(len(logits)), key=lambda index: len(logits[index]))
    for start in range(0, len(order), _LINES_PER_DECODING):
        chosen = order[start : start + _LINES_PER_DECODING]
        yield chosen, _pad_to_longest([logits[index] for index in chosen])


def _best_texts(
    logits: Sequence[NDArray[np.float32]], ignored_classes: Sequence[int]
) -> tuple[list[list[int]], list[float]]:
    """The most probable text of each line, and its probability."""
    texts: list[list[int]] = [[]] * len(logits)
    probabilities = [0.0] * len(logits)
    for chosen, padded in _batches_by_length(logits):
        best, likelihoods = ctc.best_texts(padded, ignored_classes)
        for index, text, likelihood in zip(chosen, best, likelihoods.tolist(), strict=True):
            texts[index], probabilities[index] = text, math.exp(likelihood)
    return texts, probabilities


def _align_spans(
    logits: Sequence[NDArray[np.float32]], texts: Sequence[list[int]], ignored_classes: Sequence[int]
) -> Iterator[tuple[int, tuple[tuple[int, int], ...]]]:
    """Index of each line, and the steps of each character of its text."""
    for chosen, padded in _batches_by_length(logits):
        logs = ctc.log_probabilities(padded, ignored_classes)
        yield from zip(chosen, ctc.align(logs, [texts[index] for index in chosen]), strict=True)


def _split_at_breaks(line_index: int, logits: NDArray[np.float32], breaks: Sequence[int]) -> Iterator[_LogitSpan]:
    """The spans of a line from break to break."""
    for first, last in itertools.pairwise([0, *breaks, len(logits)]):
        if last > first:
            yield _LogitSpan(line_index, first, logits[first:last])
