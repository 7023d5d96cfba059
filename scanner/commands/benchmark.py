"""``digitscan benchmark``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scanner.commands.options import data_option, example_epilog
from scanner.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog=example_epilog("digitscan benchmark --data ~/digit-data"))
@data_option
def benchmark(data: Path | None) -> None:
    """Measure the README's figures on data that was not trained on."""
    from scanner.datasets.labelled import DATA_FOLDER_VARIABLE, resolve_data_folder
    from scanner.evaluation.benchmark import format_measurements, run_benchmark

    folder = resolve_data_folder(data)
    if folder is None:
        raise DataError(f"there is no data to measure on; name its folder with --data or {DATA_FOLDER_VARIABLE}")
    for line in format_measurements(run_benchmark(folder)):
        click.echo(line)
