"""``digitscan scan``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.batch.settings import STDOUT
from scanner.commands.batch_options import batch_options
from scanner.commands.config_file import config_option
from scanner.commands.exit_codes import EXIT_CODES_HELP, RESUME_ADVICE
from scanner.commands.options import (
    PATH_TYPE,
    annotation_options,
    charset_option,
    classifier_option,
    csv_option,
    decimal_point_option,
    example_epilog,
    exclude_option,
    finder_option,
    include_option,
    kind_option,
    layout_option,
    models_option,
    pages_option,
    parse_share,
    perspective_option,
    reader_option,
    straighten_option,
    turn_option,
)
from scanner.commands.progress import BatchPrinter, progress_reporter
from scanner.commands.result_paths import DOCUMENT_PATH, PAGE_TABLE_PATH, TABLE_PATH
from scanner.commands.scan_batch import ScanCommandOptions, build_batch, check_together
from scanner.commands.standard_input import with_standard_input
from scanner.commands.summary_line import summary_line
from scanner.errors import OutputError, PageError

if TYPE_CHECKING:
    from scanner.batch.job import Batch, BatchOutcome
    from scanner.commands.batch_options import BatchOptions


@click.command(
    epilog=example_epilog(
        "digitscan scan forms/ --out results.csv --annotate checked/",
        "digitscan scan page1.png page2.pdf --out - --json results.json",
        "digitscan scan amounts/ --layout number",
        "digitscan scan logbook.pdf --table logbook.xlsx",
        "digitscan scan sheets/ --form sheet.toml --table sheets.xlsx",
    )
    + EXIT_CODES_HELP
)
@click.argument("inputs", nargs=-1, required=True, type=PATH_TYPE, metavar="FOLDER|FILE...|-")
@click.option(
    "--out",
    "-o",
    type=TABLE_PATH,
    metavar="FILE",
    default=Path("results.csv"),
    show_default=True,
    help="Write the numbers to this CSV, one per row; - for standard output.",
)
@click.option(
    "--form",
    type=PATH_TYPE,
    multiple=True,
    metavar="FILE",
    help="Read the fields that this form file names, and nothing else; give it again for further forms, of which each "
    "page picks its own.",
)
@csv_option
@click.option("--annotate", type=PATH_TYPE, metavar="DIR", help="Draw the readings on a copy of each page, in DIR.")
@annotation_options
@click.option("--debug", type=PATH_TYPE, metavar="DIR", help="Draw the output of each processing stage, in DIR.")
@click.option(
    "--json", "as_json", type=DOCUMENT_PATH, metavar="FILE", help="Write all that is known of each page as JSON."
)
@click.option("--digits", type=TABLE_PATH, metavar="FILE", help="Write the single digits to this CSV, one per row.")
@click.option(
    "--table",
    type=PAGE_TABLE_PATH,
    metavar="FILE",
    help="Write the ruled tables of the pages as they are on paper, row by row, or of a form a column for each field, "
    "as .xlsx, .csv or .parquet.",
)
@decimal_point_option
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
@models_option
@batch_options
@config_option
@click.pass_context
def scan(ctx: click.Context, /, inputs: tuple[Path, ...], **options: Any) -> None:
    """Find and read the handwritten numbers on pages.

    Folders are searched, with all folders in them, for PNG, JPEG, BMP, WebP,
    TIFF, HEIC and PDF files; - is one image or PDF on standard input.  A page that cannot be read is reported, and the
    others are read all the same.  The results are written when all pages are
    read.  After an interruption, the same command resumes where it stopped.
    """
    given = ScanCommandOptions(**options)
    check_together(inputs, given)
    with with_standard_input(inputs, given.limits.file_bytes) as files:
        outcome = _run(build_batch(files, given), given)
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
        reporter.finish(f"{summary_line(outcome.summary, outcome.audited)} -> {destination}", asdict(outcome.summary))
    return outcome
