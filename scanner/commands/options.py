"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.options import (
    CLASSIFIER_NAMES,
    DEFAULT_CLASSIFIER,
    DEFAULT_OPTIONS,
    Charset,
    Finder,
    NumberKind,
    PageOrCrop,
    Readers,
)
from scanner.results.annotation_style import DEFAULT_JPEG_QUALITY, MAX_JPEG_QUALITY, AnnotationFormat
from scanner.safe_csv import CsvStyle, DecimalPoint
from scanner.sources.page_ranges import PageRanges, parse_ranges
from scanner.weights import open_weights_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from enum import Enum
    from typing import Any

    from scanner.weights import OwnWeights

PATH_TYPE = click.Path(path_type=Path)


def _choice_option(flag: str, default: Enum, text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An option whose choices are the values of an enumeration."""
    choices = click.Choice([member.value for member in type(default)])
    return click.option(flag, type=choices, default=default.value, show_default=True, help=text)


classifier_option = click.option(
    "--classifier",
    type=click.Choice(CLASSIFIER_NAMES),
    default=DEFAULT_CLASSIFIER,
    show_default=True,
    help="What recognizes single digits: a neural network, or a support vector machine to compare it with.",
)


def _open_weights(ctx: click.Context, param: click.Parameter, value: Path | None) -> OwnWeights | None:  # noqa: ARG001 - by click
    """Open a folder of weights; callback of an option.  None if the option was not given."""
    return None if value is None else open_weights_folder(value)


models_option = click.option(
    "--models",
    type=PATH_TYPE,
    callback=_open_weights,
    metavar="DIR",
    help="Read with the weights in DIR, as digitscan train wrote them with their cards; those that it lacks come with "
    "the program.",
)
data_option = click.option(
    "--data",
    type=PATH_TYPE,
    metavar="DIR",
    help="Folder of labelled data, as described in docs/training.md.  [default: the folder in DIGITSCAN_DATA]",
)

reader_option = _choice_option(
    "--reader",
    DEFAULT_OPTIONS.readers,
    f"Which reader to use: {Readers.LINE.value} reads each number as a whole, {Readers.CONTOURS.value} reads digit by "
    f"digit, {Readers.BOTH.value} compares the two.",
)
finder_option = _choice_option(
    "--finder",
    DEFAULT_OPTIONS.finder,
    f"What finds the handwritten numbers of a page: the {Finder.NETWORK.value} that sees it as a whole, or the "
    f"{Finder.CONTOURS.value} of their digits, to compare it with.",
)
layout_option = _choice_option(
    "--layout",
    DEFAULT_OPTIONS.page_or_crop,
    f"What each image shows: a {PageOrCrop.PAGE.value}, one {PageOrCrop.CROP.value} that was cut out already, or "
    f"{PageOrCrop.DIGIT_SHEET.value}, each of which is a number of its own; {PageOrCrop.AUTO.value} decides by its "
    "size and ink.",
)
charset_option = _choice_option(
    "--charset",
    DEFAULT_OPTIONS.charset,
    f"{Charset.DECIMAL.value} reads the separators , . and - as well; {Charset.DIGITS.value} leaves them out, so that "
    f"36,5 becomes 365.  The reader {Readers.CONTOURS.value} reads digits only.",
)
kind_option = _choice_option(
    "--kind",
    DEFAULT_OPTIONS.number_kind,
    f"Which numbers of a page to return; {NumberKind.ANY.value} returns both kinds.",
)
straighten_option = click.option(
    "--straighten/--no-straighten",
    default=DEFAULT_OPTIONS.deskew,
    help="Straighten pages that are tilted by up to 15 degrees.  [default: straighten]",
)
turn_option = click.option(
    "--turn/--no-turn",
    default=DEFAULT_OPTIONS.correct_orientation,
    help="Turn pages that lie on their side or upside down.  [default: turn]",
)
perspective_option = click.option(
    "--perspective/--no-perspective",
    default=DEFAULT_OPTIONS.correct_perspective,
    help="Flatten sheets that were photographed at an angle on a darker background.  [default: perspective]",
)


csv_option = _choice_option(
    "--csv",
    CsvStyle.PLAIN,
    f"How to write the tables: {CsvStyle.PLAIN.value} for programs, {CsvStyle.EXCEL.value} for spreadsheets, in which "
    "leading zeros and accents would be lost otherwise.",
)
decimal_point_option = _choice_option(
    "--decimal-point",
    DecimalPoint.POINT,
    "What to write before decimals in the CSV of --table, whatever stands there on paper.",
)
_annotate_as_option = _choice_option(
    "--annotate-as",
    AnnotationFormat.JPEG,
    f"Draw annotated pages as one {AnnotationFormat.JPEG.value} or {AnnotationFormat.PNG.value} per page, or as one "
    f"{AnnotationFormat.PDF.value} per file to page through.",
)
_annotate_quality_option = click.option(
    "--annotate-quality",
    type=click.IntRange(1, MAX_JPEG_QUALITY),
    default=DEFAULT_JPEG_QUALITY,
    show_default=True,
    help="JPEG quality of annotated pages: more is larger and finer.",
)


def annotation_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options on how annotated pages are kept."""
    return _annotate_as_option(_annotate_quality_option(command))


def parse_share(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:  # noqa: ARG001 - by click
    """Parse a share of a whole, written as ``1%`` or ``0.01``; callback of an option.

    Returns:
        The share, at least 0 and less than 1; None if the option was not given.
    """
    if value is None:
        return None
    text = value.strip()
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share < 1:
        raise click.BadParameter(f"{value!r} is not a share between 0 and 1; write 1% or 0.01")
    return share


def parse_page_ranges(ctx: click.Context, param: click.Parameter, value: str | None) -> PageRanges | None:  # noqa: ARG001 - by click
    """Parse page numbers, written as ``1-3,7,9-``; callback of an option.  None if the option was not given."""
    if value is None:
        return None
    try:
        return parse_ranges(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


pages_option = click.option(
    "--pages",
    callback=parse_page_ranges,
    metavar="RANGES",
    help="Read only these pages of each file, for example 1-3,7,9- (9- means from page 9 to the end).",
)
include_option = click.option(
    "--include",
    multiple=True,
    metavar="PATTERN",
    help="In folders, read only files whose name or path matches, for example 'form*' or '2024/*.pdf'.  Can be given "
    "several times.  Files that you name yourself are always read.",
)
exclude_option = click.option(
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    help="In folders, leave out files whose name or path matches, for example 'draft*'.  Can be given several times.",
)


def example_epilog(*commands: str) -> str:
    """Build the end of a command's help, with commands to type, one per line."""
    # Click keeps the lines of a paragraph that starts with a backspace.
    return "\b\nExample:\n" + "".join(f"  {command}\n" for command in commands) + "\n"
