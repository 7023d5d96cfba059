"""Rows to fit the row model to: the evidence on each number of labelled pages, and whether it was read rightly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.datasets.data_folder import DataSplit
from scanner.datasets.page_sources import HeldOutSeed, find_held_out_fonts, load_handwriting, synthesize_page_within_dpi
from scanner.datasets.parallel_map import parallel_map, split_into_ranges
from scanner.evaluation.ground_truth import PageTruth, keep_digits
from scanner.evaluation.judging import Outcome
from scanner.pipeline import run_stages
from scanner.reading_models import load_networks
from scanner.text_comparison import Separators
from scanner.training.labelled_scans import judge_scan, pages_to_learn_from, scan_labelled_pages
from scanner.weights import PAGE_NETWORK_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.datasets.page_sources import HandwritingSources
    from scanner.synthesis.fonts import FontFamily
    from scanner.synthesis.page_content import PageNumber
    from scanner.training.labelled_scans import LabelledScan, PagesToRead

_DRAWN = "drawn: "
"""Start of the kinds of pages that the program draws, before their type: each type is a kind of its own."""
_DPI_RANGE = (90.0, 300.0)
"""Resolutions of these pages, drawn log-uniformly: from a snapshot to a good scan."""
_PAGES_PER_TASK = 4
"""Synthetic pages given to a process at a time, which loads the models for each task."""


@dataclass(frozen=True, slots=True, eq=False)
class RowSamples:
    """The rows of one page."""

    kind: str
    """Kind of the page, or what :func:`drawn_kind` makes of its type."""
    evidence: NDArray[np.float64]
    """Shape (N, len(EVIDENCE_NAMES))."""
    present: NDArray[np.bool_]
    """Shape (N,): whether a number stands there."""
    right: NDArray[np.bool_]
    """Shape (N,): whether it is read rightly."""


def gather_real_rows(folder: Path, weights: Path | None, left_out: Path | None, processes: int) -> Iterator[RowSamples]:
    """Read the real pages of all kinds; of registers those whose hands are not kept aside for testing.

    Pages of a kind are read with weights that have learnt nothing from it, where there are any: what is known of a row
    is surer where the networks have seen the page.

    Args:
        folder: data folder.
        weights: folder of weights to read with; what it lacks is taken from those that come with the program.
        left_out: folder with a folder for each kind, named like it, of weights that were trained without the kind; None
            if there is none.
        processes: number of processes.

    Raises:
        DataError: if the truth is missing or malformed, or a page is of an unknown register.
    """
    read = partial(_read_real_pages, folder, weights, left_out)
    for rows in parallel_map(read, pages_to_learn_from(folder), processes, items_per_task=1):
        yield from rows


def _read_real_pages(folder: Path, weights: Path | None, left_out: Path | None, pages: PagesToRead) -> list[RowSamples]:
    cv2.setNumThreads(1)
    without_kind = None if left_out is None else left_out / pages.kind.name
    has_network = without_kind is not None and (without_kind / PAGE_NETWORK_WEIGHTS).exists()
    models = load_networks(folder=without_kind if has_network else weights)
    return [
        _samples_of_scan(pages.kind.name, scan)
        for scan in scan_labelled_pages(folder, pages, models)
        if scan.outputs.evidence is not None
    ]


def gather_synthetic_rows(
    folder: Path | None, weights: Path | None, count: int, processes: int
) -> Iterator[RowSamples]:
    """Draw pages with handwriting that was not trained on, and read them.

    Args:
        folder: data folder; None for the pen alone.
        weights: as for :func:`gather_real_rows`.
        count: number of pages.
        processes: number of processes.
    """
    handwriting = load_handwriting(folder, HeldOutSeed.PAGE_NETWORK_VALIDATION, DataSplit.VALIDATION)
    read = partial(_read_synthetic_pages, find_held_out_fonts(folder), handwriting, weights)
    for rows in parallel_map(read, split_into_ranges(count, _PAGES_PER_TASK), processes, items_per_task=1):
        yield from rows


def _read_synthetic_pages(
    families: tuple[FontFamily, ...], handwriting: HandwritingSources, weights: Path | None, indices: range
) -> list[RowSamples]:
    cv2.setNumThreads(1)
    models = load_networks(folder=weights)
    samples: list[RowSamples] = []
    for index in indices:
        rng = np.random.default_rng((HeldOutSeed.PAGE_NETWORK_VALIDATION, index))
        page = synthesize_page_within_dpi(rng, families, handwriting, _DPI_RANGE)
        outputs = run_stages(page.image, models)
        if outputs.evidence is not None:
            scan = judge_scan(page.image, outputs, _truth_of_drawn(page.numbers), Separators.ALIKE)
            samples.append(_samples_of_scan(drawn_kind(page.page_type), scan))
    return samples


def drawn_kind(page_type: str) -> str:
    """Kind of the pages of a type that the program draws."""
    return _DRAWN + page_type


def is_drawn(kind: str) -> bool:
    """Whether the program draws the pages of a kind, so that their truth is certain."""
    return kind.startswith(_DRAWN)


def _truth_of_drawn(numbers: Sequence[PageNumber]) -> PageTruth:
    """Truth of a page that was drawn; crossed-out and illegible numbers may be read or not."""
    handwritten = [number for number in numbers if number.kind == "handwritten" and keep_digits(number.text)]
    texts = tuple(None if number.optional or number.crossed_out else number.text for number in handwritten)
    return PageTruth("", 1, (texts,), tuple(number.box for number in handwritten))


def _samples_of_scan(kind: str, scan: LabelledScan) -> RowSamples:
    """The rows of a page that has evidence on them, each judged as if all were in the result."""
    assert scan.outputs.evidence is not None
    outcomes = [judged.outcome for judged in scan.judgement.readings]
    counted = [k for k, outcome in enumerate(outcomes) if outcome.is_counted]
    return RowSamples(
        kind,
        scan.outputs.evidence[[scan.indices[k] for k in counted]],
        np.array([outcomes[k] is not Outcome.FALSE for k in counted], np.bool_),
        np.array([outcomes[k].is_right for k in counted], np.bool_),
    )
