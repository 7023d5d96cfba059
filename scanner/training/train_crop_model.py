"""Fit the model that tells how sure the number of a crop is, from pictures to files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from scanner.datasets.data_folder import DATA_FOLDER_VARIABLE, DataSplit, read_gray, resolve_data_folder
from scanner.decision.additive_model import to_bytes
from scanner.decision.crop_evidence import CROP_EVIDENCE_NAMES, crop_evidence
from scanner.errors import DataError
from scanner.evaluation.number_crops import labelled_crop_sources, normalize_text
from scanner.options import PageOrCrop, ScanOptions
from scanner.pipeline import run_stages
from scanner.reading_models import load_networks
from scanner.training.fit_additive_model import fit_additive_model
from scanner.training.model_card import SOURCE_LICENCES, write_model
from scanner.weights import CROP_MODEL_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.datasets.labelled_crops import LabelledCrop
    from scanner.options import Charset
    from scanner.reading_models import Models

_MISLABELLED_SHARE = 0.01
"""Share of crops whose label is taken to be wrong.  Of 87 cheques that three readers read alike 5 are labelled
otherwise, three of them plainly wrongly; 1 of 223 cells.  Less is cautious."""
_PENALTY = 3.0
"""Penalty of squared weights, in crops: of 1, 3 and 10 the one between.  A choice."""
_RANGE_QUANTILES = (0.0, 1.0)
"""Range of each piece of evidence that is counted, as shares of the crops: all."""


def train_crop_model(folder: Path | None, models_folder: Path, report_line: Callable[[str], None]) -> None:
    """Fit the crop model on the validation split and write ``crops.npz`` with its card.

    Args:
        folder: data folder; None for that of DIGITSCAN_DATA.
        models_folder: where the weights are written, and the others are taken from, if it has them.
        report_line: called with each line of progress.

    Raises:
        DataError: if there is no data folder, or a source is missing.
        OutputError: if the weights cannot be written.
    """
    folder = resolve_data_folder(folder)
    if folder is None:
        raise DataError(f"no crops to fit to; give the data folder with --data or in {DATA_FOLDER_VARIABLE}")
    models = load_networks(folder=models_folder)
    evidence: list[NDArray[np.float64]] = []
    right: list[bool] = []
    counts: dict[str, int] = {}
    for name, crops, charset in labelled_crop_sources(folder, DataSplit.VALIDATION):
        report_line(f"reading {len(crops):,} crops: {name}")
        samples = list(_samples_of_crops(crops, charset, models))
        evidence += [each[0] for each in samples]
        right += [each[1] for each in samples]
        counts[name] = len(samples)
    labels = np.array(right, bool)
    mislabelled = np.full(len(labels), _MISLABELLED_SHARE)
    model = fit_additive_model(
        np.array(evidence), labels, np.ones(len(labels)), mislabelled, _PENALTY, _RANGE_QUANTILES
    )
    card: dict[str, Any] = {
        "description": "crop model: evidence on the number of a crop -> probability that it is read rightly "
        "(scanner/decision/crop_evidence.py)",
        "evidence": CROP_EVIDENCE_NAMES,
        "crops": counts,
        "data": [SOURCE_LICENCES["cheques"], SOURCE_LICENCES["clinic"]],
    }
    models_folder.mkdir(parents=True, exist_ok=True)
    write_model(models_folder / CROP_MODEL_WEIGHTS, to_bytes({"right": model}), card)
    report_line(f"{models_folder / CROP_MODEL_WEIGHTS}: fitted to {len(labels):,} crops")


def _samples_of_crops(
    crops: Sequence[LabelledCrop], charset: Charset, models: Models
) -> Iterator[tuple[NDArray[np.float64], bool]]:
    """The evidence on each crop in which a number is read, and whether it is read rightly."""
    options = ScanOptions(page_or_crop=PageOrCrop.CROP, charset=charset)
    for crop in crops:
        image = np.asarray(cv2.cvtColor(read_gray(crop.path), cv2.COLOR_GRAY2BGR), np.uint8)
        (number,) = run_stages(image, models, options).located.numbers
        crop_claim, text_line_claim = number.line_claim, number.text_line_claim
        if crop_claim is not None and text_line_claim is not None and crop_claim.digits:
            is_right = normalize_text(crop_claim.opinion.text, charset) == normalize_text(crop.text, charset)
            yield crop_evidence(number.contour_claim, crop_claim, text_line_claim), is_right
