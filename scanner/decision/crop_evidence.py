"""Gather what speaks for and against the reading of a picture of one number: what its three readers say of it.

The reader of text lines has learnt from other pictures than that of crops, and errs on others.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from scanner.decision.additive_model import clamped_log_odds, load_additive_models
from scanner.weights import CROP_MODEL_WEIGHTS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.decision.additive_model import AdditiveModel
    from scanner.recognition.reader_claims import Claim

CROP_EVIDENCE_NAMES = (
    "crop reader",
    "text line reader",
    "contour reader",
    "worst digit",
    "line readers agree",
    "crop and contour reader agree",
    "text line and contour reader agree",
    "digits",
    "separators",
)
"""What each piece of evidence is about, in the order of :func:`crop_evidence`."""
_MIN_PROBABILITY = 0.0005
"""Probabilities are clamped to this distance from 0 and 1 before their log odds are taken.  A choice."""
_log_odds = partial(clamped_log_odds, margin=_MIN_PROBABILITY)


def crop_evidence(contour_claim: Claim, crop_claim: Claim, text_line_claim: Claim) -> NDArray[np.float64]:
    """Gather the evidence on what the crop reader read.

    Args:
        contour_claim: claim of the digit classifier.
        crop_claim: claim of the line reader for crops of one number.
        text_line_claim: claim of the line reader for text lines.

    Returns:
        Shape (len(CROP_EVIDENCE_NAMES),).
    """
    digits, text = crop_claim.digit_text, crop_claim.opinion.text
    return np.array(
        [
            _log_odds(crop_claim.opinion.confidence),
            _log_odds(text_line_claim.opinion.confidence),
            _log_odds(contour_claim.opinion.confidence),
            _log_odds(min((digit.confidence for digit in contour_claim.digits), default=0.0)),
            text == text_line_claim.opinion.text,
            digits == contour_claim.digit_text,
            text_line_claim.digit_text == contour_claim.digit_text,
            math.log1p(len(digits)),
            len(text) - len(digits),
        ],
        np.float64,
    )


def load_crop_model(folder: Path | None = None) -> AdditiveModel:
    """Load the model that weighs this evidence.

    Args:
        folder: folder of the weights; None for those that come with the program.

    Raises:
        NotInstalledError: if its weights are missing or damaged.
    """
    return load_additive_models(CROP_MODEL_WEIGHTS, ("right",), len(CROP_EVIDENCE_NAMES), folder)[0]
