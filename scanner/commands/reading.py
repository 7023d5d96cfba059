"""A run from its files to its results: the pages are read, and what is asked for is written when all are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scanner.commands.outputs import write_out
from scanner.commands.verdicts import verdict_lines
from scanner.errors import DigitscanError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from scanner.commands.batch_options import Work
    from scanner.commands.progress import Progress
    from scanner.pool import Workers
    from scanner.state import State
    from scanner.summary import Summary
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


def run(refs: Sequence[PageRef], recipe: Recipe, outputs: Outputs, work: Work, told: Progress) -> tuple[Summary, int]:
    """Read all pages and write what is wanted; what it came to, and how many pictures could not be written.

    Args:
        refs: the files.
        recipe: how their pages are read.
        outputs: what is wanted.
        work: how it is done.
        told: of all that happens.

    Raises:
        DigitscanError: if something is missing, or a result cannot be written.
    """
    from scanner.pool import local_workers
    from scanner.run import recipe_name
    from scanner.state import open_state

    started = datetime.now(UTC)
    with local_workers(work.jobs, work.work_limits) as workers:
        reads_with = _about(recipe, workers)
        with open_state(work.state, recipe_name(recipe, reads_with), fresh=work.fresh) as state:
            results, undrawn = _read(refs, recipe, outputs, workers, state, told)
            summary = _write(results, outputs, work)
            _write_manifest(recipe, reads_with, outputs, work, started, summary, state)
            state.prune()
            for line in verdict_lines(results):
                told.line(line)
    return summary, undrawn


def _about(recipe: Recipe, workers: Workers) -> About:
    from scanner.worker import about

    try:
        return workers.submit(about, recipe).result()  # type: ignore[no-any-return]
    except Exception as error:
        if isinstance(error, DigitscanError) or not workers.reason(error):
            raise
        raise DigitscanError(
            "the models could not be loaded within the time and the memory of a page; "
            "allow more with --page-timeout or --memory"
        ) from error


def _read(
    refs: Sequence[PageRef], recipe: Recipe, outputs: Outputs, workers: Workers, state: State, told: Progress
) -> tuple[Iterable[PageResult], int]:
    """Read and draw all pages; the results, and how many pictures could not be written."""
    from scanner.run import draw_files, read_files
    from scanner.worker import Pictures

    undrawn = 0
    # How sure is sure enough is known when all is read: only then can the pictures show it.
    at_once = outputs.annotate if outputs.max_error is None else None
    for event in read_files(refs, recipe, Pictures(at_once, outputs.debug), workers, state):
        told.page(event)
        undrawn += len(event.undrawn)
    results: Iterable[PageResult] = state.results()
    if outputs.max_error is None:
        return results, undrawn
    from scanner.review import apply_max_error

    results = apply_max_error(results, outputs.max_error)
    if outputs.annotate is not None:
        for event in draw_files(refs, results, outputs.annotate, recipe, workers, state):
            told.drawn(event)
            undrawn += len(event.undrawn)
    return results, undrawn


def _write(results: Iterable[PageResult], outputs: Outputs, work: Work) -> Summary:
    from scanner import __version__
    from scanner.export import digits_csv, errors_csv, results_csv
    from scanner.results_json import to_json
    from scanner.summary import summed

    write_out(outputs.out, results_csv(results))
    if outputs.as_json is not None:
        write_out(outputs.as_json, to_json(results, __version__))
    if outputs.digits is not None:
        write_out(outputs.digits, digits_csv(results))
    if work.errors is not None:
        write_out(work.errors, errors_csv(results))
    return summed(results)


def _write_manifest(
    recipe: Recipe,
    reads_with: About,
    outputs: Outputs,
    work: Work,
    started: datetime,
    summary: Summary,
    state: State,
) -> None:
    from scanner.manifest import RunRecord, manifest_json

    if work.manifest is None:
        return
    others = (
        ("classifier", recipe.classifier),
        *((("max_error", outputs.max_error),) if outputs.max_error is not None else ()),
    )
    record = RunRecord(
        versions=reads_with.versions,
        models=reads_with.models,
        options=recipe.options,
        limits=recipe.limits,
        started=started,
        finished=datetime.now(UTC),
        counts=summary,
        others=others,
    )
    write_out(work.manifest, manifest_json(record, state.inputs()))
