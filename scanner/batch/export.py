"""The results of a batch written again, from what was read and what people say of it: no page is opened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.batch.corrected_results import BatchCorrections, CorrectedResults, UncorrectedResults
from scanner.batch.last_outputs import describe_outputs, parse_outputs
from scanner.batch.outputs import check_outputs, write_page_tables
from scanner.batch.result_writer import open_result_writer
from scanner.batch.resumable_state import open_earlier_state
from scanner.batch.settings import build_output_paths
from scanner.decision.review import flag_below_threshold, review_threshold_of_results
from scanner.errors import DataError
from scanner.forms.form_file import load_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from scanner.batch.last_outputs import LastOutputs
    from scanner.batch.resumable_state import BatchState
    from scanner.corrections.correction import Correction
    from scanner.forms.form import Form
    from scanner.results.summary import Summary
    from scanner.safe_csv import CsvStyle, DecimalPoint
    from scanner.types import PageResult


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """Which results to write again, and how: None for what was done last."""

    results: Path
    """The table of numbers, beside which the saved state is."""
    csv_style: CsvStyle | None = None
    results_json: Path | None = None
    digits_csv: Path | None = None
    page_tables: Path | None = None
    decimal_point: DecimalPoint | None = None
    errors_csv: Path | None = None
    overwrite_changed: bool = False
    """Whether to overwrite files that were changed since they were written, and files of other programs."""


@dataclass(frozen=True, slots=True)
class ExportOutcome:
    """What was written."""

    summary: Summary
    files: tuple[Path, ...]
    """The files."""
    unused_corrections: tuple[Correction, ...]
    """As in ``BatchOutcome``."""
    audited: int = 0
    """As in ``BatchOutcome``."""


def export_results(request: ExportRequest) -> ExportOutcome:
    """Write the results of the last batch again, each file whole or not at all.

    Raises:
        DataError: if there is no saved state, its batch has not come to its end, or the corrections or the calibration
            cannot be read.
        OutputError: if a file cannot be written, is not as it was written last, or the state is in use.
        FormError: if a form that the pages were read with cannot be read.
    """
    paths = build_output_paths(request.results)
    if paths.state is None or not paths.state.is_file():
        raise DataError(
            f"{request.results}: the saved state, {request.results.name}.state, is not beside it, and results are"
            " written from that; scan the pages again"
        )
    with open_earlier_state(paths.state) as state:
        last = _asked_for(request, _last_outputs(state, request.results, paths.state))
        outputs = last.outputs
        # Before anything is written, so that a form that is gone leaves all files as they were.
        forms = [load_form(path) for path in last.forms]
        check_outputs(outputs, (), (), forms)
        corrections = BatchCorrections(outputs.corrections, forms, outputs.calibration)
        corrections.read_new()
        if not request.overwrite_changed:
            state.written_files.check_unchanged(outputs.result_files)
        if last.max_error is not None:
            # An audit may have shown since then that other numbers have to be looked at.
            threshold = review_threshold_of_results(UncorrectedResults(state, corrections), last.max_error)
            last = replace(last, review_threshold=threshold)
        summary = _write(state, CorrectedResults(state, corrections), last, forms)
        state.set_last_outputs(describe_outputs(last))
        unused = corrections.of_other_pages(state.read_pages())
        return ExportOutcome(summary, outputs.result_files, unused, corrections.calibration.audited)


def _write(state: BatchState, results: CorrectedResults, last: LastOutputs, forms: Sequence[Form]) -> Summary:
    with open_result_writer(last.outputs, results) as writer:
        summary = writer.write(threshold=last.review_threshold)
    flagged: Iterable[PageResult] = results
    if last.review_threshold is not None:
        flagged = flag_below_threshold(results, last.review_threshold)
    write_page_tables(flagged, last.outputs, state.written_files, forms)
    return summary


def _last_outputs(state: BatchState, results: Path, path: Path) -> LastOutputs:
    description = state.last_outputs()
    if not description:
        raise DataError(f"{results}: the last scan did not come to its end; run the same scan again")
    return parse_outputs(description, results, path)


def _asked_for(request: ExportRequest, last: LastOutputs) -> LastOutputs:
    """What was done last, but for what is asked for."""
    before = last.outputs
    outputs = replace(
        before,
        csv_style=request.csv_style or before.csv_style,
        decimal_point=request.decimal_point or before.decimal_point,
        results_json=request.results_json or before.results_json,
        digits_csv=request.digits_csv or before.digits_csv,
        page_tables=request.page_tables or before.page_tables,
        errors_csv=request.errors_csv or before.errors_csv,
        manifest_json=None,
    )
    return replace(last, outputs=outputs)
