"""Real pages read by the program, with a judgement on all that it may have taken for a number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.datasets.data_folder import DataSplit
from scanner.datasets.parallel_map import split_into_ranges
from scanner.datasets.register_pages import split_of_register_page
from scanner.decision.decisions import Decision, decide_by_evidence
from scanner.decision.row_model import RowJudgement
from scanner.evaluation.ground_truth import PageTruth, read_truth
from scanner.evaluation.judging import JudgedNumber, PageJudgement, judge_page
from scanner.evaluation.page_kinds import PAGE_KINDS, PageKind
from scanner.evaluation.real_pages import decode_pages
from scanner.pipeline import run_stages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scanner.pipeline import StageOutputs
    from scanner.reading_models import Models
    from scanner.text_comparison import Separators
    from scanner.types import Image

_PAGES_PER_TASK = 4
"""Pages given to a process at a time, which loads the models for each task."""
_SURE = RowJudgement(1.0, 1.0)
"""Judgement by which every number that has digits is a row."""


@dataclass(frozen=True, slots=True)
class PagesToRead:
    """Pages of one kind for one process."""

    kind: PageKind
    truths: tuple[PageTruth, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LabelledScan:
    """A page, what each stage made of it, and its truth."""

    image: Image
    """The page, BGR."""
    outputs: StageOutputs
    truth: PageTruth
    decisions: tuple[Decision, ...]
    """Those with a row, if every number that has digits has one, however little speaks for it."""
    indices: tuple[int, ...]
    """Index of each in ``outputs.decisions``."""
    judgement: PageJudgement
    """``judgement.readings`` has a judgement on each of the decisions."""

    @property
    def judged(self) -> Iterator[tuple[Decision, JudgedNumber]]:
        """Each decision with the judgement on it."""
        return zip(self.decisions, self.judgement.readings, strict=True)


def pages_to_learn_from(folder: Path) -> list[PagesToRead]:
    """List the real pages of all kinds; of registers those whose hands are not kept aside for testing.

    Args:
        folder: the data folder.

    Raises:
        DataError: if the truth is missing or malformed, or a page is of an unknown register.
    """
    truths = read_truth(folder / "pages" / "truth.json")
    return [
        PagesToRead(kind, tuple(of_kind[index] for index in indices))
        for kind in PAGE_KINDS
        for of_kind in [[truth for truth in truths if _is_to_learn_from(truth, kind)]]
        for indices in split_into_ranges(len(of_kind), _PAGES_PER_TASK)
    ]


def _is_to_learn_from(truth: PageTruth, kind: PageKind) -> bool:
    parts = truth.file.split("/")
    if parts[0] not in kind.folders:
        return False
    return parts[0] != "registers" or split_of_register_page(parts[-1]) is not DataSplit.TEST


def scan_labelled_pages(folder: Path, pages: PagesToRead, models: Models) -> Iterator[LabelledScan]:
    """Read pages and judge every number on them.

    Args:
        folder: the data folder.
        pages: which pages.
        models: models to read with; the row model is not asked.

    Raises:
        DataError: if a page cannot be read.
    """
    wanted = {(truth.file, truth.page_number): truth for truth in pages.truths}
    for file in dict.fromkeys(truth.file for truth in pages.truths):
        for page in decode_pages(folder / "pages" / file):
            truth = wanted.get((file, page.page_number))
            if truth is not None:
                outputs = run_stages(page.image, models)
                yield judge_scan(page.image, outputs, truth, pages.kind.separators)


def judge_scan(image: Image, outputs: StageOutputs, truth: PageTruth, separators: Separators) -> LabelledScan:
    """Judge all that may be a number on a page as if it were a row of the result."""
    page_map = outputs.prepared.rectified.page_map
    decisions = [decide_by_evidence(each.located, each.reading, _SURE, page_map) for each in outputs.decisions]
    indices = tuple(index for index, decision in enumerate(decisions) if decision.number is not None)
    numbers = [decision.number for decision in decisions if decision.number is not None]
    return LabelledScan(
        image,
        outputs,
        truth,
        tuple(decisions[index] for index in indices),
        indices,
        judge_page(numbers, truth, separators),
    )
