"""``digitscan evaluate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scanner.commands.options import PATH, example

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog=example("digitscan evaluate results.csv samples/truth.json"))
@click.argument("results", type=PATH)
@click.argument("truth", type=PATH)
def evaluate(results: Path, truth: Path) -> None:
    """Compare the RESULTS of a scan with the TRUTH.

    RESULTS is the CSV of numbers.  TRUTH is a JSON object from page to numbers,
    or a CSV with the columns image and text.
    """
    from scanner.evaluate import evaluate as compare_files
    from scanner.evaluate import format_report

    click.echo(format_report(compare_files(results, truth)), nl=False)
