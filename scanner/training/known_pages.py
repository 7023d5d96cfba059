"""Make training material of real pages whose numbers are known: a sample of each for the page network, and its lines.

It is made by reading the pages with the weights there are, and made again when those are better.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets.labelled_ink import OTHER_INK, UNKNOWN_INK
from scanner.datasets.parallel_map import parallel_map
from scanner.datasets.register_pages import REGISTERS_FOLDER
from scanner.layout.ink_classes import InkClass
from scanner.options import NumberKind
from scanner.reading_models import load_networks, weights_checksums
from scanner.synthesis.page_content import PageNumber, PixelClass
from scanner.text_comparison import Separators
from scanner.training.known_numbers import find_known_numbers
from scanner.training.labelled_scans import pages_to_learn_from, scan_labelled_pages
from scanner.training.line_sets import LabelledLines, write_lines
from scanner.training.page_samples import sample_of_rectified, save_page_sample
from scanner.training.page_window_samples import cut_line_at, free_margins
from scanner.weights import BLANK_MARK_WEIGHTS, CROP_MODEL_WEIGHTS, ROW_MODEL_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from scanner.training.known_numbers import KnownNumbers
    from scanner.training.labelled_scans import LabelledScan, PagesToRead
    from scanner.types import Box, Image

_SAMPLE_SUFFIX = ".npz"
_DONE_FILE = "done"
"""Written when all pages have been read."""
_LINES_PER_NUMBER = 12
"""Lines cut at each number, each with other errors of the edges."""
_REGISTERS = PurePosixPath(REGISTERS_FOLDER).name


@dataclass(frozen=True, slots=True, eq=False)
class KnownPages:
    """What was made of the pages, each list by kind and page."""

    samples: tuple[Path, ...]
    """Files, see :func:`scanner.training.page_samples.load_page_sample`."""
    lines: tuple[Path, ...]
    """Folders with a set of lines named like the kind, see :func:`scanner.training.line_sets.map_lines`."""


def make_known_pages(folder: Path, root: Path, seed: int, processes: int, without: Collection[str] = ()) -> KnownPages:
    """Read the pages whose numbers are known with the weights that come with the program, and list what was made.

    What has been made of the same truth with the same weights is not made again.  Pages of registers are left out: the
    places of their numbers are known.

    Args:
        folder: data folder.
        root: folder in which the folder of these pages is made.
        seed: of the errors of the edges that lines are cut at.
        processes: number of processes.
        without: names of kinds of which nothing is listed.

    Raises:
        DataError: if the truth is missing or malformed, or a page cannot be read.
    """
    # First, because it says what is wrong with the truth.
    tasks = [task for task in pages_to_learn_from(folder) if task.kind.name != _REGISTERS]
    made = root / f"known-pages-{seed}-{_key(folder)}"
    if not (made / _DONE_FILE).exists():
        made.mkdir(parents=True, exist_ok=True)
        for _ in parallel_map(partial(_read_pages, folder, made, seed), tasks, processes, items_per_task=1):
            pass
        (made / _DONE_FILE).touch()
    names = sorted(path.name.removesuffix(_SAMPLE_SUFFIX) for path in made.glob("*" + _SAMPLE_SUFFIX))
    kept = [name for name in names if kind_of_name(name) not in without]
    return KnownPages(
        tuple(made / (name + _SAMPLE_SUFFIX) for name in kept),
        tuple(made / name for name in kept if (made / name).exists()),
    )


def kind_of_name(name: str) -> str:
    """The kind of a page by the name of its file or folder."""
    return name.partition("-")[0]


def _key(folder: Path) -> str:
    """Hash of the truth and of the weights that pages are read with, in short: what is made depends on both."""
    unused = (ROW_MODEL_WEIGHTS, CROP_MODEL_WEIGHTS, BLANK_MARK_WEIGHTS)
    checksums = [checksum for file, checksum in weights_checksums() if file not in unused]
    truth = (folder / "pages" / "truth.json").read_bytes()
    return hashlib.sha256(truth + "".join(checksums).encode()).hexdigest()[:8]


def _read_pages(folder: Path, made: Path, seed: int, pages: PagesToRead) -> int:
    cv2.setNumThreads(1)
    models = load_networks()
    for scan in scan_labelled_pages(folder, pages, models):
        prepared = scan.outputs.prepared
        if prepared.ink_class_map is None or not prepared.rectified.ink.character_height:
            continue
        known = find_known_numbers(scan)
        name = f"{pages.kind.name}-{PurePosixPath(scan.truth.file).stem}-{scan.truth.page_number}"
        omitted = pages.kind.separators is Separators.IGNORED
        lines = cut_known_lines(pages.kind.name, prepared.rectified.flat, known, omitted, np.random.default_rng(seed))
        if lines.texts:
            write_lines(made / name, lines)
        image = np.asarray(cv2.bitwise_not(scan.image), np.uint8) if prepared.was_negative else scan.image
        numbers = [_page_number(number.text, number.box) for number in known.numbers]
        numbers += [_page_number("", box, optional=True) for box in known.doubtful]
        sample = sample_of_rectified(image, prepared.rectified, label_pixels(scan, known), numbers)
        save_page_sample(made / (name + _SAMPLE_SUFFIX), sample)
    return len(pages.truths)


def cut_known_lines(
    kind: str, flat: Image, known: KnownNumbers, separators_omitted: bool, rng: np.random.Generator
) -> LabelledLines:
    """Cut several lines at each number of a page, and one at what was taken for a number and is none.

    Args:
        kind: name of the set.
        flat: the rectified page, flattened.
        known: its numbers.
        separators_omitted: whether their texts leave out separators that may be visible.
        rng: the same state gives the same lines.
    """
    images, texts, sources = [], [], []
    all_edges = [_edges_of(box) for box in (*(number.box for number in known.numbers), *known.doubtful)]
    for index, number in enumerate((*known.numbers, *known.others)):
        edges = _edges_of(number.box)
        free = free_margins(edges, (others for others in all_edges if others != edges))
        for _ in range(_LINES_PER_NUMBER if number.text else 1):
            images.append(cut_line_at(flat, edges, rng, free))
            texts.append(number.text)
            sources.append(index)
    return LabelledLines(kind, tuple(images), tuple(texts), separators_omitted, np.array(sources, np.int64))


def _edges_of(box: Box) -> tuple[int, int, int, int]:
    return box.x, box.y, box.right, box.bottom


def label_pixels(scan: LabelledScan, known: KnownNumbers) -> Image:
    """Label the ink of a page as far as it is known: shape (H, W) of the rectified page.

    Where a number may stand that was not found, writing is unknown; print is told well enough to be none.
    """
    prepared = scan.outputs.prepared
    assert prepared.ink_class_map is not None
    inked = prepared.rectified.ink.mask > 0
    classes = np.where(inked, np.uint8(OTHER_INK), np.uint8(PixelClass.PAPER))
    if not known.is_complete:
        best = prepared.ink_class_map.probabilities.argmax(axis=2).astype(np.uint8)
        best = cv2.resize(best, inked.shape[::-1], interpolation=cv2.INTER_NEAREST)
        classes[inked & ((best == InkClass.DIGIT) | (best == InkClass.WRITING))] = UNKNOWN_INK
    for box in known.doubtful:
        _label_box(classes, box, UNKNOWN_INK)
    for number in known.numbers:
        _label_box(classes, number.box, PixelClass.DIGIT)
    classes[prepared.rules.pixels > 0] = PixelClass.RULE
    return classes


def _label_box(classes: Image, box: Box, label: int) -> None:
    area = classes[max(box.y, 0) : max(box.bottom, 0), max(box.x, 0) : max(box.right, 0)]
    area[area != PixelClass.PAPER] = label


def _page_number(text: str, box: Box, optional: bool = False) -> PageNumber:
    """A number of the page; the outline is of the middles of its outermost pixels."""
    right, bottom = box.right - 1, box.bottom - 1
    outline = np.array([(box.x, box.y), (right, box.y), (right, bottom), (box.x, bottom)], np.float64)
    return PageNumber(text, outline, NumberKind.HANDWRITTEN.value, optional=optional)
