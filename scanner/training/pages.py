"""Synthesised pages to train the page network on: as it sees them, with what it should say of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.binarize import binarize
from scanner.components import connected_components
from scanner.errors import DataError
from scanner.faint import with_faint
from scanner.flatten import flatten, to_gray
from scanner.kinds import CELL, InkKind, picture, scale_of
from scanner.runs import character_height
from scanner.synthesis import documents, fonts
from scanner.synthesis.ink import Label
from scanner.training import data
from scanner.training.lines import digit_pools
from scanner.training.workers import lots, mapped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.synthesis.fonts import Family
    from scanner.synthesis.material import Pool
    from scanner.synthesis.scans import Document
    from scanner.synthesis.writing import Alphabet
    from scanner.types import Image

FONTS_ASIDE = frozenset({"Computer Modern Sans", "Liberation Sans", "Nimbus Sans", "STIXGeneral"})
"""Families that no page to train on is printed with.  Named, not counted: which fonts there are differs by machine."""

LABELS = {
    InkKind.DIGIT: Label.DIGIT,
    InkKind.PRINT: Label.PRINT,
    InkKind.WRITING: Label.WRITING,
    InkKind.RULE: Label.RULE,
    InkKind.MARK: Label.MARK,
    InkKind.PRINTED_DIGIT: Label.PRINTED_DIGIT,
}
"""What the synthesis calls each kind of ink."""

_DPI = (90.0, 250.0)
"""Between these resolutions pages are drawn, their logarithm evenly; finer ones look no different to the network."""
_HEIGHT_SPREAD = 0.16
"""Relative standard deviation of the error with which the height of a page's characters is taken."""
_PAGES_AT_ONCE = 16
"""Handed to a process at a time: what they are made of is handed over anew with each lot."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """What people drew, to write on pages with."""

    pools: tuple[Pool, ...] = ()
    """Of digits; without any all digits are written with the pen."""
    alphabets: tuple[Alphabet, ...] = ()
    """Of letters; without any all words are."""


@dataclass(frozen=True, slots=True, eq=False)
class PageSample:
    """A page as the network sees it, and what it should say of it."""

    shown: Image
    """Shape (H, W), multiples of ``kinds.GRID``: 0 = paper, 255 = ink."""
    votes: NDArray[np.uint8]
    """Shape (H / CELL, W / CELL, len(InkKind)): how much of each cell is ink of each kind, 255 = all of it."""


def fonts_to_train() -> tuple[Family, ...]:
    """The families to train with: packaged ones and the system's, without those held aside.

    Raises:
        DataError: if there are none.
    """
    found = fonts.families(fonts.packaged_fonts() + fonts.system_fonts())
    return _some(tuple(family for family in found if family.name not in FONTS_ASIDE))


def fonts_aside() -> tuple[Family, ...]:
    """The families held aside.  Of packaged ones alone: what is measured with them is the same on every machine.

    Raises:
        DataError: if there are none.
    """
    found = fonts.families(fonts.packaged_fonts())
    return _some(tuple(family for family in found if family.name in FONTS_ASIDE))


def _some(families: tuple[Family, ...]) -> tuple[Family, ...]:
    if not families:
        raise DataError("the fonts to print pages with are not installed: pip install 'digitscan[train]'")
    return families


def drawn_of(folder: Path | None, seed: int, part: data.Part) -> Drawn:
    """The digits and letters of one part of the data folder; nothing without a folder.

    Raises:
        DataError: if the folder lacks a source.
    """
    if folder is None:
        return Drawn()
    return Drawn(digit_pools(folder, np.random.default_rng((seed, 0)), part), data.drawn_alphabets(folder, part))


def font_packages() -> tuple[str, ...]:
    """The Python packages that packaged fonts come from."""
    names = {entry.dist.name for entry in entry_points(group="fonts_ttf") if entry.dist is not None}
    return tuple(sorted(names | ({"matplotlib"} if find_spec("matplotlib") else set())))


def page_samples(families: Sequence[Family], drawn: Drawn, seed: int, count: int, processes: int) -> list[PageSample]:
    """``count`` pages; the same for the same seed, however many processes make them.

    A page of a million pixels takes a megabyte and a half.

    Args:
        families: to print with.
        drawn: digits and letters to write with.
        seed: of page ``index`` is ``(seed, index)``.
        count: how many.
        processes: that make them.
    """
    make = partial(_lot, tuple(families), drawn, seed)
    return [sample for lot in mapped(make, lots(count, _PAGES_AT_ONCE), processes, at_once=1) for sample in lot]


def drawn_page(
    rng: np.random.Generator, families: tuple[Family, ...], drawn: Drawn, between: tuple[float, float]
) -> Document:
    """A page at a resolution between these, their logarithm evenly."""
    dpi = float(np.exp(rng.uniform(*np.log(between))))
    return documents.document(rng, families, drawn.pools, dpi, alphabets=drawn.alphabets)


def _lot(families: tuple[Family, ...], drawn: Drawn, seed: int, indices: range) -> list[PageSample]:
    cv2.setNumThreads(1)
    return [_sample(families, drawn, np.random.default_rng((seed, index))) for index in indices]


def _sample(families: tuple[Family, ...], drawn: Drawn, rng: np.random.Generator) -> PageSample:
    while True:
        page = drawn_page(rng, families, drawn, _DPI)
        gray = to_gray(page.image)
        flat = flatten(gray)
        ink = with_faint(gray, flat, binarize(flat))
        height = character_height(connected_components(ink.mask), ink.stroke_width)
        # On an empty page there is nothing to learn: another one.
        if height:
            break
    seen = height * float(np.exp(rng.normal(0, _HEIGHT_SPREAD)))
    shown = picture(ink.strength, scale_of(seen, page.labels.shape))
    return PageSample(shown, votes_of(page.labels, ink.mask, (shown.shape[0] // CELL, shown.shape[1] // CELL)))


def votes_of(labels: Image, mask: Image, cells: tuple[int, int]) -> NDArray[np.uint8]:
    """How much of each cell is ink of each kind; ink that is of none is a mark.

    Args:
        labels: shape (height, width), values of ``ink.Label``.
        mask: shape (height, width), not 0 where the program sees ink.
        cells: rows and columns of the result.

    Returns:
        Shape (*cells, len(InkKind)), 255 = all of the cell.
    """
    votes = np.empty((*cells, len(InkKind)), np.uint8)
    for kind, label in LABELS.items():
        of_kind = np.where((labels == label) & (mask > 0), np.uint8(255), np.uint8(0))
        votes[..., kind] = cv2.resize(of_kind, cells[::-1], interpolation=cv2.INTER_AREA)
    return _with_strange_ink(votes, labels, mask)


def _with_strange_ink(votes: NDArray[np.uint8], labels: Image, mask: Image) -> NDArray[np.uint8]:
    """The votes, with marks where there is ink that nobody put on this side of the page: it shines through, or stains.

    The soft edges of strokes are nobody's either, so that what is next to any vote stays as it is.
    """
    strange = np.where((labels == Label.PAPER) & (mask > 0), np.uint8(255), np.uint8(0))
    amount = np.asarray(cv2.resize(strange, votes.shape[1::-1], interpolation=cv2.INTER_AREA), np.uint8)
    amount[cv2.dilate((votes.max(axis=2) > 0).view(np.uint8), np.ones((3, 3), np.uint8)) > 0] = 0
    votes[..., InkKind.MARK] = np.maximum(votes[..., InkKind.MARK], amount)
    return votes


_TRIES = 6
"""Cuts tried before one without handwritten digits is taken."""
_WITHOUT_DIGITS = 0.6
"""How often a cut with ink but without handwritten digits is taken at once."""


class Crops:
    """Batches of random cuts of pages, each fainter, noisier or of two levels only, as scans are."""

    def __init__(self, pages: Sequence[PageSample], batch: int, shape: tuple[int, int]) -> None:
        """Cut ``batch`` pieces of ``shape`` (rows, columns; multiples of GRID) at a time."""
        self._pages, self._batch, self._shape = pages, batch, shape
        # A large page has more to show, but not as much more as it is larger.
        sizes = np.sqrt([page.shown.size for page in pages])
        self._shares = sizes / sizes.sum()

    def make(self, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """A batch.

        Args:
            rng: the same generator state gives the same batch.

        Returns:
            Pictures (N, H, W, 1), 0 = paper, 1 = ink, and votes (N, H / CELL, W / CELL, len(InkKind)), 0-1.
        """
        rows, columns = self._shape
        shown = np.zeros((self._batch, rows, columns, 1), np.float32)
        votes = np.zeros((self._batch, rows // CELL, columns // CELL, len(InkKind)), np.float32)
        for index in range(self._batch):
            cut = self._cut(rng)
            height, width = cut.votes.shape[:2]
            votes[index, :height, :width] = cut.votes / np.float32(255)
            shown[index, : height * CELL, : width * CELL, 0] = cut.shown / np.float32(255)
            shown[index, ..., 0] = _worn(shown[index, ..., 0], rng)
        return shown, votes

    def _cut(self, rng: np.random.Generator) -> PageSample:
        rows, columns = (side // CELL for side in self._shape)
        for _ in range(_TRIES):
            page = self._pages[int(rng.choice(len(self._pages), p=self._shares))]
            height, width = page.votes.shape[:2]
            top, left = int(rng.integers(max(height - rows, 0) + 1)), int(rng.integers(max(width - columns, 0) + 1))
            votes = page.votes[top : top + rows, left : left + columns]
            if votes[..., InkKind.DIGIT].any() or (votes.any() and rng.random() < _WITHOUT_DIGITS):
                break
        shown = page.shown[top * CELL : (top + rows) * CELL, left * CELL : (left + columns) * CELL]
        return PageSample(shown, votes)


def _worn(shown: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """As a fainter pen, a fax or a noisy sensor would have given it."""
    worn = shown * np.float32(rng.uniform(0.6, 1.1))
    if rng.random() < 0.3:
        worn = (worn > rng.uniform(0.3, 0.6)).astype(np.float32)
    if rng.random() < 0.5:
        worn = worn + rng.standard_normal(worn.shape, np.float32) * np.float32(rng.uniform(0, 0.08))
    return np.asarray(np.clip(worn, 0, 1), np.float32)


def confusion(look: Callable[[Image], NDArray[np.float32]], pages: Sequence[PageSample]) -> NDArray[np.float64]:
    """What the ink of pages is taken for.

    Args:
        look: gives the logits of a picture, as ``PageNetwork.logits`` does.
        pages: to look at.

    Returns:
        Shape (kinds, kinds): amount of ink of each kind, row, taken for each, column.
    """
    amounts = np.zeros((len(InkKind), len(InkKind)))
    for page in pages:
        said = look(page.shown).argmax(axis=2)
        for kind in InkKind:
            amounts[:, kind] += page.votes[said == kind].sum(axis=0) / 255
    return amounts


def scores_of(amounts: NDArray[np.float64]) -> dict[str, float]:
    """Recall of each kind of ink, and precision of handwritten digits, 0-1; ``amounts`` as from :func:`confusion`."""
    right, there, said = amounts.diagonal(), amounts.sum(axis=1), amounts.sum(axis=0)
    scores = {f"{kind.name.lower().replace('_', ' ')} recall": right[kind] / max(there[kind], 1) for kind in InkKind}
    scores["digit precision"] = right[InkKind.DIGIT] / max(said[InkKind.DIGIT], 1)
    return {name: round(float(score), 4) for name, score in scores.items()}
