"""Line images -> numbers: the networks that read a line at once, run by OpenCV's DNN module.

One has learnt pictures of one number each, the other runs on pages; they are built alike.
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
from scanner.recognition.calibration import UNCALIBRATED, AgreementCalibration, Calibration
from scanner.recognition.line_image import LINE_HEIGHT, MAX_LINE_WIDTH, WIDTH_MULTIPLE, bucket_width
from scanner.weights import invalid_weights_error, load_weights, models_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.types import Image

_LINES_PER_FORWARD_PASS = 16
"""Lines per forward pass: more gains no speed and the activations leave the cache."""
_LINES_PER_DECODING = 64
"""Lines decoded together."""
_COLUMNS_PER_STEP = 4
"""Columns of the line image per step of the network's output."""


_IGNORED_CLASSES = {Charset.DIGITS: (*ctc.SEPARATOR_CLASSES, ctc.BREAK_CLASS), Charset.DECIMAL: (ctc.BREAK_CLASS,)}
"""What counts as nothing within one number."""


@dataclass(frozen=True, slots=True)
class ReadCharacter:
    """One character of a line."""

    text: str
    left: float
    right: float
    """Where it begins and ends, columns of the line image: ``Line.x_in_picture`` maps them on."""


@dataclass(frozen=True, slots=True)
class LineReading:
    """What a line says."""

    text: str
    """As written, left to right; empty if there is no number."""
    probability: float
    """That the whole text is right, 0-1, as the reader is calibrated."""
    characters: tuple[ReadCharacter, ...]
    left: float
    """Where the part of the line begins that it is of, columns of the line image ..."""
    right: float
    """... and where it ends."""


@dataclass(frozen=True, slots=True, eq=False)
class _LogitSpan:
    """A part of a line with one number, or none."""

    line_index: int
    first_step: int
    """Step of the network's output."""
    logits: NDArray[np.float32]
    """Shape (T, ctc.CLASSES)."""

    @property
    def columns(self) -> slice:
        """Of the line image."""
        return slice(self.first_step * _COLUMNS_PER_STEP, (self.first_step + len(self.logits)) * _COLUMNS_PER_STEP)


class LineReader:
    """Reads line images."""

    def __init__(
        self, weights: bytes, calibration: Calibration = UNCALIBRATED, agreement: AgreementCalibration | None = None
    ) -> None:
        """Take the ONNX file's bytes and what its probabilities mean, alone and beside another reader's."""
        self._net = cv2.dnn.readNetFromONNX(np.frombuffer(weights, np.uint8))
        self._calibration = calibration
        self.agreement = agreement or AgreementCalibration()

    def logits(self, images: Image) -> NDArray[np.float32]:
        """Raw outputs for lines of one width, shape (N, 32, W) -> (N, W / 4, ctc.CLASSES)."""
        self._net.setInput(images[..., None].astype(np.float32) / 255)
        return np.asarray(self._net.forward(), np.float32).reshape(len(images), -1, ctc.CLASS_COUNT).copy()

    def read_numbers(self, lines: Sequence[Image], charset: Charset) -> tuple[LineReading, ...]:
        """Read lines of one number each.

        Args:
            lines: each of shape (32, W), uint8, from :func:`scanner.recognition.line_image.line_pixels`.
            charset: what is read.

        Returns:
            One reading per line, in the same order.
        """
        return self._read_spans(
            [_LogitSpan(index, 0, said) for index, said in enumerate(self._logits_of_lines(lines))], lines, charset
        )

    def read_text_lines(self, lines: Sequence[Image], charset: Charset) -> tuple[tuple[LineReading, ...], ...]:
        """Read lines of any count of numbers, and of what stands between them.

        Args:
            lines: as for :meth:`read`.
            charset: what is read.

        Returns:
            For each line, in the same order, its parts from left to right, each up to the next; at least one, with an
            empty text where no number is.
        """
        parts = [
            part
            for index, (said, breaks) in enumerate(zip(*self._find_breaks(lines), strict=True))
            for part in _split_at_breaks(index, said, breaks)
        ]
        found: list[list[LineReading]] = [[] for _ in lines]
        for part, reading in zip(parts, self._read_spans(parts, lines, charset), strict=True):
            found[part.line_index].append(reading)
        return tuple(tuple(readings) for readings in found)

    def _find_breaks(self, lines: Sequence[Image]) -> tuple[list[NDArray[np.float32]], list[list[int]]]:
        """The logits of each line, and the steps at which one number ends and the next begins."""
        said = self._logits_of_lines(lines)
        expected = [logits + _BREAK_LOGIT_OFFSET for logits in said]
        texts, _ = _best_texts(expected, ctc.SEPARATOR_CLASSES)
        breaks: list[list[int]] = [[] for _ in lines]
        for index, spans in _align_spans(expected, texts, ctc.SEPARATOR_CLASSES):
            at = zip(texts[index], spans, strict=True)
            breaks[index] = [(first + last) // 2 for label, (first, last) in at if label == ctc.BREAK_CLASS]
        return said, breaks

    def _read_spans(
        self, parts: Sequence[_LogitSpan], lines: Sequence[Image], charset: Charset
    ) -> tuple[LineReading, ...]:
        """The number in each part."""
        passed_over = _IGNORED_CLASSES[charset]
        said = [part.logits for part in parts]
        texts, chances = _best_texts(said, passed_over)
        doubtful = [index for index, chance in enumerate(chances) if chance < _MIN_PROBABILITY_WITHOUT_RETRY]
        shown = [lines[parts[index].line_index][:, parts[index].columns] for index in doubtful]
        views = iter(self._logits_of_lines([view for line in shown for view in _rescaled_views(line)]))
        for index in doubtful:
            looks = [said[index], *itertools.islice(views, len(_RETRY_SCALES))]
            texts[index], chances[index] = ctc.best_text_over_views(looks, passed_over)
        probabilities = self._calibration.apply(chances).tolist()
        readings: dict[int, LineReading] = {}
        for index, spans in _align_spans(said, texts, passed_over):
            columns = parts[index].columns
            characters = tuple(
                ReadCharacter(
                    ctc.CHARACTERS[label],
                    columns.start + left * _COLUMNS_PER_STEP,
                    columns.start + right * _COLUMNS_PER_STEP,
                )
                for label, (left, right) in zip(texts[index], spans, strict=True)
            )
            text, probability = ctc.decode(texts[index]), probabilities[index]
            # A line is filled up with paper to be read.
            right = min(columns.stop, lines[parts[index].line_index].shape[1])
            readings[index] = LineReading(text, probability, characters, columns.start, right)
        return tuple(readings[index] for index in range(len(parts)))

    def _logits_of_lines(self, lines: Sequence[Image]) -> list[NDArray[np.float32]]:
        """The logits of each line, shapes (T, ctc.CLASSES)."""
        by_width: dict[int, list[int]] = {}
        for index, line in enumerate(lines):
            by_width.setdefault(bucket_width(line.shape[1]), []).append(index)
        said: dict[int, NDArray[np.float32]] = {}
        for width, members in sorted(by_width.items()):
            for start in range(0, len(members), _LINES_PER_FORWARD_PASS):
                chosen = members[start : start + _LINES_PER_FORWARD_PASS]
                images = np.zeros((len(chosen), LINE_HEIGHT, width), np.uint8)
                for row, index in enumerate(chosen):
                    images[row, :, : lines[index].shape[1]] = lines[index]
                said.update(zip(chosen, self.logits(images), strict=True))
        return [said[index] for index in range(len(lines))]


_BREAK_LOGIT_OFFSET = np.where(np.arange(ctc.CLASS_COUNT) == ctc.BREAK_CLASS, np.float32(-2), np.float32(0))
"""Added to the logits: of the lines of pages one in twenty has several numbers, of those to learn from one in three."""
_MIN_PROBABILITY_WITHOUT_RETRY = 0.75
"""A line whose best text is less probable is looked at again: one cheque in twelve."""
_RETRY_SCALES = ((1.08, 0.93), (0.93, 1.07))
"""Width and height of a line when it is looked at again: how large writing is taken to be is a guess, and a digit that
is read otherwise for a twelfth more or less is one to doubt.  The mean of the looks reads 90.0 % of the cheques and
94.2 % of the cells to choose with, the first look alone 89.2 % and 93.2 %.  Slanted looks gain less; twice as many
looks at twice as many lines gain one cheque more and cost a quarter of the speed."""


def _rescaled_views(line: Image) -> Iterator[Image]:
    """The line drawn anew in each of the sizes, all equally wide, so that the network reads them at once."""
    height, width = line.shape
    wide = min(
        math.ceil((width * max(stretch for stretch, _ in _RETRY_SCALES) + WIDTH_MULTIPLE) / WIDTH_MULTIPLE)
        * WIDTH_MULTIPLE,
        MAX_LINE_WIDTH,
    )
    for stretch, rise in _RETRY_SCALES:
        matrix = np.array([[min(stretch, wide / width), 0, 0], [0, rise, (1 - rise) * height / 2]])
        yield np.asarray(cv2.warpAffine(line, matrix, (wide, height)), np.uint8)


CROP_READER_NAME = "numbers"
"""Name of the reader of pictures of one number, ..."""
TEXT_LINE_READER_NAME = "text_lines"
"""... and of the one of runs on pages, which tells where one number ends."""


def load_line_reader(name: str = CROP_READER_NAME, folder: Path | None = None) -> LineReader:
    """Load a reader.

    Args:
        name: ``CROP_READER_NAME`` or ``TEXT_LINE_READER_NAME``.
        folder: of the weights; those that came with the program if None.

    Raises:
        MissingPartError: if its weights are not there or damaged.
    """
    folder, file = folder or models_folder(), f"{name}.onnx"
    weights, card = load_weights(folder, file)
    try:
        calibration = Calibration.from_card(card.get("calibration"))
        return LineReader(weights, calibration, AgreementCalibration.from_card(card.get("agreement")))
    except (cv2.error, ValueError) as error:
        raise invalid_weights_error(folder / file, error) from error


def _pad_to_longest(logits: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Lines of different width with blanks behind, which change neither texts nor their probabilities."""
    longest = max(len(line) for line in logits)
    out = np.full((len(logits), longest, ctc.CLASS_COUNT), -_CERTAIN_LOGIT, np.float32)
    out[..., ctc.BLANK_CLASS] = _CERTAIN_LOGIT
    for row, line in zip(out, logits, strict=True):
        row[: len(line)] = line
    return out


_CERTAIN_LOGIT = 500.0
"""A logit of so much leaves nothing to the others."""


def _batches_by_length(said: Sequence[NDArray[np.float32]]) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
    """Lines to be decoded together, with their indices: in order of width, so that few steps are added."""
    order = sorted(range(len(said)), key=lambda index: len(said[index]))
    for start in range(0, len(order), _LINES_PER_DECODING):
        chosen = order[start : start + _LINES_PER_DECODING]
        yield chosen, _pad_to_longest([said[index] for index in chosen])


def _best_texts(said: Sequence[NDArray[np.float32]], passed_over: Sequence[int]) -> tuple[list[list[int]], list[float]]:
    """The most probable text of each line, and its probability."""
    texts: list[list[int]] = [[]] * len(said)
    chances = [0.0] * len(said)
    for chosen, logits in _batches_by_length(said):
        best, likelihoods = ctc.best_texts(logits, passed_over)
        for index, text, likelihood in zip(chosen, best, likelihoods.tolist(), strict=True):
            texts[index], chances[index] = text, math.exp(likelihood)
    return texts, chances


def _align_spans(
    said: Sequence[NDArray[np.float32]], texts: Sequence[list[int]], passed_over: Sequence[int]
) -> Iterator[tuple[int, tuple[tuple[int, int], ...]]]:
    """Each line's index, and the steps of each label of its text."""
    for chosen, logits in _batches_by_length(said):
        logs = ctc.log_probabilities(logits, passed_over)
        yield from zip(chosen, ctc.align(logs, [texts[index] for index in chosen]), strict=True)


def _split_at_breaks(line: int, said: NDArray[np.float32], breaks: Sequence[int]) -> Iterator[_LogitSpan]:
    """A line from break to break."""
    for first, last in itertools.pairwise([0, *breaks, len(said)]):
        if last > first:
            yield _LogitSpan(line, first, said[first:last])
