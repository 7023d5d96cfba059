"""The keys of a form file: which there are, and what each may be.

The description of a key says what to write.  Errors repeat it, and a form that is written is explained with it.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Annotated, Any, NamedTuple, get_args

import msgspec

from scanner.forms.check_digits import CheckDigit
from scanner.forms.form import BlankMark, FieldKind, ReferenceState

MAX_ROWS = 20_000
"""Most rows of a table: as many as a form may have fields."""
MAX_CELLS = 100
"""Most cells of a comb: the longest account number has 34 characters."""
MAX_PIXELS = 1_000_000
"""Largest coordinate and size, in pixels: a picture of that size would be refused."""

_Place = Annotated[int, msgspec.Meta(ge=0, le=MAX_PIXELS)]
_Size = Annotated[int, msgspec.Meta(ge=1, le=MAX_PIXELS)]
_CellCount = Annotated[int, msgspec.Meta(ge=1, le=MAX_CELLS)]
_RowCount = Annotated[int, msgspec.Meta(ge=1, le=MAX_ROWS)]
_Box = tuple[_Place, _Place, _Size, _Size]


def _described(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


_NAME = _described("letters, digits and _, beginning with a letter")
_BOX = _described("[x, y, width, height] in whole pixels of the reference, the last two above 0")


class ContentEntry(msgspec.Struct, kw_only=True):
    """The keys that fields and columns have in common."""

    name: Annotated[str, _NAME]
    kind: Annotated[
        FieldKind, _described('"comb" (one digit to a cell), "number", "decimal", "tick" or "text_image"')
    ] = FieldKind.NUMBER
    cells: Annotated[_CellCount | None, _described(f"how many cells the comb has, 1 to {MAX_CELLS}")] = None
    blank_marks: Annotated[
        frozenset[BlankMark], _described('marks that mean the same as nothing: ["x", "-"], or one of them')
    ] = frozenset()
    required: Annotated[bool, _described("true if something must be written, or false")] = False
    min: Annotated[Decimal | None, _described("the smallest number allowed, such as 0")] = None
    max: Annotated[Decimal | None, _described("the largest number allowed, such as 99.5")] = None


class FieldEntry(ContentEntry, kw_only=True):
    """The keys of ``[[field]]``."""

    box: Annotated[_Box, _BOX]


class ColumnEntry(ContentEntry, kw_only=True):
    """The keys of a column, an inline table in ``columns``."""

    width: Annotated[_Size | None, _described("width in whole pixels; columns without share what is left")] = None


class TableEntry(msgspec.Struct, kw_only=True):
    """The keys of ``[[table]]``."""

    name: Annotated[str, _NAME]
    box: Annotated[_Box, _BOX]
    columns: Annotated[
        list[Any], _described('a list of names, or of {name = "q1", kind = "comb", cells = 2, width = 80} and the like')
    ]
    rows: Annotated[_RowCount, _described(f"how many rows there are, 1 to {MAX_ROWS}")]
    row_heights: Annotated[
        tuple[_Size, ...], _described("the height of each row in whole pixels; without it all are equal")
    ] = ()


class RuleEntry(msgspec.Struct, kw_only=True):
    """The keys of ``[[rule]]``: either ``check``, or the two others."""

    check: Annotated[str | None, _described('a comparison such as "total == q1 + q2"')] = None
    field: Annotated[str | None, _described("the name of a field, or of a column for each of its rows")] = None
    check_digit: Annotated[CheckDigit | None, _described('"luhn", "mod11" or "mod97"')] = None


class FormEntry(msgspec.Struct, kw_only=True):
    """The keys of a form file."""

    name: Annotated[str, _described("what the form is called, in quotes")]
    reference: Annotated[
        str, _described('a picture or PDF of the form, beside this file; "blank.pdf#2" is page 2 of one')
    ]
    reference_is: Annotated[ReferenceState, _described('"blank", or "filled" if somebody has written on it')] = (
        ReferenceState.BLANK
    )
    follows: Annotated[str, _described("what the form of the page before is called, if this is a later page")] = ""
    field: Annotated[list[Any], _described("[[field]] in double brackets, once for each field")] = []
    table: Annotated[list[Any], _described("[[table]] in double brackets, once for each table")] = []
    rule: Annotated[list[Any], _described("[[rule]] in double brackets, once for each rule")] = []


class Key(NamedTuple):
    """A key of an entry."""

    name: str
    type: Any
    """What ``msgspec.convert`` checks values against."""
    description: str
    """What to write."""
    is_required: bool


@cache
def keys_of(entry: type[msgspec.Struct]) -> dict[str, Key]:
    """List the keys of an entry by name."""
    return {
        field.name: Key(field.name, field.type, get_args(field.type)[-1].description, field.required)
        for field in msgspec.structs.fields(entry)
    }
