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
from numpy.lib.stride_tricks import sliding_window_view

from scanner.image.deepening import deepen

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
    side: int
    """Side of a patch, pixels."""
    reach: int
    """Largest offset at which it is searched for, pixels."""
    points: NDArray[np.int64]
    """Shape (N, 2): the top left pixel (x, y) of each."""
    spectra: NDArray[np.complex64]
    """Shape (N, ...): the spectrum of each, its mean 0 and its length 1, in a window with room for all offsets."""
    stiffness: NDArray[np.float64]
    """Shape (N, 2): how much the likeness drops when a patch is shifted by a pixel across, and down."""

    @property
    def middles(self) -> NDArray[np.float64]:
        """Shape (N, 2): the middle (x, y) of each."""
        return np.asarray(self.points + (self.side - 1) / 2)


@dataclass(frozen=True, slots=True, eq=False)
class FoundPatches:
    """Where the patches are on the page."""

    offsets: NDArray[np.float64]
    """Shape (N, 2): how far to the right and down of its place each looks most alike, pixels of the copy."""
    likeness: NDArray[np.float64]
    """Shape (N,): correlation there, -1 to 1."""


def prepare_copy(copy: Image) -> Image:
    """Blur a copy of a page a little, shape (height, width), as patches are compared."""
    return np.asarray(cv2.GaussianBlur(deepen(copy), (0, 0), _BLUR_PIXELS), np.uint8)


def choose_patches(copy: Image, side: int, step: int, reach: int) -> Patches:
    """Choose patches with structure, at most one in each square of a page.

    Args:
        copy: copy of the reference, from :func:`prepare_copy`.
        side: side of a patch, pixels.
        step: side of a square, pixels.
        reach: largest offset at which a patch is to be searched for, pixels.
    """
    height, width = copy.shape
    weak, strong = _structure(copy, side)
    score = (weak + _CORNER_SHARE * strong)[side // 2 :, side // 2 :]
    # Top left pixels of patches that can be searched for without leaving the page.
    score = score[reach : max(height - reach - side + 1, 0), reach : max(width - reach - side + 1, 0)]
    points = []
    for top in range(0, score.shape[0], step):
        for left in range(0, score.shape[1], step):
            square = score[top : top + step, left : left + step]
            row, column = divmod(int(square.argmax()), square.shape[1])
            points.append((left + column + reach, top + row + reach))
    chosen = np.array(points, np.int64).reshape(-1, 2)
    images = np.array([copy[y : y + side, x : x + side] for x, y in chosen], np.float32).reshape(-1, side, side)
    is_printed = images.std(axis=(1, 2)) >= _MIN_CONTRAST
    chosen, images = chosen[is_printed], images[is_printed]
    images -= images.mean(axis=(1, 2), keepdims=True)
    images /= np.sqrt((images**2).sum(axis=(1, 2), keepdims=True))
    spectra = np.fft.rfft2(images, (side + 2 * reach, side + 2 * reach), axes=(1, 2)).conj()
    return Patches((width, height), side, reach, chosen, spectra.astype(np.complex64), _stiffness(images))


def has_print(copy: Image, patches: Patches) -> NDArray[np.bool_]:
    """Whether anything is printed where each patch is on a copy as ``choose_patches`` has it, shape (N,)."""
    side = patches.side
    return np.array([copy[y : y + side, x : x + side].std() >= _MIN_CONTRAST for x, y in patches.points], np.bool_)


def find_patches(warped: Image, patches: Patches) -> FoundPatches:
    """Find patches on a page.

    Args:
        warped: the page as the reference's copy, from :func:`prepare_copy`.
        patches: patches of the reference.
    """
    scores = correlate(warped, patches, patches.points)
    count, shifts = scores.shape[:2]
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
    return FoundPatches(offsets - patches.reach, scores[every, rows, columns].astype(np.float64))


def correlate(warped: Image, patches: Patches, points: NDArray[np.int64]) -> NDArray[np.float32]:
    """Correlate patches with a page, each around some place.

    Args:
        warped: the page as the reference's copy, from :func:`prepare_copy`.
        patches: patches of the reference.
        points: shape (N, 2): where the top left pixel (x, y) of each is looked for.

    Returns:
        Shape (N, 2 * reach + 1, 2 * reach + 1): likeness, -1 to 1, by offset down and to the right; 0 on bare paper.
    """
    side, reach = patches.side, patches.reach
    window, shifts = side + 2 * reach, 2 * reach + 1
    if not len(points):
        return np.zeros((0, shifts, shifts), np.float32)
    corners = points[:, 1] - reach, points[:, 0] - reach
    seen = sliding_window_view(warped, (window, window))[corners].astype(np.float32)
    products = np.fft.irfft2(np.fft.rfft2(seen, axes=(1, 2)) * patches.spectra, (window, window), axes=(1, 2))
    lengths = sliding_window_view(_lengths(warped, side), (shifts, shifts))[corners]
    is_bare = lengths < side * _MIN_SEEN_CONTRAST
    return np.where(is_bare, 0, products[:, :shifts, :shifts] / np.where(is_bare, 1, lengths)).astype(np.float32)


def _lengths(image: Image, side: int) -> NDArray[np.float32]:
    """Length of each square of an image as a vector, its mean subtracted: shape (height, width) less ``side`` - 1."""
    sums, squares = cv2.integral2(image)
    sums, squares = (
        table[side:, side:] - table[side:, :-side] - table[:-side, side:] + table[:-side, :-side]
        for table in (sums.astype(np.float64), squares)
    )
    return np.sqrt(np.maximum(squares - sums**2 / side**2, 0)).astype(np.float32)


def _structure(copy: Image, side: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The smaller and the larger eigenvalue of the structure tensor around each pixel, shape (height, width) each."""
    dx, dy = cv2.Sobel(copy, cv2.CV_32F, 1, 0), cv2.Sobel(copy, cv2.CV_32F, 0, 1)
    xx, yy, xy = (cv2.boxFilter(product, -1, (side, side)) for product in (dx * dx, dy * dy, dx * dy))
    middle, spread = (xx + yy) / 2, np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    return np.asarray(middle - spread, np.float32), np.asarray(middle + spread, np.float32)


def _stiffness(images: NDArray[np.float32]) -> NDArray[np.float64]:
    """How much the likeness drops per pixel, across and down, of images of length 1."""
    # Half the difference of the pixels to either side is the slope.
    across = ((images[:, :, 2:] - images[:, :, :-2]) ** 2).sum(axis=(1, 2)) / 4
    down = ((images[:, 2:] - images[:, :-2]) ** 2).sum(axis=(1, 2)) / 4
    return np.stack([across, down], axis=1).astype(np.float64)


def _peak_shift(lines: NDArray[np.float32], best: NDArray[np.int64]) -> NDArray[np.float64]:
    """From the highest value of each line, at ``best``, to the peak of the parabola through it and its neighbours.

    Args:
        lines: shape (N, length).
        best: shape (N,).

    Returns:
        Shape (N,), -0.5 to 0.5; 0 at the ends.
    """
    every = np.arange(len(lines))
    inner = np.clip(best, 1, lines.shape[1] - 2)
    before, peak, after = (lines[every, inner + step].astype(np.float64) for step in (-1, 0, 1))
    bend = before - 2 * peak + after
    is_peak = (best == inner) & (bend < 0)
    return np.where(is_peak, 0.5 * (before - after) / np.where(is_peak, bend, 1), 0.0)
