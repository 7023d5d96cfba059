"""``digitscan benchmark``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scanner.commands.options import PATH_TYPE, data_option, example_epilog
from scanner.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog=example_epilog("digitscan benchmark --data ~/digit-data"))
@data_option
@click.option(
    "--json",
    "json_path",
    type=PATH_TYPE,
    metavar="FILE",
    help="Write the figures as JSON too, with date, machine and versions.",
)
def benchmark(data: Path | None, json_path: Path | None) -> None:
    """Measure accuracy and speed on data that was not trained on."""
    from scanner.datasets.data_folder import DATA_FOLDER_VARIABLE, resolve_data_folder
    from scanner.evaluation.benchmark import format_measurements, run_benchmark
    from scanner.evaluation.figures import write_figures

    folder = resolve_data_folder(data)
    if folder is None:
        raise DataError(f"no data to measure on; give its folder with --data or in {DATA_FOLDER_VARIABLE}")
    measurements = []
    for measurement in run_benchmark(folder):
        measurements.append(measurement)
        for line in format_measurements([measurement]):
            click.echo(line)
    if json_path is not None:
        write_figures(json_path, measurements)
