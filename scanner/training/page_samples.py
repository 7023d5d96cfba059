"""Synthesised pages to train the page network on: as it sees them, with what it should say of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets.page_material import HandwritingSources, synthesize_page_within_dpi
from scanner.datasets.parallel import parallel_map, split_into_ranges
from scanner.image.background import flatten_background, to_gray
from scanner.image.binarization import binarize
from scanner.image.character_height import character_height
from scanner.image.components import label_components
from scanner.image.faint_ink import add_faint_ink
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
"""What the synthesis calls each kind of ink."""

_DPI_RANGE = (90.0, 250.0)
"""Between these resolutions pages are drawn, their logarithm evenly; finer ones look no different to the network."""

_CHARACTER_HEIGHT_ERROR = 0.16
"""Relative standard deviation of the error with which the height of a page's characters is taken."""

_PAGES_PER_TASK = 16
"""Handed to a process at a time: what they are made of is handed over anew with each lot."""


@dataclass(frozen=True, slots=True, eq=False)
class PageNetworkSample:
    """A page as the network sees it, and what it should say of it."""

    network_image: Image
    """Shape (H, W), multiples of ``kinds.GRID``: 0 = paper, 255 = ink."""
    class_amounts: NDArray[np.uint8]
    """Shape (H / CELL, W / CELL, len(InkKind)): how much of each cell is ink of each kind, 255 = all of it."""


def make_page_samples(
    families: Sequence[FontFamily], handwriting: HandwritingSources, seed: int, count: int, processes: int
) -> list[PageNetworkSample]:
    """``count`` pages; the same for the same seed, however many processes make them.

    A page of a million pixels takes a megabyte and a half.

    Args:
        families: to print with.
        handwriting: digits and letters to write with.
        seed: of page ``index`` is ``(seed, index)``.
        count: how many.
        processes: that make them.
    """
    make = partial(_make_samples_of_task, tuple(families), handwriting, seed)
    return [
        sample
        for lot in parallel_map(make, split_into_ranges(count, _PAGES_PER_TASK), processes, items_per_task=1)
        for sample in lot
    ]


def _make_samples_of_task(
    families: tuple[FontFamily, ...], drawn: HandwritingSources, seed: int, indices: range
) -> list[PageNetworkSample]:
    cv2.setNumThreads(1)
    return [_make_sample(families, drawn, np.random.default_rng((seed, index))) for index in indices]


def _make_sample(
    families: tuple[FontFamily, ...], drawn: HandwritingSources, rng: np.random.Generator
) -> PageNetworkSample:
    while True:
        page = synthesize_page_within_dpi(rng, families, drawn, _DPI_RANGE)
        gray = to_gray(page.image)
        flat = flatten_background(gray)
        ink = add_faint_ink(gray, flat, binarize(flat))
        height = character_height(label_components(ink.mask), ink.stroke_width)
        # On an empty page there is nothing to learn: another one.
        if height:
            break
    seen = height * float(np.exp(rng.normal(0, _CHARACTER_HEIGHT_ERROR)))
    shown = scale_to_input(ink.strength, input_scale(seen, page.pixel_classes.shape))
    return PageNetworkSample(
        shown,
        measure_class_amounts(
            page.pixel_classes, ink.mask, (shown.shape[0] // OUTPUT_STRIDE, shown.shape[1] // OUTPUT_STRIDE)
        ),
    )


def measure_class_amounts(pixel_classes: Image, mask: Image, cell_grid: tuple[int, int]) -> NDArray[np.uint8]:
    """How much of each cell is ink of each kind; ink that is of none is a mark.

    Args:
        pixel_classes: shape (height, width), values of ``ink.Label``.
        mask: shape (height, width), not 0 where the program sees ink.
        cell_grid: rows and columns of the result.

    Returns:
        Shape (*cells, len(InkKind)), 255 = all of the cell.
    """
    votes = np.empty((*cell_grid, len(InkClass)), np.uint8)
    for kind, label in PIXEL_CLASS_OF_INK_CLASS.items():
        of_kind = np.where((pixel_classes == label) & (mask > 0), np.uint8(255), np.uint8(0))
        votes[..., kind] = cv2.resize(of_kind, cell_grid[::-1], interpolation=cv2.INTER_AREA)
    return _count_unlabelled_ink_as_mark(votes, pixel_classes, mask)


def _count_unlabelled_ink_as_mark(votes: NDArray[np.uint8], labels: Image, mask: Image) -> NDArray[np.uint8]:
    """The votes, with marks where there is ink that nobody put on this side of the page: it shines through, or stains.

    The soft edges of strokes are nobody's either, so that what is next to any vote stays as it is.
    """
    strange = np.where((labels == PixelClass.PAPER) & (mask > 0), np.uint8(255), np.uint8(0))
    amount = np.asarray(cv2.resize(strange, votes.shape[1::-1], interpolation=cv2.INTER_AREA), np.uint8)
    amount[cv2.dilate((votes.max(axis=2) > 0).view(np.uint8), np.ones((3, 3), np.uint8)) > 0] = 0
    votes[..., InkClass.MARK] = np.maximum(votes[..., InkClass.MARK], amount)
    return votes


_MAX_PATCH_TRIES = 6
"""Cuts tried before one without handwritten digits is taken."""

_DIGITLESS_PATCH_PROBABILITY = 0.6
"""How often a cut with ink but without handwritten digits is taken at once."""


class PagePatchBatches:
    """Batches of random cuts of pages, each fainter, noisier or of two levels only, as scans are."""

    def __init__(self, pages: Sequence[PageNetworkSample], batch: int, shape: tuple[int, int]) -> None:
        """Cut ``batch`` pieces of ``shape`` (rows, columns; multiples of GRID) at a time."""
        self._pages, self._batch, self._shape = pages, batch, shape
        # A large page has more to show, but not as much more as it is larger.
        sizes = np.sqrt([page.network_image.size for page in pages])
        self._shares = sizes / sizes.sum()

    def make_batch(self, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """A batch.

        Args:
            rng: the same generator state gives the same batch.

        Returns:
            Pictures (N, H, W, 1), 0 = paper, 1 = ink, and votes (N, H / CELL, W / CELL, len(InkKind)), 0-1.
        """
        rows, columns = self._shape
        shown = np.zeros((self._batch, rows, columns, 1), np.float32)
        votes = np.zeros((self._batch, rows // OUTPUT_STRIDE, columns // OUTPUT_STRIDE, len(InkClass)), np.float32)
        for index in range(self._batch):
            cut = self._cut_patch(rng)
            height, width = cut.class_amounts.shape[:2]
            votes[index, :height, :width] = cut.class_amounts / np.float32(255)
            shown[index, : height * OUTPUT_STRIDE, : width * OUTPUT_STRIDE, 0] = cut.network_image / np.float32(255)
            shown[index, ..., 0] = _degrade_patch(shown[index, ..., 0], rng)
        return shown, votes

    def _cut_patch(self, rng: np.random.Generator) -> PageNetworkSample:
        rows, columns = (side // OUTPUT_STRIDE for side in self._shape)
        for _ in range(_MAX_PATCH_TRIES):
            page = self._pages[int(rng.choice(len(self._pages), p=self._shares))]
            height, width = page.class_amounts.shape[:2]
            top, left = int(rng.integers(max(height - rows, 0) + 1)), int(rng.integers(max(width - columns, 0) + 1))
            votes = page.class_amounts[top : top + rows, left : left + columns]
            if votes[..., InkClass.DIGIT].any() or (votes.any() and rng.random() < _DIGITLESS_PATCH_PROBABILITY):
                break
        shown = page.network_image[
            top * OUTPUT_STRIDE : (top + rows) * OUTPUT_STRIDE, left * OUTPUT_STRIDE : (left + columns) * OUTPUT_STRIDE
        ]
        return PageNetworkSample(shown, votes)


def _degrade_patch(shown: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """As a fainter pen, a fax or a noisy sensor would have given it."""
    worn = shown * np.float32(rng.uniform(0.6, 1.1))
    if rng.random() < 0.3:
        worn = (worn > rng.uniform(0.3, 0.6)).astype(np.float32)
    if rng.random() < 0.5:
        worn = worn + rng.standard_normal(worn.shape, np.float32) * np.float32(rng.uniform(0, 0.08))
    return np.asarray(np.clip(worn, 0, 1), np.float32)


def ink_class_confusion(
    predict_logits: Callable[[Image], NDArray[np.float32]], pages: Sequence[PageNetworkSample]
) -> NDArray[np.float64]:
    """What the ink of pages is taken for.

    Args:
        predict_logits: gives the logits of a picture, as ``PageNetwork.logits`` does.
        pages: to look at.

    Returns:
        Shape (kinds, kinds): amount of ink of each kind, row, taken for each, column.
    """
    amounts = np.zeros((len(InkClass), len(InkClass)))
    for page in pages:
        said = predict_logits(page.network_image).argmax(axis=2)
        for kind in InkClass:
            amounts[:, kind] += page.class_amounts[said == kind].sum(axis=0) / 255
    return amounts


def ink_class_scores(amounts: NDArray[np.float64]) -> dict[str, float]:
    """Recall of each kind of ink, and precision of handwritten digits, 0-1; ``amounts`` as from :func:`ink_class_confusion`."""
    right, there, said = amounts.diagonal(), amounts.sum(axis=1), amounts.sum(axis=0)
    scores = {f"{kind.name.lower().replace('_', ' ')} recall": right[kind] / max(there[kind], 1) for kind in InkClass}
    scores["digit precision"] = right[InkClass.DIGIT] / max(said[InkClass.DIGIT], 1)
    return {name: round(float(score), 4) for name, score in scores.items()}
