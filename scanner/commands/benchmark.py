"""``digitscan benchmark``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.commands.options import data_option, example_epilog, models_option
from scanner.commands.result_paths import DOCUMENT_PATH
from scanner.errors import DataError
from scanner.weights import folder_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scanner.evaluation.benchmark import Measurement
    from scanner.weights import OwnWeights


@click.command(
    epilog=example_epilog(
        "digitscan benchmark --data ~/digit-data",
        "digitscan benchmark --leave-out --without ~/left-out --json kinds.json",
        "digitscan benchmark --forms --only tally --only changed",
    )
)
@data_option
@models_option
@click.option(
    "--json",
    "json_path",
    type=DOCUMENT_PATH,
    metavar="FILE",
    help="Write the figures as JSON too, with date, machine and versions.",
)
@click.option("--orientation", is_flag=True, help="Measure how pages that lie the four ways up are turned instead.")
@click.option("--forms", is_flag=True, help="Measure how forms are read instead.")
@click.option("--leave-out", is_flag=True, help="Measure the real pages instead, kind by kind.")
@click.option(
    "--without",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="With --leave-out: folder with a folder for each kind of page, such as DIR/tally, of weights trained without "
    "this kind.  What is not there is read with the weights that come with the program.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="KIND",
    help="With --leave-out: only this kind.  With --forms: only this kind of form, or changed, identity, printed or "
    "cost.  Can be given several times.",
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
    models: OwnWeights | None,
    json_path: Path | None,
    orientation: bool,
    forms: bool,
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
    weights = folder_of(models)
    if orientation:
        _measure_orientation(folder, weights)
    elif forms:
        _measure_forms(folder, weights, json_path, only)
    elif leave_out:
        if without is not None and weights is not None:
            raise click.UsageError("--models and --without both say what to read with; give one of them")
        _measure_kinds(folder, json_path, weights, without, only, jobs)
    elif without is not None or only:
        raise click.UsageError("--without needs --leave-out, and --only needs --leave-out or --forms")
    else:
        _measure_figures(folder, weights, json_path)


def _measure_figures(folder: Path, weights: Path | None, json_path: Path | None) -> None:
    from scanner.evaluation.benchmark import run_benchmark

    _report(run_benchmark(folder, weights), json_path)


def _measure_forms(folder: Path, weights: Path | None, json_path: Path | None, only: tuple[str, ...]) -> None:
    from scanner.evaluation.form_benchmark import run_form_benchmark

    _report(run_form_benchmark(folder, only, weights), json_path)


def _report(measurements: Iterable[Measurement], json_path: Path | None) -> None:
    """Print each figure as soon as it is measured, and write all of them at the end."""
    from scanner.evaluation.benchmark import format_measurements
    from scanner.evaluation.figures import write_figures

    measured = []
    for measurement in measurements:
        measured.append(measurement)
        for line in format_measurements([measurement]):
            click.echo(line)
    if json_path is not None:
        write_figures(json_path, measured)


def _measure_orientation(folder: Path, weights: Path | None) -> None:
    from scanner.evaluation.benchmark import format_measurements
    from scanner.evaluation.orientation import run_orientation_benchmark

    for line in format_measurements(run_orientation_benchmark(folder, weights)):
        click.echo(line)


def _measure_kinds(
    folder: Path,
    json_path: Path | None,
    weights: Path | None,
    without: Path | None,
    only: tuple[str, ...],
    jobs: int,
) -> None:
    from scanner.evaluation.figures import write_measured
    from scanner.evaluation.judged_pages import judge_pages_of_kinds
    from scanner.evaluation.kind_figures import TABLE_HEAD, count_pages, format_kind, format_summary, kinds_document
    from scanner.evaluation.page_kinds import kinds_named

    counts, kinds = {}, kinds_named(only)
    if without is not None:
        weights_of_kinds = {kind.name: without / kind.name for kind in kinds}
    else:
        weights_of_kinds = {} if weights is None else {kind.name: weights for kind in kinds}
    click.echo("\n".join(TABLE_HEAD))
    for kind, pages in judge_pages_of_kinds(folder, kinds, weights_of_kinds, jobs):
        counts[kind.name] = count_pages(pages, kind)
        click.echo(format_kind(kind.name, counts[kind.name]))
    click.echo("\n".join(format_summary(counts)))
    left_out = [name for name in counts if without is not None and (without / name).is_dir()]
    click.echo(f"read with weights that left the kind out: {', '.join(left_out) or 'none'}")
    if json_path is not None:
        write_measured(json_path, {**kinds_document(counts), "left_out": left_out})
