"""A number that a person looks at, and what was decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.corrections.correction import Verdict
from scanner.types import Box, Digit, Number, Opinion

if TYPE_CHECKING:
    from scanner.corrections.correction import Correction

MAX_ALTERNATIVES = 5
"""As many as there are keys for."""
_OPEN_VERDICTS = frozenset({Verdict.SKIPPED, Verdict.UNDONE})
"""Verdicts after which a number is still to be decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewItem:
    """A number of a stack: one that was read, or one that a person added."""

    id: str
    """Name within the stack, made by the program."""
    page: int
    """Index of its page in the stack."""
    box: Box
    """Where it was read, or where a person drew it when it was added."""
    field: str = ""
    """Name of the form field; empty if there is none."""
    read: str = ""
    """What was read; empty if nothing."""
    confidence: float = 0.0
    """Probability that what was read is right, 0-1."""
    confidence_as_read: float = 0.0
    """The same as the readers had it, before any audit of the stack changed it."""
    reason: str = ""
    """Why a person should look at it; empty if nobody needs to."""
    alternatives: tuple[str, ...] = ()
    """What else it may be, the most likely first; without what was read."""
    digits: tuple[Digit, ...] = ()
    is_empty: bool = False
    """Whether it is a form field in which nothing seems to be written."""
    is_added: bool = False
    """Whether it is not read, and there by the word of a person."""
    decision: Correction | None = None
    """What stands about it; None if nobody has looked."""
    is_audited: bool = False
    """Whether somebody has said what it is without seeing what was read; what stands may be decided later."""

    @property
    def is_decided(self) -> bool:
        """Whether a person has said what it is."""
        if self.decision is None or self.decision.verdict in _OPEN_VERDICTS:
            return False
        # Of what was not read, the place alone may be known: what stands there has still to be typed.
        return self.decision.verdict is not Verdict.MOVED or bool(self.decision.text) or not self.is_unread

    @property
    def is_unread(self) -> bool:
        """Whether something is written there that was not read."""
        return not self.read and not self.is_empty

    @property
    def is_gone(self) -> bool:
        """Whether it was added and then taken back, so that nothing is left of it."""
        return self.is_added and (self.verdict is None or self.verdict in _OPEN_VERDICTS | {Verdict.NO_NUMBER})

    @property
    def verdict(self) -> Verdict | None:
        """What was said of it last; None if nobody has looked."""
        return None if self.decision is None else self.decision.verdict

    @property
    def text(self) -> str:
        """What stands there by what is known now."""
        return self.decision.text if self.decision is not None and self.is_decided else self.read

    @property
    def shown_box(self) -> Box:
        """Where it stands by what is known now."""
        moved = self.decision.moved_to if self.decision is not None else None
        return moved or self.box


def item_of_number(identifier: str, page: int, number: Number) -> ReviewItem:
    """The item of a number that was read.

    Args:
        identifier: its name within the stack.
        page: index of its page in the stack.
        number: as it was read.
    """
    return ReviewItem(
        id=identifier,
        page=page,
        box=number.box,
        field=number.field,
        read=number.text,
        confidence=number.confidence,
        confidence_as_read=number.confidence,
        reason=number.review_reason,
        alternatives=_alternatives(number),
        digits=number.digits,
        is_empty=number.is_empty,
    )


def _alternatives(number: Number) -> tuple[str, ...]:
    opinions: list[Opinion] = sorted(number.opinions, key=lambda opinion: -opinion.confidence)
    texts = dict.fromkeys([number.suggested, *(opinion.text for opinion in opinions)])
    return tuple(text for text in texts if text and text != number.text)[:MAX_ALTERNATIVES]
