"""The types of the JSON document of results, from which its JSON Schema is generated.

The schema is ``docs/results.schema.json``.  After a change here, write it again with ``make schema``; increase
``SCHEMA_VERSION`` when a program that reads the document has to be changed too.
"""

from __future__ import annotations

import json
from typing import Annotated

import msgspec

from scanner.types import SettingValue

SCHEMA_VERSION = 7
"""Version of the document's format, in its field ``schema``.  Version 1 had no such field; since version 3, the text of
a number may be empty; since version 4, numbers have no cells of comb fields; since version 5, scan quality says that a
page was turned, no longer how it lay; since version 6, a number may be an empty form field; since version 7, a person
may have said what a number is."""

_SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"

Confidence = Annotated[float, msgspec.Meta(ge=0, le=1, description="Probability that the reading is right, 0 to 1.")]
Length = Annotated[int, msgspec.Meta(ge=1)]
BoxEntry = Annotated[
    tuple[int, int, Length, Length],
    msgspec.Meta(description="[x, y, width, height] in pixels of the page, from its top left corner."),
]


def _described(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class DigitEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One digit of a number."""

    text: Annotated[str, _described("0 to 9.")]
    confidence: Confidence
    box: BoxEntry


class OpinionEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What one reader read."""

    reader: Annotated[str, _described("Name of the reader: contours or number.")]
    text: Annotated[str, _described("What it read; empty if it found no number.")]
    confidence: Confidence


class NumberEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One number on a page."""

    number: Annotated[int, _described("Position in the reading order of the page, from 1.")]
    table: Annotated[int, _described("Table on the page, from 1; 0 if the number is in none.")]
    row: Annotated[int, _described("Row of the table, from 1; row of the page if the number is in no table.")]
    column: Annotated[int, _described("Column of the table, from 1; position in the row if the number is in no table.")]
    field: Annotated[str, _described("Name of the form field; empty if there is none.")]
    kind: Annotated[
        str,
        _described(
            "handwritten or printed; of a form field tick, whose text is 1 or 0, or picture, which is not read; empty "
            "if unknown."
        ),
    ]
    text: Annotated[
        str,
        _described(
            "The number as written, with leading zeros and separators; empty if it was found but could not be read, "
            "and of a form field that is empty."
        ),
    ]
    is_empty: Annotated[bool, _described("Whether it is a form field with nothing in it.")]
    crossed_out: Annotated[bool, _described("Whether the writer crossed the number out.")]
    confidence: Confidence
    review: Annotated[
        str,
        _described(
            "Why a person should look at the number: low confidence, readers disagree, crossed out, several in one "
            "cell, several parts or unread; of a form field also nothing written, no such number, outside limits, or "
            "rule does not hold, with the rule, several parted by semicolons; empty if there is no reason."
        ),
    ]
    suggested: Annotated[
        str, _described("What rules and limits of the form suggest instead, to be confirmed; empty if nothing.")
    ]
    checked: Annotated[
        str,
        _described(
            "What a person says of it: confirmed, corrected, unreadable, no number, added or moved; empty if nobody has"
            " looked."
        ),
    ]
    read: Annotated[str, _described("What was read, if a person has looked; text is what that person says.")]
    box: BoxEntry
    digits: Annotated[
        tuple[DigitEntry, ...], _described("The digits, left to right; none if the number could not be read.")
    ]
    opinions: Annotated[
        tuple[OpinionEntry, ...],
        _described("The reading of each reader that was asked, also of a number that could not be read."),
    ]


class FindingEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One defect of a scan."""

    name: Annotated[str, _described("small, faint, blurred, cut_off, skewed, turned or orientation_unclear.")]
    measured: Annotated[str, _described("What was measured.")]
    advice: Annotated[str, _described("What to do about it.")]


class BrokenRuleEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of a form that does not hold on a page."""

    rule: Annotated[str, _described("The rule as in the form file, such as total == q1 + q2.")]
    fields: Annotated[tuple[str, ...], _described("Names of the fields that it is about.")]
    measured: Annotated[str, _described("What does not hold, such as 310 is not 302.")]


class StepEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One stage of the pipeline."""

    name: Annotated[str, _described("Name of the stage.")]
    settings: Annotated[
        dict[str, SettingValue],
        _described('What the stage used and measured; NaN and infinity are the texts "nan", "inf" and "-inf".'),
    ]


class PageEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One page: the numbers on it, or why it could not be read."""

    file: Annotated[str, _described("Name of the file, relative to the scanned folder.")]
    page: Annotated[int, _described("Page of the file, from 1; 0 if the file could not be opened at all.")]
    width: Annotated[int, _described("Width of the page in pixels; 0 if it could not be decoded.")]
    height: Annotated[int, _described("Height of the page in pixels; 0 if it could not be decoded.")]
    error: Annotated[str, _described("Why the page could not be read; empty if it was.")]
    form: Annotated[str, _described("Name of the form that the page is; empty if it was read without one.")]
    broken_rules: Annotated[tuple[BrokenRuleEntry, ...], _described("The rules of the form that do not hold.")]
    scan_quality: Annotated[tuple[FindingEntry, ...], _described("Defects of the scan; empty for a good one.")]
    steps: Annotated[tuple[StepEntry, ...], _described("The stages of the pipeline, in the order they ran.")]
    numbers: Annotated[
        tuple[NumberEntry, ...],
        _described("The numbers, in reading order; of a form, one for each field in its order."),
    ]


class ResultsDocument(msgspec.Struct, frozen=True, kw_only=True):
    """Results of digitscan."""

    schema: Annotated[
        int, msgspec.Meta(description="Version of this format.", extra_json_schema={"const": SCHEMA_VERSION})
    ]
    digitscan: Annotated[str, _described("Version of the program that wrote the document.")]
    pages: Annotated[tuple[PageEntry, ...], _described("The pages, those that could not be read included.")]


def results_schema() -> str:
    """Generate the JSON Schema (draft 2020-12) of the document, as the text of ``docs/results.schema.json``."""
    schema = {"$schema": _SCHEMA_DIALECT, **msgspec.json.schema(ResultsDocument)}
    return json.dumps(schema, indent=2) + "\n"
