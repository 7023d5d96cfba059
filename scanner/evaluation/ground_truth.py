"""Truth files: the numbers on each page according to a person.

Three formats are read:

* JSON, an object from page to content.  The key is ``FILE`` or ``FILE#PAGE`` (pages count from 1); the file is relative
  to a folder of the user's choice::

      {"logs/p02.png": {"numbers": ["78", null, "75"]},
       "sums.jpg": {"numbers": [["56", "3"], ["595"]]},
       "form.pdf#2": {"numbers": []}}

  ``numbers`` lists the numbers in reading order, flat or row by row; ``null`` stands for one that a person could not
  read, or for an empty cell.  These keys may be left out:

  ``boxes``
      one ``[x, y, width, height]`` per number, or
  ``places``
      one ``[x, y]``, the middle of it, per number: it must be found there.
  ``optional``
      texts that are neither asked for nor false: each forgives one reading.
  ``ignore``
      rectangles ``[x, y, width, height]`` in which nothing counts.

  All are in pixels of the page.  Other keys are notes.

* JSON, a list of number crops, ``boxes`` with one box per digit if given:
  ``[{"image": "a.jpg", "text": "2250", "boxes": [[2, 13, 25, 29], ...]}]``.

* CSV with the columns ``image,text``, also for number crops; the text is empty where no number is written.

Texts are kept as written, ``10,200`` or ``-40.5``; ``scanner.text_comparison`` says what of them counts.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from scanner.errors import DataError
from scanner.safe_csv import text_of
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    _Item = TypeVar("_Item")

_PAGE_KEY_PATTERN = re.compile(r"(?P<file>.+?)(?:#(?P<page>[0-9]+))?", re.DOTALL)
_NON_DIGIT_PATTERN = re.compile("[^0-9]")


class Point(NamedTuple):
    """A point of a page, pixels."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PageTruth:
    """The numbers on one page.  Every text has at least one digit."""

    file: str
    """Path as in the truth file, with ``/``."""
    page_number: int
    """Page number within the file, from 1."""
    rows: tuple[tuple[str | None, ...], ...]
    """The numbers as written, in reading order; None for one that a person could not read."""
    number_boxes: tuple[Box, ...] = ()
    """Boxes of the numbers, in reading order; empty where unknown."""
    digit_boxes: tuple[tuple[Box, ...], ...] = ()
    """Boxes of each number's digits, left to right; empty where unknown."""
    places: tuple[Point, ...] = ()
    """Middle of each number, in reading order; empty where unknown."""
    optional: tuple[str, ...] = ()
    """Texts on the page that are neither asked for nor false; one may occur several times."""
    ignored: tuple[Box, ...] = ()
    """Parts of the page in which nothing counts."""

    @property
    def texts(self) -> tuple[str | None, ...]:
        """The numbers as written, in reading order, row by row; None for one that a person could not read."""
        return tuple(text for row in self.rows for text in row)

    @property
    def numbers(self) -> tuple[str | None, ...]:
        """The digits of each of ``texts``."""
        return tuple(None if text is None else keep_digits(text) for text in self.texts)

    @property
    def is_table(self) -> bool:
        """Whether the numbers are given as a table: in rows of one length, so that the columns are known as well."""
        lengths = {len(row) for row in self.rows if row}
        return len(self.rows) > 1 and len(lengths) == 1 and lengths != {1}


def keep_digits(text: str) -> str:
    """Remove everything but the digits 0-9 from a text: ``"-40.5"`` becomes ``"405"``."""
    return _NON_DIGIT_PATTERN.sub("", text)


def read_truth(path: Path) -> tuple[PageTruth, ...]:
    """Read a truth file: CSV if its name ends in ``.csv``, otherwise JSON.

    Args:
        path: the file, UTF-8.

    Returns:
        One truth per page, in the order of the file.

    Raises:
        DataError: if the file cannot be read or is malformed; the message names the file and the entry.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"{path}: the truth cannot be read ({error.strerror}); check the name") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: the truth is not UTF-8 text; save it as UTF-8") from error
    try:
        pages = _parse_csv(text) if path.suffix.lower() == ".csv" else _parse_json(text)
        return tuple(_reject_duplicates(pages))
    except (ValueError, csv.Error, RecursionError) as error:
        raise DataError(f"{path}: {error}") from error


def _reject_duplicates(pages: Iterable[PageTruth]) -> Iterator[PageTruth]:
    seen: set[tuple[str, int]] = set()
    for page in pages:
        key = page.file, page.page_number
        if key in seen:
            raise ValueError(f"page {page.page_number} of {page.file!r} is given twice; remove one")
        seen.add(key)
        yield page


def _parse_csv(text: str) -> Iterator[PageTruth]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    if next(reader, None) != ["image", "text"]:
        raise ValueError("line 1: the columns must be image,text")
    for cells in ([text_of(cell) for cell in row] for row in reader):
        if not cells:
            continue
        entry = f"line {reader.line_num}"
        if len(cells) != 2 or not cells[0]:
            raise ValueError(f"{entry}: needs an image and its text; put quotes around a text with a comma")
        yield PageTruth(cells[0], 1, ((_parse_text(cells[1], entry),),) if cells[1] else ())


def _parse_json(text: str) -> Iterator[PageTruth]:
    # Pairs, because a dict would silently keep only the last of two equal keys.
    document = json.loads(text, object_pairs_hook=_JsonObject)
    if isinstance(document, _JsonObject):
        return (_parse_page(key, entry) for key, entry in document)
    if isinstance(document, list):
        return (_parse_number_crop(entry, f"entry {i}") for i, entry in enumerate(document, start=1))
    raise ValueError("must be an object of pages or a list of images")


class _JsonObject(list[tuple[str, Any]]):
    """The pairs of a JSON object in order; its type distinguishes it from a JSON array."""


def _object_fields(entry: object, name: str) -> dict[str, Any]:
    if not isinstance(entry, _JsonObject):
        raise ValueError(f"{name}: must be an object in braces")
    return dict(entry)


def _parse_page(key: str, entry: object) -> PageTruth:
    match = _PAGE_KEY_PATTERN.fullmatch(key)
    if match is None:
        raise ValueError("a page has no name")
    page = int(match["page"] or 1)
    if page < 1:
        raise ValueError(f"{key}: pages count from 1")
    fields = _object_fields(entry, key)
    rows = _parse_rows(fields.get("numbers"), key)
    count = sum(map(len, rows))
    boxes = _parse_boxes(fields.get("boxes", []), key)
    if "boxes" in fields and len(boxes) != count:
        raise ValueError(f"{key}: {len(boxes)} boxes for {count} numbers; give one box per number")
    places = _parse_list(fields.get("places", []), f'{key}: "places"', f"{key}, place", _parse_point)
    if "places" in fields and len(places) != count:
        raise ValueError(f"{key}: {len(places)} places for {count} numbers; give one place per number")
    return PageTruth(
        match["file"],
        page,
        rows,
        boxes,
        places=places,
        optional=_parse_list(fields.get("optional", []), f'{key}: "optional"', f"{key}, optional", _parse_optional),
        ignored=_parse_list(fields.get("ignore", []), f'{key}: "ignore"', f"{key}, ignore", _parse_box),
    )


def _parse_rows(numbers: object, entry: str) -> tuple[tuple[str | None, ...], ...]:
    if not isinstance(numbers, list) or isinstance(numbers, _JsonObject):
        raise ValueError(f'{entry}: "numbers" is missing or not a list')
    rows = numbers if any(isinstance(row, list) for row in numbers) else [numbers] if numbers else []
    if not all(isinstance(row, list) and not isinstance(row, _JsonObject) for row in rows):
        raise ValueError(f'{entry}: "numbers" mixes rows with single numbers; put each row in brackets')
    return tuple(tuple(_parse_text(text, f"{entry}, row {i}") for text in row) for i, row in enumerate(rows, start=1))


def _parse_text(text: object, entry: str) -> str | None:
    if text is not None and not isinstance(text, str):
        raise ValueError(f"{entry}: {text!r} is neither a text in quotes nor null")
    if text is not None and not keep_digits(text):
        raise ValueError(f"{entry}: {text!r} has no digit; leave it out, or write null if nobody can read it")
    return text


def _parse_number_crop(crop: object, entry: str) -> PageTruth:
    fields = _object_fields(crop, entry)
    image, text = fields.get("image"), _parse_text(fields.get("text"), entry)
    if not isinstance(image, str) or not image:
        raise ValueError(f'{entry}: "image" is missing')
    if "boxes" not in fields:
        return PageTruth(image, 1, ((text,),))
    boxes = _parse_boxes(fields["boxes"], entry)
    if not boxes or (text is not None and len(boxes) != len(keep_digits(text))):
        raise ValueError(f"{entry}: {len(boxes)} boxes for the digits of {text!r}; give one box per digit")
    return PageTruth(image, 1, ((text,),), (Box.around(boxes),), (boxes,))


def _parse_boxes(boxes: object, entry: str) -> tuple[Box, ...]:
    return _parse_list(boxes, f'{entry}: "boxes"', f"{entry}, box", _parse_box)


def _parse_list(
    items: object, name: str, item_name: str, parse_item: Callable[[object, str], _Item]
) -> tuple[_Item, ...]:
    if not isinstance(items, list) or isinstance(items, _JsonObject):
        raise ValueError(f"{name} is not a list")
    return tuple(parse_item(item, f"{item_name} {i}") for i, item in enumerate(items, start=1))


def _parse_optional(text: object, entry: str) -> str:
    parsed = _parse_text(text, entry)
    if parsed is None:
        raise ValueError(f"{entry}: null is no text; leave it out")
    return parsed


def _parse_point(coordinates: object, entry: str) -> Point:
    # type(...) rather than isinstance: true and false are integers to Python.
    if (
        not isinstance(coordinates, list)
        or len(coordinates) != 2
        or any(type(value) not in {int, float} for value in coordinates)
    ):
        raise ValueError(f"{entry}: {coordinates!r} is not [x, y] in pixels")
    return Point(*coordinates)


def _parse_box(sides: object, entry: str) -> Box:
    # type(...) rather than isinstance: true and false are integers to Python.
    if not isinstance(sides, list) or len(sides) != 4 or any(type(side) is not int for side in sides):
        raise ValueError(f"{entry}: {sides!r} is not [x, y, width, height] in whole pixels")
    try:
        return Box(*sides)
    except ValueError as error:
        raise ValueError(f"{entry}: {error}") from error
