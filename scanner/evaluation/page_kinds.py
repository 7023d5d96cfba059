"""The kinds of real pages in the data folder, and how each is read and judged.

A figure for a kind says what a stranger gets only if nothing that is measured was trained, tuned or calibrated on pages
of that kind; so weights are measured on the kinds that they leave out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from scanner.datasets.data_folder import DataSplit
from scanner.datasets.register_pages import split_of_register_page
from scanner.errors import DataError
from scanner.text_comparison import Separators

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scanner.evaluation.ground_truth import PageTruth


@dataclass(frozen=True, slots=True)
class PageKind:
    """Pages that are alike, in one or more folders of the data folder's ``pages``."""

    name: str
    folders: tuple[str, ...]
    separators: Separators = Separators.EXACT
    """How separators are compared."""
    in_rows: bool = False
    """Whether the truth gives the rows of a table, so that numbers are looked for in their row, or cell, as well."""


PAGE_KINDS = (
    PageKind("exam_ids", ("exam_ids",)),
    PageKind("worksheets", ("worksheets",)),
    PageKind("logs", ("logs",), in_rows=True),
    # Their transcribers write a comma here and a point there for the same sign.
    PageKind("registers", ("registers",), Separators.ALIKE),
    PageKind("marksheets", ("marksheets",), in_rows=True),
    PageKind("tally", ("tally",)),
    # Their truth has a point for either sign.
    PageKind("logbooks", ("logbooks",), Separators.ALIKE, in_rows=True),
    PageKind("field", ("field",)),
    PageKind("print", ("exam_answers", "questionnaires", "blank_exam")),
)
"""All kinds."""


def kinds_named(names: Sequence[str]) -> tuple[PageKind, ...]:
    """The kinds of these names, in the order of ``PAGE_KINDS``; all if none is named.

    Raises:
        DataError: if there is no kind of a name.
    """
    known = {kind.name for kind in PAGE_KINDS}
    for name in names:
        if name not in known:
            raise DataError(f"{name}: there is no such kind of page; name one of {', '.join(sorted(known))}")
    return tuple(kind for kind in PAGE_KINDS if not names or kind.name in names)


def pages_of_kind(kind: PageKind, truths: Iterable[PageTruth]) -> tuple[PageTruth, ...]:
    """Choose the pages of a kind: of registers only those whose hands are kept aside for testing.

    Args:
        kind: the kind.
        truths: truth of pages whose files are relative to the data folder's ``pages``.

    Raises:
        DataError: if a page is of a register that is not known.
    """
    chosen = (truth for truth in truths if truth.file.partition("/")[0] in kind.folders)
    return tuple(truth for truth in chosen if _may_be_reported(truth.file))


def _may_be_reported(file: str) -> bool:
    path = PurePosixPath(file)
    return path.parts[0] != "registers" or split_of_register_page(path.name) is DataSplit.TEST
