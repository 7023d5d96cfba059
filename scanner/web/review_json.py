"""Numbers and decisions as the browser gets and sends them, parsed and checked."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from scanner.corrections.correction import Verdict
from scanner.review.queue import is_doubtful
from scanner.review.session import Decision
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scanner.review.audit_session import AuditLeft
    from scanner.review.crops import Crop
    from scanner.review.queue import WorkLeft
    from scanner.review.review_item import ReviewItem
    from scanner.review.stack import StackPage
    from scanner.web.base_app import Json

MAX_DECISIONS = 20_000
"""Most decisions in one request: a wall that is confirmed as a whole."""
MAX_CROPS = 200
"""Most pictures in one request: about a megabyte."""
_MAX_PIXEL = 1_000_000
"""Largest coordinate that is taken for one."""
_BOX_LENGTH = 4


def item_json(item: ReviewItem) -> Json:
    """A number as the page shows it."""
    decision = item.decision
    return {
        "id": item.id,
        "page": item.page,
        "box": list(item.shown_box),
        "field": item.field,
        "read": item.read,
        "text": item.text,
        "confidence": item.confidence,
        "reason": item.reason,
        "alternatives": item.alternatives,
        "empty": item.is_empty,
        "doubtful": is_doubtful(item),
        "added": item.is_added,
        "gone": item.is_gone,
        "decided": item.is_decided,
        "verdict": "" if decision is None else decision.verdict.value,
        "by": "" if decision is None else decision.by,
        "seen": "" if decision is None else decision.id,
    }


def hidden_item_json(item: ReviewItem) -> Json:
    """A number of which it is to be typed what stands there: nothing that was read of it is told."""
    hidden = {"read": "", "text": "", "confidence": 0.0, "reason": "", "alternatives": (), "empty": False}
    return item_json(item) | hidden | {"doubtful": False, "blind": True}


def disputed_item_json(item: ReviewItem) -> Json:
    """A number that was typed otherwise than it was read: it is still to be decided which of them stands there."""
    return item_json(item) | {"alternatives": (item.read,), "decided": False, "disputed": True}


def page_json(page: StackPage) -> Json:
    """A page as the page shows it."""
    return {
        "file": page.file,
        "page": page.page_number,
        "width": page.width,
        "height": page.height,
        "error": page.error,
    }


def left_json(left: WorkLeft) -> Json:
    """What is left to do."""
    return {
        "total": left.total,
        "left": left.left,
        "doubtful": left.doubtful,
        "expected": round(left.expected_errors, 2),
    }


def audit_left_json(left: AuditLeft) -> Json:
    """What is left to do of an audit."""
    typing, disputed = left.to_type, left.to_decide
    return {"total": left.total, "left": typing + disputed, "typing": typing, "disputed": disputed}


def digit_tiles(items: Iterable[ReviewItem], digit: str) -> list[Json]:
    """Where a digit was read, in numbers that nobody has changed; the least certain first."""
    tiles = [
        {"id": item.id, "box": list(each.box), "confidence": each.confidence}
        for item in items
        if item.text == item.read
        for each in item.digits
        if each.text == digit
    ]
    return sorted(tiles, key=lambda tile: float(tile["confidence"]))


def crops_json(crops: Sequence[tuple[str, Crop]], failed: dict[str, str]) -> Json:
    """Pictures by the names of their numbers, and why there is none.

    They are data URLs: a thousand addresses of blobs take a browser a second to make, and as long to load from.
    """
    pictures = {name: {"frame": list(crop.frame), "url": _data_url(crop.jpeg)} for name, crop in crops}
    return {"crops": pictures, "failed": failed}


def parse_names(data: bytes) -> list[str]:
    """Parse ``{"items": [id, ...]}``.

    Raises:
        ValueError: if it is something else; the message is one line for the user.
    """
    names = _parse_object(data).get("items")
    if not isinstance(names, list) or len(names) > MAX_CROPS or not all(isinstance(name, str) for name in names):
        raise ValueError(f"items must be a list of at most {MAX_CROPS} names")
    return names


def parse_since(data: bytes) -> int:
    """Parse ``{"since": n}``.

    Raises:
        ValueError: as for ``parse_names``.
    """
    return _parse_int(_parse_object(data), "since")


def parse_decisions(data: bytes) -> tuple[list[Decision], int]:
    """Parse ``{"since": n, "decisions": [{"verdict", "item", "seen", "text", "page", "box"}, ...]}``.

    Returns:
        The decisions, and ``since``.

    Raises:
        ValueError: as for ``parse_names``.
    """
    value = _parse_object(data)
    decisions = value.get("decisions")
    if not isinstance(decisions, list) or not 1 <= len(decisions) <= MAX_DECISIONS:
        raise ValueError(f"decisions must be a list of 1 to {MAX_DECISIONS}")
    return [_parse_decision(each) for each in decisions], _parse_int(value, "since")


def _data_url(jpeg: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")


def _parse_decision(value: object) -> Decision:
    if not isinstance(value, dict):
        raise ValueError("a decision must be a JSON object")
    texts = {name: value.get(name, "") for name in ("verdict", "item", "seen", "text")}
    if not all(isinstance(text, str) for text in texts.values()):
        raise ValueError("verdict, item, seen and text of a decision must be texts")
    try:
        verdict = Verdict(texts["verdict"])
    except ValueError as error:
        raise ValueError("there is no such verdict") from error
    page = _parse_int(value, "page") if "page" in value else -1
    box = _parse_box(value["box"]) if "box" in value else None
    return Decision(verdict=verdict, item=texts["item"], seen=texts["seen"], text=texts["text"], page=page, box=box)


def _parse_box(value: object) -> Box:
    if not isinstance(value, list) or len(value) != _BOX_LENGTH:
        raise ValueError("a box must be a list of four whole numbers")
    if not all(type(each) is int and abs(each) <= _MAX_PIXEL for each in value):
        raise ValueError("a box must be a list of four whole numbers")
    return Box(*value)


def _parse_object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError("the request is not valid JSON") from error
    if not isinstance(value, dict):
        raise ValueError("the request is not a JSON object")
    return value


def _parse_int(value: dict[str, Any], name: str) -> int:
    number = value.get(name)
    if type(number) is not int or not 0 <= number <= 2**53:
        raise ValueError(f"{name} must be a whole number")
    return number
