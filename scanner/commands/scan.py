"""``digitscan scan``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.batch.settings import STDOUT, BatchSettings, build_limits, build_output_paths
from scanner.commands.batch_options import BatchOptions, batch_options
from scanner.commands.exit_codes import EXIT_CODES_HELP, RESUME_ADVICE
from scanner.commands.options import (
    PATH_TYPE,
    charset_option,
    classifier_option,
    example_epilog,
    exclude_option,
    finder_option,
    include_option,
    kind_option,
    layout_option,
    pages_option,
    parse_share,
    perspective_option,
    reader_option,
    straighten_option,
    turn_option,
)
from scanner.commands.progress import BatchPrinter, progress_reporter
from scanner.commands.result_paths import DOCUMENT_PATH, TABLE_PATH
from scanner.errors import OutputError, PageError
from scanner.options import Charset, Finder, NumberKind, PageOrCrop, Readers, ScanOptions

if TYPE_CHECKING:
    from scanner.batch.job import Batch, BatchOutcome
    from scanner.results.summary import Summary
    from scanner.sources.page_ranges import PageRanges


@click.command(
    epilog=example_epilog(
        "digitscan scan forms/ --out results.csv --annotate checked/",
        "digitscan scan page1.png page2.pdf --out - --json results.json",
        "digitscan scan amounts/ --layout number --charset decimal",
    )
    + EXIT_CODES_HELP
)
@click.argument("inputs", nargs=-1, required=True, type=PATH_TYPE, metavar="FOLDER|FILE...")
@click.option(
    "--out",
    type=TABLE_PATH,
    metavar="FILE",
    default=Path("results.csv"),
    show_default=True,
    help="Write the numbers to this CSV, one per row; - for standard output.",
)
@click.option("--annotate", type=PATH_TYPE, metavar="DIR", help="Draw the readings on a copy of each page, in DIR.")
@click.option("--debug", type=PATH_TYPE, metavar="DIR", help="Draw the output of each processing stage, in DIR.")
@click.option(
    "--json", "as_json", type=DOCUMENT_PATH, metavar="FILE", help="Write all that is known of each page as JSON."
)
@click.option("--digits", type=TABLE_PATH, metavar="FILE", help="Write the single digits to this CSV, one per row.")
@pages_option
@include_option
@exclude_option
@finder_option
@reader_option
@layout_option
@charset_option
@kind_option
@straighten_option
@turn_option
@perspective_option
@click.option(
    "--max-error",
    callback=parse_share,
    metavar="SHARE",
    help="Flag so many numbers for review that at most SHARE of the others is wrong, for example 1% or 0.01.  "
    "[default: flag numbers with a confidence below 90%]",
)
@classifier_option
@batch_options
@click.pass_context
def scan(
    ctx: click.Context,
    /,
    inputs: tuple[Path, ...],
    out: Path,
    annotate: Path | None,
    debug: Path | None,
    as_json: Path | None,
    digits: Path | None,
    finder: str,
    reader: str,
    layout: str,
    charset: str,
    kind: str,
    straighten: bool,
    turn: bool,
    perspective: bool,
    max_error: float | None,
    classifier: str,
    pages: PageRanges | None,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    **batch: Any,
) -> None:
    """Find and read the handwritten numbers on pages.

    Folders are searched, with all folders in them, for PNG, JPEG, BMP, WebP,
    TIFF, HEIC and PDF files.  A page that cannot be read is reported, and the
    others are read all the same.  The results are written when all pages are
    read.  After an interruption, the same command resumes where it stopped.
    """
    from scanner.batch.job import Batch
    from scanner.batch.recipe import ReadingRecipe
    from scanner.sources.discovery import FilePatterns

    given = BatchOptions(**batch)
    if given.mirror and not given.watch:
        raise click.UsageError("--mirror is for --watch: other results are always of the files that are there")
    options = ScanOptions(
        Readers(reader),
        Finder(finder),
        PageOrCrop(layout),
        Charset(charset),
        NumberKind(kind),
        straighten,
        turn,
        perspective,
    )
    limits = build_limits(given.max_file_size, given.max_pixels, given.max_pages)
    outcome = _run(
        Batch(
            inputs=inputs,
            patterns=FilePatterns(include, exclude),
            recipe=ReadingRecipe(options, classifier, limits),
            outputs=build_output_paths(
                out,
                results_json=as_json,
                digits_csv=digits,
                errors_csv=given.errors,
                manifest_json=given.manifest,
                annotated_folder=annotate,
                stages_folder=debug,
            ),
            settings=BatchSettings(
                jobs=given.jobs,
                cluster=given.cluster,
                selected_pages=pages,
                task_limits=given.task_limits,
                max_error=max_error,
                forget_earlier=given.fresh,
                overwrite_changed=given.force,
                watch=given.watch,
                mirror=given.mirror,
            ),
        ),
        given,
    )
    if outcome.drawing_error_count:
        ctx.exit(OutputError.exit_code)
    if outcome.summary.failed:
        ctx.exit(PageError.exit_code)


def _run(batch: Batch, given: BatchOptions) -> BatchOutcome:
    """Run a batch and print its progress."""
    from scanner.batch.job import run_batch

    with progress_reporter(quiet=given.quiet, as_json=given.log_json) as reporter:
        try:
            outcome = run_batch(batch, BatchPrinter(reporter, watch=given.watch))
        except KeyboardInterrupt:
            if batch.outputs.state is None:
                raise
            raise KeyboardInterrupt(RESUME_ADVICE) from None
        out = batch.outputs.numbers_csv
        destination = "standard output" if out == STDOUT else out
        reporter.finish(f"{_summary_line(outcome.summary)} -> {destination}", asdict(outcome.summary))
    return outcome


def _summary_line(summary: Summary) -> str:
    parts = [f"{_counted_noun(summary.pages, 'page')} read"]
    if summary.failed:
        parts.append(f"{summary.failed} could not be read")
    parts += [_counted_noun(summary.numbers, "number"), f"{summary.to_look_at} to look at"]
    if summary.unread:
        parts.append(f"{summary.unread} of them unread")
    if summary.to_look_at < summary.numbers:
        parts.append(f"{summary.expected_errors:.1f} errors to expect among the others")
    return ", ".join(parts)


def _counted_noun(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
