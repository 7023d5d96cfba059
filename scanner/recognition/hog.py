"""Compute histograms of oriented gradients (HOG) of framed digits, the features of the SVM baseline.

As in Dalal & Triggs, "Histograms of oriented gradients for human detection", CVPR 2005: each gradient of the 28 x 28
frame is shared linearly between the two nearest orientations and the nearest cells, and blocks of 2 x 2 cells are
normalized with the L2-Hys norm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scanner.image.digit_frame import FRAME_SIDE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image

_CELL_SIDE_PIXELS = 4
"""Side of a cell, pixels: about one stroke of a framed digit and the gap beside it."""
_ORIENTATION_BINS = 9
"""Number of orientation bins over 180 degrees, as in the paper."""
_L2_HYS_CLIP = 0.2
"""Maximum component of a block's unit vector before it is normalized again (L2-Hys), as in the paper."""
_CELLS_PER_SIDE = FRAME_SIDE // _CELL_SIDE_PIXELS
_CELLS_PER_BLOCK = 4
"""Cells of a block, 2 x 2, as in the paper."""
HOG_FEATURE_COUNT = (_CELLS_PER_SIDE - 1) ** 2 * _CELLS_PER_BLOCK * _ORIENTATION_BINS
"""Number of features of a frame, 1296."""
_BLANK_BLOCK_NORM = 1e-2
"""Added to the norm of every block, so that blank ones stay 0 instead of turning into noise."""


def hog_features(frames: Image) -> NDArray[np.float32]:
    """Compute the HOG features of framed digits.

    Args:
        frames: shape (N, 28, 28), uint8.

    Returns:
        Shape (N, HOG_FEATURE_COUNT), float32: 6 x 6 blocks of 2 x 2 cells of 9 orientations.
    """
    image = frames.astype(np.float32) / np.float32(255)
    dx, dy = np.zeros_like(image), np.zeros_like(image)
    dx[:, :, 1:-1] = image[:, :, 2:] - image[:, :, :-2]
    dy[:, 1:-1] = image[:, 2:] - image[:, :-2]
    cells = _pool_into_cells(_orientation_votes(dx, dy))
    return _normalize_blocks(cells)


def _orientation_votes(dx: NDArray[np.float32], dy: NDArray[np.float32]) -> NDArray[np.float32]:
    """Gradient magnitudes, each shared between the two nearest orientations; shape (N, 28, 28, 9)."""
    magnitude = np.hypot(dx, dy)
    position = np.arctan2(dy, dx) % np.pi * (_ORIENTATION_BINS / np.pi)
    lower = np.floor(position)
    share = position - lower
    bins = np.arange(_ORIENTATION_BINS, dtype=np.float32)
    low = (lower[..., None] % _ORIENTATION_BINS == bins) * (1 - share[..., None])
    high = ((lower[..., None] + 1) % _ORIENTATION_BINS == bins) * share[..., None]
    return np.asarray((low + high) * magnitude[..., None], np.float32)


def _pool_into_cells(oriented: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sums over cells, each pixel shared linearly between the nearest cells; shape (N, 7, 7, 9)."""
    middles = np.arange(_CELLS_PER_SIDE) * _CELL_SIDE_PIXELS + (_CELL_SIDE_PIXELS - 1) / 2
    weights = np.maximum(1 - np.abs(np.arange(FRAME_SIDE)[None] - middles[:, None]) / _CELL_SIDE_PIXELS, 0).astype(
        np.float32
    )
    return np.asarray(np.einsum("iy,nyxo,jx->nijo", weights, oriented, weights, optimize=True), np.float32)


def _normalize_blocks(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    corners = [cells[:, i : _CELLS_PER_SIDE - 1 + i, j : _CELLS_PER_SIDE - 1 + j] for i in (0, 1) for j in (0, 1)]
    blocks = np.concatenate(corners, axis=-1)
    blocks = np.minimum(_unit_vectors(blocks), _L2_HYS_CLIP)
    return _unit_vectors(blocks).reshape(len(cells), int(np.prod(blocks.shape[1:])))


def _unit_vectors(blocks: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(blocks / (np.linalg.norm(blocks, axis=-1, keepdims=True) + _BLANK_BLOCK_NORM), np.float32)
