"""Corrections for tests."""

from __future__ import annotations

from typing import Any

from scanner.corrections.correction import Correction, Verdict, new_id
from scanner.types import Box

BOX = Box(10, 20, 40, 20)


def correction(verdict: Verdict = Verdict.CORRECTED, text: str = "17", **given: Any) -> Correction:
    """A correction of the first page of ``a.png``."""
    usual: dict[str, Any] = {
        "id": new_id(),
        "at": "2026-05-07T09:30:00Z",
        "by": "Ada",
        "file": "a.png",
        "sha256": "",
        "page": 1,
        "box": BOX,
        "read": "11",
    }
    return Correction(verdict=verdict, text=text, **(usual | given))


def undo(of: Correction) -> Correction:
    """Takes a correction back."""
    return correction(Verdict.UNDONE, "", undoes=of.id)
