"""``digitscan synthesize``."""

from __future__ import annotations

from pathlib import Path

import click

from scanner.commands.options import PATH, data_option, example


@click.command(
    epilog=example("digitscan synthesize strings/ --count 60", "digitscan evaluate results.csv strings/truth.csv")
)
@click.argument("directory", type=PATH, metavar="DIR")
@click.option("--count", type=click.IntRange(min=1), default=200, show_default=True, help="How many pictures.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed writes the same pictures.")
@data_option
def synthesize(directory: Path, count: int, seed: int, data: Path | None) -> None:
    """Write pictures of numbers such as the number reader learns from into DIR.

    With them go truth.csv, which says what is on each, and sheet.png to look at.
    Without a data folder all are written with this program's own pen.
    """
    from scanner.synthesis.specimens import write_specimens
    from scanner.training.data import data_folder
    from scanner.training.lines import material, pen_material, pictures

    folder = data_folder(data)
    made_of = pen_material(seed) if folder is None else material(folder, seed)
    paths = list(write_specimens(directory, list(pictures(made_of, count, seed))))
    click.echo(f"{count} pictures, {paths[-2].name} and {paths[-1].name} -> {directory}")
