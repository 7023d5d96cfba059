"""Tables of what was read, one column for each thing that pages have in common, whoever makes them.

What makes them (:mod:`scanner.results.page_tables` from the ruled tables of pages) knows nothing of files, and what
writes them (:mod:`scanner.results.wide_xlsx`, ``wide_csv``, ``wide_parquet``) nothing of pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

Label = Literal["file", "page", "table", "row"]
"""Name of a column that says where a row comes from: the field of ``WideRow`` of that name."""
REVIEW_COLUMN = "review"
"""Column between the labels and the cells that says which of the cells are doubtful, and why; not in spreadsheets."""
TEXT_SUFFIX = "_text"
"""Ending of the name of the column that has the texts of another, in Parquet."""


@dataclass(frozen=True, slots=True)
class WideCell:
    """What was read in one cell."""

    text: str = ""
    """As it is written; empty if there is nothing, or nothing that could be read or counts."""
    value: Decimal | None = None
    """The number that the text is, with as many decimals; None if it is to stay a text, such as a code."""
    confidence: float | None = None
    """Probability that the text is right, 0-1; None if nothing was read."""
    review_reason: str = ""
    """Why a person should look, also at what is crossed out; empty if nobody needs to."""
    suggestion: str = ""
    """What may be meant in its place, for a person to decide; empty if nothing is known."""
    crossed_out: str = ""
    """What the writer crossed out there, which is not part of the text."""
    checked: str = ""
    """What a person says of it; empty if nobody has looked."""
    read: str = ""
    """What was read there before a person said what stands there."""

    @property
    def is_text(self) -> bool:
        """Whether the text is no number, or must not become one."""
        return self.value is None and bool(self.text)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of the cell: nothing was found there."""
        return self == EMPTY_CELL


EMPTY_CELL = WideCell()
"""A cell in which nothing was found."""


@dataclass(frozen=True, slots=True)
class WideRow:
    """One row of a table, and where it comes from."""

    file: str
    """Name of the file in results."""
    page: int
    """Page number within the file, from 1."""
    cells: tuple[WideCell, ...]
    """From the first column on; what is missing at the end is empty."""
    table: int = 0
    """Table on the page, from 1; 0 if it is none."""
    row: int = 0
    """Row of the table, or of the page, from 1; 0 if the row is the whole page."""

    def label(self, name: Label) -> str | int | None:
        """Return the value of a label; None where it says nothing."""
        value: str | int = getattr(self, name)
        return value if value != 0 else None


@dataclass(frozen=True, slots=True)
class WideTable:
    """A table, or a part of one that others of the same name continue."""

    name: str
    """What a person calls it; no two tables share one."""
    columns: tuple[str, ...]
    """Names of the columns of cells; no row has more cells."""
    rows: Iterable[WideRow]
    """The rows from top to bottom; may be made one by one, and is iterated once."""
    labels: tuple[Label, ...] = ("file", "page")
    """What is said of each row before its cells."""
    is_grid: bool = False
    """Whether a sheet is to show the cells alone, each at its row and column, as they are on paper."""
