"""What is asked of a form: its fields, tables and rules.  Pure values; ``form_file`` reads and writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.types import Box

if TYPE_CHECKING:
    from decimal import Decimal

    from scanner.forms.check_digits import CheckDigit
    from scanner.forms.check_expressions import Check

_ADDRESS_PATTERN = re.compile(r"(?P<file>.+)#(?P<page>[1-9][0-9]{0,8})", re.DOTALL)
"""File and page; no file has a billion pages."""


class FieldKind(Enum):
    """What is written in a field."""

    COMB = "comb"
    """Digits in cells of equal width, one to a cell."""
    NUMBER = "number"
    """A whole number."""
    DECIMAL = "decimal"
    """A number that may have decimals."""
    TICK = "tick"
    """A mark or none.  In rules a field that is ticked counts 1, and one that is not 0."""
    TEXT_IMAGE = "text_image"
    """Anything: it is cut out as a picture and not read."""

    @property
    def is_numeric(self) -> bool:
        """Whether a number is read."""
        return self in {FieldKind.COMB, FieldKind.NUMBER, FieldKind.DECIMAL}

    @property
    def is_whole(self) -> bool:
        """Whether a number without decimals is read."""
        return self in {FieldKind.COMB, FieldKind.NUMBER}


class BlankMark(Enum):
    """A mark that some write into a field, or a cell of a comb, to say that nothing is to stand there."""

    CROSS = "x"
    DASH = "-"


class ReferenceState(Enum):
    """What the reference shows."""

    BLANK = "blank"
    """The form as it was printed."""
    FILLED = "filled"
    """A page that somebody filled in."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The page on which the places of all fields are given."""

    file: str
    """Picture or PDF, relative to the folder of the form file, with ``/``."""
    page: int = 1
    """Page of the file, from 1."""
    state: ReferenceState = ReferenceState.BLANK

    @classmethod
    def at(cls, address: str, state: ReferenceState = ReferenceState.BLANK) -> Reference:
        """Make a reference from ``FILE``, or ``FILE#PAGE``."""
        match = _ADDRESS_PATTERN.fullmatch(address)
        return cls(match["file"], int(match["page"]), state) if match else cls(address, state=state)

    @property
    def address(self) -> str:
        """``FILE#PAGE``, or ``FILE`` for the first page."""
        return self.file if self.page == 1 and not _ADDRESS_PATTERN.fullmatch(self.file) else f"{self.file}#{self.page}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldContent:
    """What may be written in a field, or in the fields of a column."""

    kind: FieldKind = FieldKind.NUMBER
    cells: int | None = None
    """Number of cells of a comb; None for every other kind."""
    blank_marks: frozenset[BlankMark] = frozenset()
    """Marks that mean the same as nothing."""
    required: bool = False
    """Whether something must be written."""
    minimum: Decimal | None = None
    """Smallest number allowed."""
    maximum: Decimal | None = None
    """Largest number allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField(FieldContent):
    """A place on the form where something is written."""

    name: str
    """Unique in the form; of a field of a table TABLE.ROW.COLUMN, such as ``marks.1.q1``."""
    box: Box
    """Pixels of the reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormColumn(FieldContent):
    """A column of a table."""

    name: str
    """Unique in the table."""
    width: int | None = None
    """Pixels of the reference; None for an equal share of what the other columns leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormTable:
    """A grid of fields: rows that have the same columns."""

    name: str
    """Unique among the fields and tables of the form."""
    box: Box
    """All cells, without a heading; pixels of the reference."""
    columns: tuple[FormColumn, ...]
    """From left to right."""
    rows: int
    """Number of rows."""
    row_heights: tuple[int, ...] = ()
    """Height of each row, pixels of the reference; empty if all have an equal share of the box."""

    @property
    def column_edges(self) -> tuple[int, ...]:
        """Left edges of the columns, and the right edge of the last one.

        They are not increasing if the widths do not fit into the box.
        """
        free = self.box.width - sum(column.width for column in self.columns if column.width is not None)
        sharing = sum(column.width is None for column in self.columns)
        edges, fixed, shares = [self.box.x], 0, 0
        for column in self.columns:
            if column.width is None:
                shares += 1
            else:
                fixed += column.width
            edges.append(self.box.x + fixed + (_rounded(free * shares, sharing) if sharing else 0))
        return tuple(edges)

    @property
    def row_edges(self) -> tuple[int, ...]:
        """Upper edges of the rows, and the lower edge of the last one."""
        if self.row_heights:
            return tuple(accumulate(self.row_heights, initial=self.box.y))
        return tuple(self.box.y + _rounded(self.box.height * row, self.rows) for row in range(self.rows + 1))

    def fields(self) -> tuple[FormField, ...]:
        """Make the fields of the table, row by row, with boxes that cover the table's box.

        Raises:
            ValueError: if a row or a column has no room.
        """
        lefts, tops = self.column_edges, self.row_edges
        return tuple(
            FormField(
                name=cell_name(self.name, row, column.name),
                box=Box(left, top, right - left, bottom - top),
                kind=column.kind,
                cells=column.cells,
                blank_marks=column.blank_marks,
                required=column.required,
                minimum=column.minimum,
                maximum=column.maximum,
            )
            for row, (top, bottom) in enumerate(pairwise(tops), start=1)
            for column, (left, right) in zip(self.columns, pairwise(lefts), strict=True)
        )


@dataclass(frozen=True, slots=True)
class CheckRule:
    """Numbers of the form fit together."""

    check: Check


@dataclass(frozen=True, slots=True)
class CheckDigitRule:
    """The last digits of a number follow from the others."""

    field: str
    """Name of a field, or of a column, each of whose fields is checked."""
    scheme: CheckDigit


FormRule = CheckRule | CheckDigitRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form, of which many filled pages are read."""

    name: str
    """For people."""
    reference: Reference
    fields: tuple[FormField, ...] = ()
    """Fields outside of tables."""
    tables: tuple[FormTable, ...] = ()
    rules: tuple[FormRule, ...] = ()
    follows: str = ""
    """Name of the form of the page before, if this is a later page of a sheet; empty for a first page."""
    file: Path = field(default=Path(), compare=False)
    """File that the form was read from; empty if it is from none."""

    @property
    def reference_path(self) -> Path:
        """Where the reference is: beside the form file."""
        return self.file.parent / self.reference.file

    def all_fields(self) -> tuple[FormField, ...]:
        """Make the list of all fields: those outside of tables, then those of the tables row by row.

        Raises:
            ValueError: if a row or a column of a table has no room.
        """
        return self.fields + tuple(cell for table in self.tables for cell in table.fields())


def cell_name(table: str, row: int, column: str) -> str:
    """Name a field of a table: ``marks.1.q1``; rows are counted from 1."""
    return f"{table}.{row}.{column}"


def _rounded(numerator: int, denominator: int) -> int:
    """Quotient rounded to the nearest whole number, halves up."""
    return (2 * numerator + denominator) // (2 * denominator)
