"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path

import click

CLASSIFIER_NAMES = ("cnn", "svm")
"""Those of ``scanner.classify``, whose import would slow the help down."""

PATH = click.Path(path_type=Path)

classifier_option = click.option(
    "--classifier",
    type=click.Choice(CLASSIFIER_NAMES),
    default=CLASSIFIER_NAMES[0],
    show_default=True,
    help="Neural network, or the support vector machine it is compared with.",
)
data_option = click.option(
    "--data",
    type=PATH,
    metavar="DIR",
    help="Folder of labelled data, laid out as CONTRIBUTING says; else that of DIGITSCAN_DATA.",
)


def example(*commands: str) -> str:
    """The end of a command's help: what to type, line by line."""
    # A paragraph that starts with a backspace keeps its lines.
    return "\b\nExample:\n" + "".join(f"  {command}\n" for command in commands) + "\n"
