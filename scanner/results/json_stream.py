"""JSON documents written in chunks, because they may be too large to be held in memory."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scanner.types import SettingValue

_CLOSING_BRACE = "\n}"
_SEPARATOR = ","
"""Between two entries of a list."""


def stream_json_document(head: Mapping[str, Any], list_name: str, entry_texts: Iterable[str]) -> Iterator[str]:
    """Write an object that ends in a long list: ``{**head, list_name: [...]}``.

    Args:
        head: the fields before the list; small, and at least one.
        list_name: name of the list; not a field of ``head``.
        entry_texts: the entries of the list, from ``entry_text``.  They may be joined, or split anywhere, but none is
            empty; each is fetched only when the one before it is written.

    Yields:
        The text in chunks, exactly as ``json.dumps(..., ensure_ascii=False, indent=1)`` writes it, with a line end.

    Raises:
        ValueError: for NaN or infinity, which JSON does not have; see ``json_safe``.
    """
    yield f"{_dumps(dict(head)).removesuffix(_CLOSING_BRACE)},\n {_dumps(list_name)}: ["
    separator, end = _SEPARATOR, "]"
    for text in entry_texts:
        yield text.removeprefix(separator)
        separator, end = "", "\n ]"
    yield end + _CLOSING_BRACE + "\n"


def entry_text(entry: object) -> str:
    """Write an entry of the list of ``stream_json_document``, with the separator from the one before it.

    Raises:
        ValueError: for NaN or infinity.
    """
    return f"{_SEPARATOR}\n  " + _dumps(entry).replace("\n", "\n  ")


def json_safe(value: SettingValue) -> SettingValue:
    """Convert a value to one that JSON can hold: NaN and infinity become ``"nan"``, ``"inf"`` or ``"-inf"``."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _dumps(value: object) -> str:
    # A line feed within a text is escaped as \\n, so each line feed in the returned text belongs to the layout.
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1)
