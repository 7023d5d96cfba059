"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path

import click

from scanner.sources.page_ranges import PageRanges, parse_ranges

CLASSIFIER_NAMES = ("cnn", "svm")
"""Those of ``scanner.recognition.digit_classifier``, whose import would slow the help down."""
READER_NAMES = ("both", "number", "contours")
PAGE_OR_CROP_NAMES = ("auto", "page", "number")
CHARSET_NAMES = ("digits", "decimal")
NUMBER_KIND_NAMES = ("handwritten", "printed", "any")
"""Likewise, of ``scanner.options``."""

PATH_TYPE = click.Path(path_type=Path)

classifier_option = click.option(
    "--classifier",
    type=click.Choice(CLASSIFIER_NAMES),
    default=CLASSIFIER_NAMES[0],
    show_default=True,
    help="Neural network, or the support vector machine it is compared with.",
)
data_option = click.option(
    "--data",
    type=PATH_TYPE,
    metavar="DIR",
    help="Folder of labelled data, laid out as CONTRIBUTING says; else that of DIGITSCAN_DATA.",
)

reader_option = click.option(
    "--reader",
    type=click.Choice(READER_NAMES),
    default=READER_NAMES[0],
    show_default=True,
    help="Who reads: the network for whole numbers, the classifier for the digits cut at their contours, or both.",
)
layout_option = click.option(
    "--layout",
    type=click.Choice(PAGE_OR_CROP_NAMES),
    default=PAGE_OR_CROP_NAMES[0],
    show_default=True,
    help="Whether a picture is a page or one number cut out already; auto knows it by its size and ink.",
)
charset_option = click.option(
    "--charset",
    type=click.Choice(CHARSET_NAMES),
    default=CHARSET_NAMES[0],
    show_default=True,
    help="Digits alone, or , . - as well, as they are written.  Contours know digits alone.",
)

kind_option = click.option(
    "--kind",
    type=click.Choice(NUMBER_KIND_NAMES),
    default=NUMBER_KIND_NAMES[0],
    show_default=True,
    help="Which numbers on a page are wanted.",
)
straighten_option = click.option(
    "--straighten/--no-straighten", default=True, help="Level pages that are askew, by up to 15 degrees."
)
turn_option = click.option(
    "--turn/--no-turn", default=True, help="Turn pages upright that lie on their side or upside down."
)
perspective_option = click.option(
    "--perspective/--no-perspective",
    default=True,
    help="Pull sheets straight that were photographed at an angle, on something darker.",
)


def parse_share(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:  # noqa: ARG001 - by click
    """Callback of an option: a part of a whole, as ``1%`` or ``0.01``, from 0 and below 1."""
    if value is None:
        return None
    text = value.strip()
    try:
        part = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        part = -1.0
    if not 0 <= part < 1:
        raise click.BadParameter(f"{value!r} is no share between 0 and 1; write 1% or 0.01")
    return part


def parse_page_ranges(ctx: click.Context, param: click.Parameter, value: str | None) -> PageRanges | None:  # noqa: ARG001 - by click
    """Callback of an option: pages, as ``1-3,7,9-``; None if the option was not given."""
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
    help="Read only these pages of each file, as 1-3,7,9- (the last: to the end).",
)
include_option = click.option(
    "--include",
    multiple=True,
    metavar="PATTERN",
    help="Of the files in folders read only those whose name, or path in the folder, is like 'form*' or '2024/*.pdf'; "
    "may be given again.  Files named themselves are always read.",
)
exclude_option = click.option(
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    help="Leave out the files in folders whose name, or path in the folder, is like 'draft*'; may be given again.",
)


def example_epilog(*commands: str) -> str:
    """The end of a command's help: what to type, line by line."""
    # A paragraph that starts with a backspace keeps its lines.
    return "\b\nExample:\n" + "".join(f"  {command}\n" for command in commands) + "\n"
