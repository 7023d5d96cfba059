"""``digitscan scan``."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.commands.batch_options import batch_options, build_batch_settings
from scanner.commands.exit_codes import EXIT_CODES_HELP
from scanner.commands.options import (
    PATH_TYPE,
    charset_option,
    classifier_option,
    example_epilog,
    exclude_option,
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
from scanner.commands.output_checks import STDOUT, check_files, check_folder
from scanner.commands.progress import progress_reporter
from scanner.errors import NoPagesError, OutputError, PageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.results.summary import Summary
    from scanner.sources.discovery import FilePatterns
    from scanner.sources.page_ranges import PageRanges
    from scanner.types import PageRef


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
    type=PATH_TYPE,
    metavar="FILE",
    default=Path("results.csv"),
    show_default=True,
    help="CSV of the numbers, one per row; - for standard output.",
)
@click.option("--annotate", type=PATH_TYPE, metavar="DIR", help="Draw what was read on a copy of each page, into DIR.")
@click.option(
    "--debug", type=PATH_TYPE, metavar="DIR", help="Draw what each stage made of each page, into folders in DIR."
)
@click.option("--json", "as_json", type=PATH_TYPE, metavar="FILE", help="Write all that is known of each page as JSON.")
@click.option("--digits", type=PATH_TYPE, metavar="FILE", help="Write a CSV of single digits, one per row.")
@pages_option
@include_option
@exclude_option
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
    help="Ask for a look at so many numbers that of the others at most SHARE are wrong, as 1% or 0.01; without it, at "
    "numbers less sure than 90%.",
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

    Folders are searched to any depth for PNG, JPEG, BMP, WebP, TIFF, HEIC and
    PDF files.  A page that cannot be read is named on standard error, and the
    others are read all the same.  Results are written when all is read.  A run
    that was ended goes on where it was when the same command is given again.
    """
    from scanner.batch.worker import ReadingRecipe
    from scanner.commands.run_job import Outputs, run_batch
    from scanner.options import Charset, NumberKind, PageOrCrop, Readers, ScanOptions
    from scanner.sources.discovery import FilePatterns

    work = build_batch_settings(out, pages, **batch)
    outputs = Outputs(out, as_json, digits, annotate, debug, max_error)
    options = ScanOptions(
        Readers(reader), PageOrCrop(layout), Charset(charset), NumberKind(kind), straighten, turn, perspective
    )
    find = partial(_find_inputs, inputs, FilePatterns(include, exclude), work.watch)
    with progress_reporter(quiet=work.quiet, as_json=work.log_json) as told:
        refs = find()
        check_files(
            [path for path in (out, as_json, digits, work.errors_path, work.manifest_path, work.state_path) if path],
            refs,
        )
        for folder in (annotate, debug):
            if folder is not None:
                check_folder(folder, inputs, refs)
        try:
            came = run_batch(refs, find, ReadingRecipe(options, classifier, work.limits), outputs, work, told)
        except KeyboardInterrupt:
            if work.state_path is None:
                raise
            raise KeyboardInterrupt("the same command goes on where it was") from None
        place = "standard output" if out == STDOUT else out
        told.finish(f"{_summary_line(came.summary)} -> {place}", asdict(came.summary))
    if came.drawing_error_count:
        ctx.exit(OutputError.exit_code)
    if came.summary.failed:
        ctx.exit(PageError.exit_code)


def _find_inputs(inputs: tuple[Path, ...], patterns: FilePatterns, watch: bool) -> Sequence[PageRef]:
    """The files there are; there may be none yet where more is awaited."""
    from scanner.sources.discovery import find_files

    try:
        return find_files(inputs, patterns)
    except NoPagesError:
        if watch:
            return ()
        raise


def _summary_line(summary: Summary) -> str:
    parts = [f"{_counted_noun(summary.pages, 'page')} read"]
    if summary.failed:
        parts.append(f"{summary.failed} could not be read")
    parts += [_counted_noun(summary.numbers, "number"), f"{summary.to_look_at} to look at"]
    if summary.to_look_at < summary.numbers:
        parts.append(f"{summary.expected_errors:.1f} errors to expect among the others")
    return ", ".join(parts)


def _counted_noun(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
