"""``digitscan export``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from scanner.commands.exit_codes import EXIT_CODES_HELP
from scanner.commands.options import example_epilog
from scanner.commands.result_paths import DOCUMENT_PATH, PAGE_TABLE_PATH, TABLE_PATH
from scanner.safe_csv import CsvStyle, DecimalPoint

if TYPE_CHECKING:
    from pathlib import Path

_AS_LAST_TIME = "  [default: as the last time]"


@click.command(
    epilog=example_epilog("digitscan export results.csv", "digitscan export results.csv --table results.xlsx")
    + EXIT_CODES_HELP
)
@click.argument("results", type=TABLE_PATH)
@click.option(
    "--csv",
    type=click.Choice([style.value for style in CsvStyle]),
    help=f"How to write the tables: {CsvStyle.PLAIN.value} for programs, {CsvStyle.EXCEL.value} for spreadsheets."
    + _AS_LAST_TIME,
)
@click.option(
    "--json", "as_json", type=DOCUMENT_PATH, metavar="FILE", help="Write all that is known of each page as JSON."
)
@click.option("--digits", type=TABLE_PATH, metavar="FILE", help="Write the single digits to this CSV.")
@click.option(
    "--table",
    type=PAGE_TABLE_PATH,
    metavar="FILE",
    help="Write the tables of the pages as they are on paper, or the fields of forms, as .xlsx, .csv or .parquet.",
)
@click.option(
    "--decimal-point",
    type=click.Choice([point.value for point in DecimalPoint]),
    help="What to write before decimals in the CSV of --table." + _AS_LAST_TIME,
)
@click.option("--errors", type=TABLE_PATH, metavar="FILE", help="Write the pages that could not be read to this CSV.")
@click.option(
    "--force",
    is_flag=True,
    help="Overwrite results that were changed since they were written, and files that another program wrote.",
)
@click.option("--quiet", is_flag=True, help="Print errors only.")
def export(
    results: Path,
    csv: str | None,
    as_json: Path | None,
    digits: Path | None,
    table: Path | None,
    decimal_point: str | None,
    errors: Path | None,
    *,
    force: bool,
    quiet: bool,
) -> None:
    """Write RESULTS again, with the corrections made since the scan.

    RESULTS is the CSV of numbers that scan wrote.  No page is read: what was read
    is in the saved state beside it.  All files that were written the last time
    are written again, and those that are named here.
    """
    from scanner.batch.export import ExportRequest, export_results
    from scanner.commands.summary_line import summary_line
    from scanner.commands.unused_corrections import unused_corrections_line

    outcome = export_results(
        ExportRequest(
            results=results,
            csv_style=None if csv is None else CsvStyle(csv),
            results_json=as_json,
            digits_csv=digits,
            page_tables=table,
            decimal_point=None if decimal_point is None else DecimalPoint(decimal_point),
            errors_csv=errors,
            overwrite_changed=force,
        )
    )
    if quiet:
        return
    if outcome.unused_corrections:
        click.echo(unused_corrections_line(outcome.unused_corrections), err=True)
    files = ", ".join(map(str, outcome.files))
    click.echo(f"{summary_line(outcome.summary, outcome.audited)} -> {files}", err=True)
