"""A form written as TOML that people like to edit: every key is explained where it is first used."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from scanner.errors import FormError
from scanner.forms.form import BlankMark, CheckDigitRule, FieldKind
from scanner.forms.form_entries import ColumnEntry, FieldEntry, FormEntry, RuleEntry, TableEntry, keys_of
from scanner.forms.form_file import parse_form

if TYPE_CHECKING:
    from collections.abc import Iterator

    import msgspec

    from scanner.forms.form import FieldContent, Form, FormColumn, FormRule

_MAX_LINE_LENGTH = 120
"""Most characters of a line with a comment behind its value; a longer comment stands above it."""
_MAX_PLAIN_EXPONENT = 30
"""Largest exponent of a number that is written without one: a number of a billion zeros would fill the memory."""


def write_form(form: Form) -> str:
    """Write a form as the text of a form file, which reads as the same form.

    Fields stand in the order of the form, which is the order of the columns of its results.

    Args:
        form: the form.

    Raises:
        FormError: if it is none that a file can hold, with all that is wrong.
    """
    lines = list(_lines(form))
    text = "\n".join(lines) + "\n"
    if parse_form(text, form.name) != form:
        raise FormError([f"{form.name}: is another form when it is read again; make it as form files are read"])
    return text


def _lines(form: Form) -> Iterator[str]:
    explained = _ExplainedKeys()
    yield "# A form. Each key is explained where it is first used."
    top = {"name": form.name, "reference": form.reference.address, "reference_is": form.reference.state}
    yield from explained.lines(FormEntry, top | ({"follows": form.follows} if form.follows else {}))
    for field in form.fields:
        yield from ("", "[[field]]")
        yield from explained.lines(FieldEntry, {"name": field.name, "box": field.box, **_content(field)})
    for table in form.tables:
        yield from ("", "[[table]]")
        yield from explained.lines(TableEntry, {"name": table.name, "box": table.box})
        yield from explained.column_lines([_column(column) for column in table.columns])
        heights = {"row_heights": table.row_heights} if table.row_heights else {}
        yield from explained.lines(TableEntry, {"rows": table.rows, **heights})
    for rule in form.rules:
        yield from ("", "[[rule]]")
        yield from explained.lines(RuleEntry, _rule(rule))


def _content(content: FieldContent) -> dict[str, Any]:
    given = {
        "cells": content.cells,
        "blank_marks": [mark for mark in BlankMark if mark in content.blank_marks] or None,
        "required": content.required or None,
        "min": content.minimum,
        "max": content.maximum,
    }
    return {"kind": content.kind, **{key: value for key, value in given.items() if value is not None}}


def _column(column: FormColumn) -> dict[str, Any]:
    entry = {"name": column.name, **_content(column)}
    if column.kind is FieldKind.NUMBER:
        del entry["kind"]  # it is the one of a column that has none
    return entry if column.width is None else {**entry, "width": column.width}


def _rule(rule: FormRule) -> dict[str, Any]:
    if isinstance(rule, CheckDigitRule):
        return {"field": rule.field, "check_digit": rule.scheme}
    return {"check": rule.check.text}


class _ExplainedKeys:
    """Writes keys with their values, and what a key may be behind its first one."""

    def __init__(self) -> None:
        self._explained: set[str] = set()

    def lines(self, entry_type: type[msgspec.Struct], entry: dict[str, Any]) -> Iterator[str]:
        """Write keys with their values, a line each."""
        for key, value in entry.items():
            line, comment = f"{key} = {to_toml(value)}", self._comment(entry_type, key)
            if comment and len(line) + len(comment) + 2 <= _MAX_LINE_LENGTH:
                yield f"{line}  {comment}"
                continue
            if comment:
                yield comment
            yield line

    def column_lines(self, columns: list[dict[str, Any]]) -> Iterator[str]:
        """Write the columns of a table, a line each, unless their names are all there is to say and fit into one."""
        comment = self._comment(TableEntry, "columns")
        if comment:
            yield comment
        texts = [to_toml(column["name"] if column.keys() == {"name"} else column) for column in columns]
        line = f"columns = [{', '.join(texts)}]"
        if all(column.keys() == {"name"} for column in columns) and len(line) <= _MAX_LINE_LENGTH:
            yield line
            return
        yield "columns = ["
        for column, text in zip(columns, texts, strict=True):
            for key in column:
                key_comment = self._comment(ColumnEntry, key)
                if key_comment:
                    yield f"    # {key}: {key_comment.removeprefix('# ')}"
            yield f"    {text},"
        yield "]"

    def _comment(self, entry_type: type[msgspec.Struct], key: str) -> str:
        description = keys_of(entry_type)[key].description
        if description in self._explained:
            return ""
        self._explained.add(description)
        return f"# {description}"


def to_toml(value: Any) -> str:
    """Write a text, a number, a truth value, a member of an enumeration, or a list or table of such, as TOML."""
    match value:
        case bool():
            return "true" if value else "false"
        case Enum():
            return to_toml(value.value)
        case str():
            return f'"{"".join(map(_escaped, value))}"'
        case int():
            return str(value)
        case Decimal():
            return _number(value)
        case dict():
            return f"{{{', '.join(f'{key} = {to_toml(each)}' for key, each in value.items())}}}"
        case _:
            return f"[{', '.join(map(to_toml, value))}]"


def _escaped(character: str) -> str:
    """Escape what may not stand in a basic string of TOML."""
    if character in {'"', "\\"}:
        return f"\\{character}"
    return f"\\u{ord(character):04X}" if ord(character) < 0x20 or ord(character) == 0x7F else character


def _number(number: Decimal) -> str:
    if not number.is_finite():
        return "nan"
    return f"{number:f}" if abs(number.adjusted()) <= _MAX_PLAIN_EXPONENT else str(number)
