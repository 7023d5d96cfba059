"""Random patches of labelled pages, turned, scaled and degraded as by faint pens, fax machines and noisy sensors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.layout.page_network import CORE_STRIDE, NEUTRAL_COLOUR, input_tensor
from scanner.training.page_samples import NO_INK_LABEL, SAMPLE_SCALE, PageNetworkSample, load_page_sample
from scanner.training.page_targets import PageTargets, page_targets

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_LOG_SCALE_LIMIT = 0.28
"""Largest logarithm of the scale of a patch: the character height of a page is mistaken by a quarter either way."""
_TURN_SIGMA_DEGREES, _MAX_TURN_DEGREES = 0.8, 2.5
"""Standard deviation and maximum of the angle by which a patch is turned: what deskewing leaves, and bent sheets."""
_SHEAR_SIGMA = 0.06
"""Standard deviation of the slant added to a patch.  A choice."""
_NUMBER_PROBABILITY = 0.7
"""Probability that a patch is chosen to hold a certain number.  A choice."""
_GREY_PROBABILITY = 0.3
"""Probability that a patch loses its colour: many scans have none.  A choice."""


@dataclass(frozen=True, slots=True, eq=False)
class PageBatch:
    """A batch of N patches of H x W pixels with the answers."""

    inputs: NDArray[np.float32]
    """Shape (N, INPUT_CHANNELS, H / 2, W / 2)."""
    targets: PageTargets
    """Its arrays with N as their first axis; those of the cores as channels: (N, 4, H / 4, W / 4)."""


class PagePatchBatches:
    """Batches of random patches from files of samples."""

    def __init__(
        self,
        sources: Sequence[tuple[float, Sequence[Path]]],
        batch_size: int,
        shape: tuple[int, int],
    ) -> None:
        """Cut ``batch_size`` patches of ``shape`` at a time.

        Args:
            sources: how large a share of the patches is from each source, and the files of its samples.
            batch_size: number of patches.
            shape: rows and columns of a patch, multiples of ``INPUT_SIDE_MULTIPLE``.
        """
        self._sources = [(share, tuple(paths)) for share, paths in sources if paths]
        self._batch_size, self._shape = batch_size, shape

    def make_batch(self, rng: np.random.Generator) -> PageBatch:
        """Cut and degrade a batch of patches; the same generator state gives the same batch."""
        shares = np.array([share for share, _ in self._sources])
        patches = []
        for _ in range(self._batch_size):
            _, paths = self._sources[int(rng.choice(len(shares), p=shares / shares.sum()))]
            sample = load_page_sample(paths[int(rng.integers(len(paths)))])
            patches.append(cut_patch(sample, self._shape, rng))
        inputs = np.concatenate([_degrade(input_tensor(patch.view), rng) for patch in patches])
        return PageBatch(inputs, _stack_targets([page_targets(patch) for patch in patches]))


def _stack_targets(targets: Sequence[PageTargets]) -> PageTargets:
    return PageTargets(
        np.stack([each.class_amounts for each in targets]),
        np.stack([_as_channels(each.cores) for each in targets]),
        np.stack([_as_channels(each.core_weights) for each in targets]),
        np.stack([_as_channels(each.digits) for each in targets]),
        np.stack([_as_channels(each.digit_weights) for each in targets]),
        np.stack([each.distances for each in targets]),
        np.stack([each.distance_weights for each in targets]),
    )


def _as_channels(pixels: NDArray[np.generic]) -> NDArray[np.generic]:
    """Pixels of the cores as channels of cells: shape (2 * rows, 2 * columns) -> (4, rows, columns)."""
    rows, columns = (side // CORE_STRIDE for side in pixels.shape)
    squares = pixels.reshape(rows, CORE_STRIDE, columns, CORE_STRIDE).transpose(1, 3, 0, 2)
    return np.ascontiguousarray(squares.reshape(CORE_STRIDE**2, rows, columns))


def cut_patch(sample: PageNetworkSample, shape: tuple[int, int], rng: np.random.Generator) -> PageNetworkSample:
    """Cut a random patch of a page, a little turned, slanted, smaller or larger; paper beyond the page.

    Args:
        sample: the page.
        shape: rows and columns of the patch.
        rng: the same generator state gives the same patch.
    """
    matrix = _random_matrix(sample, shape, rng)
    size = (shape[1], shape[0])
    half_size = (shape[1] // 2, shape[0] // 2)
    half_matrix = np.hstack([matrix[:, :2], matrix[:, 2:] / 2])
    strength = cv2.warpAffine(sample.strength, _of_centres(matrix), size, flags=cv2.INTER_LINEAR)
    labels = cv2.warpAffine(
        sample.labels, _of_centres(matrix), size, flags=cv2.INTER_NEAREST, borderValue=float(NO_INK_LABEL)
    )
    tone = cv2.warpAffine(
        sample.tone,
        _of_centres(half_matrix),
        half_size,
        flags=cv2.INTER_LINEAR,
        borderValue=(0.0, float(NEUTRAL_COLOUR), float(NEUTRAL_COLOUR)),
    )
    quads = sample.quads @ matrix[:, :2].T + matrix[:, 2]
    inside = (
        ((quads.max(axis=1) > 0) & (quads.min(axis=1) < np.array(size))).all(axis=1)
        if len(quads)
        else np.zeros(0, np.bool_)
    )
    return replace(
        sample,
        strength=np.asarray(strength, np.uint8),
        tone=np.asarray(tone, np.uint8),
        labels=np.asarray(labels, np.uint8),
        quads=quads[inside].astype(np.float32),
        is_wanted=sample.is_wanted[inside],
        has_digits=sample.has_digits[inside],
        digit_boxes=_map_boxes(sample.digit_boxes, matrix),
    )


def _random_matrix(sample: PageNetworkSample, shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float64]:
    """Random affine map from a page to a patch, shape (2, 3), the corner of the top left pixel at (0, 0)."""
    rows, columns = shape
    scale = float(np.exp(rng.uniform(-_LOG_SCALE_LIMIT, _LOG_SCALE_LIMIT))) / SAMPLE_SCALE
    turn = float(np.clip(rng.normal(0, _TURN_SIGMA_DEGREES), -_MAX_TURN_DEGREES, _MAX_TURN_DEGREES))
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    stretch = float(np.exp(rng.normal(0, 0.04)))
    linear = (
        scale
        * np.array([[cos, -sin], [sin, cos]])
        @ np.array([[stretch, rng.normal(0, _SHEAR_SIGMA)], [0, 1 / stretch]])
    )
    page = np.array(sample.strength.shape[::-1], np.float64)
    wanted = sample.quads[sample.is_wanted]
    if len(wanted) and rng.random() < _NUMBER_PROBABILITY:
        middle = wanted[int(rng.integers(len(wanted)))].mean(axis=0)
        target = rng.uniform(0.1, 0.9, 2) * (columns, rows)
    else:
        # The patch lies on the page as far as it can.
        reach = np.array([columns, rows]) / scale / 2
        low, high = np.minimum(reach, page / 2), np.maximum(page - reach, page / 2)
        middle, target = rng.uniform(low, high), np.array([columns, rows]) / 2
    return np.column_stack([linear, target - linear @ middle])


def _of_centres(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same map where the middle of the top left pixel is at (0, 0), as in OpenCV."""
    offset = matrix[:, :2] @ (0.5, 0.5) + matrix[:, 2] - 0.5
    return np.column_stack([matrix[:, :2], offset])


def _map_boxes(boxes: NDArray[np.float32], matrix: NDArray[np.float64]) -> NDArray[np.float32]:
    """Map upright boxes of digits; they stay upright."""
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2 @ matrix[:, :2].T + matrix[:, 2]
    halves = (boxes[:, 2:] - boxes[:, :2]) / 2 * np.abs(np.diagonal(matrix))
    return np.hstack([middles - halves, middles + halves]).astype(np.float32)


def _degrade(tensor: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Degrade a patch as a faint pen, a fax machine, a soft lens or a noisy sensor would."""
    strength = tensor[0, :4]
    if rng.random() < 0.3:
        strength = _blur(strength, float(rng.uniform(0.3, 0.9)))
    strength = strength * np.float32(rng.uniform(0.6, 1.1))
    draw = rng.random()
    if draw < 0.2:
        strength = (strength > rng.uniform(0.3, 0.6)).astype(np.float32)
    elif draw < 0.4:
        strength = strength ** np.float32(rng.uniform(0.6, 1.6))
    if rng.random() < 0.5:
        strength = strength + rng.standard_normal(strength.shape, np.float32) * np.float32(rng.uniform(0, 0.08))
    tensor[0, :4] = np.clip(strength, 0, 1)
    tensor[0, 4] = np.clip(tensor[0, 4] * np.float32(np.exp(rng.uniform(-0.7, 0.4))), 0, 1)
    if rng.random() < _GREY_PROBABILITY:
        tensor[0, 5:] = 0
    else:
        angle = rng.normal(0, 0.4)
        rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * rng.uniform(0.4, 1.3)
        tensor[0, 5:] = np.tensordot(rotation.astype(np.float32), tensor[0, 5:], 1)
    return tensor


def _blur(strength: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Blur an image given as channels of squares, shape (4, rows, columns)."""
    rows, columns = strength.shape[1:]
    image = strength.reshape(2, 2, rows, columns).transpose(2, 0, 3, 1).reshape(2 * rows, 2 * columns)
    blurred = np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)
    return blurred.reshape(rows, 2, columns, 2).transpose(1, 3, 0, 2).reshape(4, rows, columns)
