"""A batch from its files to its results: find the files, read their pages, and write the results when all are read."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from scanner.batch.annotated_documents import draw_documents
from scanner.batch.corrected_results import BatchCorrections, CorrectedResults, UncorrectedResults
from scanner.batch.drawn_pages import DrawnPages
from scanner.batch.interrupts import interrupts_deferred
from scanner.batch.kept_files import check_kept_files
from scanner.batch.last_outputs import LastOutputs, describe_outputs
from scanner.batch.manifest import BatchRecord
from scanner.batch.outputs import check_outputs, write_page_tables
from scanner.batch.recipe import recipe_hash
from scanner.batch.result_writer import open_result_writer
from scanner.batch.resumable_state import open_state
from scanner.batch.scheduler import draw_files, read_files
from scanner.batch.watch import SETTLE_SECONDS, collect_file_stats, find_settled
from scanner.batch.worker_start import load_setup, open_worker_pool
from scanner.batch.written_files import check_before_work
from scanner.decision.review import flag_below_threshold, review_threshold_of_results
from scanner.errors import NoPagesError, NothingToReadError
from scanner.results.annotation_style import AnnotationFormat
from scanner.results.stale_pictures import remove_stale_pictures
from scanner.results.summary import Summary
from scanner.sources.decoding import ALL_PAGES
from scanner.sources.discovery import ALL_FILES, FilePatterns, find_files

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from scanner.batch.recipe import ReadingRecipe, ReadingSetup
    from scanner.batch.result_writer import ResultWriter
    from scanner.batch.resumable_state import BatchState
    from scanner.batch.scheduler import PageEvent
    from scanner.batch.settings import BatchSettings, OutputPaths
    from scanner.batch.watch import FileStats
    from scanner.batch.worker_pool import WorkerPool
    from scanner.corrections.correction import Correction
    from scanner.types import PageRef, PageResult

_WATCH_INTERVAL_SECONDS = 2.0
"""Seconds between two looks for new files.  A choice: nobody waits for a page that is being scanned."""
_REST_PER_WORK = 4.0
"""Seconds until the next look per second that the last one and writing the results took, which grow with the files that
are there and the pages read so far: what arrives meanwhile is written together, and they take at most a fifth of the
time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Everything that defines a batch."""

    inputs: tuple[Path, ...]
    """Files and folders to read."""
    outputs: OutputPaths
    recipe: ReadingRecipe
    """How the pages are read."""
    settings: BatchSettings
    patterns: FilePatterns = ALL_FILES
    """Which files in folders are read."""


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """The counts of a batch that is finished."""

    summary: Summary
    drawing_error_count: int = 0
    """Number of pictures that could not be written."""
    unused_corrections: tuple[Correction, ...] = ()
    """What people say of pages that are not among the results: another file has the name now, or none."""
    audited: int = 0
    """How many audited numbers confidences were adjusted to; 0 if they are those of the readers."""


class BatchReporter(Protocol):
    """Receives the events of a batch."""

    def page_done(self, event: PageEvent) -> None:
        """Take note of a page that was read or could not be."""

    def picture_done(self, event: PageEvent) -> None:
        """Take note of a picture that was drawn, or could not be, after all pages were read."""

    def results_written(self, outcome: BatchOutcome, results: Iterable[PageResult]) -> None:
        """Take note that the results are written; for a watched folder after every round.

        Args:
            outcome: the counts.
            results: all pages in order, read from the state at each iteration; for a watched folder those of the files
                that were read in this round.
        """


@dataclass(frozen=True, slots=True)
class _ReadPages:
    results: Iterable[PageResult]
    drawing_error_count: int
    new_results: Iterable[PageResult]
    """Of a watched folder those of the files that have changed; else all."""
    review_threshold: float | None
    """Minimum confidence of numbers that need no review, as ``results`` are flagged; None for the usual flags."""


def run_batch(batch: Batch, reporter: BatchReporter) -> BatchOutcome:
    """Read all pages of a batch and write its results; for a watched folder again and again, until interrupted.

    Args:
        batch: what to read, and how.
        reporter: receives an event for every page.

    Raises:
        NothingToReadError: if there is no file to read, or no file has a page that is selected.
        DataError: if the corrections or the calibration beside the results cannot be read.
        OutputError: if a result cannot be written, if its file is not as the last batch left it, or if it has rows that
            only a watched folder keeps; checked before the work starts where possible.
        DigitscanError: if a model, a cluster or a package that a result needs is not available.
    """
    refs = _find_inputs(batch)
    check_outputs(batch.outputs, batch.inputs, refs, batch.recipe.form_values)
    if not batch.settings.overwrite_changed:
        check_before_work(batch.outputs)
        if not batch.settings.mirror:
            check_kept_files(batch.outputs, {ref.file for ref in refs}, goes_on=batch.settings.watch)
    outputs = batch.outputs
    corrections = BatchCorrections(outputs.corrections, batch.recipe.form_values, outputs.calibration)
    corrections.read_new()
    with open_worker_pool(batch.settings) as workers:
        setup = load_setup(batch.recipe, workers)
        with (
            open_state(
                batch.outputs.state,
                recipe_hash(batch.recipe, setup),
                batch.recipe.limits.acceptance_limits,
                forget_earlier=batch.settings.forget_earlier,
            ) as state,
            open_result_writer(batch.outputs, CorrectedResults(state, corrections)) as writer,
        ):
            job = _Job(batch, setup, workers, state, corrections, writer, reporter)
            return job.watch() if batch.settings.watch else job.run_once(refs)


def _find_inputs(batch: Batch) -> Sequence[PageRef]:
    """Find the files; a watched folder may still be empty."""
    try:
        return find_files(batch.inputs, batch.patterns)
    except NoPagesError:
        if batch.settings.watch:
            return ()
        raise


@dataclass(frozen=True, slots=True)
class _Job:
    """A batch with its workers, its state and what writes its results."""

    batch: Batch
    setup: ReadingSetup
    workers: WorkerPool
    state: BatchState
    corrections: BatchCorrections
    writer: ResultWriter
    reporter: BatchReporter

    def run_once(self, refs: Sequence[PageRef]) -> BatchOutcome:
        """Read all files and write the results."""
        started = datetime.now(UTC)
        read = self._read_and_draw(refs)
        if self.batch.settings.selected_pages is not None and next(iter(read.results), None) is None:
            raise NothingToReadError("no file that was found has a page that --pages names; choose other pages")
        return self._write(read, started)

    def watch(self) -> BatchOutcome:
        """Read the files again whenever one has changed, until interrupted."""
        outcome = BatchOutcome(Summary())
        # None before the first round, in which a file may have changed while nobody watched.
        last_stats: FileStats | None = None
        try:
            while True:
                begun = time.monotonic()
                refs, arriving = find_settled(_find_inputs(self.batch))
                interval = SETTLE_SECONDS if arriving else _WATCH_INTERVAL_SECONDS
                stats = collect_file_stats(refs)
                worked = time.monotonic() - begun
                changed = [ref for ref in refs if last_stats is None or last_stats.get(ref.file) != stats[ref.file]]
                corrected = self.corrections.read_new()
                is_due = last_stats is None or bool(changed or corrected)
                if is_due or (self.batch.settings.mirror and stats != last_stats):
                    started = datetime.now(UTC)
                    read = self._read_and_draw(refs, changed, corrected)
                    # The files of one round belong together.
                    with interrupts_deferred():
                        begun = time.monotonic()
                        outcome = self._write(read, started)
                        worked += time.monotonic() - begun
                last_stats = stats
                time.sleep(max(interval, _REST_PER_WORK * worked))
        except KeyboardInterrupt:
            return outcome

    def _read_and_draw(
        self, refs: Sequence[PageRef], changed: Sequence[PageRef] | None = None, corrected: frozenset[str] = frozenset()
    ) -> _ReadPages:
        """Read files; of a watched folder those that have changed, and draw those that were corrected."""
        outputs, settings, state = self.batch.outputs, self.batch.settings, self.state
        selected_pages = ALL_PAGES if settings.selected_pages is None else settings.selected_pages
        drawing_errors = 0
        drawn_pages = DrawnPages(
            outputs.annotated_folder if self._draws_while_reading() else None,
            outputs.stages_folder,
            outputs.annotation_style,
        )
        new, other = (refs, None) if changed is None else (changed, self._unchanged_files(refs))
        for event in read_files(new, self.batch.recipe, drawn_pages, self.workers, state, selected_pages, other):
            self.reporter.page_done(event)
            drawing_errors += len(event.drawing_errors)
        if changed is None:
            # People go on correcting the last results while pages are read.
            self.corrections.read_new()
        new_files = None if changed is None else {ref.file for ref in changed} | corrected
        self.writer.forget({ref.file for ref in new} | corrected)
        new_results = CorrectedResults(state, self.corrections, new_files)
        results: Iterable[PageResult] = CorrectedResults(state, self.corrections)
        threshold = None
        if settings.max_error is not None:
            threshold = review_threshold_of_results(UncorrectedResults(state, self.corrections), settings.max_error)
            results = flag_below_threshold(results, threshold)
        if outputs.annotated_folder is not None:
            # A new page may change which numbers of others are flagged for a share of errors.
            to_draw = new_results if settings.max_error is None else results
            for event in self._draw_at_end(refs, to_draw, outputs.annotated_folder):
                self.reporter.picture_done(event)
                drawing_errors += len(event.drawing_errors)
            # Those of files that were moved away stay, as their rows do: they cannot be drawn again.
            remove_stale_pictures(outputs.annotated_folder, new_results, outputs.annotation_style, selected_pages)
        return _ReadPages(results, drawing_errors, new_results, threshold)

    def _unchanged_files(self, refs: Sequence[PageRef]) -> Collection[str]:
        """Files of a watched folder whose pages stay in the results, besides those that have changed."""
        present = {ref.file for ref in refs}
        # Files are moved away once they are read.
        return present if self.batch.settings.mirror else present | self.state.inspected_files()

    def _draws_while_reading(self) -> bool:
        """Whether the annotated picture of a page is drawn as soon as the page is read.

        With a share of errors, which numbers are flagged is known only when all are read; a document needs all pages.
        Who reads a page knows nothing of an audit.
        """
        is_document = self.batch.outputs.annotation_style.format is AnnotationFormat.PDF
        is_audited = self.corrections.calibration.audited > 0
        return self.batch.settings.max_error is None and not is_document and not is_audited

    def _draw_at_end(self, refs: Sequence[PageRef], results: Iterable[PageResult], folder: Path) -> Iterator[PageEvent]:
        style, recipe = self.batch.outputs.annotation_style, self.batch.recipe
        if self._draws_while_reading():
            # They were drawn as they are read.
            spoken_of = self.corrections.pages()
            results = (result for result in results if (result.file, result.page_number) in spoken_of)
        if style.format is AnnotationFormat.PDF:
            return draw_documents(refs, results, folder, style, recipe, self.workers, self.state)
        return draw_files(refs, results, DrawnPages(folder, style=style), recipe, self.workers, self.state)

    def _write(self, read: _ReadPages, started: datetime) -> BatchOutcome:
        if not self.batch.settings.overwrite_changed:
            # Somebody may have opened them while the pages were read.
            self.state.written_files.check_unchanged(self.batch.outputs.result_files)
        summary = self.writer.write(lambda summary: self._record(summary, started), read.review_threshold)
        unused = self.corrections.of_other_pages(self.state.read_pages())
        outcome = BatchOutcome(summary, read.drawing_error_count, unused, self.corrections.calibration.audited)
        self._keep_outputs(read.review_threshold)
        self.state.end_batch(keeps_files=self.batch.settings.watch and not self.batch.settings.mirror)
        # Last, so that if they cannot be written all other results are there, and it is known which files these keep.
        write_page_tables(read.results, self.batch.outputs, self.state.written_files, self.batch.recipe.form_values)
        self.reporter.results_written(outcome, read.new_results)
        return outcome

    def _keep_outputs(self, threshold: float | None) -> None:
        outputs, forms = self.batch.outputs, self.batch.recipe.forms
        if outputs.state is not None:
            form_files = tuple(each.form.file for each in forms)
            last = LastOutputs(outputs, form_files, threshold, self.batch.settings.max_error)
            self.state.set_last_outputs(describe_outputs(last))

    def _record(self, summary: Summary, started: datetime) -> BatchRecord:
        recipe, max_error = self.batch.recipe, self.batch.settings.max_error
        calibration = self.corrections.calibration
        return BatchRecord(
            versions=self.setup.versions,
            models=self.setup.models,
            options=recipe.options,
            limits=recipe.limits,
            started=started,
            finished=datetime.now(UTC),
            summary=summary,
            other_settings=(
                ("classifier", recipe.classifier),
                *((("own_weights", str(recipe.own_weights.folder)),) if recipe.own_weights is not None else ()),
                *((f"form_{number}", str(each.form.file)) for number, each in enumerate(recipe.forms, 1)),
                *((("max_error", max_error),) if max_error is not None else ()),
                *((("calibration_audited", calibration.audited),) if calibration.audited else ()),
                *((("calibration_shift", calibration.shift),) if calibration.audited else ()),
                *((("calibration_slope", calibration.slope),) if calibration.audited else ()),
            ),
        )
