"""The result files of a batch written again, from its saved state and its corrections: no page is read."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanner.batch.batch_forms import open_batch_forms
from scanner.batch.corrected_results import CorrectedResults
from scanner.batch.outputs import check_outputs, write_page_tables
from scanner.batch.result_writer import open_result_writer
from scanner.batch.resumable_state import open_state
from scanner.batch.settings import build_output_paths
from scanner.batch.state_database import is_started_over, open_earlier_database, translated_errors
from scanner.batch.written_files import check_before_work
from scanner.decision.review import flag_below_threshold, review_threshold_of_results
from scanner.errors import DataError
from scanner.safe_csv import CsvStyle, DecimalPoint

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Never

    from scanner.batch.resumable_state import BatchState
    from scanner.batch.settings import OutputPaths
    from scanner.results.summary import Summary
    from scanner.types import PageResult

_NOTE = "results"
"""Name of the note that says which results a batch has written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Which result files are to be written again, and how."""

    outputs: OutputPaths
    max_error: float | None = None
    """As in ``BatchSettings``."""
    form_files: tuple[Path, ...] = ()
    """The form files that the pages were read with."""


def remember_export(state: BatchState, export: Export) -> None:
    """Keep in the state of a batch what it has written, for ``last_export``."""
    outputs = export.outputs
    state.remember(
        _NOTE,
        json.dumps(
            {
                "csv_style": outputs.csv_style.value,
                "results_json": _absolute(outputs.results_json),
                "digits_csv": _absolute(outputs.digits_csv),
                "page_tables": _absolute(outputs.page_tables),
                "decimal_point": outputs.decimal_point.value,
                "errors_csv": _absolute(outputs.errors_csv),
                "max_error": export.max_error,
                "forms": [_absolute(path) for path in export.form_files],
            }
        ),
    )


def last_export(results: Path) -> Export:
    """Return what the last batch with these results has written.

    Args:
        results: its table of the numbers.

    Raises:
        DataError: if no batch has written results with this name, or another version of this program did.
        OutputError: if the saved state cannot be used.
    """
    state = build_output_paths(results).state
    with open_earlier_database(state) as database:
        if state is None or database is None:
            raise DataError(f"{results}: there is no saved state of these results beside them; scan the pages again")
        with translated_errors(state):
            if is_started_over(database):
                raise DataError(f"{state}: is of another version of digitscan; scan the pages again")
            row = database.execute("SELECT text FROM notes WHERE name = ?", (_NOTE,)).fetchone()
    if row is None:
        raise DataError(f"{results}: its scan has not ended; let it go on until it has")
    note: dict[str, Any] = json.loads(row[0])
    outputs = build_output_paths(
        results,
        csv_style=CsvStyle(note["csv_style"]),
        decimal_point=DecimalPoint(note["decimal_point"]),
        results_json=_path(note["results_json"]),
        digits_csv=_path(note["digits_csv"]),
        page_tables=_path(note["page_tables"]),
        errors_csv=_path(note["errors_csv"]),
    )
    return Export(
        # The manifest is the record of how the pages were read, which they are not now.
        outputs=replace(outputs, manifest_json=None),
        max_error=note["max_error"],
        form_files=tuple(map(Path, note["forms"])),
    )


def export_results(export: Export, *, overwrite_changed: bool = False) -> Summary:
    """Write result files again, with the corrections that there are by now.

    Args:
        export: which, from ``last_export`` or changed.
        overwrite_changed: whether to overwrite files that were changed since they were written.

    Returns:
        The counts.

    Raises:
        OutputError: if a file cannot be written, is not as it was written last, or a batch is using the state.
        DataError: if the corrections cannot be read.
        FormError: if a form cannot be read.
    """
    outputs, forms = export.outputs, tuple(each.form for each in open_batch_forms(export.form_files))
    check_outputs(outputs, (), (), forms)
    if not overwrite_changed:
        check_before_work(outputs)
    corrected = CorrectedResults(outputs.numbers_csv, forms)
    with (
        open_state(outputs.state, "", None, corrected.apply) as state,
        open_result_writer(outputs, state) as writer,
    ):
        results: Iterable[PageResult] = state.results()
        threshold = None
        if export.max_error is not None:
            threshold = review_threshold_of_results(results, export.max_error)
            results = flag_below_threshold(results, threshold)
        summary = writer.write(_no_manifest, threshold)
        write_page_tables(results, outputs, state.written_files, forms)
        remember_export(state, export)
        return summary


def _no_manifest(_: Summary) -> Never:
    raise AssertionError("no manifest is written")


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
