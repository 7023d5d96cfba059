"""A run: many files to a state that holds what was read on each page, by workers that may be lost.

Files are looked into one after the other, and their pages handed out one by one,
so that no more is under way than the workers do, whatever is in the folder.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from dataclasses import asdict, dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from scanner.batch.watch import CachedFile
from scanner.batch.worker import DrawnPages, FileInfo, PageTaskResult, draw_page, inspect_file, read_page
from scanner.errors import DigitscanError
from scanner.results.picture_names import annotated_page_path, stages_folder_path
from scanner.sources.decoding import ALL_PAGES
from scanner.types import PageResult

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from scanner.batch.process_pool import WorkerPool
    from scanner.batch.run_state import BatchState, StoredPage
    from scanner.batch.watch import FileCache
    from scanner.batch.worker import ReadingRecipe, ReadingSetup
    from scanner.types import PageRef

_TASKS_PER_WORKER = 2
"""Things under way for each worker: one that is done with its own finds the next at hand."""

_UNREADABLE_FILE = FileInfo("", 0, range(1))
"""What a look comes to that the worker did not live to tell of."""


@dataclass(frozen=True, slots=True)
class PageEvent:
    """What became of one page, as soon as it is known."""

    result: PageResult
    drawing_errors: tuple[str, ...] = ()
    """Why pictures of it could not be written; one line each."""
    was_known: bool = False
    """Whether it was read by an earlier run."""


@dataclass(frozen=True, slots=True)
class _InputFile:
    index: int
    ref: PageRef
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class _Task:
    """A page to be read or drawn; a file to be looked into, where there is no page yet."""

    input: _InputFile
    page: int | None = None
    earlier_result: PageResult | None = None
    """What was read of it before: it is only to be drawn."""


def _unexpected_error_reason(error: Exception) -> str:
    """What to say of an exception that nobody expected."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return f"met a fault of this program ({text.removesuffix(':')}); leave it out, and report it"


def recipe_hash(recipe: ReadingRecipe, setup: ReadingSetup) -> str:
    """A name for all that decides what is read on a page: programs, models and options.

    What it decides not to read, the ``refusals`` of the limits, is not in it.

    Args:
        recipe: how the pages are read.
        setup: what they are read with.
    """

    def plain(value: object) -> object:
        return value.value if isinstance(value, Enum) else str(value)

    read_with = [
        asdict(recipe.options),
        recipe.classifier,
        recipe.limits.rendering_settings,
        setup.versions,
        setup.models,
    ]
    told = json.dumps(read_with, default=plain, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def read_files(
    refs: Iterable[PageRef],
    recipe: ReadingRecipe,
    drawn_pages: DrawnPages,
    workers: WorkerPool,
    state: BatchState,
    selected_pages: Container[int] = ALL_PAGES,
    file_cache: FileCache | None = None,
) -> Iterator[PageEvent]:
    """Read what is not known yet.  In the state is afterwards what was read on every page.

    Args:
        refs: the files, in order.
        recipe: how their pages are read.
        drawn_pages: which are drawn of each page.
        workers: who does it.
        state: what is known already; it was opened for this recipe.
        selected_pages: numbers of the pages of each file that are of this run.
        file_cache: of the rounds before, for who watches: what has not changed is not opened, what failed not tried again.

    Yields:
        What became of each page, in the order in which they are done.

    Raises:
        DigitscanError: for what would befall every page alike.
    """
    state.begin_batch()
    yield from _TaskScheduler(recipe, drawn_pages, workers, state, selected_pages, file_cache).run_tasks(
        _Task(_InputFile(place, ref)) for place, ref in enumerate(refs)
    )


def draw_files(
    refs: Iterable[PageRef],
    results: Iterable[PageResult],
    folder: Path,
    recipe: ReadingRecipe,
    workers: WorkerPool,
    state: BatchState,
) -> Iterator[PageEvent]:
    """Draw pages of a run that has been read.

    Args:
        refs: its files, in order.
        results: of the run, in its order, as they are to be drawn.
        folder: where the pictures go.
        recipe: how the pages were read.
        workers: who does it.
        state: of the run.

    Yields:
        What became of each page, in the order in which they are done.
    """
    files = tuple(refs)

    def tasks() -> Iterator[_Task]:
        for (place, sha256, page), result in zip(state.page_keys(), results, strict=True):
            if not result.error:
                found = _InputFile(place, files[place], sha256)
                _invalidate_annotated(state, found, page)
                yield _Task(found, page, result)

    yield from _TaskScheduler(recipe, DrawnPages(annotated_folder=folder), workers, state, drawn="").run_tasks(tasks())


def _invalidate_annotated(state: BatchState, found: _InputFile, page: int) -> None:
    """What a picture drawn late shows flagged is of its run alone: the next one draws it anew."""
    known = state.find_stored(found.ref.file, found.sha256, page)
    if known is not None and known.drawn_pages:
        annotate, debug = json.loads(known.drawn_pages)
        if annotate:
            state.set_drawn_pages(found.index, page, json.dumps(["", debug]))


class _TaskScheduler:
    """Tasks under way, and what comes of them."""

    def __init__(
        self,
        recipe: ReadingRecipe,
        pictures: DrawnPages,
        workers: WorkerPool,
        state: BatchState,
        wanted: Container[int] = ALL_PAGES,
        memory: FileCache | None = None,
        drawn: str | None = None,
    ) -> None:
        self._recipe, self._pictures, self._workers, self._state = recipe, pictures, workers, state
        self._wanted, self._memory = wanted, memory
        folders = json.dumps([str(folder or "") for folder in (pictures.annotated_folder, pictures.stages_folder)])
        self._drawn = folders if drawn is None else drawn
        self._pages: deque[Iterator[_Task | PageEvent]] = deque()
        self._under_way: dict[Future[Any], _Task] = {}

    def run_tasks(self, tasks: Iterator[_Task]) -> Iterator[PageEvent]:
        """Do all tasks, and those that come of them."""
        try:
            while True:
                yield from self._submit_ahead(tasks)
                if not self._under_way:
                    return
                done, _ = wait(self._under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    yield from self._handle_done(self._under_way.pop(future), future)
        finally:
            for future in self._under_way:
                # What was begun is not torn from its worker, who may be writing a picture.
                if not future.running():
                    future.cancel()

    def _submit_ahead(self, tasks: Iterator[_Task]) -> Iterator[PageEvent]:
        """Hand out tasks until enough are under way, pages before files; pages known already are told at once."""
        while len(self._under_way) < _TASKS_PER_WORKER * self._workers.jobs:
            source = self._pages[0] if self._pages else tasks
            match next(source, None):
                case PageEvent() as event:
                    yield event
                case _Task(page=None) as task if (look := self._cached_file(task.input.ref).info) is not None:
                    self._add_inspected_file(task.input, look)
                case _Task() as task:
                    self._under_way[self._submit(task)] = task
                case None if self._pages:
                    self._pages.popleft()
                case None:
                    return

    def _submit(self, task: _Task) -> Future[Any]:
        submit, ref, sha256 = self._workers.submit, task.input.ref, task.input.sha256
        if task.page is None:
            return submit(inspect_file, ref, self._recipe.limits)
        if task.earlier_result is not None and self._pictures.annotated_folder is not None:
            return submit(
                draw_page,
                ref,
                task.page,
                sha256,
                task.earlier_result,
                self._recipe.limits,
                self._pictures.annotated_folder,
            )
        return submit(read_page, ref, task.page, sha256, self._recipe, self._pictures)

    def _handle_done(self, task: _Task, future: Future[Any]) -> Iterator[PageEvent]:
        outcome = self._task_result(task, future)
        if isinstance(outcome, FileInfo):
            self._cached_file(task.input.ref).info = outcome
            self._add_inspected_file(task.input, outcome)
            return
        page = task.page or 0
        if outcome.result is None:
            self._state.deselect_page(task.input.index, page)
            return
        if outcome.result.error:
            self._cached_file(task.input.ref).failed_pages[page] = outcome.result
        # A picture that could not be drawn is to be drawn the next time.
        drawn = "" if outcome.drawing_errors else self._drawn
        if task.earlier_result is None:
            self._state.add_result(task.input.index, page, task.input.sha256, outcome.result, drawn)
        elif drawn:
            self._state.set_drawn_pages(task.input.index, page, drawn)
        yield PageEvent(outcome.result, outcome.drawing_errors, was_known=task.earlier_result is not None)

    def _add_inspected_file(self, asked: _InputFile, look: FileInfo) -> None:
        found = _InputFile(asked.index, asked.ref, look.sha256)
        self._state.add_input(found.index, found.ref.file, look.sha256, look.size)
        self._pages.append(self._page_tasks(found, look))

    def _cached_file(self, ref: PageRef) -> CachedFile:
        """What earlier rounds know of a file; nothing, and it is not kept, where there are none."""
        return CachedFile() if self._memory is None else self._memory.entry_for(ref.file)

    def _task_result(self, task: _Task, future: Future[Any]) -> FileInfo | PageTaskResult:
        """What came of a task, or what became of the worker that had it."""
        try:
            error = future.exception()
        except CancelledError as lost:
            error = lost
        if error is None:
            outcome: FileInfo | PageTaskResult = future.result()
            return outcome
        if isinstance(error, DigitscanError) or not isinstance(error, Exception):
            raise error
        reason = self._workers.failure_reason(error) or _unexpected_error_reason(error)
        file = task.input.ref.file
        if task.earlier_result is not None:
            # For want of its picture what was read is not thrown away.
            return PageTaskResult(task.earlier_result, (f"{file}, page {task.page}: could not be drawn: {reason}",))
        if task.page is None:
            self._cached_file(task.input.ref).info = _UNREADABLE_FILE
            self._state.add_input(task.input.index, file, "", 0)
            self._state.select_pages(task.input.index, (0,))
        page = task.page or 0
        place = f"{file}, page {page}" if page else file
        return PageTaskResult(PageResult(file, page, 0, 0, error=f"{place}: {reason}"))

    def _page_tasks(self, found: _InputFile, look: FileInfo) -> Iterator[_Task | PageEvent]:
        """The pages of a file that are wanted: to be read, to be drawn, or known."""
        for page in look.page_numbers:
            # What is wrong with the whole file is told whichever pages are wanted.
            if page and page not in self._wanted:
                continue
            self._state.select_pages(found.index, (page,))
            known = self._state.find_stored(found.ref.file, found.sha256, page) if found.sha256 else None
            failed = self._cached_file(found.ref).failed_pages.get(page)
            if failed is not None:
                self._state.add_result(found.index, page, found.sha256, failed, "")
                yield PageEvent(failed, was_known=True)
            elif known is None:
                yield _Task(found, page)
            elif self._has_all_drawn_pages(known, page):
                yield PageEvent(known.result, was_known=True)
            elif self._pictures.stages_folder is None:
                yield _Task(found, page, known.result)
            else:
                # The stages are not kept: to draw them is to read the page again.
                yield _Task(found, page)

    def _has_all_drawn_pages(self, known: StoredPage, page: int) -> bool:
        """Whether all pictures that are wanted of a page are there."""
        folders = (
            (self._pictures.annotated_folder, annotated_page_path(known.result.file, page)),
            (self._pictures.stages_folder, stages_folder_path(known.result.file, page)),
        )
        if all(folder is None for folder, _ in folders):
            return True
        return known.drawn_pages == self._drawn and all((folder / name).exists() for folder, name in folders if folder)
