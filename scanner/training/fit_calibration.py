"""Fit calibrations: the temperature of the digit CNN, and the curves of the line readers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scanner.datasets.data_folder import DataSplit, read_gray
from scanner.evaluation.ground_truth import keep_digits
from scanner.evaluation.number_crops import labelled_crop_sources, normalize_text, scan_crops
from scanner.options import PageOrCrop, Readers, ScanOptions
from scanner.reading_models import Models
from scanner.recognition.confidence_calibration import UNCALIBRATED, AgreementCalibration, Calibration
from scanner.recognition.line_image import line_pixels
from scanner.recognition.line_reader import LineReader

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.recognition.digit_classifier import Classifier

_CANDIDATE_TEMPERATURES = np.geomspace(0.25, 4.0, 161)
"""Temperatures tried, in steps of under 2 %: the validation split cannot distinguish finer ones."""


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Find the temperature that makes the labels most likely.

    Temperature scaling: Guo et al., "On calibration of modern neural networks", ICML 2017.

    Args:
        logits: shape (N, classes), of samples not trained on.
        labels: shape (N,), class indices.

    Returns:
        The divisor of the logits before the softmax.
    """

    def loss(temperature: float) -> float:
        scaled = logits.astype(np.float64) / temperature
        scaled -= scaled.max(axis=1, keepdims=True)
        chosen = scaled[np.arange(len(labels)), labels]
        return float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - chosen))

    return float(min(_CANDIDATE_TEMPERATURES, key=loss))


_PROBABILITY_CLIP_MARGIN = 1e-6
"""Probabilities are clipped to this distance from 0 and 1, or their logarithms would outweigh all others."""
_KNOT_COUNT = 41
"""Knots of a calibration curve; more of them move it by less than a tenth of a percentage point."""
_KNOT_DECIMALS = 8
"""Decimals of knots and their values in a model card."""


def fit_calibration(probabilities: Sequence[float], correct: Sequence[bool]) -> Calibration:
    """Fit a beta calibration: logistic regression on ln p and -ln(1 - p) (Kull, Silva Filho & Flach, AISTATS 2017).

    Its three parameters let the curve end below 1, as it must where labels are wrong or the reader is confident and
    wrong.  Fitted to a few hundred readings it generalized better than isotonic regression, whose steps follow single
    readings, and than Platt scaling, whose curve is symmetric.

    Args:
        probabilities: shape (N,), raw probabilities of readings not trained on, 0-1.
        correct: shape (N,), whether each reading is correct.

    Returns:
        The curve at its knots; the identity if all or none are correct, as nothing can be fitted then.
    """
    correct_mask = np.asarray(correct, bool)
    if correct_mask.all() or not correct_mask.any():
        return UNCALIBRATED
    features = _beta_features(np.asarray(probabilities, np.float64))
    slopes, intercept = _fit_nondecreasing_logistic(features, correct_mask)
    # Evenly spaced in the logit, which puts most knots where most readings are.
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
    features: NDArray[np.float64], correct: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], float]:
    """Slopes of both features and the intercept; no slope is negative, so that the curve never falls."""
    from sklearn.linear_model import LogisticRegression

    used = [0, 1]
    slopes = np.zeros(2)
    while used:
        # A slight penalty, without which slopes would be infinite where correct and wrong separate perfectly.
        model = LogisticRegression(C=100.0, max_iter=1000).fit(features[:, used], correct)
        if (model.coef_[0] >= 0).all():
            slopes[used] = model.coef_[0]
            return slopes, float(model.intercept_[0])
        used.pop(int(model.coef_[0].argmin()))
    share = correct.mean()
    return slopes, float(np.log(share / (1 - share)))


@dataclass(frozen=True, slots=True)
class CalibrationReading:
    """A line reader's reading of one number, compared with the truth and with the contour reader."""

    raw_probability: float
    """Uncalibrated probability of the reading, 0-1."""
    correct: bool
    confirmed: bool
    """Whether the contour reader read the same digits."""


def calibrate_line_reader(
    weights: bytes, classifier: Classifier, folder: Path
) -> tuple[Calibration, AgreementCalibration]:
    """Calibrate the reader of number crops on the validation split, alone and by agreement with the contour reader.

    Raises:
        DataError: if a source is missing.
    """
    reader, by_contours = LineReader(weights), ScanOptions(Readers.CONTOURS, page_or_crop=PageOrCrop.CROP)
    compared: list[CalibrationReading] = []
    for _, crops, charset in labelled_crop_sources(folder, DataSplit.VALIDATION):
        readings = reader.read_numbers([line_pixels(read_gray(crop.path)) for crop in crops], charset)
        scans = scan_crops(crops, Models(classifier), by_contours)
        contour_texts = ("".join(number.text for number in page.numbers) for page in scans)
        compared += [
            CalibrationReading(
                reading.probability,
                normalize_text(reading.text, charset) == normalize_text(crop.text, charset),
                keep_digits(reading.text) == contour_text,
            )
            for reading, crop, contour_text in zip(readings, crops, contour_texts, strict=True)
        ]
    return calibrate_from_readings(compared)


def calibrate_from_readings(readings: Sequence[CalibrationReading]) -> tuple[Calibration, AgreementCalibration]:
    """Fit the calibration of all readings, then those of the readings that the contour reader confirms or disputes."""
    raw, correct = [reading.raw_probability for reading in readings], [reading.correct for reading in readings]
    calibration = fit_calibration(raw, correct)
    calibrated, correct_mask = calibration.apply(raw), np.array(correct)
    confirmed = np.array([reading.confirmed for reading in readings])
    curves = (
        fit_calibration(calibrated[mask].tolist(), correct_mask[mask].tolist()) for mask in (confirmed, ~confirmed)
    )
    return calibration, AgreementCalibration(*curves)
