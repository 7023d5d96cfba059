"""``digitscan benchmark``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scanner.commands.options import data_option, example
from scanner.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog=example("digitscan benchmark --data ~/digit-data"))
@data_option
def benchmark(data: Path | None) -> None:
    """Measure the README's figures on data that was not trained on."""
    from scanner.benchmark import format_figures, measure
    from scanner.training.data import DATA_VARIABLE, data_folder

    folder = data_folder(data)
    if folder is None:
        raise DataError(f"there is no data to measure on; name its folder with --data or {DATA_VARIABLE}")
    for line in format_figures(measure(folder)):
        click.echo(line)
