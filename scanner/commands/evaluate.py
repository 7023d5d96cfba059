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
    help="Plot errors against the share of readings accepted, as PNG, SVG or PDF; needs 'digitscan[plot]'.",
)
@click.option(
    "--separators",
    type=click.Choice(("ignored", "alike", "exact")),
    help="How , . and - are compared: ignored, so that only digits count; alike, with a comma for a point; or exact.  "
    "[default: exact if any was read; else ignored]",
)
def evaluate(results: Path, truth: Path, plot: Path | None, separators: str | None) -> None:
    """Compare the RESULTS of a scan with the TRUTH.

    RESULTS is the CSV of numbers that scan wrote.  TRUTH is a JSON object that
    maps each page to its numbers, {"page.png": {"numbers": ["12", "7"]}}, or a CSV
    with the columns image and text; docs/trust.md describes it.
    """
    from scanner.atomic_write import write_bytes
    from scanner.evaluation.comparison import compare_files
    from scanner.evaluation.coverage_plot import PLOT_FORMATS, check_plot_path, draw_risk_coverage_plot
    from scanner.evaluation.report import format_report
    from scanner.text_comparison import Separators

    if plot is not None:
        check_plot_path(plot)
    evaluation = compare_files(results, truth, None if separators is None else Separators(separators))
    click.echo(format_report(evaluation), nl=False)
    if plot is not None:
        write_bytes(plot, draw_risk_coverage_plot(evaluation.judged_readings, PLOT_FORMATS[plot.suffix.lower()]))
