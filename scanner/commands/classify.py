"""``digitscan classify``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from scanner.commands.options import PATH_TYPE, classifier_option, example_epilog, models_option
from scanner.errors import PageError
from scanner.safe_csv import csv_lines
from scanner.weights import folder_of

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.recognition.digit_classifier import Classifier
    from scanner.sources.decoding import PageFailure
    from scanner.types import DigitReading, PageImage
    from scanner.weights import OwnWeights


_PAGE_SUFFIX = re.compile("#[0-9]+$")


@click.command(epilog=example_epilog("digitscan classify digit.png more-digits/ > digits.csv"))
@click.argument("images", nargs=-1, required=True, type=PATH_TYPE, metavar="IMAGE|FOLDER...")
@classifier_option
@models_option
@click.pass_context
def classify(ctx: click.Context, images: tuple[Path, ...], classifier: str, models: OwnWeights | None) -> None:
    """Read images of one digit each.

    Prints file, digit and confidence as CSV.  An image can be dark on light or
    light on dark, part of a scan or a photograph, or as small as in MNIST.  If
    it shows several things, the one with the most ink is read.  An image without
    ink, or with nothing but a dot, gets no digit and the confidence 0.
    """
    from scanner.batch.failure_isolation import isolate_decoding_errors
    from scanner.reading_models import load_digit_classifier
    from scanner.results.csv_tables import format_confidence
    from scanner.sources.decoding import decode_file
    from scanner.sources.discovery import find_files

    refs = find_files(images)
    model = load_digit_classifier(classifier, folder_of(models))
    has_failed = False
    _print_row("file", "digit", "confidence")
    for page in (page for ref in refs for page in isolate_decoding_errors(decode_file(ref), ref.file)):
        name = _page_name(page)
        try:
            reading = _read_digit(page, model)
        except PageError as error:
            click.echo(str(error), err=True)
            has_failed = True
            _print_row(name, "", format_confidence(0))
        else:
            _print_row(name, str(reading.digit), format_confidence(reading.confidence))
    if has_failed:
        ctx.exit(PageError.exit_code)


def _page_name(page: PageImage | PageFailure) -> str:
    """Name a page as ground truth files do: the first has no number, unless its file name itself ends in one."""
    if page.page_number <= 1 and not _PAGE_SUFFIX.search(page.file):
        return page.file
    return f"{page.file}#{max(page.page_number, 1)}"


def _read_digit(page: PageImage | PageFailure, model: Classifier) -> DigitReading:
    from scanner.batch.failure_isolation import PAGE_ERRORS, page_error_advice
    from scanner.recognition.single_digit import DOT_READING, read_single_digit
    from scanner.sources.decoding import PageFailure

    if isinstance(page, PageFailure):
        raise PageError(page.error)
    name = _page_name(page)
    try:
        reading = read_single_digit(page.image, model)
    except PAGE_ERRORS as error:
        raise PageError(f"{name}: {page_error_advice(error)}") from error
    if reading is None:
        raise PageError(f"{name}: shows no ink; check that it is the right image")
    if reading == DOT_READING:
        raise PageError(f"{name}: shows a dot, not a digit; check that it is the right image")
    return reading


def _print_row(*cells: str) -> None:
    click.echo(csv_lines([cells]).encode("utf-8", "backslashreplace"), nl=False)
