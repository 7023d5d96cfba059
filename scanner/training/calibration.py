"""Make probabilities mean what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets import labelled
from scanner.datasets.labelled import DataSplit
from scanner.evaluation.ground_truth import keep_digits
from scanner.evaluation.number_crops import _labelled_crop_sources, scan_crops
from scanner.options import Charset, PageOrCrop, Readers, ScanOptions
from scanner.recognition.calibration import UNCALIBRATED, AgreementCalibration, Calibration
from scanner.recognition.line_image import line_pixels
from scanner.recognition.line_reader import LineReader
from scanner.recognition.models import Models

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.recognition.digit_classifier import Classifier
    from scanner.recognition.models import Models

_CANDIDATE_TEMPERATURES = np.geomspace(0.25, 4.0, 161)
"""Tried in turn; steps of under 2 %, finer than the validation part can tell apart."""


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Temperature that makes the labels most probable (Guo et al., "On calibration of modern neural networks", 2017).

    Args:
        logits: shape (N, classes), of samples no training saw.
        labels: shape (N,), indices of classes.

    Returns:
        What to divide logits by before the softmax.
    """

    def loss(temperature: float) -> float:
        scaled = logits.astype(np.float64) / temperature
        scaled -= scaled.max(axis=1, keepdims=True)
        chosen = scaled[np.arange(len(labels)), labels]
        return float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - chosen))

    return float(min(_CANDIDATE_TEMPERATURES, key=loss))


_PROBABILITY_CLIP_MARGIN = 1e-6
"""Probabilities nearer than this to 0 or 1 count as so near: their logarithms would outweigh all others."""
_KNOT_COUNT = 41
"""More, and the curve drawn through them moves by less than a tenth of a point."""
_KNOT_DECIMALS = 8


def fit_calibration(probabilities: Sequence[float], correct: Sequence[bool]) -> Calibration:
    """Beta calibration: a logistic regression on ln p and -ln(1 - p) (Kull, Silva Filho & Flach, AISTATS 2017).

    Three parameters let the curve end below 1, where labels are wrong or the
    reader is sure of itself and wrong.  On some hundred readings this held better
    for unseen ones than isotonic regression, whose steps follow single readings, and
    than Platt's logistic of the logit, which has to be symmetric.

    Args:
        probabilities: probabilities given to numbers that no training saw, 0-1.
        correct: whether they were read right; as many.

    Returns:
        Its curve at knots; no change if all or none are right, which tells nothing.
    """
    hit = np.asarray(correct, bool)
    if hit.all() or not hit.any():
        return UNCALIBRATED
    features = _beta_features(np.asarray(probabilities, np.float64))
    slopes, intercept = _fit_nondecreasing_logistic(features, hit)
    # Evenly spaced where most readings are: in the logit.
    ends = np.log(_PROBABILITY_CLIP_MARGIN) - np.log1p(-_PROBABILITY_CLIP_MARGIN)
    knots = 1 / (1 + np.exp(-np.linspace(ends, -ends, _KNOT_COUNT)))
    values = 1 / (1 + np.exp(-(_beta_features(knots) @ slopes + intercept)))
    return Calibration(
        tuple(np.round(knots, _KNOT_DECIMALS).tolist()), tuple(np.round(values, _KNOT_DECIMALS).tolist())
    )


def _beta_features(raw: NDArray[np.float64]) -> NDArray[np.float64]:
    inside = np.clip(raw, _PROBABILITY_CLIP_MARGIN, 1 - _PROBABILITY_CLIP_MARGIN)
    return np.stack([np.log(inside), -np.log1p(-inside)], axis=1)


def _fit_nondecreasing_logistic(
    features: NDArray[np.float64], hit: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], float]:
    """Slopes of both features, neither below 0, and the intercept: the curve never falls."""
    from sklearn.linear_model import LogisticRegression

    used = [0, 1]
    slopes = np.zeros(2)
    while used:
        # A whisper of a penalty, for the case that right and wrong are told apart without fault.
        model = LogisticRegression(C=100.0, max_iter=1000).fit(features[:, used], hit)
        if (model.coef_[0] >= 0).all():
            slopes[used] = model.coef_[0]
            return slopes, float(model.intercept_[0])
        used.pop(int(model.coef_[0].argmin()))
    share = hit.mean()
    return slopes, float(np.log(share / (1 - share)))


@dataclass(frozen=True, slots=True)
class CalibrationReading:
    """How a number reader read one number."""

    raw_probability: float
    """What it says how probable that is, uncalibrated."""
    correct: bool
    confirmed: bool
    """Whether the contours said the same."""


def calibrate_line_reader(
    weights: bytes, classifier: Classifier, folder: Path
) -> tuple[Calibration, AgreementCalibration]:
    """What a number reader's probabilities mean, alone and beside the contours, from the validation part.

    Raises:
        DataError: if a source is missing.
    """
    reader, by_contours = LineReader(weights), ScanOptions(Readers.CONTOURS, PageOrCrop.CROP)
    found: list[CalibrationReading] = []
    for _, strips, charset in _labelled_crop_sources(folder, DataSplit.VALIDATION):
        readings = reader.read_numbers([line_pixels(labelled.read_gray(strip.path)) for strip in strips], charset)
        as_compared = keep_digits if charset is Charset.DIGITS else str
        cut = ("".join(n.text for n in page.numbers) for page in scan_crops(strips, Models(classifier), by_contours))
        found += [
            CalibrationReading(r.probability, as_compared(r.text) == as_compared(s.text), keep_digits(r.text) == text)
            for r, s, text in zip(readings, strips, cut, strict=True)
        ]
    return calibrate_from_readings(found)


def calibrate_from_readings(readings: Sequence[CalibrationReading]) -> tuple[Calibration, AgreementCalibration]:
    """What probabilities mean, alone and where the contours confirm or dispute the reading."""
    raw, right = [reading.raw_probability for reading in readings], [reading.correct for reading in readings]
    calibration = fit_calibration(raw, right)
    alone, hit, same = calibration.apply(raw), np.array(right), np.array([each.confirmed for each in readings])
    curves = (fit_calibration(alone[some].tolist(), hit[some].tolist()) for some in (same, ~same))
    return calibration, AgreementCalibration(*curves)
