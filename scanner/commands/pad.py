"""``digitscan pad``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.commands.options import PATH_TYPE, classifier_option, example_epilog, models_option
from scanner.weights import folder_of

if TYPE_CHECKING:
    from scanner.weights import OwnWeights


@click.command(epilog=example_epilog("digitscan pad --save-to my-digits/"))
@classifier_option
@models_option
@click.option(
    "--save-to",
    type=PATH_TYPE,
    metavar="DIR",
    default=Path("drawn"),
    show_default=True,
    help="Save the drawings you label as DIR/<digit>/<number>.png.",
)
def pad(classifier: str, models: OwnWeights | None, save_to: Path) -> None:
    """Draw a digit in a window and see how it is read."""
    from scanner.pad import run_pad

    run_pad(classifier, save_to, folder_of(models))
