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
from scanner.datasets.register_pages import split_of_register_page
from scanner.decision.decisions import decide_by_evidence
from scanner.decision.row_model import RowJudgement
from scanner.evaluation.ground_truth import PageTruth, keep_digits, read_truth
from scanner.evaluation.judging import Outcome, judge_page
from scanner.evaluation.page_kinds import PAGE_KINDS, PageKind
from scanner.evaluation.real_pages import decode_pages
from scanner.evaluation.text_comparison import Separators
from scanner.options import Charset, ScanOptions
from scanner.pipeline import run_stages
from scanner.reading_models import load_models_without_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.datasets.page_sources import HandwritingSources
    from scanner.pipeline import StageOutputs
    from scanner.synthesis.fonts import FontFamily
    from scanner.synthesis.page_content import PageNumber

SYNTHETIC_KIND = "synthetic"
"""Kind of the pages that the program draws."""
_DPI_RANGE = (90.0, 300.0)
"""Resolutions of these pages, drawn log-uniformly: from a snapshot to a good scan."""
_PAGES_PER_TASK = 4
"""Pages given to a process at a time, which loads the models for each task."""
_SURE = RowJudgement(1.0, 1.0)
"""Judgement by which every number that has digits is a row."""


@dataclass(frozen=True, slots=True, eq=False)
class RowSamples:
    """The rows of one page."""

    kind: str
    evidence: NDArray[np.float64]
    """Shape (N, len(EVIDENCE_NAMES))."""
    present: NDArray[np.bool_]
    """Shape (N,): whether a number stands there."""
    right: NDArray[np.bool_]
    """Shape (N,): whether it is read rightly."""


def gather_real_rows(folder: Path, weights: Path | None, processes: int) -> Iterator[RowSamples]:
    """Read the real pages of all kinds; of registers those whose hands are not kept aside for testing.

    Args:
        folder: data folder.
        weights: folder of weights to read with; what it lacks is taken from those that come with the program.
        processes: number of processes.

    Raises:
        DataError: if the truth is missing or malformed, or a page is of an unknown register.
    """
    truths = read_truth(folder / "pages" / "truth.json")
    tasks = [
        (kind, tuple(of_kind[index] for index in indices))
        for kind in PAGE_KINDS
        for of_kind in [[truth for truth in truths if _is_fitted_to(truth, kind)]]
        for indices in split_into_ranges(len(of_kind), _PAGES_PER_TASK)
    ]
    read = partial(_read_real_pages, folder / "pages", weights)
    for rows in parallel_map(read, tasks, processes, items_per_task=1):
        yield from rows


def _is_fitted_to(truth: PageTruth, kind: PageKind) -> bool:
    parts = truth.file.split("/")
    if parts[0] not in kind.folders:
        return False
    return parts[0] != "registers" or split_of_register_page(parts[-1]) is not DataSplit.TEST


def _read_real_pages(
    folder: Path, weights: Path | None, task: tuple[PageKind, tuple[PageTruth, ...]]
) -> list[RowSamples]:
    cv2.setNumThreads(1)
    kind, truths = task
    models, options = load_models_without_rows(folder=weights), ScanOptions(charset=kind.charset)
    wanted = {(truth.file, truth.page_number): truth for truth in truths}
    return [
        samples
        for file in dict.fromkeys(truth.file for truth in truths)
        for page in decode_pages(folder / file)
        if (truth := wanted.get((file, page.page_number))) is not None
        for samples in _samples_of_page(kind.name, run_stages(page.image, models, options), truth, kind.separators)
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
    models = load_models_without_rows(folder=weights)
    samples: list[RowSamples] = []
    for index in indices:
        rng = np.random.default_rng((HeldOutSeed.PAGE_NETWORK_VALIDATION, index))
        page = synthesize_page_within_dpi(rng, families, handwriting, _DPI_RANGE)
        charset = Charset.DECIMAL if index % 2 else Charset.DIGITS
        outputs = run_stages(page.image, models, ScanOptions(charset=charset))
        separators = Separators.ALIKE if charset is Charset.DECIMAL else Separators.IGNORED
        samples += _samples_of_page(SYNTHETIC_KIND, outputs, _truth_of_drawn(page.numbers), separators)
    return samples


def _truth_of_drawn(numbers: Sequence[PageNumber]) -> PageTruth:
    """Truth of a page that was drawn; crossed-out and illegible numbers may be read or not."""
    handwritten = [number for number in numbers if number.kind == "handwritten" and keep_digits(number.text)]
    texts = tuple(None if number.optional or number.crossed_out else number.text for number in handwritten)
    return PageTruth("", 1, (texts,), tuple(number.box for number in handwritten))


def _samples_of_page(
    kind: str, outputs: StageOutputs, truth: PageTruth, separators: Separators
) -> Iterator[RowSamples]:
    """The rows of a page, each judged as if all were in the result; none of a page without evidence."""
    if outputs.evidence is None:
        return
    page_map = outputs.prepared.rectified.page_map
    decisions = [decide_by_evidence(each.located, each.reading, _SURE, page_map) for each in outputs.decisions]
    indices = [index for index, decision in enumerate(decisions) if decision.number is not None]
    numbers = [decision.number for decision in decisions if decision.number is not None]
    outcomes = [judged.outcome for judged in judge_page(numbers, truth, separators).readings]
    counted = [k for k, outcome in enumerate(outcomes) if outcome.is_counted]
    yield RowSamples(
        kind,
        outputs.evidence[[indices[k] for k in counted]],
        np.array([outcomes[k] is not Outcome.FALSE for k in counted], np.bool_),
        np.array([outcomes[k].is_right for k in counted], np.bool_),
    )
