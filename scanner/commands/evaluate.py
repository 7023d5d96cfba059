"""``digitscan evaluate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scanner.commands.options import PATH_TYPE, example_epilog

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog=example_epilog("digitscan evaluate results.csv samples/truth.json --plot errors.png"))
@click.argument("results", type=PATH_TYPE)
@click.argument("truth", type=PATH_TYPE)
@click.option(
    "--plot",
    type=PATH_TYPE,
    metavar="FILE",
    help="Draw the errors among the surest readings, as a PNG or JPEG picture.",
)
def evaluate(results: Path, truth: Path, plot: Path | None) -> None:
    """Compare the RESULTS of a scan with the TRUTH.

    RESULTS is the CSV of numbers.  TRUTH is a JSON object from page to numbers,
    or a CSV with the columns image and text.
    """
    from scanner.atomic_write import write_image
    from scanner.evaluation.comparison import compare_files as compare_files
    from scanner.evaluation.report import format_report
    from scanner.evaluation.risk_coverage import draw_risk_coverage_curve

    evaluation = compare_files(results, truth)
    click.echo(format_report(evaluation), nl=False)
    if plot is not None:
        write_image(plot, draw_risk_coverage_curve(evaluation.judged_readings))
