"""Train the SVM baseline: HOG -> PCA -> RBF support vector machine -> calibrated probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from scanner.recognition.hog import hog_features

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image


@dataclass(frozen=True, slots=True)
class DigitSvmPlan:
    """Hyperparameters of the baseline."""

    pca_components: int = 90
    """PCA components kept; with more, MNIST accuracy stays the same and the file grows."""
    penalty: float = 10.0
    """C of the support vector machine."""
    gamma_scale: float = 1.4
    """gamma, in units of 1 / (features x variance), which scikit-learn calls "scale"."""


def fit_digit_svm(
    frames: Image,
    labels: NDArray[np.int64],
    held_out_frames: Image,
    held_out_labels: NDArray[np.int64],
    plan: DigitSvmPlan,
) -> Any:
    """Fit the support vector machine on one set of frames and its probabilities on another.

    Args:
        frames: shape (N, 28, 28), uint8.
        labels: shape (N,), 0-10.
        held_out_frames: shape (M, 28, 28), other frames, on which the sigmoids are fitted (Platt, 1999).
        held_out_labels: shape (M,), 0-10.
        plan: hyperparameters.

    Returns:
        A scikit-learn classifier of HOG features with ``predict_proba``.
    """
    features = _hog_features_in_slices(frames)
    pca = PCA(plan.pca_components, svd_solver="covariance_eigh").fit(features)
    reduced = pca.transform(features)
    gamma = plan.gamma_scale / (plan.pca_components * float(reduced.var()))
    machine = SVC(C=plan.penalty, gamma=gamma, cache_size=1500)
    machine.fit(_round_to_half_precision(reduced), labels)
    fitted = make_pipeline(pca, machine)
    calibrated = CalibratedClassifierCV(FrozenEstimator(fitted), method="sigmoid")
    return calibrated.fit(_hog_features_in_slices(held_out_frames), held_out_labels)


def _hog_features_in_slices(frames: Image) -> NDArray[np.float32]:
    # In slices, because the oriented gradients of all of MNIST would take 2 GB at once.
    return np.concatenate([hog_features(frames[start : start + 2000]) for start in range(0, len(frames), 2000)])


def _round_to_half_precision(reduced: NDArray[np.float32]) -> NDArray[np.float64]:
    """Round to half precision: support vectors then compress to a quarter, and accuracy does not change."""
    return reduced.astype(np.float16).astype(np.float64)
