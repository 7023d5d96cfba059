"""How the results of a batch were written last, kept in its state so that they can be written again likewise."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scanner.batch.settings import OutputPaths, build_output_paths, is_regular
from scanner.batch.written_files import stored_name
from scanner.errors import DataError
from scanner.safe_csv import CsvStyle, DecimalPoint

if TYPE_CHECKING:
    from pathlib import Path

_FILES = ("results_json", "digits_csv", "page_tables", "errors_csv")
"""Files besides the table of numbers that are written again.  Not the manifest: it says how the pages were read."""


@dataclass(frozen=True, slots=True)
class LastOutputs:
    """How results were written."""

    outputs: OutputPaths
    forms: tuple[Path, ...] = ()
    """Files of the forms that the pages were read with."""
    review_threshold: float | None = None
    """Minimum confidence of numbers that need no review; None for the usual flags."""
    max_error: float | None = None
    """Largest share of wrong numbers, 0-1, that the threshold was chosen for; None if it is not known."""


def describe_outputs(last: LastOutputs) -> str:
    """Write how results were written as a text for the state, which must be a file.

    Files are named relative to the folder of the state, which may be moved with them.
    """
    outputs, state = last.outputs, last.outputs.state
    if state is None:
        raise ValueError("there is no state to keep it in")
    paths = {name: path for name in _FILES if (path := getattr(outputs, name)) is not None and is_regular(path)}
    return json.dumps(
        {
            "csv_style": outputs.csv_style.value,
            "decimal_point": outputs.decimal_point.value,
            "files": {name: stored_name(path, state) for name, path in paths.items()},
            "forms": [stored_name(path, state) for path in last.forms],
            "review_threshold": last.review_threshold,
            "max_error": last.max_error,
        }
    )


def parse_outputs(description: str, results: Path, state: Path) -> LastOutputs:
    """Read what ``describe_outputs`` wrote.

    Args:
        description: the text.
        results: the table of numbers.
        state: path of the state.

    Raises:
        DataError: if it is no such text.
    """
    try:
        found: dict[str, Any] = json.loads(description)
        files = {name: state.parent / found["files"][name] for name in _FILES if name in found["files"]}
        outputs = build_output_paths(
            results,
            csv_style=CsvStyle(found["csv_style"]),
            decimal_point=DecimalPoint(found["decimal_point"]),
            **files,
        )
        forms = tuple(state.parent / name for name in found["forms"])
        return LastOutputs(outputs, forms, found["review_threshold"], found.get("max_error"))
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{state}: is damaged; scan the pages again") from error
