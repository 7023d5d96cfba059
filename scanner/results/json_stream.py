"""A JSON document written piece by piece, for one too large to be held in memory."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scanner.types import SettingValue

_CLOSING_BRACE = "\n}"


def stream_json_document(head: Mapping[str, Any], list_name: str, list_entries: Iterable[Any]) -> Iterator[str]:
    """An object that ends in a long list: ``{**head, name: [*entries]}``, letters as they are, indented by one.

    Args:
        head: what stands before the list; small, at least one thing.
        list_name: of the list; none of those in ``head``.
        list_entries: of the list, each asked for when the one before it is written.

    Yields:
        The text, an entry at a time, to the letter as ``json.dumps(..., ensure_ascii=False, indent=1)`` and a line
        end make it.

    Raises:
        ValueError: for a NaN or an infinity, which JSON does not know; see ``json_safe``.
    """
    yield f"{_dumps(dict(head)).removesuffix(_CLOSING_BRACE)},\n {_dumps(list_name)}: ["
    end = "]"
    for place, entry in enumerate(list_entries):
        yield (",\n  " if place else "\n  ") + _dumps(entry).replace("\n", "\n  ")
        end = "\n ]"
    yield end + _CLOSING_BRACE + "\n"


def json_safe(value: SettingValue) -> SettingValue:
    """A value that JSON can hold: NaN and infinity become ``"nan"``, ``"inf"`` or ``"-inf"``."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _dumps(value: object) -> str:
    # A line feed within a text is written as \\n: each one in what is returned begins a line of the layout.
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1)
