"""Synthetic pages to train the page network on: its input with the classes of the ink, and random patches of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets.page_sources import HandwritingSources, synthesize_page_within_dpi
from scanner.datasets.parallel_map import parallel_map, split_into_ranges
from scanner.image.background import flatten_background, to_gray
from scanner.image.binarization import binarize
from scanner.image.faint_ink import add_faint_ink
from scanner.image.measured_ink import measure_ink
from scanner.layout.ink_classes import OUTPUT_STRIDE, InkClass, input_scale, scale_to_input
from scanner.synthesis.page_content import PixelClass

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from scanner.synthesis.fonts import FontFamily
    from scanner.types import Image


PIXEL_CLASS_OF_INK_CLASS = {
    InkClass.DIGIT: PixelClass.DIGIT,
    InkClass.PRINT: PixelClass.PRINT,
    InkClass.WRITING: PixelClass.WRITING,
    InkClass.RULE: PixelClass.RULE,
    InkClass.MARK: PixelClass.MARK,
    InkClass.PRINTED_DIGIT: PixelClass.PRINTED_DIGIT,
}
"""The pixel class of the synthesis for each ink class."""

_DPI_RANGE = (90.0, 250.0)
"""Resolutions of the pages, drawn log-uniformly; higher ones look no different to the network."""

_CHARACTER_HEIGHT_ERROR = 0.16
"""Relative standard deviation of the error added to the estimated character height of a page; a choice."""

_PAGES_PER_TASK = 16
"""Pages sent to a process at a time; their material is sent again with each task."""


@dataclass(frozen=True, slots=True, eq=False)
class PageNetworkSample:
    """A page or patch as the network sees it, with the ink classes it should predict."""

    network_image: Image
    """Shape (H, W), uint8, multiples of ``ink_classes.INPUT_SIDE_MULTIPLE`` for a page: 0 = paper, 255 = ink."""
    class_amounts: NDArray[np.uint8]
    """Shape (H / OUTPUT_STRIDE, W / OUTPUT_STRIDE, ink classes): ink of each class in each cell, 255 = all of it."""


def make_page_samples(
    families: Sequence[FontFamily], handwriting: HandwritingSources, seed: int, count: int, processes: int
) -> list[PageNetworkSample]:
    """Synthesize ``count`` pages; the same for the same seed, whatever the number of processes.

    A page of a million pixels takes 1.5 MB.

    Args:
        families: font families to print with.
        handwriting: digits and letters to write with.
        seed: page ``index`` is made from the seed ``(seed, index)``.
        count: number of pages.
        processes: number of processes that make them.
    """
    make_task = partial(_make_samples_of_task, tuple(families), handwriting, seed)
    tasks = split_into_ranges(count, _PAGES_PER_TASK)
    return [sample for samples in parallel_map(make_task, tasks, processes, items_per_task=1) for sample in samples]


def _make_samples_of_task(
    families: tuple[FontFamily, ...], handwriting: HandwritingSources, seed: int, page_indices: range
) -> list[PageNetworkSample]:
    cv2.setNumThreads(1)
    return [_make_sample(families, handwriting, np.random.default_rng((seed, index))) for index in page_indices]


def _make_sample(
    families: tuple[FontFamily, ...], handwriting: HandwritingSources, rng: np.random.Generator
) -> PageNetworkSample:
    while True:
        page = synthesize_page_within_dpi(rng, families, handwriting, _DPI_RANGE)
        gray = to_gray(page.image)
        flat = flatten_background(gray)
        ink = measure_ink(add_faint_ink(gray, flat, binarize(flat)))
        # There is nothing to learn from an empty page: make another one.
        if ink.character_height:
            break
    estimated_height = ink.character_height * float(np.exp(rng.normal(0, _CHARACTER_HEIGHT_ERROR)))
    image = scale_to_input(ink.strength, input_scale(estimated_height, page.pixel_classes.shape))
    cell_grid = (image.shape[0] // OUTPUT_STRIDE, image.shape[1] // OUTPUT_STRIDE)
    return PageNetworkSample(image, measure_class_amounts(page.pixel_classes, ink.mask, cell_grid))


def measure_class_amounts(pixel_classes: Image, mask: Image, cell_grid: tuple[int, int]) -> NDArray[np.uint8]:
    """Measure how much of each cell is ink of each class; unlabelled ink counts as a mark.

    Args:
        pixel_classes: shape (height, width), values of ``page_content.PixelClass``.
        mask: shape (height, width), not 0 where the program sees ink.
        cell_grid: rows and columns of cells in the result.

    Returns:
        Shape (*cell_grid, ink classes), 255 = all of the cell.
    """
    amounts = np.empty((*cell_grid, len(InkClass)), np.uint8)
    for ink_class, pixel_class in PIXEL_CLASS_OF_INK_CLASS.items():
        class_mask = np.where((pixel_classes == pixel_class) & (mask > 0), np.uint8(255), np.uint8(0))
        amounts[..., ink_class] = cv2.resize(class_mask, cell_grid[::-1], interpolation=cv2.INTER_AREA)
    return _count_unlabelled_ink_as_mark(amounts, pixel_classes, mask)


def _count_unlabelled_ink_as_mark(amounts: NDArray[np.uint8], pixel_classes: Image, mask: Image) -> NDArray[np.uint8]:
    """Add marks where ink is on no labelled stroke of this side of the page: show-through and stains.

    The soft edges of strokes are unlabelled too, so cells next to labelled ink stay as they are.
    """
    unlabelled = np.where((pixel_classes == PixelClass.PAPER) & (mask > 0), np.uint8(255), np.uint8(0))
    amount = np.asarray(cv2.resize(unlabelled, amounts.shape[1::-1], interpolation=cv2.INTER_AREA), np.uint8)
    amount[cv2.dilate((amounts.max(axis=2) > 0).view(np.uint8), np.ones((3, 3), np.uint8)) > 0] = 0
    amounts[..., InkClass.MARK] = np.maximum(amounts[..., InkClass.MARK], amount)
    return amounts


_MAX_PATCH_TRIES = 6
"""Patches tried before one without handwritten digits is taken in any case; a choice."""

_DIGITLESS_PATCH_PROBABILITY = 0.6
"""Probability that a patch with ink but without handwritten digits is taken at once; a choice."""


class PagePatchBatches:
    """Batches of random patches of pages, degraded as by faint pens, fax machines and noisy sensors."""

    def __init__(self, pages: Sequence[PageNetworkSample], batch_size: int, shape: tuple[int, int]) -> None:
        """Cut ``batch_size`` patches of ``shape`` (rows, columns; multiples of OUTPUT_STRIDE) at a time."""
        self._pages, self._batch_size, self._shape = pages, batch_size, shape
        # A large page is drawn more often, but less than in proportion to its size.
        sizes = np.sqrt([page.network_image.size for page in pages])
        self._shares = sizes / sizes.sum()

    def make_batch(self, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Cut and degrade a batch of patches.

        Args:
            rng: the same generator state gives the same batch.

        Returns:
            Images (N, H, W, 1), 0 = paper, 1 = ink, and class amounts (N, H / OUTPUT_STRIDE, W / OUTPUT_STRIDE,
            ink classes), 0-1.
        """
        rows, columns = self._shape
        size = self._batch_size
        images = np.zeros((size, rows, columns, 1), np.float32)
        amounts = np.zeros((size, rows // OUTPUT_STRIDE, columns // OUTPUT_STRIDE, len(InkClass)), np.float32)
        for index in range(size):
            patch = self._cut_patch(rng)
            height, width = patch.class_amounts.shape[:2]
            amounts[index, :height, :width] = patch.class_amounts / np.float32(255)
            images[index, : height * OUTPUT_STRIDE, : width * OUTPUT_STRIDE, 0] = patch.network_image / np.float32(255)
            images[index, ..., 0] = _degrade_patch(images[index, ..., 0], rng)
        return images, amounts

    def _cut_patch(self, rng: np.random.Generator) -> PageNetworkSample:
        rows, columns = (side // OUTPUT_STRIDE for side in self._shape)
        for _ in range(_MAX_PATCH_TRIES):
            page = self._pages[int(rng.choice(len(self._pages), p=self._shares))]
            height, width = page.class_amounts.shape[:2]
            top, left = int(rng.integers(max(height - rows, 0) + 1)), int(rng.integers(max(width - columns, 0) + 1))
            amounts = page.class_amounts[top : top + rows, left : left + columns]
            if amounts[..., InkClass.DIGIT].any() or (amounts.any() and rng.random() < _DIGITLESS_PATCH_PROBABILITY):
                break
        image = page.network_image[
            top * OUTPUT_STRIDE : (top + rows) * OUTPUT_STRIDE, left * OUTPUT_STRIDE : (left + columns) * OUTPUT_STRIDE
        ]
        return PageNetworkSample(image, amounts)


def _degrade_patch(image: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Degrade a patch as a faint pen, a fax machine or a noisy sensor would."""
    degraded = image * np.float32(rng.uniform(0.6, 1.1))
    if rng.random() < 0.3:
        degraded = (degraded > rng.uniform(0.3, 0.6)).astype(np.float32)
    if rng.random() < 0.5:
        degraded = degraded + rng.standard_normal(degraded.shape, np.float32) * np.float32(rng.uniform(0, 0.08))
    return np.asarray(np.clip(degraded, 0, 1), np.float32)


def ink_class_confusion(
    predict_logits: Callable[[Image], NDArray[np.float32]], pages: Sequence[PageNetworkSample]
) -> NDArray[np.float64]:
    """Confusion matrix of ink classes.

    Args:
        predict_logits: returns the logits of an image, as ``PageNetwork.logits`` does.
        pages: the pages to predict.

    Returns:
        Shape (ink classes, ink classes): amount of ink, in cells, of each true class (row) predicted as each (column).
    """
    amounts = np.zeros((len(InkClass), len(InkClass)))
    for page in pages:
        predicted = predict_logits(page.network_image).argmax(axis=2)
        for ink_class in InkClass:
            amounts[:, ink_class] += page.class_amounts[predicted == ink_class].sum(axis=0) / 255
    return amounts


def ink_class_scores(amounts: NDArray[np.float64]) -> dict[str, float]:
    """Recall of each ink class and precision of handwritten digits, 0-1, from :func:`ink_class_confusion`."""
    correct, true, predicted = amounts.diagonal(), amounts.sum(axis=1), amounts.sum(axis=0)
    scores = {
        f"{ink_class.name.lower().replace('_', ' ')} recall": correct[ink_class] / max(true[ink_class], 1)
        for ink_class in InkClass
    }
    scores["digit precision"] = correct[InkClass.DIGIT] / max(predicted[InkClass.DIGIT], 1)
    return {name: round(float(score), 4) for name, score in scores.items()}
