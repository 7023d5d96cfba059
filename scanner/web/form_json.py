"""Forms as the browser sends and gets them.

The page has the keys of a form file, with three differences: rules are lines of text, limits are texts as they were
typed, and the reference is not for the page to say.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from scanner.forms.form import BlankMark, CheckDigitRule
from scanner.forms.form_file import MAX_MISTAKES, read_document
from scanner.forms.form_mistakes import MAX_RULES, outside_mistakes, place_words
from scanner.results.annotated_page import MIN_FAIR_CONFIDENCE, MIN_SURE_CONFIDENCE
from scanner.types import PICTURE_KIND, TICK_KIND

if TYPE_CHECKING:
    from scanner.forms.form import FieldContent, Form, FormRule, Reference
    from scanner.forms.form_mistakes import Mistake
    from scanner.types import Number, PageResult

Json = dict[str, Any]

_CHECK_DIGIT_LINE = re.compile(r"(?P<field>[^:<>=]+):(?P<scheme>[^:<>=]*)")
"""A rule on check digits as a line, which results write likewise; no check has a colon."""
_LIMIT = re.compile(r"[+-]?[0-9]{1,40}(?:[.,][0-9]{1,40})?")
"""A limit as people type it, with either sign before the decimals."""


class CheckedForm(NamedTuple):
    """A form that the page sent."""

    form: Form | None
    """None if there are mistakes."""
    mistakes: tuple[Json, ...]
    """For the page: ``place``, a list of keys and indices; ``where``, that in words; ``message``."""


def check_form_json(data: bytes, reference: Reference, width: int, height: int) -> CheckedForm:
    """Check a form that the page sent.

    Args:
        data: JSON, as :func:`form_json` makes it.
        reference: the page that the form is of, whatever ``data`` says of it; its state is that of ``data``.
        width: width of the reference, pixels.
        height: its height, pixels.

    Raises:
        ValueError: if ``data`` is no JSON object, or its rules are no lines; the message is one line for the user.
    """
    document = {**_parsed(data), "reference": reference.address}
    form, mistakes = read_document(document)
    if form is not None and len(mistakes) <= MAX_MISTAKES:
        mistakes += tuple(outside_mistakes(form, width, height))
    shown = tuple(_mistake_json(mistake, document) for mistake in mistakes[:MAX_MISTAKES])
    return CheckedForm(None if mistakes else form, shown)


def form_json(form: Form) -> Json:
    """Make the page's form: ``name``, ``reference_is``, ``follows``, ``field``, ``table`` and ``rules``."""
    return {
        "name": form.name,
        "reference_is": form.reference.state.value,
        "follows": form.follows,
        "field": [{"name": field.name, "box": list(field.box), **_content_json(field)} for field in form.fields],
        "table": [
            {
                "name": table.name,
                "box": list(table.box),
                "columns": [
                    {
                        "name": column.name,
                        **_content_json(column),
                        **({} if column.width is None else {"width": column.width}),
                    }
                    for column in table.columns
                ],
                "rows": table.rows,
                "row_heights": list(table.row_heights),
            }
            for table in form.tables
        ],
        "rules": [_rule_line(rule) for rule in form.rules],
    }


def reading_json(result: PageResult) -> Json:
    """Make what the page shows of a page that was read: ``fields`` by name, and ``broken_rules``."""
    return {
        "fields": {number.field: _number_json(number) for number in result.numbers},
        "broken_rules": [
            {"rule": broken.rule, "fields": list(broken.fields), "measured": broken.measured}
            for broken in result.broken_rules
        ],
    }


def _parsed(data: bytes) -> Json:
    """The document of a form file that the page means.

    Raises:
        ValueError: as :func:`check_form_json`.
    """
    try:
        value = json.loads(data, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise ValueError("the form is not valid JSON") from error
    if not isinstance(value, dict):
        raise ValueError("the form is not a JSON object")
    lines = value.pop("rules", [])
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise ValueError("rules must be a list of lines")
    if len(lines) > 2 * MAX_RULES:
        raise ValueError(f"the form has {len(lines)} rules, {MAX_RULES} are the most")
    value["rule"] = [_rule_entry(line) for line in lines]
    _convert_limits(value.get("field"))
    tables = value.get("table")
    for table in tables if isinstance(tables, list) else ():
        _convert_limits(table.get("columns") if isinstance(table, dict) else None)
    return value


def _refuse_constant(name: str) -> NoReturn:
    """Refuse what Python reads as a number and JSON has not: NaN and Infinity."""
    raise ValueError(name)


def _convert_limits(entries: object) -> None:
    """Make numbers of the limits of fields, or columns, where they are some."""
    for entry in entries if isinstance(entries, list) else ():
        for key in ("min", "max") if isinstance(entry, dict) else ():
            limit = entry.get(key)
            if isinstance(limit, str) and _LIMIT.fullmatch(limit.strip()):
                entry[key] = Decimal(limit.strip().replace(",", "."))


def _rule_entry(line: str) -> dict[str, str]:
    found = _CHECK_DIGIT_LINE.fullmatch(line)
    return (
        {"field": found["field"].strip(), "check_digit": found["scheme"].strip()} if found else {"check": line.strip()}
    )


def _rule_line(rule: FormRule) -> str:
    if isinstance(rule, CheckDigitRule):
        return f"{rule.field}: {rule.scheme.value}"
    # In a file it may have several lines.
    return " ".join(rule.check.text.split())


def _content_json(content: FieldContent) -> Json:
    given = {
        "cells": content.cells,
        "min": None if content.minimum is None else f"{content.minimum:f}",
        "max": None if content.maximum is None else f"{content.maximum:f}",
    }
    return {
        "kind": content.kind.value,
        "blank_marks": [mark.value for mark in BlankMark if mark in content.blank_marks],
        "required": content.required,
        **{key: value for key, value in given.items() if value is not None},
    }


def _mistake_json(mistake: Mistake, document: Json) -> Json:
    where = place_words(mistake.place, document)
    return {"place": list(mistake.place), "where": where, "message": mistake.message}


def _number_json(number: Number) -> Json:
    return {
        "text": number.text,
        "confidence": number.confidence,
        "review": number.review_reason,
        "suggested": number.suggested,
        "kind": number.kind,
        "level": _level(number),
    }


def _level(number: Number) -> str:
    """What a label is coloured by, as on annotated pages."""
    is_unticked = number.kind == TICK_KIND and number.text == "0"
    if not number.review_reason and (number.is_empty or is_unticked or number.kind == PICTURE_KIND):
        return "blank"
    if number.is_unread:
        return "unread"
    if number.confidence >= MIN_SURE_CONFIDENCE:
        return "sure"
    return "fair" if number.confidence >= MIN_FAIR_CONFIDENCE else "doubtful"
