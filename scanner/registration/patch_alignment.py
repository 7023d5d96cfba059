"""Find small patches of a reference page again on a page that is aligned with it roughly.

Each patch is searched for in a window around the place where it should be, by normalized cross-correlation, to a
fraction of a pixel.  A patch that holds nothing but a rule says where the page is across the rule, and nothing about
where it is along it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scanner.types import Image

_BLUR_PIXELS = 0.8
"""Standard deviation of the blur before patches are compared, pixels of the copy: the strokes of two scans of a page
differ by half a pixel.  A choice."""
_MIN_CONTRAST = 12.0
"""Minimum standard deviation of the darkness in a patch, of 255.  A choice: the paper has less."""
_MIN_SEEN_CONTRAST = 4.0
"""Minimum standard deviation of the darkness where a patch is searched for: less is bare paper.  A choice."""
_CORNER_SHARE = 0.05
"""Minimum ratio of the structure across the weaker direction of a patch to that across the stronger one, for it not to
be passed over in favour of a patch that is a corner.  A choice."""


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """Patches of a copy of the reference page."""

    copy_size: tuple[int, int]
    """(width, height) of the copy, pixels."""
    points: NDArray[np.int64]
    """Shape (N, 2): the top left pixel (x, y) of each."""
    images: NDArray[np.uint8]
    """Shape (N, side, side): darkness."""
    stiffness: NDArray[np.float64]
    """Shape (N, 2): how much the likeness drops when a patch is shifted by a pixel across, and down."""

    @property
    def side(self) -> int:
        """Side of a patch, pixels of the copy."""
        return self.images.shape[1]

    @property
    def middles(self) -> NDArray[np.float64]:
        """Shape (N, 2): the middle (x, y) of each."""
        return self.points + (self.side - 1) / 2


@dataclass(frozen=True, slots=True, eq=False)
class FoundPatches:
    """Where the patches are on the page."""

    offsets: NDArray[np.float64]
    """Shape (N, 2): how far to the right and down of its place each looks most alike, pixels of the copy."""
    likeness: NDArray[np.float64]
    """Shape (N,): correlation there, -1 to 1."""


def prepare_copy(copy: Image) -> Image:
    """Blur a copy of a page a little, shape (height, width), as patches are compared."""
    return np.asarray(cv2.GaussianBlur(copy, (0, 0), _BLUR_PIXELS), np.uint8)


def choose_patches(copy: Image, side: int, step: int, margin: int) -> Patches:
    """Choose patches with structure, at most one in each square of a page.

    Args:
        copy: copy of the reference, from :func:`prepare_copy`.
        side: side of a patch, pixels.
        step: side of a square, pixels.
        margin: distance from the edges, pixels.
    """
    height, width = copy.shape
    weak, strong = _structure(copy, side)
    points = []
    reach = side // 2
    for top in range(margin, height - margin - side + 1, step):
        for left in range(margin, width - margin - side + 1, step):
            # Of the patches whose top left pixel is in the square.
            window = (
                slice(top + reach, min(top + step, height - margin - side + 1) + reach),
                slice(left + reach, min(left + step, width - margin - side + 1) + reach),
            )
            score = weak[window] + _CORNER_SHARE * strong[window]
            row, column = divmod(int(score.argmax()), score.shape[1])
            points.append((left + column, top + row))
    chosen = np.array(points, np.int64).reshape(-1, 2)
    images = np.array([copy[y : y + side, x : x + side] for x, y in chosen], np.uint8).reshape(-1, side, side)
    kept = images.reshape(len(images), -1).std(axis=1) >= _MIN_CONTRAST
    chosen, images = chosen[kept], images[kept]
    return Patches((width, height), chosen, images, _stiffness(images))


def find_patches(warped: Image, patches: Patches, reach: int) -> FoundPatches:
    """Find patches on a page.

    Args:
        warped: the page as the reference's copy, from :func:`prepare_copy`.
        patches: patches of the reference, at least ``reach`` pixels from the edges.
        reach: largest offset to look at, pixels.
    """
    scores = correlate(warped, patches, patches.points, reach)
    count, shifts = len(scores), 2 * reach + 1
    best = scores.reshape(count, shifts * shifts).argmax(axis=1)
    rows, columns = best // shifts, best % shifts
    every = np.arange(count)
    offsets = np.stack(
        [
            columns + _peak_shift(scores[every, rows], columns),
            rows + _peak_shift(scores[every, :, columns], rows),
        ],
        axis=1,
    )
    return FoundPatches(offsets - reach, scores[every, rows, columns].astype(np.float64))


def correlate(warped: Image, patches: Patches, points: NDArray[np.int64], reach: int) -> NDArray[np.float32]:
    """Correlate patches with a page, around some point each.

    Args:
        warped: the page as the reference's copy, from :func:`prepare_copy`.
        patches: patches of the reference.
        points: shape (N, 2): where the top left pixel (x, y) of each is to be, ``reach`` pixels from the edges.
        reach: largest offset to look at, pixels.

    Returns:
        Shape (N, 2 * reach + 1, 2 * reach + 1): likeness, -1 to 1, by offset down and to the right; 0 on bare paper.
    """
    side = patches.side
    window = side + 2 * reach
    views = np.lib.stride_tricks.sliding_window_view(warped, (window, window))
    seen = views[points[:, 1] - reach, points[:, 0] - reach].astype(np.float32)
    shapes = patches.images.astype(np.float32)
    shapes -= shapes.mean(axis=(1, 2), keepdims=True)
    spectra = np.fft.rfft2(shapes, (window, window), axes=(1, 2)).conj()
    products = np.fft.irfft2(np.fft.rfft2(seen, axes=(1, 2)) * spectra, (window, window), axes=(1, 2))
    shifts = 2 * reach + 1
    products = products[:, :shifts, :shifts]
    sums, squares = _box_sums(seen, side), _box_sums(seen * seen, side)
    variance = squares - sums**2 / side**2
    energy = (shapes * shapes).sum(axis=(1, 2))[:, None, None]
    is_bare = variance < side**2 * _MIN_SEEN_CONTRAST**2
    return np.where(is_bare, np.float32(0), products / np.sqrt(np.where(is_bare, 1, variance) * energy)).astype(
        np.float32
    )


def _box_sums(images: NDArray[np.float32], side: int) -> NDArray[np.float64]:
    """Sums in all squares of images, shape (N, height, width), float64: the sums of a row are large."""
    total = np.zeros((images.shape[0], images.shape[1] + 1, images.shape[2] + 1))
    np.cumsum(images, axis=1, dtype=np.float64, out=total[:, 1:, 1:])
    np.cumsum(total[:, 1:, 1:], axis=2, out=total[:, 1:, 1:])
    rows = total[:, side:] - total[:, :-side]
    return np.asarray(rows[:, :, side:] - rows[:, :, :-side])


def _structure(copy: Image, side: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The smaller and the larger eigenvalue of the structure tensor around each pixel, shape (height, width) each."""
    dx, dy = cv2.Sobel(copy, cv2.CV_32F, 1, 0), cv2.Sobel(copy, cv2.CV_32F, 0, 1)
    xx, yy, xy = (cv2.boxFilter(product, -1, (side, side)) for product in (dx * dx, dy * dy, dx * dy))
    middle, spread = (xx + yy) / 2, np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    return np.asarray(middle - spread, np.float32), np.asarray(middle + spread, np.float32)


def _stiffness(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    values = images.astype(np.float64)
    variance = np.maximum(values.reshape(len(images), -1).var(axis=1), 1e-9) if len(images) else np.zeros(0)
    across = ((values[:, :, 2:] - values[:, :, :-2]) ** 2).mean(axis=(1, 2)) / 4 if len(images) else np.zeros(0)
    down = ((values[:, 2:] - values[:, :-2]) ** 2).mean(axis=(1, 2)) / 4 if len(images) else np.zeros(0)
    return np.stack([across, down], axis=1) / variance[:, None]


def _peak_shift(lines: NDArray[np.float32], best: NDArray[np.int64]) -> NDArray[np.float64]:
    """From the highest value of each line, shape (N, length), at ``best``, to the peak of the parabola through it and
    its neighbours; 0 at the ends.
    """
    every = np.arange(len(lines))
    inner = np.clip(best, 1, lines.shape[1] - 2)
    before, peak, after = (lines[every, inner + step].astype(np.float64) for step in (-1, 0, 1))
    bend = before - 2 * peak + after
    is_peak = (best == inner) & (bend < 0)
    return np.where(is_peak, 0.5 * (before - after) / np.where(is_peak, bend, 1), 0.0)
