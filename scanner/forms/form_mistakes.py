"""What is wrong with a form: values that do not go together, each alone being what its key may be."""

from __future__ import annotations

import unicodedata
from itertools import chain
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from scanner.forms.check_tokens import is_name
from scanner.forms.form import CheckDigitRule, FieldKind
from scanner.forms.rule_binding import RuleBinder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from decimal import Decimal

    from scanner.forms.form import FieldContent, Form, FormTable
    from scanner.forms.toml_lines import Place
    from scanner.types import Box

MAX_FIELDS = 20_000
"""Most fields of a form, those of its tables included.  A page of digits half a centimetre apart has 2,500; each costs
time on every page, and a typing error in ``rows`` must not fill the memory."""
MAX_RULES = 500
"""Most rules of a form: a rule of a table is written once for all its rows."""
MAX_LOOKUPS = 200_000
"""Most values that the rules of a form look at on a page: each of the most fields ten times, in a second or two."""
MAX_NAME_LENGTH = 40
"""Most characters of a name: a heading that a spreadsheet still shows."""
MAX_TEXT_LENGTH = 200
"""Most characters of the name of the form and of the reference: 255 bytes are what file systems allow."""
MAX_DIGITS = 15
"""Most digits of ``min`` and ``max`` before the point, and most behind it: numbers by hand are shorter."""
MIN_OVERLAP = 0.05
"""Smallest overlap of two fields that is a mistake, as a share of the smaller one: neighbours share a drawn line."""

_KEYS_BESIDE_NAMES = frozenset({"box", "kind", "cells", "blank_marks", "required", "min", "max", "width"})
"""Keys of which a wrong value leaves it known which names there are, and how many rows."""


class Mistake(NamedTuple):
    """Something that is wrong with a form."""

    place: Place
    """Where, by the keys of a form file."""
    message: str
    """What is wrong and what to do."""


def find_mistakes(form: Form, stand_ins: Collection[Place] = ()) -> Iterator[Mistake]:
    """Find what is wrong with a form, part by part; nobody has to wait for more than he shows.

    Args:
        form: the form; its boxes have a size, and its numbers are in the ranges of ``form_entries``.
        stand_ins: places where the file has no valid value, so that ``form`` has one that means nothing.

    Yields:
        The mistakes that are not due to stand-ins.
    """
    yield from _text_mistakes(form, stand_ins)
    if not form.fields and not form.tables and not {("field",), ("table",)} & set(stand_ins):
        yield Mistake((), "has no field; write a [[field]] or a [[table]]")
    yield from _name_mistakes(form, stand_ins)
    for place, content in _contents(form):
        yield from _content_mistakes(place, content, stand_ins)
    for index, table in enumerate(form.tables):
        yield from _table_mistakes(("table", index), table, stand_ins)
    count = len(form.fields) + sum(table.rows * len(table.columns) for table in form.tables)
    if count > MAX_FIELDS:
        yield Mistake((), f"has {count} fields, {MAX_FIELDS} are the most; look at the rows of its tables")
        return
    yield from _overlaps(form, stand_ins)
    if len(form.rules) > MAX_RULES:
        yield Mistake((), f"has {len(form.rules)} rules, {MAX_RULES} are the most; name columns, not their fields")
        return
    yield from _rule_mistakes(form, stand_ins)


def outside_mistakes(form: Form, width: int, height: int) -> Iterator[Mistake]:
    """Find the fields and tables that do not lie within the reference.

    Args:
        form: the form.
        width: width of the reference, pixels.
        height: its height, pixels.
    """
    for place, box in _boxes(form):
        if box.x < 0 or box.y < 0 or box.right > width or box.bottom > height:
            yield Mistake(
                (*place, "box"),
                f"ends at {box.right}, {box.bottom}, and the reference at {width}, {height}; measure it again there",
            )


def _text_mistakes(form: Form, stand_ins: Collection[Place]) -> Iterator[Mistake]:
    if ("name",) not in stand_ins and not _is_line(form.name):
        yield Mistake(("name",), f"write one line of text, at most {MAX_TEXT_LENGTH} characters")
    if ("reference",) in stand_ins:
        return
    file = form.reference.file
    if not _is_line(file):
        yield Mistake(("reference",), f"write the name of a file, at most {MAX_TEXT_LENGTH} characters in one line")
    elif "\\" in file:
        yield Mistake(("reference",), "write / between folders, not \\")
    elif PurePosixPath(file).is_absolute() or PureWindowsPath(file).drive:
        yield Mistake(("reference",), "write where the file is seen from the form file, so that both can be moved")


def _is_line(text: str) -> bool:
    return bool(text.strip()) and text.isprintable() and len(text) <= MAX_TEXT_LENGTH


def _contents(form: Form) -> Iterator[tuple[Place, FieldContent]]:
    for index, field in enumerate(form.fields):
        yield ("field", index), field
    for index, table in enumerate(form.tables):
        for number, column in enumerate(table.columns):
            yield ("table", index, "columns", number), column


def _boxes(form: Form) -> Iterator[tuple[Place, Box]]:
    for index, field in enumerate(form.fields):
        yield ("field", index), field.box
    for index, table in enumerate(form.tables):
        yield ("table", index), table.box


def _name_mistakes(form: Form, stand_ins: Collection[Place]) -> Iterator[Mistake]:
    fields = ((("field", index), field.name) for index, field in enumerate(form.fields))
    tables = ((("table", index), table.name) for index, table in enumerate(form.tables))
    yield from _names_among(chain(fields, tables), stand_ins)
    for index, table in enumerate(form.tables):
        columns = ((("table", index, "columns", number), column.name) for number, column in enumerate(table.columns))
        yield from _names_among(columns, stand_ins)


def _names_among(names: Iterable[tuple[Place, str]], stand_ins: Collection[Place]) -> Iterator[Mistake]:
    seen: dict[str, Place] = {}
    for entry, name in names:
        place = (*entry, "name")
        if place in stand_ins:
            continue
        if len(name) > MAX_NAME_LENGTH:
            yield Mistake(place, f"has {len(name)} characters, {MAX_NAME_LENGTH} are the most; shorten it")
            continue
        normal = unicodedata.normalize("NFKC", name)
        if is_name(normal) and normal != name:
            yield Mistake(place, f'looks like "{normal}", but is other characters; copy it from here')
        elif not is_name(name):
            yield Mistake(place, "may have letters, digits and _, and begins with a letter; call it something else")
        # Headings that differ in case alone are the same to a spreadsheet.
        other = seen.setdefault(normal.casefold(), entry)
        if other != entry:
            yield Mistake(place, f"is that of {place_words(other)} as well, case aside; change one of them")


def _content_mistakes(place: Place, content: FieldContent, stand_ins: Collection[Place]) -> Iterator[Mistake]:
    if (*place, "kind") in stand_ins:
        return
    kind = content.kind
    if kind is FieldKind.COMB and content.cells is None and (*place, "cells") not in stand_ins:
        yield Mistake((*place, "cells"), "is missing; write how many cells the comb has")
    if kind is not FieldKind.COMB and content.cells is not None:
        yield Mistake((*place, "cells"), 'is of combs alone; leave it out, or write kind = "comb"')
    limits = {"min": content.minimum, "max": content.maximum}
    given = {key: limit for key, limit in limits.items() if limit is not None}
    if not kind.is_numeric:
        if content.blank_marks:
            yield Mistake((*place, "blank_marks"), f"is not for the kind {kind.value}; leave it out")
        for key in given:
            yield Mistake((*place, key), f"is not for the kind {kind.value}, which is no number; leave it out")
        return
    for key, limit in given.items():
        if not _has_few_digits(limit):
            yield Mistake(
                (*place, key), f"is no number with at most {MAX_DIGITS} digits before and after its point; write one"
            )
            return
        if kind.is_whole and limit != limit.to_integral_value():
            yield Mistake((*place, key), f'has decimals, which the kind {kind.value} has not; write kind = "decimal"')
    if content.minimum is not None and content.maximum is not None and content.minimum > content.maximum:
        yield Mistake((*place, "min"), f"is {content.minimum}, above max = {content.maximum}; change one of them")
    if kind is FieldKind.COMB:
        yield from _comb_limit_mistakes(place, content)


def _comb_limit_mistakes(place: Place, content: FieldContent) -> Iterator[Mistake]:
    if content.maximum is not None and content.maximum < 0:
        yield Mistake((*place, "max"), "is below 0; a comb has no cell for a minus sign")
    if content.minimum is None or content.minimum <= 0 or content.cells is None:
        return
    if content.minimum.adjusted() >= content.cells:
        yield Mistake(
            (*place, "min"), f"has more digits than the {content.cells} cells of the comb; change one of them"
        )


def _has_few_digits(number: Decimal) -> bool:
    if not number.is_finite():
        return False
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int), "a finite number has an exponent"
    return number.adjusted() < MAX_DIGITS and exponent >= -MAX_DIGITS


def _table_mistakes(place: Place, table: FormTable, stand_ins: Collection[Place]) -> Iterator[Mistake]:
    if (*place, "box") in stand_ins:
        return
    if table.rows > table.box.height:
        yield Mistake(
            (*place, "rows"), f"is {table.rows} in a box {table.box.height} pixels high; measure the box again"
        )
    yield from _row_height_mistakes(place, table, stand_ins)
    columns = (*place, "columns")
    if any(each[: len(columns)] == columns for each in stand_ins):
        return
    widths = [column.width for column in table.columns if column.width is not None]
    free, sharing = table.box.width - sum(widths), len(table.columns) - len(widths)
    if free < sharing:
        yield Mistake(
            columns,
            f"have no room: {sum(widths)} pixels are given away of the {table.box.width} of the box; change one",
        )
    elif free and not sharing:
        yield Mistake(
            columns,
            f"are {sum(widths)} pixels wide together, and the box {table.box.width}; leave out the width of one, or "
            "change the box",
        )


def _row_height_mistakes(place: Place, table: FormTable, stand_ins: Collection[Place]) -> Iterator[Mistake]:
    heights = (*place, "row_heights")
    if not table.row_heights or any(each in {(*place, "rows"), heights} for each in stand_ins):
        return
    if len(table.row_heights) != table.rows:
        yield Mistake(heights, f"are {len(table.row_heights)}, and there are {table.rows} rows; write one for each")
    elif (total := sum(table.row_heights)) != table.box.height:
        yield Mistake(
            heights, f"are {total} pixels together, and the box {table.box.height}; change one, or leave them out"
        )


def _overlaps(form: Form, stand_ins: Collection[Place]) -> Iterator[Mistake]:
    """Find pairs of fields or tables that overlap.  The fields of a table never do."""
    boxes = [(place, box) for place, box in _boxes(form) if (*place, "box") not in stand_ins]
    boxes.sort(key=lambda entry: entry[1].x)
    sides = np.array([box for _, box in boxes], np.int64).reshape(-1, 4)
    left, top, width, height = sides.T
    right, bottom, area = left + width, top + height, width * height
    for index in range(len(boxes)):
        # Those to the right, as far as they begin within this one.
        others = slice(index + 1, int(np.searchsorted(left, right[index])))
        shared_width = np.minimum(right[others], right[index]) - left[others]
        shared_height = np.minimum(bottom[others], bottom[index]) - np.maximum(top[others], top[index])
        share = shared_width * np.maximum(shared_height, 0) / np.minimum(area[others], area[index])
        for found in np.flatnonzero(share >= MIN_OVERLAP):
            first, second = sorted((boxes[index][0], boxes[others.start + int(found)][0]))
            percent = int(100 * share[found])
            yield Mistake(
                (*second, "box"), f"overlaps {place_words(first)} by {percent} %; move one, or make it smaller"
            )


def _rule_mistakes(form: Form, stand_ins: Collection[Place]) -> Iterator[Mistake]:
    all_known = not any(place[0] in {"field", "table"} and place[-1] not in _KEYS_BESIDE_NAMES for place in stand_ins)
    binder, lookups = RuleBinder(form), 0
    for index, rule in enumerate(form.rules):
        place: Place = ("rule", index, "field" if isinstance(rule, CheckDigitRule) else "check")
        if {place, place[:2]} & set(stand_ins):
            continue
        unknown = list(binder.unknown_names(rule))
        if unknown:
            yield from (Mistake(place, message) for message in unknown if all_known)
            continue
        yield from (Mistake(place, message) for message in binder.misuses(rule))
        lookups += binder.lookups(rule)
        if lookups > MAX_LOOKUPS:
            yield Mistake(
                place,
                f"looks at more values than a page is checked for, {MAX_LOOKUPS} with all rules before; write fewer",
            )
            return


def place_words(place: Place, document: object = None) -> str:
    """Name a place as people do: ``field 3 ("votes_03"), box``; indices that people see are from 1.

    Args:
        place: keys and indices.
        document: the parsed file, for the names that entries have in it; without it, they are left out.
    """
    words: list[str] = []
    for step in place:
        document = _step_into(document, step)
        if isinstance(step, int) and words:
            words[-1] = f"{words[-1].removesuffix('s')} {step + 1}{_quoted_name(document)}"
        else:
            words.append(_shortened(str(step)))
    return ", ".join(words)


def _step_into(document: object, step: str | int) -> object:
    match document:
        case dict():
            return document.get(step)
        case list() if isinstance(step, int) and step < len(document):
            return document[step]
        case _:
            return None


def _quoted_name(entry: object) -> str:
    """What an entry is known by, in parentheses: its name, for a rule its check, for a column itself."""
    if isinstance(entry, dict):
        entry = entry.get("name", entry.get("check", entry.get("field")))
    return f' ("{_shortened(entry)}")' if isinstance(entry, str) else ""


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_NAME_LENGTH else f"{text[:MAX_NAME_LENGTH]}..."
