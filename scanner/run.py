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

from scanner.errors import DigitscanError
from scanner.picture_names import annotated_name, stages_folder
from scanner.sources import EVERY_PAGE
from scanner.types import PageResult
from scanner.watch import Remembered
from scanner.worker import Look, PageDone, Pictures, draw_page, look_into, read_page

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from scanner.pool import Workers
    from scanner.state import Known, State
    from scanner.types import PageRef
    from scanner.watch import Memory
    from scanner.worker import About, Recipe

_AHEAD = 2
"""Things under way for each worker: one that is done with its own finds the next at hand."""

_UNREADABLE = Look("", 0, range(1))
"""What a look comes to that the worker did not live to tell of."""


@dataclass(frozen=True, slots=True)
class PageEvent:
    """What became of one page, as soon as it is known."""

    result: PageResult
    undrawn: tuple[str, ...] = ()
    """Why pictures of it could not be written; one line each."""
    known: bool = False
    """Whether it was read by an earlier run."""


@dataclass(frozen=True, slots=True)
class _Input:
    place: int
    ref: PageRef
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class _Task:
    """A page to be read or drawn; a file to be looked into, where there is no page yet."""

    input: _Input
    page: int | None = None
    read: PageResult | None = None
    """What was read of it before: it is only to be drawn."""


def _fault(error: Exception) -> str:
    """What to say of an exception that nobody expected."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return f"met a fault of this program ({text.removesuffix(':')}); leave it out, and report it"


def recipe_name(recipe: Recipe, about: About) -> str:
    """A name for all that decides what is read on a page: programs, models and options.

    What it decides not to read, the ``refusals`` of the limits, is not in it.

    Args:
        recipe: how the pages are read.
        about: what they are read with.
    """

    def plain(value: object) -> object:
        return value.value if isinstance(value, Enum) else str(value)

    read_with = [asdict(recipe.options), recipe.classifier, recipe.limits.drawing, about.versions, about.models]
    told = json.dumps(read_with, default=plain, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def read_files(
    refs: Iterable[PageRef],
    recipe: Recipe,
    pictures: Pictures,
    workers: Workers,
    state: State,
    wanted: Container[int] = EVERY_PAGE,
    memory: Memory | None = None,
) -> Iterator[PageEvent]:
    """Read what is not known yet.  In the state is afterwards what was read on every page.

    Args:
        refs: the files, in order.
        recipe: how their pages are read.
        pictures: which are drawn of each page.
        workers: who does it.
        state: what is known already; it was opened for this recipe.
        wanted: numbers of the pages of each file that are of this run.
        memory: of the rounds before, for who watches: what has not changed is not opened, what failed not tried again.

    Yields:
        What became of each page, in the order in which they are done.

    Raises:
        DigitscanError: for what would befall every page alike.
    """
    state.begin()
    yield from _Run(recipe, pictures, workers, state, wanted, memory).through(
        _Task(_Input(place, ref)) for place, ref in enumerate(refs)
    )


def draw_files(
    refs: Iterable[PageRef], results: Iterable[PageResult], folder: Path, recipe: Recipe, workers: Workers, state: State
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
        for (place, sha256, page), result in zip(state.places(), results, strict=True):
            if not result.error:
                found = _Input(place, files[place], sha256)
                _forget_annotated(state, found, page)
                yield _Task(found, page, result)

    yield from _Run(recipe, Pictures(annotate=folder), workers, state, drawn="").through(tasks())


def _forget_annotated(state: State, found: _Input, page: int) -> None:
    """What a picture drawn late shows flagged is of its run alone: the next one draws it anew."""
    known = state.known(found.ref.file, found.sha256, page)
    if known is not None and known.pictures:
        annotate, debug = json.loads(known.pictures)
        if annotate:
            state.drawn(found.place, page, json.dumps(["", debug]))


class _Run:
    """Tasks under way, and what comes of them."""

    def __init__(
        self,
        recipe: Recipe,
        pictures: Pictures,
        workers: Workers,
        state: State,
        wanted: Container[int] = EVERY_PAGE,
        memory: Memory | None = None,
        drawn: str | None = None,
    ) -> None:
        self._recipe, self._pictures, self._workers, self._state = recipe, pictures, workers, state
        self._wanted, self._memory = wanted, memory
        folders = json.dumps([str(folder or "") for folder in (pictures.annotate, pictures.debug)])
        self._drawn = folders if drawn is None else drawn
        self._pages: deque[Iterator[_Task | PageEvent]] = deque()
        self._under_way: dict[Future[Any], _Task] = {}

    def through(self, tasks: Iterator[_Task]) -> Iterator[PageEvent]:
        """Do all tasks, and those that come of them."""
        try:
            while True:
                yield from self._filled_up(tasks)
                if not self._under_way:
                    return
                done, _ = wait(self._under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    yield from self._finished(self._under_way.pop(future), future)
        finally:
            for future in self._under_way:
                # What was begun is not torn from its worker, who may be writing a picture.
                if not future.running():
                    future.cancel()

    def _filled_up(self, tasks: Iterator[_Task]) -> Iterator[PageEvent]:
        """Hand out tasks until enough are under way, pages before files; pages known already are told at once."""
        while len(self._under_way) < _AHEAD * self._workers.jobs:
            source = self._pages[0] if self._pages else tasks
            match next(source, None):
                case PageEvent() as event:
                    yield event
                case _Task(page=None) as task if (look := self._remembered(task.input.ref).look) is not None:
                    self._looked_into(task.input, look)
                case _Task() as task:
                    self._under_way[self._submitted(task)] = task
                case None if self._pages:
                    self._pages.popleft()
                case None:
                    return

    def _submitted(self, task: _Task) -> Future[Any]:
        submit, ref, sha256 = self._workers.submit, task.input.ref, task.input.sha256
        if task.page is None:
            return submit(look_into, ref, self._recipe.limits)
        if task.read is not None and self._pictures.annotate is not None:
            return submit(draw_page, ref, task.page, sha256, task.read, self._recipe.limits, self._pictures.annotate)
        return submit(read_page, ref, task.page, sha256, self._recipe, self._pictures)

    def _finished(self, task: _Task, future: Future[Any]) -> Iterator[PageEvent]:
        outcome = self._outcome(task, future)
        if isinstance(outcome, Look):
            self._remembered(task.input.ref).look = outcome
            self._looked_into(task.input, outcome)
            return
        page = task.page or 0
        if outcome.result is None:
            self._state.drop(task.input.place, page)
            return
        if outcome.result.error:
            self._remembered(task.input.ref).failed[page] = outcome.result
        # A picture that could not be drawn is to be drawn the next time.
        drawn = "" if outcome.undrawn else self._drawn
        if task.read is None:
            self._state.add(task.input.place, page, task.input.sha256, outcome.result, drawn)
        elif drawn:
            self._state.drawn(task.input.place, page, drawn)
        yield PageEvent(outcome.result, outcome.undrawn, known=task.read is not None)

    def _looked_into(self, asked: _Input, look: Look) -> None:
        found = _Input(asked.place, asked.ref, look.sha256)
        self._state.add_input(found.place, found.ref.file, look.sha256, look.size)
        self._pages.append(self._pages_of(found, look))

    def _remembered(self, ref: PageRef) -> Remembered:
        """What earlier rounds know of a file; nothing, and it is not kept, where there are none."""
        return Remembered() if self._memory is None else self._memory.of(ref.file)

    def _outcome(self, task: _Task, future: Future[Any]) -> Look | PageDone:
        """What came of a task, or what became of the worker that had it."""
        try:
            error = future.exception()
        except CancelledError as lost:
            error = lost
        if error is None:
            outcome: Look | PageDone = future.result()
            return outcome
        if isinstance(error, DigitscanError) or not isinstance(error, Exception):
            raise error
        reason = self._workers.reason(error) or _fault(error)
        file = task.input.ref.file
        if task.read is not None:
            # For want of its picture what was read is not thrown away.
            return PageDone(task.read, (f"{file}, page {task.page}: could not be drawn: {reason}",))
        if task.page is None:
            self._remembered(task.input.ref).look = _UNREADABLE
            self._state.add_input(task.input.place, file, "", 0)
            self._state.want(task.input.place, (0,))
        page = task.page or 0
        place = f"{file}, page {page}" if page else file
        return PageDone(PageResult(file, page, 0, 0, error=f"{place}: {reason}"))

    def _pages_of(self, found: _Input, look: Look) -> Iterator[_Task | PageEvent]:
        """The pages of a file that are wanted: to be read, to be drawn, or known."""
        for page in look.pages:
            # What is wrong with the whole file is told whichever pages are wanted.
            if page and page not in self._wanted:
                continue
            self._state.want(found.place, (page,))
            known = self._state.known(found.ref.file, found.sha256, page) if found.sha256 else None
            failed = self._remembered(found.ref).failed.get(page)
            if failed is not None:
                self._state.add(found.place, page, found.sha256, failed, "")
                yield PageEvent(failed, known=True)
            elif known is None:
                yield _Task(found, page)
            elif self._is_drawn(known, page):
                yield PageEvent(known.result, known=True)
            elif self._pictures.debug is None:
                yield _Task(found, page, known.result)
            else:
                # The stages are not kept: to draw them is to read the page again.
                yield _Task(found, page)

    def _is_drawn(self, known: Known, page: int) -> bool:
        """Whether all pictures that are wanted of a page are there."""
        folders = (
            (self._pictures.annotate, annotated_name(known.result.file, page)),
            (self._pictures.debug, stages_folder(known.result.file, page)),
        )
        if all(folder is None for folder, _ in folders):
            return True
        return known.pictures == self._drawn and all((folder / name).exists() for folder, name in folders if folder)
