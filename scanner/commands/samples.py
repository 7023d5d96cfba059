"""``digitscan samples``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scanner.commands.options import PATH_TYPE, example_epilog

if TYPE_CHECKING:
    from pathlib import Path


@click.command(
    epilog=example_epilog(
        "digitscan samples samples/",
        "digitscan scan samples/ --out results.csv",
        "digitscan evaluate results.csv samples/truth.json",
    )
)
@click.argument("directory", type=PATH_TYPE, metavar="DIR")
def samples(directory: Path) -> None:
    """Write sample pages into DIR, with the correct numbers.

    The pages are drawn by this program and are always the same.  The correct
    numbers are in truth.json.  Existing files with these names are overwritten.
    """
    from scanner.synthesis.sample_pages import write_sample_pages

    for path in write_sample_pages(directory):
        click.echo(path)
