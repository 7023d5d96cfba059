"""Form files: TOML that says what is asked of a form, with every mistake told at once.

``docs/forms.md`` describes the format; ``form_entries`` lists its keys.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from scanner.errors import FormError
from scanner.forms.check_digits import CheckDigit
from scanner.forms.check_expressions import parse_check
from scanner.forms.did_you_mean import closest
from scanner.forms.form import (
    CheckDigitRule,
    CheckRule,
    Form,
    FormColumn,
    FormField,
    FormTable,
    Reference,
    ReferenceState,
)
from scanner.forms.form_entries import ColumnEntry, FieldEntry, FormEntry, RuleEntry, TableEntry, keys_of
from scanner.forms.form_mistakes import Mistake, find_mistakes, outside_mistakes, place_words
from scanner.forms.toml_lines import TomlRefusedError, find_lines, refuse_excess
from scanner.sources.decoding import read_file
from scanner.sources.limits import Limits
from scanner.types import Box, PageRef

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from scanner.forms.form import FormRule
    from scanner.forms.form_entries import Key
    from scanner.forms.toml_lines import Place

MAX_FILE_BYTES = 2**23
"""Largest form file in bytes: 20,000 fields with all their keys are half of it."""
MAX_MISTAKES = 100
"""Most mistakes that an error lists: whoever has more has one mistake many times, or no form file."""
_MAX_SHOWN_LENGTH = 40
"""Most characters of a wrong value, or of a name, that an error repeats."""
_MAX_SHOWN_ITEMS = 6
"""Most items of a wrong list that an error repeats: two more than a box has."""
_MAX_SHOWN_BITS = 128
"""Most bits of a whole number that an error repeats: Python refuses to write very long ones."""
_NO_BOX = (0, 0, 1, 1)
"""Stands in for a box that could not be read."""
_NO_RULE = CheckDigitRule("", CheckDigit.LUHN)
"""Stands in for a rule that could not be read."""
_TOML_PLACE_PATTERN = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
"""Where something is wrong, as Python's parser says it."""


def load_form(path: Path) -> Form:
    """Read a form file.

    Args:
        path: the file.

    Returns:
        The form, whose ``file`` is ``path``.

    Raises:
        FormError: if the file cannot be read, anything in it is wrong, or the reference beside it is missing.
    """
    try:
        data = read_file(PageRef(path, str(path)), Limits(file_bytes=MAX_FILE_BYTES))
    except OSError as error:
        raise FormError([f"{path}: cannot be read ({error.strerror}); check the name"]) from error
    if len(data) > MAX_FILE_BYTES:
        raise FormError([f"{path}: is larger than {MAX_FILE_BYTES >> 20} MiB; no form file is, so check the name"])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormError([f"{path}: is not UTF-8 text; save it as UTF-8"]) from error
    return _form_of(text, str(path), path)


def parse_form(text: str, name: str) -> Form:
    """Read the text of a form file; whether there is a file of the reference is not looked at.

    Args:
        text: the text.
        name: name of the file in errors.

    Raises:
        FormError: if anything in it is wrong.
    """
    return _form_of(text, name, None)


def check_reference_size(form: Form, width: int, height: int) -> None:
    """Check that all fields lie within the reference, for who has loaded its picture.

    Args:
        form: the form.
        width: width of the reference, pixels.
        height: its height, pixels.

    Raises:
        FormError: if some do not.
    """
    names = {
        "field": [{"name": field.name} for field in form.fields],
        "table": [{"name": table.name} for table in form.tables],
    }
    mistakes = list(islice(outside_mistakes(form, width, height), MAX_MISTAKES + 1))
    if mistakes:
        raise _error(str(form.file) if form.file.name else form.name, mistakes, names, {})


def read_document(document: dict[str, Any], path: Path | None = None) -> tuple[Form | None, tuple[Mistake, ...]]:
    """Read what a form file says, parsed.

    Args:
        document: what TOML says, its numbers with decimals as ``Decimal``.
        path: the file, beside which there has to be one of the reference; None if that is not looked at.

    Returns:
        The form, and all mistakes or one more than an error lists.  Where there is a mistake, the form may have a value
        that means nothing; it is None if there are too many of them.
    """
    reader, form = _EntryReader(), None
    try:
        form = reader.form(document)
        for mistake in find_mistakes(form, frozenset(reader.stand_ins)):
            reader.add(mistake.place, mistake.message)
        if path is not None:
            form = replace(form, file=path)
            reader.check_reference(form)
    except _TooManyMistakesError:
        pass
    return form, tuple(reader.mistakes)


def _form_of(text: str, name: str, path: Path | None) -> Form:
    document = _parse_toml(text, name)
    form, mistakes = read_document(document, path)
    if form is not None and not mistakes:
        return form
    places = {mistake.place[:end] for mistake in mistakes for end in range(1, len(mistake.place) + 1)}
    raise _error(name, mistakes, document, find_lines(text, places))


def _parse_toml(text: str, name: str) -> dict[str, Any]:
    try:
        refuse_excess(text)
        return tomllib.loads(text, parse_float=_decimal)
    except TomlRefusedError as error:
        raise FormError([f"{name}:{error.line}: {error}"]) from error
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE_PATTERN.search(str(error))
        message = str(error)[: place.start()] if place else str(error)
        if place and place["line"]:
            where, column = f"{name}:{place['line']}", f" at column {place['column']}"
        else:
            where, column = name, " at the end"
        raise FormError(
            [f"{where}: is not TOML{column}: {message}; texts stand in quotes, lists in brackets"]
        ) from error
    except ValueError as error:
        # Python refuses to convert numbers of thousands of digits.
        raise FormError([f"{name}: holds a number of too many digits; shorten it"]) from error


def _decimal(text: str) -> Decimal:
    """Convert the text of a TOML float exactly; what is too large for that is no number."""
    try:
        return Decimal(text)
    except ArithmeticError:
        return Decimal("nan")


def _error(name: str, mistakes: Iterable[Mistake], document: object, lines: Mapping[Place, int]) -> FormError:
    """Make the error that tells of mistakes, in the order of their lines."""
    numbered = []
    for place, message in mistakes:
        found = (lines[place[:end]] for end in range(len(place), 0, -1) if place[:end] in lines)
        numbered.append((next(found, 0), place, message))
    numbered.sort(key=lambda each: each[0])
    listed = [
        ": ".join(filter(None, (f"{name}:{line}" if line else name, place_words(place, document), message)))
        for line, place, message in numbered[:MAX_MISTAKES]
    ]
    if len(numbered) > MAX_MISTAKES:
        listed.append(f"{name}: has more mistakes than these {MAX_MISTAKES}; mend them first")
    return FormError(listed)


class _TooManyMistakesError(Exception):
    """There are more mistakes than an error lists."""


class _EntryReader:
    """Converts the entries of a parsed file to values, and keeps what is wrong with them."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self.stand_ins: set[Place] = set()
        """Places without a valid value, for which the form has one that means nothing."""

    def add(self, place: Place, message: str) -> None:
        """Keep a mistake.

        Raises:
            _TooManyMistakesError: if it is one more than an error lists.
        """
        self.mistakes.append(Mistake(place, message))
        if len(self.mistakes) > MAX_MISTAKES:
            raise _TooManyMistakesError

    def form(self, document: dict[str, Any]) -> Form:
        """Convert a whole file."""
        keys = self._entry((), document, FormEntry)
        return Form(
            name=keys.get("name", ""),
            reference=Reference.at(keys.get("reference", ""), keys.get("reference_is", ReferenceState.BLANK)),
            fields=tuple(self._field(("field", i), entry) for i, entry in enumerate(keys.get("field", []))),
            tables=tuple(self._table(("table", i), entry) for i, entry in enumerate(keys.get("table", []))),
            rules=tuple(self._rule(("rule", i), entry) for i, entry in enumerate(keys.get("rule", []))),
            follows=keys.get("follows", ""),
        )

    def check_reference(self, form: Form) -> None:
        """Look whether the file of the reference exists, if it has a valid name."""
        if ("reference",) in {*self.stand_ins, *(mistake.place for mistake in self.mistakes)}:
            return
        try:
            exists = form.reference_path.is_file()
        except OSError:
            exists = False
        if not exists:
            self.add(("reference",), f"there is no file {form.reference_path}; put it there, or change the name")

    def _field(self, place: Place, entry: object) -> FormField:
        keys = self._entry(place, entry, FieldEntry)
        return FormField(name=keys.pop("name", ""), box=Box(*keys.pop("box", _NO_BOX)), **_renamed(keys))

    def _table(self, place: Place, entry: object) -> FormTable:
        keys = self._entry(place, entry, TableEntry)
        columns = tuple(self._column((*place, "columns", i), each) for i, each in enumerate(keys.get("columns", [])))
        if not columns and (*place, "columns") not in self.stand_ins:
            self._reject((*place, "columns"), f"is empty; write {keys_of(TableEntry)['columns'].description}")
        return FormTable(
            name=keys.get("name", ""),
            box=Box(*keys.get("box", _NO_BOX)),
            columns=columns,
            rows=keys.get("rows", 1),
            row_heights=keys.get("row_heights", ()),
        )

    def _column(self, place: Place, entry: object) -> FormColumn:
        keys = self._entry(place, {"name": entry} if isinstance(entry, str) else entry, ColumnEntry)
        return FormColumn(name=keys.pop("name", ""), **_renamed(keys))

    def _rule(self, place: Place, entry: object) -> FormRule:
        keys = self._entry(place, entry, RuleEntry)
        if place in self.stand_ins:
            return _NO_RULE
        given = {key for key in keys_of(RuleEntry) if key in keys or (*place, key) in self.stand_ins}
        needed = {"field", "check_digit"} if given and "check" not in given else {"check"}
        if not given:
            self._reject(place, "says nothing; write a check, or a field and its check_digit")
        elif given - needed:
            self._reject(place, "has a check and a check digit; write a rule for each")
        elif needed - given:
            missing = (needed - given).pop()
            self._reject((*place, missing), f"is missing; write {keys_of(RuleEntry)[missing].description}")
        elif keys.keys() == {"field", "check_digit"}:
            return CheckDigitRule(keys["field"], keys["check_digit"])
        elif keys.keys() == {"check"}:
            try:
                return CheckRule(parse_check(keys["check"]))
            except ValueError as error:
                self._reject((*place, "check"), str(error))
        self.stand_ins.add(place)
        return _NO_RULE

    def _entry(self, place: Place, entry: object, entry_type: type[msgspec.Struct]) -> dict[str, Any]:
        """Convert the values of an entry, those that are what their keys may be."""
        keys = keys_of(entry_type)
        if not isinstance(entry, dict):
            self._reject(place, f"is {_shown(entry)}; write a table with the keys {', '.join(keys)}")
            self.stand_ins.update((*place, key) for key in keys)
            return {}
        for name in entry:
            if name not in keys:
                meant = closest(name, keys.keys() - entry.keys())
                hint = f'did you mean "{meant}"?' if meant else f"there are {', '.join(keys)}"
                self.add((*place, name), f"there is no such key; {hint}")
                if meant:
                    self.stand_ins.add((*place, meant))
        good = {}
        for key in keys.values():
            if key.name in entry:
                value = entry[key.name]
                try:
                    good[key.name] = _converted(value, key)
                except (msgspec.ValidationError, ValueError, OverflowError):
                    self._reject((*place, key.name), f"is {_shown(value)}; write {key.description}")
            elif key.is_required and (*place, key.name) not in self.stand_ins:
                self._reject((*place, key.name), f"is missing; write {key.description}")
        return good

    def _reject(self, place: Place, message: str) -> None:
        """Keep a mistake that leaves a place without a value."""
        self.stand_ins.add(place)
        self.add(place, message)


def _converted(value: object, key: Key) -> Any:
    """Convert a value to what its key may be.

    Raises:
        ValueError: if it is something else.
    """
    converted = msgspec.convert(value, key.type)
    # msgspec also takes numbers out of texts.
    if isinstance(value, str) and isinstance(converted, Decimal):
        raise ValueError("a text is no number")
    return converted


def _renamed(keys: dict[str, Any]) -> dict[str, Any]:
    """Call the limits what the values call them."""
    names = {"min": "minimum", "max": "maximum"}
    return {names.get(key, key): value for key, value in keys.items()}


def _shown(value: object) -> str:
    """Write a value as it stands in the file, not too long."""
    match value:
        case bool():
            text = "true" if value else "false"
        case int() if value.bit_length() > _MAX_SHOWN_BITS:
            text = "a very large number"
        case str():
            text = f'"{value[:_MAX_SHOWN_LENGTH]}"'
        case list():
            inner = ", ".join("[...]" if isinstance(each, list) else _shown(each) for each in value[:_MAX_SHOWN_ITEMS])
            text = f"[{inner}{', ...' if len(value) > _MAX_SHOWN_ITEMS else ''}]"
        case dict():
            text = "a table"
        case date() | time():
            text = "a date or time"
        case _:
            text = str(value)
    return text if len(text) <= 2 * _MAX_SHOWN_LENGTH else f"{text[: 2 * _MAX_SHOWN_LENGTH]}..."
