"""Scan the real pages of each kind and judge every reading, in several processes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

import cv2

from scanner.datasets.parallel_map import parallel_map, split_into_ranges
from scanner.evaluation.ground_truth import PageTruth, read_truth
from scanner.evaluation.judging import PageJudgement, judge_page
from scanner.evaluation.page_kinds import PageKind, pages_of_kind
from scanner.evaluation.real_pages import decode_pages
from scanner.pipeline import scan_page
from scanner.reading_models import load_models
from scanner.types import PageImage, PageResult

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_PAGES_PER_TASK = 5
"""Pages given to a process at a time, which loads the models for each task."""


@dataclass(frozen=True, slots=True)
class JudgedPage:
    """What was read on a page, and the judgement on it."""

    result: PageResult
    truth: PageTruth
    judgement: PageJudgement
    """``judgement.readings`` has an outcome for each of ``result.numbers``."""


@dataclass(frozen=True, slots=True)
class _Task:
    kind: PageKind
    truths: tuple[PageTruth, ...]


def judge_pages_of_kinds(
    folder: Path, kinds: Sequence[PageKind], weights: Mapping[str, Path], processes: int
) -> Iterator[tuple[PageKind, tuple[JudgedPage, ...]]]:
    """Scan and judge all pages of each kind.

    Args:
        folder: the data folder.
        kinds: the kinds; those without a page in the truth are left out.
        weights: folder of weights for each kind, by the name of the kind.  Weights that it lacks, and those of other
            kinds, are the ones that come with the program.
        processes: number of processes; the results do not depend on it.

    Raises:
        DataError: if the truth is missing or malformed, or a page is of an unknown register.
        NotInstalledError: if weights are missing or damaged.
    """
    truths = read_truth(folder / "pages" / "truth.json")
    tasks = [task for kind in kinds for task in _tasks_of_kind(kind, pages_of_kind(kind, truths))]
    judged = parallel_map(partial(_judge_task, folder / "pages", weights), tasks, processes, items_per_task=1)
    for kind, group in groupby(zip(tasks, judged, strict=True), key=lambda pair: pair[0].kind):
        yield kind, tuple(page for _, pages in group for page in pages)


def _tasks_of_kind(kind: PageKind, truths: Sequence[PageTruth]) -> list[_Task]:
    return [
        _Task(kind, tuple(truths[i] for i in indices)) for indices in split_into_ranges(len(truths), _PAGES_PER_TASK)
    ]


def _judge_task(folder: Path, weights: Mapping[str, Path], task: _Task) -> tuple[JudgedPage, ...]:
    cv2.setNumThreads(1)
    models = load_models(folder=weights.get(task.kind.name))
    wanted = {(truth.file, truth.page_number): truth for truth in task.truths}
    pages = (
        PageImage(file, page.page_number, page.image)
        for file in dict.fromkeys(truth.file for truth in task.truths)
        for page in decode_pages(folder / file)
        if (file, page.page_number) in wanted
    )
    return tuple(
        judge_result(scan_page(page, models), wanted[page.file, page.page_number], task.kind) for page in pages
    )


def judge_result(result: PageResult, truth: PageTruth, kind: PageKind) -> JudgedPage:
    """Judge what was read on a page of a kind."""
    return JudgedPage(result, truth, judge_page(result.numbers, truth, kind.separators))
