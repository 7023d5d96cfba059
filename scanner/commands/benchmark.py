"""``digitscan benchmark``."""

from __future__ import annotations

from pathlib import Path

import click

from scanner.commands.options import data_option, example_epilog
from scanner.commands.result_paths import DOCUMENT_PATH
from scanner.errors import DataError


@click.command(
    epilog=example_epilog(
        "digitscan benchmark --data ~/digit-data",
        "digitscan benchmark --leave-out --without ~/left-out --json kinds.json",
    )
)
@data_option
@click.option(
    "--json",
    "json_path",
    type=DOCUMENT_PATH,
    metavar="FILE",
    help="Write the figures as JSON too, with date, machine and versions.",
)
@click.option("--orientation", is_flag=True, help="Measure how pages that lie the four ways up are turned instead.")
@click.option("--leave-out", is_flag=True, help="Measure the real pages instead, kind by kind.")
@click.option(
    "--without",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="With --leave-out: folder with a folder for each kind of page, such as DIR/tally, of weights trained without "
    "this kind.  What is not there is read with the weights that come with the program.",
)
@click.option(
    "--only", multiple=True, metavar="KIND", help="With --leave-out: only this kind.  Can be given several times."
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    metavar="N",
    help="With --leave-out: pages read at the same time.",
)
def benchmark(
    data: Path | None,
    json_path: Path | None,
    orientation: bool,
    leave_out: bool,
    without: Path | None,
    only: tuple[str, ...],
    jobs: int,
) -> None:
    """Measure accuracy and speed on data that was not trained on."""
    from scanner.datasets.data_folder import DATA_FOLDER_VARIABLE, resolve_data_folder

    folder = resolve_data_folder(data)
    if folder is None:
        raise DataError(f"no data to measure on; give its folder with --data or in {DATA_FOLDER_VARIABLE}")
    if orientation:
        _measure_orientation(folder)
    elif leave_out:
        _measure_kinds(folder, json_path, without, only, jobs)
    elif without is not None or only:
        raise click.UsageError("--without and --only need --leave-out")
    else:
        _measure_figures(folder, json_path)


def _measure_figures(folder: Path, json_path: Path | None) -> None:
    from scanner.evaluation.benchmark import format_measurements, run_benchmark
    from scanner.evaluation.figures import write_figures

    measurements = []
    for measurement in run_benchmark(folder):
        measurements.append(measurement)
        for line in format_measurements([measurement]):
            click.echo(line)
    if json_path is not None:
        write_figures(json_path, measurements)


def _measure_orientation(folder: Path) -> None:
    from scanner.evaluation.benchmark import format_measurements
    from scanner.evaluation.orientation import run_orientation_benchmark

    for line in format_measurements(run_orientation_benchmark(folder)):
        click.echo(line)


def _measure_kinds(
    folder: Path, json_path: Path | None, without: Path | None, only: tuple[str, ...], jobs: int
) -> None:
    from scanner.evaluation.figures import write_measured
    from scanner.evaluation.judged_pages import judge_pages_of_kinds
    from scanner.evaluation.kind_figures import TABLE_HEAD, count_pages, format_kind, format_summary, kinds_document
    from scanner.evaluation.page_kinds import kinds_named

    counts, kinds = {}, kinds_named(only)
    click.echo("\n".join(TABLE_HEAD))
    for kind, pages in judge_pages_of_kinds(folder, kinds, without, jobs):
        counts[kind.name] = count_pages(pages, kind)
        click.echo(format_kind(kind.name, counts[kind.name]))
    click.echo("\n".join(format_summary(counts)))
    left_out = [name for name in counts if without is not None and (without / name).is_dir()]
    click.echo(f"read with weights that left the kind out: {', '.join(left_out) or 'none'}")
    if json_path is not None:
        write_measured(json_path, {**kinds_document(counts), "left_out": left_out})
