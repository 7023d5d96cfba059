"""``digitscan scan``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.commands.exits import EXIT_CODES_HELP
from scanner.commands.options import (
    PATH,
    charset_option,
    classifier_option,
    example,
    kind_option,
    layout_option,
    perspective_option,
    reader_option,
    share,
    straighten_option,
    turn_option,
)
from scanner.commands.outputs import STDOUT, check_files, check_folder, write_out
from scanner.commands.verdicts import verdict_lines
from scanner.errors import OutputError, PageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from scanner.batch import PageOutcome
    from scanner.summary import Summary
    from scanner.types import PageRef, PageResult


@click.command(
    epilog=example(
        "digitscan scan forms/ --out results.csv --annotate checked/",
        "digitscan scan page1.png page2.pdf --out - --json results.json",
        "digitscan scan amounts/ --layout number --charset decimal",
    )
    + EXIT_CODES_HELP
)
@click.argument("inputs", nargs=-1, required=True, type=PATH, metavar="FOLDER|FILE...")
@click.option(
    "--out",
    type=PATH,
    metavar="FILE",
    default=Path("results.csv"),
    show_default=True,
    help="CSV of the numbers, one per row; - for standard output.",
)
@click.option("--annotate", type=PATH, metavar="DIR", help="Draw what was read on a copy of each page, into DIR.")
@click.option("--debug", type=PATH, metavar="DIR", help="Draw what each stage made of each page, into folders in DIR.")
@click.option("--json", "as_json", type=PATH, metavar="FILE", help="Write all that is known of each page as JSON.")
@click.option("--digits", type=PATH, metavar="FILE", help="Write a CSV of single digits, one per row.")
@reader_option
@layout_option
@charset_option
@kind_option
@straighten_option
@turn_option
@perspective_option
@click.option(
    "--max-error",
    callback=share,
    metavar="SHARE",
    help="Ask for a look at so many numbers that of the others at most SHARE are wrong, as 1% or 0.01; without it, at "
    "numbers less sure than 90%.",
)
@classifier_option
@click.pass_context
def scan(
    ctx: click.Context,
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
) -> None:
    """Find and read the handwritten numbers on pages.

    Folders are searched to any depth for PNG, JPEG, BMP, WebP, TIFF and PDF
    files.  A page that cannot be read is named on standard error, and the
    others are read all the same.  Results are written when all is read.
    """
    from scanner import __version__
    from scanner.batch import scan_files
    from scanner.export import digits_csv, results_csv
    from scanner.models import load_models
    from scanner.options import Charset, Kind, Layout, Readers, ScanOptions
    from scanner.results_json import to_json
    from scanner.sources import find_files
    from scanner.summary import summed

    refs = find_files(inputs)
    check_files([path for path in (out, as_json, digits) if path is not None], refs)
    for folder in (annotate, debug):
        if folder is not None:
            check_folder(folder, inputs, refs)
    options = ScanOptions(Readers(reader), Layout(layout), Charset(charset), Kind(kind), straighten, turn, perspective)
    models = load_models(classifier, options.readers)
    scan_refs = partial(scan_files, models=models, options=options, keep_stages=debug is not None)
    # How sure is sure enough is known when all is read: only then can the pictures show it.
    read, undrawn = _scan(refs, scan_refs, annotate if max_error is None else None, debug)
    results: Iterable[PageResult] = read
    if max_error is not None:
        from scanner.review import apply_max_error

        results = apply_max_error(read, max_error)
        undrawn += 0 if annotate is None else _draw_all(refs, results, annotate)
    write_out(out, results_csv(results))
    if as_json is not None:
        write_out(as_json, to_json(results, __version__))
    if digits is not None:
        write_out(digits, digits_csv(results))
    for line in verdict_lines(results):
        click.echo(line, err=True)
    summary = summed(results)
    click.echo(f"{_summary_line(summary)} -> {'standard output' if out == STDOUT else out}", err=True)
    if undrawn:
        ctx.exit(OutputError.exit_code)
    if summary.failed:
        ctx.exit(PageError.exit_code)


def _scan(
    refs: Sequence[PageRef],
    scan_files: Callable[[Iterable[PageRef]], Iterable[PageOutcome]],
    annotate: Path | None,
    debug: Path | None,
) -> tuple[list[PageResult], int]:
    """Scan all pages; return the results, and of how many pages pictures could not be written."""
    from tqdm import tqdm

    results: list[PageResult] = []
    undrawn = 0
    # disable=None: no bar where standard error is no terminal.
    with tqdm(refs, unit="file", leave=False, disable=None) as files:
        for outcome in scan_files(files):
            results.append(outcome.result)
            if outcome.result.error:
                _tell(outcome.result.error)
            if annotate is not None:
                undrawn += not _written(outcome, annotate, _draw)
            if debug is not None:
                undrawn += not _written(outcome, debug, _draw_stages)
            del outcome  # or its picture would stay in memory while the next is decoded
            files.set_postfix_str(f"{len(results)} pages", refresh=False)
    return results, undrawn


def _draw_all(refs: Sequence[PageRef], results: Iterable[PageResult], folder: Path) -> int:
    """Draw the results of pages decoded once more; return how many pictures could not be written."""
    from scanner.batch import PageOutcome, decoded
    from scanner.sources import PageFailure

    by_page = {(result.file, result.page): result for result in results}
    undrawn = 0
    for page in (page for ref in refs for page in decoded(ref)):
        result = by_page.get((page.file, page.number))
        if isinstance(page, PageFailure) or result is None:
            continue
        undrawn += not _written(PageOutcome(result, page), folder, _draw)
    return undrawn


def _written(outcome: PageOutcome, folder: Path, draw: Callable[[PageOutcome, Path], None]) -> bool:
    """Draw a page; whether its pictures could be written."""
    try:
        draw(outcome, folder)
    except OutputError as error:
        # The pictures are for checking: for want of one, hours of reading are not thrown away.
        _tell(str(error))
        return False
    return True


def _draw(outcome: PageOutcome, folder: Path) -> None:
    from scanner.annotate import annotate
    from scanner.batch import annotated_name
    from scanner.files import write_image

    if outcome.page is not None and not outcome.result.error:
        path = folder / annotated_name(outcome.page.file, outcome.page.number)
        write_image(path, annotate(outcome.page, outcome.result))


def _draw_stages(outcome: PageOutcome, folder: Path) -> None:
    from scanner.batch import stages_folder
    from scanner.debug import debug_pictures
    from scanner.files import write_image

    if outcome.stages is not None:
        place = folder / stages_folder(outcome.result.file, outcome.result.page)
        for name, picture in debug_pictures(outcome.stages):
            write_image(place / f"{name}.png", picture)


def _tell(line: str) -> None:
    """A line on standard error, above the progress bar if there is one."""
    from tqdm import tqdm

    with tqdm.external_write_mode():
        click.echo(line, err=True)


def _summary_line(summary: Summary) -> str:
    parts = [f"{_count(summary.pages, 'page')} read"]
    if summary.failed:
        parts.append(f"{summary.failed} could not be read")
    parts += [_count(summary.numbers, "number"), f"{summary.to_look_at} to look at"]
    if summary.to_look_at < summary.numbers:
        parts.append(f"{summary.expected_errors:.1f} errors to expect among the others")
    return ", ".join(parts)


def _count(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
