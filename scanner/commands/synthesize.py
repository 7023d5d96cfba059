"""``digitscan synthesize``."""

from __future__ import annotations

from pathlib import Path

import click

from scanner.commands.options import PATH_TYPE, data_option, example_epilog


@click.command(
    epilog=example_epilog(
        "digitscan synthesize strings/ --count 60",
        "digitscan scan strings/ --layout number --charset decimal --out results.csv",
        "digitscan evaluate results.csv strings/truth.csv",
    )
)
@click.argument("directory", type=PATH_TYPE, metavar="DIR")
@click.option("--count", type=click.IntRange(min=1), default=200, show_default=True, help="Number of images.")
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Random seed; the same seed gives the same images."
)
@data_option
def synthesize(directory: Path, count: int, seed: int, data: Path | None) -> None:
    """Write synthetic images of numbers into DIR.

    They are like those that the number reader is trained on.  Also writes the
    correct numbers, DIR/truth.csv, a CSV with the columns image and text, and
    beside the folder an overview, DIR-sheet.png.  With a data folder the images
    show digits from it, otherwise synthetic handwriting.
    """
    from scanner.datasets.data_folder import resolve_data_folder
    from scanner.datasets.number_sources import draw_number_crops, draw_pen_material, load_number_material
    from scanner.synthesis.crop_files import write_number_crops

    folder = resolve_data_folder(data)
    material = draw_pen_material(seed) if folder is None else load_number_material(folder, seed)
    *_, truth, sheet = write_number_crops(directory, list(draw_number_crops(material, count, seed)))
    click.echo(f"{count} images and {truth.name} -> {directory}, an overview -> {sheet}")
