"""Scheduling of a batch: workers read the pages of many files, and the results go into a saved state.

Files are inspected one after the other and their pages handed out one by one,
so that the number of pending tasks is bounded by the number of workers, however
many files there are.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Sized
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scanner.batch.drawn_pages import without_annotated
from scanner.batch.worker import FileInfo, PageTaskResult, draw_page, inspect_file, read_page
from scanner.batch.worker_pool import FailureCause, TaskFailure
from scanner.errors import DigitscanError
from scanner.sources.decoding import ALL_PAGES, PageFailure, page_label
from scanner.sources.discovery import natural_sort_key

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator
    from concurrent.futures import Future

    from scanner.batch.drawn_pages import DrawnPages
    from scanner.batch.recipe import ReadingRecipe
    from scanner.batch.resumable_state import BatchState
    from scanner.batch.worker_pool import WorkerPool
    from scanner.types import PageRef, PageResult

_TASKS_PER_WORKER = 2
"""Number of pending tasks per worker, so that a worker that finishes one has the next at hand."""


@dataclass(frozen=True, slots=True)
class PageEvent:
    """A page that was read or drawn, or could not be."""

    result: PageResult
    """The numbers or the error of the page."""
    drawing_errors: tuple[str, ...] = ()
    """Why pictures of the page could not be written, one line each."""
    was_known: bool = False
    """Whether an earlier batch read the page."""
    failure_cause: FailureCause | None = None
    """Why the worker did not finish; None if it did, also if it reported an error."""
    done_pages: int = 0
    """Number of pages that are done, this one included."""
    total_pages: int = 0
    """Number of pages in total; a file that was not inspected yet counts as one page."""


@dataclass(frozen=True, slots=True)
class _InputFile:
    index: int
    ref: PageRef
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class _Task:
    """A page to read or draw, or a file to inspect."""

    input: _InputFile
    page: int | None = None
    """Page number; None for a file to inspect."""
    earlier_result: PageResult | None = None
    """The known result of a page that is only to be drawn; None for a page to read."""


@dataclass(frozen=True, slots=True)
class _TaskOutcome:
    """The result of a task on a page, or the reason why its worker was lost."""

    page: PageTaskResult
    failure_cause: FailureCause | None = None


def _unexpected_failure(error: Exception) -> TaskFailure:
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return TaskFailure(
        FailureCause.BUG, f"hit a bug in this program ({text.removesuffix(':')}); leave it out, and report it"
    )


def read_files(
    refs: Iterable[PageRef],
    recipe: ReadingRecipe,
    drawn_pages: DrawnPages,
    workers: WorkerPool,
    state: BatchState,
    selected_pages: Container[int] = ALL_PAGES,
    other_files: Collection[str] | None = None,
) -> Iterator[PageEvent]:
    """Read all pages that are not known yet.  Afterwards the state holds the result of every page.

    Args:
        refs: the files, in order.
        recipe: how their pages are read.
        drawn_pages: which pictures are drawn of each page.
        workers: the pool that does the work.
        state: the known results; opened with the hash of this recipe.
        selected_pages: numbers of the pages to read of each file.
        other_files: files that the last batch had as well, for a watched folder: the batch goes on with what is known
            of them, and they are not opened.  None for a new batch.

    Yields:
        An event for each page, in the order in which they are done.

    Raises:
        DigitscanError: for a failure that would affect every page alike.
    """
    file_count = len(refs) if isinstance(refs, Sized) else 0
    scheduler = _TaskScheduler(recipe, drawn_pages, workers, state, selected_pages, file_count=file_count)
    yield from scheduler.run_tasks(_Task(file) for file in _begin(refs, state, other_files))


def _begin(refs: Iterable[PageRef], state: BatchState, other_files: Collection[str] | None) -> Iterator[_InputFile]:
    """Begin a batch, or go on with the last one; return the files to read."""
    if other_files is None:
        state.begin_batch()
        return (_InputFile(index, ref) for index, ref in enumerate(refs))
    changed = {ref.file: ref for ref in refs}
    # In order, as they were put in.
    files = [file for _, file in state.files() if file in changed or file in other_files]
    for file in changed.keys() - files:
        insort(files, file, key=natural_sort_key)
    state.continue_batch(files)
    return (_InputFile(index, changed[file]) for index, file in enumerate(files) if file in changed)


def draw_files(
    refs: Iterable[PageRef],
    results: Iterable[PageResult],
    drawn_pages: DrawnPages,
    recipe: ReadingRecipe,
    workers: WorkerPool,
    state: BatchState,
) -> Iterator[PageEvent]:
    """Draw pages of a batch that has been read.

    Args:
        refs: the files that exist; the pages of others are left out.
        results: the results of the pages, as they are to be drawn.
        drawn_pages: which pictures are drawn; none of stages, which are not kept.
        recipe: how the pages were read.
        workers: the pool that does the work.
        state: the state of the batch.

    Yields:
        An event for each page, in the order in which they are done.
    """
    present, keys = {ref.file: ref for ref in refs}, state.file_keys()

    def tasks() -> Iterator[_Task]:
        for result in results:
            if not result.error and result.file in present:
                index, sha256 = keys[result.file]
                file, page = _InputFile(index, present[result.file], sha256), result.page_number
                _invalidate_annotated(state, file, page)
                yield _Task(file, page, result)

    yield from _TaskScheduler(recipe, drawn_pages, workers, state, drawn="").run_tasks(tasks())


def _invalidate_annotated(state: BatchState, file: _InputFile, page: int) -> None:
    """Have the next batch draw a page again: a picture drawn now shows the review flags of this batch alone."""
    known = state.find_stored(file.ref.file, file.sha256, page)
    if known is not None and (outdated := without_annotated(known.drawn_pages)) != known.drawn_pages:
        state.set_drawn_pages(file.index, page, outdated)


class _TaskScheduler:
    """Pending tasks and what follows from their results."""

    def __init__(
        self,
        recipe: ReadingRecipe,
        drawn_pages: DrawnPages,
        workers: WorkerPool,
        state: BatchState,
        selected_pages: Container[int] = ALL_PAGES,
        drawn: str | None = None,
        file_count: int = 0,
    ) -> None:
        self._recipe, self._drawn_pages, self._workers, self._state = recipe, drawn_pages, workers, state
        self._selected_pages = selected_pages
        self._drawn = drawn_pages.record if drawn is None else drawn
        self._page_sources: deque[Iterator[_Task | PageEvent]] = deque()
        self._pending: dict[Future[Any], _Task] = {}
        self._uninspected_files = file_count
        self._known_pages = self._done_pages = 0

    def run_tasks(self, tasks: Iterator[_Task]) -> Iterator[PageEvent]:
        """Run all tasks and those that follow from them."""
        try:
            while True:
                yield from self._submit_ahead(tasks)
                if not self._pending:
                    return
                done, _ = wait(self._pending, return_when=FIRST_COMPLETED)
                for future in done:
                    yield from self._handle_done(self._pending.pop(future), future)
        finally:
            for future in self._pending:
                # A running task is not interrupted: its worker may be writing a picture.
                if not future.running():
                    future.cancel()

    def _submit_ahead(self, tasks: Iterator[_Task]) -> Iterator[PageEvent]:
        """Submit tasks until enough are pending, pages before files; yield an event for each page known already."""
        while len(self._pending) < _TASKS_PER_WORKER * self._workers.jobs:
            source = self._page_sources[0] if self._page_sources else tasks
            match next(source, None):
                case PageEvent() as event:
                    yield event
                case _Task() as task:
                    self._pending[self._submit(task)] = task
                case None if self._page_sources:
                    self._page_sources.popleft()
                case None:
                    return

    def _submit(self, task: _Task) -> Future[Any]:
        submit, ref, sha256 = self._workers.submit, task.input.ref, task.input.sha256
        if task.page is None:
            return submit(inspect_file, ref, self._recipe.limits)
        if task.earlier_result is not None:
            drawn_pages = self._drawn_pages
            return submit(draw_page, ref, task.page, sha256, task.earlier_result, self._recipe.limits, drawn_pages)
        return submit(read_page, ref, task.page, sha256, self._recipe, self._drawn_pages)

    def _handle_done(self, task: _Task, future: Future[Any]) -> Iterator[PageEvent]:
        outcome = self._task_outcome(task, future)
        if isinstance(outcome, FileInfo):
            self._add_inspected_file(task.input, outcome)
            return
        page, result, drawing_errors = task.page or 0, outcome.page.result, outcome.page.drawing_errors
        if result is None:
            self._state.deselect_page(task.input.index, page)
            self._known_pages -= 1
            return
        # Pictures that could not be drawn are drawn by the next batch.
        drawn = "" if drawing_errors else self._drawn
        if task.earlier_result is None:
            self._state.add_result(task.input.index, page, task.input.sha256, result, drawn)
        elif drawn:
            self._state.set_drawn_pages(task.input.index, page, drawn)
        yield self._page_event(
            result, drawing_errors, was_known=task.earlier_result is not None, failure_cause=outcome.failure_cause
        )

    def _page_event(
        self,
        result: PageResult,
        drawing_errors: tuple[str, ...] = (),
        *,
        was_known: bool,
        failure_cause: FailureCause | None = None,
    ) -> PageEvent:
        self._done_pages += 1
        total = max(self._known_pages + self._uninspected_files, self._done_pages)
        return PageEvent(result, drawing_errors, was_known, failure_cause, self._done_pages, total)

    def _add_inspected_file(self, uninspected: _InputFile, info: FileInfo) -> None:
        file = _InputFile(uninspected.index, uninspected.ref, info.sha256)
        self._state.add_input(file.index, file.ref.file, info.sha256, info.size, file.ref.path)
        self._count_inspected_file(sum(map(self._is_selected, info.page_numbers)))
        self._page_sources.append(self._page_tasks(file, info))

    def _count_inspected_file(self, pages: int) -> None:
        self._known_pages += pages
        self._uninspected_files = max(self._uninspected_files - 1, 0)

    def _is_selected(self, page: int) -> bool:
        # An error of the whole file, page 0, is reported whichever pages are selected.
        return not page or page in self._selected_pages

    def _task_outcome(self, task: _Task, future: Future[Any]) -> FileInfo | _TaskOutcome:
        """Return the result of a task; if its worker was lost, a result that says why."""
        try:
            error = future.exception()
        except CancelledError as cancelled:
            error = cancelled
        if error is None:
            result: FileInfo | PageTaskResult = future.result()
            return result if isinstance(result, FileInfo) else _TaskOutcome(result)
        if isinstance(error, DigitscanError) or not isinstance(error, Exception):
            raise error
        failure = self._workers.explain_failure(error) or _unexpected_failure(error)
        file = task.input.ref.file
        if task.earlier_result is not None:
            # The readings are kept although the page could not be drawn.
            message = f"{page_label(file, task.earlier_result.page_number)}: could not be drawn: {failure.reason}"
            return _TaskOutcome(PageTaskResult(task.earlier_result, (message,)), failure.cause)
        if task.page is None:
            self._state.add_input(task.input.index, file, "", 0)
            self._state.select_pages(task.input.index, (0,))
            self._count_inspected_file(1)
        page = task.page or 0
        page_failure = PageFailure(file, page, f"{page_label(file, page)}: {failure.reason}")
        return _TaskOutcome(PageTaskResult(page_failure.to_result()), failure.cause)

    def _page_tasks(self, file: _InputFile, info: FileInfo) -> Iterator[_Task | PageEvent]:
        """The selected pages of a file: tasks for pages to read or draw, events for pages that are done already."""
        for page in filter(self._is_selected, info.page_numbers):
            self._state.select_pages(file.index, (page,))
            known = self._state.find_stored(file.ref.file, file.sha256, page) if file.sha256 else None
            if known is None:
                yield _Task(file, page)
            elif self._drawn_pages.exist(known.result.file, page, known.drawn_pages):
                yield self._page_event(known.result, was_known=True)
            elif self._drawn_pages.stages_folder is None:
                yield _Task(file, page, known.result)
            else:
                # The output of the stages is not kept: to draw it, the page is read again.
                yield _Task(file, page)
