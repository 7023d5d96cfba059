"""Fit the row model, from pages to files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scanner.datasets.data_folder import DATA_FOLDER_VARIABLE, resolve_data_folder
from scanner.decision.row_evidence import EVIDENCE_NAMES
from scanner.errors import DataError
from scanner.evaluation.page_kinds import PAGE_KINDS
from scanner.training.fit_row_model import fit_row_model
from scanner.training.model_card import SOURCE_LICENCES, write_model
from scanner.training.row_samples import gather_real_rows, gather_synthetic_rows
from scanner.weights import ROW_MODEL_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from scanner.training.row_samples import RowSamples

_SYNTHETIC_PAGES = 200
"""Pages that are drawn and read beside the real ones.  On kinds left out, the surest half of the rows has fewer errors
with 190 than with 30 or 60; with 120 hardly more."""


def train_row_model(
    folder: Path | None,
    models_folder: Path,
    left_out_folder: Path | None,
    processes: int,
    report_line: Callable[[str], None],
) -> None:
    """Fit the row model and write ``rows.npz`` with its card.

    Args:
        folder: data folder; None for that of DIGITSCAN_DATA.
        models_folder: where the weights are written, and the others are taken from, if it has them.
        left_out_folder: where a folder is written for each kind of page, with the model that was fitted without it;
            None for nowhere.  A page network in such a folder, trained without the kind, reads the pages of the kind.
        processes: pages read at the same time.
        report_line: called with each line of progress.

    Raises:
        DataError: if there is no data folder, or its pages or truth are missing.
        OutputError: if the weights cannot be written.
    """
    folder = resolve_data_folder(folder)
    if folder is None:
        raise DataError(f"no pages to fit to; give the data folder with --data or in {DATA_FOLDER_VARIABLE}")
    report_line("reading the labelled pages")
    samples = list(gather_real_rows(folder, models_folder, left_out_folder, processes))
    report_line(f"reading {_SYNTHETIC_PAGES} synthetic pages")
    samples += gather_synthetic_rows(folder, models_folder, _SYNTHETIC_PAGES, processes)
    _fit_and_write(models_folder, samples, report_line)
    if left_out_folder is not None:
        for kind in PAGE_KINDS:
            others = [each for each in samples if each.kind != kind.name]
            _fit_and_write(left_out_folder / kind.name, others, report_line)


def _fit_and_write(folder: Path, samples: Sequence[RowSamples], report_line: Callable[[str], None]) -> None:
    rows: dict[str, int] = {}
    for each in samples:
        rows[each.kind] = rows.get(each.kind, 0) + len(each.right)
    model = fit_row_model(samples)
    folder.mkdir(parents=True, exist_ok=True)
    card: dict[str, Any] = {
        "description": "row model: evidence on a number of a page -> probability that its row is right, and that a "
        "number stands there at all (scanner/decision/row_model.py)",
        "evidence": EVIDENCE_NAMES,
        "rows": rows,
        "data": [SOURCE_LICENCES["synthetic pages"], "labelled pages of the kinds under rows"],
    }
    write_model(folder / ROW_MODEL_WEIGHTS, model.to_bytes(), card)
    report_line(f"{folder / ROW_MODEL_WEIGHTS}: fitted to {sum(rows.values()):,} rows")
