"""``digitscan export``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from scanner.commands.options import example_epilog
from scanner.commands.result_paths import DOCUMENT_PATH, PAGE_TABLE_PATH, TABLE_PATH
from scanner.commands.summary_line import summary_line
from scanner.safe_csv import CsvStyle, DecimalPoint

if TYPE_CHECKING:
    from pathlib import Path


@click.command(epilog=example_epilog("digitscan export results.csv", "digitscan export results.csv --table table.xlsx"))
@click.argument("results", type=TABLE_PATH)
@click.option("--json", "as_json", type=DOCUMENT_PATH, metavar="FILE", help="Also write everything as JSON.")
@click.option("--digits", type=TABLE_PATH, metavar="FILE", help="Also write each digit with its confidence and box.")
@click.option(
    "--table",
    type=PAGE_TABLE_PATH,
    metavar="FILE",
    help="Also write the tables as they are on paper, or a row for each page of a form: XLSX, CSV or Parquet.",
)
@click.option(
    "--csv", type=click.Choice([style.value for style in CsvStyle]), help="For which programs tables are written."
)
@click.option(
    "--decimal-point",
    type=click.Choice([point.value for point in DecimalPoint]),
    help="What stands before decimals in --table, if that is CSV.",
)
@click.option("--force", is_flag=True, help="Overwrite files that were changed since they were written.")
def export(
    results: Path,
    as_json: Path | None,
    digits: Path | None,
    table: Path | None,
    csv: str | None,
    decimal_point: str | None,
    force: bool,
) -> None:
    """Write RESULTS again, with all corrections that were made by now.

    RESULTS is the CSV that scan wrote with --out.  The other files that it wrote
    are written again as well, and those that are named here; no page is read.
    Annotated pages are drawn by the next scan.
    """
    from scanner.batch.export import export_results, last_export

    last = last_export(results)
    outputs = last.outputs
    wanted = replace(
        outputs,
        results_json=as_json or outputs.results_json,
        digits_csv=digits or outputs.digits_csv,
        page_tables=table or outputs.page_tables,
        csv_style=outputs.csv_style if csv is None else CsvStyle(csv),
        decimal_point=outputs.decimal_point if decimal_point is None else DecimalPoint(decimal_point),
    )
    summary = export_results(replace(last, outputs=wanted), overwrite_changed=force)
    files = ", ".join(map(str, wanted.result_files))
    click.echo(f"{summary_line(summary)} -> {files}", err=True)
