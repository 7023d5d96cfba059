"""Fit the model that tells crosses and dashes in empty cells from digits, from data to files."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from scanner.datasets.data_folder import DATA_FOLDER_VARIABLE, DataSplit, resolve_data_folder
from scanner.errors import DataError
from scanner.recognition.blank_marks import BlankMarkModel, CellInk, to_bytes
from scanner.recognition.hog import hog_features
from scanner.training.blank_mark_samples import SamplePlan, load_letters_x, scan_samples
from scanner.training.model_card import SOURCE_LICENCES, write_model
from scanner.weights import BLANK_MARK_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.training.blank_mark_samples import CellInkSamples

_INVERSE_PENALTY = 1.0
"""C of the regression.  On the validation split 0.3 finds 90 instead of 93 % of the drawn crosses with a probability of
0.9, and 3 takes twice as many digits of cheques for marks, 0.4 %."""
_MAX_STEPS = 300
"""Maximum number of steps of the solver, which takes half as many."""
_TOLERANCE = 1e-5
"""Gradient at which the solver stops: at 1e-3 it stops after nine steps, and 5 instead of 2 % of the cheques' digits
are taken for marks."""
_FRAMES_PER_SLICE = 500
"""Frames whose features are computed at once, so that the oriented gradients fit into the cache."""
_PROBABILITIES = (0.5, 0.9)
"""Probabilities from which on ink is called a mark, for the figures on the card."""
_SOURCES = ("mnist", "usps", "ardis", "exam_boxes", "cheques", "letters and operators", "signs", "pen digits")


def train_blank_marks(folder: Path | None, models_folder: Path, seed: int, report_line: Callable[[str], None]) -> None:
    """Fit the model on the training split and write ``blank_marks.npz`` with its card.

    Args:
        folder: data folder; None for that of DIGITSCAN_DATA.
        models_folder: where the weights are written.
        seed: of what is drawn, and of how all samples are scanned.
        report_line: called with each line of progress.

    Raises:
        DataError: if there is no data folder, or a source is missing.
        OutputError: if the weights cannot be written.
    """
    folder = resolve_data_folder(folder)
    if folder is None:
        raise DataError(f"no digits to learn from; give the data folder with --data or in {DATA_FOLDER_VARIABLE}")
    plan = SamplePlan()
    report_line("loading, drawing and scanning digits, crosses and dashes")
    training = scan_samples(folder, DataSplit.TRAIN, seed, plan)
    report_line(f"fitting {sum(len(samples.frames) for samples in training):,} frames")
    model = fit_blank_marks(training)
    kept_aside = (*scan_samples(folder, DataSplit.TEST, seed, plan), load_letters_x(folder))
    card: dict[str, Any] = {
        "description": "blank marks: HOG features of frames (28 x 28) -> digit, cross or dash "
        "(scanner/recognition/blank_marks.py)",
        "seed": seed,
        "plan": asdict(plan),
        "frames": {samples.name: len(samples.frames) for samples in training},
        "data": [SOURCE_LICENCES[name] for name in _SOURCES],
        "kept aside": score_blank_marks(model, kept_aside, report_line),
    }
    models_folder.mkdir(parents=True, exist_ok=True)
    write_model(models_folder / BLANK_MARK_WEIGHTS, to_bytes(model), card)
    report_line(f"{models_folder / BLANK_MARK_WEIGHTS}: written")


def fit_blank_marks(samples: Sequence[CellInkSamples]) -> BlankMarkModel:
    """Fit the model to samples, some of each kind.

    Raises:
        ValueError: if there is no sample of some kind.
    """
    kinds = np.concatenate([np.full(len(each.frames), each.kind.value) for each in samples])
    if len(np.unique(kinds)) < len(CellInk):
        raise ValueError("there must be samples of each kind")
    features = _features(each.frames for each in samples)
    fitted = LogisticRegression(C=_INVERSE_PENALTY, max_iter=_MAX_STEPS, tol=_TOLERANCE).fit(features, kinds)
    return BlankMarkModel(fitted.coef_.astype(np.float32), fitted.intercept_.astype(np.float32))


def score_blank_marks(
    model: BlankMarkModel, samples: Iterable[CellInkSamples], report_line: Callable[[str], None]
) -> dict[str, Any]:
    """Measure which share of digits is taken for marks, and which share of marks is found.

    Returns:
        For each source, and for each digit, the shares at the probabilities 0.5 and 0.9, in that order.
    """
    by_source: dict[str, list[float]] = {}
    marked: list[NDArray[np.float64]] = [np.empty(0)]
    digits: list[int] = []
    for each in samples:
        probabilities = model.read(each.frames)
        is_digit = each.kind is CellInk.DIGIT
        of_mark = probabilities[:, CellInk.CROSS :].max(axis=1) if is_digit else probabilities[:, each.kind]
        what = "taken for marks" if is_digit else "found"
        by_source[f"{each.name} {what}"] = shares = _shares(of_mark)
        report_line(f"{each.name}: {shares[0]:.2%} {what}, {shares[1]:.2%} with a probability of 0.9")
        if each.digits:
            marked.append(of_mark)
            digits += each.digits
    of_digit, labels = np.concatenate(marked), np.array(digits, int)
    by_digit = {str(digit): _shares(of_digit[labels == digit]) for digit in range(10) if (labels == digit).any()}
    return {"probabilities": list(_PROBABILITIES), "sources": by_source, "digits taken for marks": by_digit}


def _shares(of_mark: NDArray[np.float64]) -> list[float]:
    """Share of samples at or above each probability; 0 of none."""
    return [round(float(np.mean(of_mark >= level)), 4) if of_mark.size else 0.0 for level in _PROBABILITIES]


def _features(frames: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
    slices = (
        each[start : start + _FRAMES_PER_SLICE] for each in frames for start in range(0, len(each), _FRAMES_PER_SLICE)
    )
    return np.concatenate([hog_features(each) for each in slices])
