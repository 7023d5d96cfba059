"""A run from its files to its results: the pages are read, and what is asked for is written when all are."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scanner.commands.interrupts import interrupts_put_off
from scanner.commands.outputs import write_out
from scanner.commands.progress import Once
from scanner.commands.verdicts import verdict_lines
from scanner.errors import DigitscanError
from scanner.summary import Summary
from scanner.watch import SETTLING, Memory, settled, signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from scanner.commands.batch_options import Work
    from scanner.commands.progress import Progress
    from scanner.pool import Workers
    from scanner.state import State
    from scanner.types import PageRef, PageResult
    from scanner.worker import About, Recipe


@dataclass(frozen=True, slots=True)
class Outputs:
    """What is wanted of a run."""

    out: Path
    as_json: Path | None
    digits: Path | None
    annotate: Path | None
    debug: Path | None
    max_error: float | None


@dataclass(frozen=True, slots=True)
class Came:
    """What a run came to."""

    summary: Summary
    undrawn: int = 0
    """Pictures that could not be written."""


@dataclass(frozen=True, slots=True)
class _Job:
    recipe: Recipe
    outputs: Outputs
    work: Work
    reads_with: About


@dataclass(frozen=True, slots=True)
class _Read:
    results: Iterable[PageResult]
    undrawn: int
    """Pictures that could not be written."""


_PAUSE = 2.0
"""Seconds between two looks for files that have arrived: nobody waits for a page that is being scanned."""


def run(
    refs: Sequence[PageRef],
    find: Callable[[], Sequence[PageRef]],
    recipe: Recipe,
    outputs: Outputs,
    work: Work,
    told: Progress,
) -> Came:
    """Read all pages and write what is wanted; or do so over and over as files arrive, until interrupted.

    Args:
        refs: the files.
        find: the files as they are when it is called, for who watches them.
        recipe: how their pages are read.
        outputs: what is wanted.
        work: how it is done.
        told: of all that happens.

    Raises:
        DigitscanError: if something is missing, or a result cannot be written.
    """
    from scanner.run import recipe_name
    from scanner.state import open_state

    with _workers(work) as workers:
        reads_with = _about(recipe, workers)
        name = recipe_name(recipe, reads_with)
        with open_state(work.state, name, recipe.limits.refusals, fresh=work.fresh) as state:
            job = _Job(recipe, outputs, work, reads_with)
            if not work.watch:
                started = datetime.now(UTC)
                return _finish(_read(refs, job, workers, state, told), job, started, state, told)
            return _watched(find, job, workers, state, told)


def _watched(find: Callable[[], Sequence[PageRef]], job: _Job, workers: Workers, state: State, told: Progress) -> Came:
    """Read what there is whenever it has changed, until interrupted."""
    came, seen, memory, once = Came(Summary()), None, Memory(), Once(told)
    try:
        while True:
            refs, arriving = settled(find())
            if (now := signature(refs)) != seen:
                started = datetime.now(UTC)
                memory.keep(now)
                read = _read(refs, job, workers, state, once, memory)
                with interrupts_put_off():
                    # What is written of a round belongs together.
                    came, seen = _finish(read, job, started, state, once), now
                told.line(f"{came.summary.pages} read so far; waiting for more, Ctrl-C ends")
            time.sleep(SETTLING if arriving else _PAUSE)
    except KeyboardInterrupt:
        return came


def _workers(work: Work) -> AbstractContextManager[Workers]:
    if work.cluster is None:
        from scanner.pool import local_workers

        return local_workers(work.jobs, work.work_limits)
    from scanner.cluster import cluster_workers

    return cluster_workers(work.cluster, work.jobs, work.work_limits)


def _finish(read: _Read, job: _Job, started: datetime, state: State, told: Progress) -> Came:
    """Write what is wanted of all that was read."""
    summary = _write(read.results, job)
    _write_manifest(job, started, summary, state)
    state.prune()
    for line in verdict_lines(read.results):
        told.line(line)
    return Came(summary, read.undrawn)


def _about(recipe: Recipe, workers: Workers) -> About:
    from scanner.worker import about

    try:
        found: About = workers.submit(about, recipe).result()
    except Exception as error:
        if isinstance(error, DigitscanError) or not workers.reason(error):
            raise
        raise DigitscanError(
            "the models could not be loaded within the time and the memory of a page; "
            "allow more with --page-timeout or --memory"
        ) from error
    return found


def _read(
    refs: Sequence[PageRef],
    job: _Job,
    workers: Workers,
    state: State,
    told: Progress,
    memory: Memory | None = None,
) -> _Read:
    """Read and draw all pages."""
    recipe, outputs = job.recipe, job.outputs
    from scanner.run import draw_files, read_files
    from scanner.worker import Pictures

    undrawn = 0
    # How sure is sure enough is known when all is read: only then can the pictures show it.
    at_once = outputs.annotate if outputs.max_error is None else None
    pictures = Pictures(at_once, outputs.debug)
    for event in read_files(refs, recipe, pictures, workers, state, job.work.pages, memory):
        told.page(event)
        undrawn += len(event.undrawn)
    results: Iterable[PageResult] = state.results()
    if outputs.max_error is None:
        return _Read(results, undrawn)
    from scanner.review import apply_max_error

    results = apply_max_error(results, outputs.max_error)
    if outputs.annotate is not None:
        for event in draw_files(refs, results, outputs.annotate, recipe, workers, state):
            told.drawn(event)
            undrawn += len(event.undrawn)
    return _Read(results, undrawn)


def _write(results: Iterable[PageResult], job: _Job) -> Summary:
    from scanner import __version__
    from scanner.export import digits_csv, errors_csv, results_csv
    from scanner.results_json import to_json
    from scanner.summary import summed

    outputs = job.outputs
    write_out(outputs.out, results_csv(results))
    if outputs.as_json is not None:
        write_out(outputs.as_json, to_json(results, __version__))
    if outputs.digits is not None:
        write_out(outputs.digits, digits_csv(results))
    if job.work.errors is not None:
        write_out(job.work.errors, errors_csv(results))
    return summed(results)


def _write_manifest(job: _Job, started: datetime, summary: Summary, state: State) -> None:
    from scanner.manifest import RunRecord, manifest_json

    if job.work.manifest is None:
        return
    allowed = job.outputs.max_error
    others = (("classifier", job.recipe.classifier), *((("max_error", allowed),) if allowed is not None else ()))
    record = RunRecord(
        versions=job.reads_with.versions,
        models=job.reads_with.models,
        options=job.recipe.options,
        limits=job.recipe.limits,
        started=started,
        finished=datetime.now(UTC),
        counts=summary,
        others=others,
    )
    write_out(job.work.manifest, manifest_json(record, state.inputs()))
