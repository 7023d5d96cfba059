"""A run from its files to its results: the pages are read, and what is asked for is written when all are."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scanner.batch.watch import SETTLE_SECONDS, FileCache, collect_file_stats, find_settled
from scanner.commands.interrupts import interrupts_deferred
from scanner.commands.output_checks import write_output
from scanner.commands.progress import OnceOnlyReporter
from scanner.commands.quality_lines import scan_quality_lines
from scanner.errors import DigitscanError
from scanner.results.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from scanner.batch.process_pool import WorkerPool
    from scanner.batch.run_state import BatchState
    from scanner.batch.worker import ReadingRecipe, ReadingSetup
    from scanner.commands.batch_options import BatchSettings
    from scanner.commands.progress import ProgressReporter
    from scanner.types import PageRef, PageResult


@dataclass(frozen=True, slots=True)
class Outputs:
    """What is wanted of a run."""

    numbers_csv: Path
    results_json: Path | None
    digits_csv: Path | None
    annotated_folder: Path | None
    stages_folder: Path | None
    max_error: float | None


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What a run came to."""

    summary: Summary
    drawing_error_count: int = 0
    """Pictures that could not be written."""


@dataclass(frozen=True, slots=True)
class _Job:
    recipe: ReadingRecipe
    outputs: Outputs
    settings: BatchSettings
    setup: ReadingSetup


@dataclass(frozen=True, slots=True)
class _ReadPages:
    results: Iterable[PageResult]
    drawing_error_count: int
    """Pictures that could not be written."""


_WATCH_INTERVAL_SECONDS = 2.0
"""Seconds between two looks for files that have arrived: nobody waits for a page that is being scanned."""


def run_batch(
    refs: Sequence[PageRef],
    find_inputs: Callable[[], Sequence[PageRef]],
    recipe: ReadingRecipe,
    outputs: Outputs,
    settings: BatchSettings,
    reporter: ProgressReporter,
) -> BatchOutcome:
    """Read all pages and write what is wanted; or do so over and over as files arrive, until interrupted.

    Args:
        refs: the files.
        find_inputs: the files as they are when it is called, for who watches them.
        recipe: how their pages are read.
        outputs: what is wanted.
        settings: how it is done.
        reporter: of all that happens.

    Raises:
        DigitscanError: if something is missing, or a result cannot be written.
    """
    from scanner.batch.run_state import open_state
    from scanner.batch.scheduler import recipe_hash

    with _open_worker_pool(settings) as workers:
        reads_with = _load_setup(recipe, workers)
        name = recipe_hash(recipe, reads_with)
        with open_state(
            settings.state_path, name, recipe.limits.acceptance_limits, forget_earlier=settings.forget_earlier
        ) as state:
            job = _Job(recipe, outputs, settings, reads_with)
            if not settings.watch:
                started = datetime.now(UTC)
                return _finish_batch(_read_and_draw(refs, job, workers, state, reporter), job, started, state, reporter)
            return _watch_folders(find_inputs, job, workers, state, reporter)


def _watch_folders(
    find: Callable[[], Sequence[PageRef]], job: _Job, workers: WorkerPool, state: BatchState, told: ProgressReporter
) -> BatchOutcome:
    """Read what there is whenever it has changed, until interrupted."""
    came, seen, memory, once = BatchOutcome(Summary()), None, FileCache(), OnceOnlyReporter(told)
    try:
        while True:
            refs, arriving = find_settled(find())
            if (now := collect_file_stats(refs)) != seen:
                started = datetime.now(UTC)
                memory.keep_unchanged(now)
                read = _read_and_draw(refs, job, workers, state, once, memory)
                with interrupts_deferred():
                    # What is written of a round belongs together.
                    came, seen = _finish_batch(read, job, started, state, once), now
                told.note(f"{came.summary.pages} read so far; waiting for more, Ctrl-C ends")
            time.sleep(SETTLE_SECONDS if arriving else _WATCH_INTERVAL_SECONDS)
    except KeyboardInterrupt:
        return came


def _open_worker_pool(work: BatchSettings) -> AbstractContextManager[WorkerPool]:
    if work.cluster is None:
        from scanner.batch.process_pool import local_worker_pool

        return local_worker_pool(work.jobs, work.task_limits)
    from scanner.batch.dask_cluster import cluster_worker_pool

    return cluster_worker_pool(work.cluster, work.jobs, work.task_limits)


def _finish_batch(
    read: _ReadPages, job: _Job, started: datetime, state: BatchState, told: ProgressReporter
) -> BatchOutcome:
    """Write what is wanted of all that was read."""
    summary = _write_results(read.results, job)
    _write_manifest(job, started, summary, state)
    state.prune()
    for line in scan_quality_lines(read.results):
        told.note(line)
    return BatchOutcome(summary, read.drawing_error_count)


def _load_setup(recipe: ReadingRecipe, workers: WorkerPool) -> ReadingSetup:
    from scanner.batch.worker import load_reading_setup

    try:
        found: ReadingSetup = workers.submit(load_reading_setup, recipe).result()
    except Exception as error:
        if isinstance(error, DigitscanError) or not workers.failure_reason(error):
            raise
        raise DigitscanError(
            "the models could not be loaded within the time and the memory of a page; "
            "allow more with --page-timeout or --memory"
        ) from error
    return found


def _read_and_draw(
    refs: Sequence[PageRef],
    job: _Job,
    workers: WorkerPool,
    state: BatchState,
    told: ProgressReporter,
    memory: FileCache | None = None,
) -> _ReadPages:
    """Read and draw all pages."""
    recipe, outputs = job.recipe, job.outputs
    from scanner.batch.scheduler import draw_files, read_files
    from scanner.batch.worker import DrawnPages

    undrawn = 0
    # How sure is sure enough is known when all is read: only then can the pictures show it.
    at_once = outputs.annotated_folder if outputs.max_error is None else None
    pictures = DrawnPages(at_once, outputs.stages_folder)
    for event in read_files(refs, recipe, pictures, workers, state, job.settings.selected_pages, memory):
        told.page_done(event)
        undrawn += len(event.drawing_errors)
    results: Iterable[PageResult] = state.results()
    if outputs.max_error is None:
        return _ReadPages(results, undrawn)
    from scanner.decision.review import flag_for_max_error

    results = flag_for_max_error(results, outputs.max_error)
    if outputs.annotated_folder is not None:
        for event in draw_files(refs, results, outputs.annotated_folder, recipe, workers, state):
            told.picture_done(event)
            undrawn += len(event.drawing_errors)
    return _ReadPages(results, undrawn)


def _write_results(results: Iterable[PageResult], job: _Job) -> Summary:
    from scanner import __version__
    from scanner.results.csv_tables import digits_csv, errors_csv, results_csv
    from scanner.results.json_results import results_to_json
    from scanner.results.summary import summarize

    outputs = job.outputs
    write_output(outputs.numbers_csv, results_csv(results))
    if outputs.results_json is not None:
        write_output(outputs.results_json, results_to_json(results, __version__))
    if outputs.digits_csv is not None:
        write_output(outputs.digits_csv, digits_csv(results))
    if job.settings.errors_path is not None:
        write_output(job.settings.errors_path, errors_csv(results))
    return summarize(results)


def _write_manifest(job: _Job, started: datetime, summary: Summary, state: BatchState) -> None:
    from scanner.batch.manifest import BatchRecord, manifest_json

    if job.settings.manifest_path is None:
        return
    allowed = job.outputs.max_error
    others = (("classifier", job.recipe.classifier), *((("max_error", allowed),) if allowed is not None else ()))
    record = BatchRecord(
        versions=job.setup.versions,
        models=job.setup.models,
        options=job.recipe.options,
        limits=job.recipe.limits,
        started=started,
        finished=datetime.now(UTC),
        summary=summary,
        other_settings=others,
    )
    write_output(job.settings.manifest_path, manifest_json(record, state.input_records()))
