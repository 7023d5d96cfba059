"""What of the numbers of a review a browser is shown: all of them, or a sample that is typed without what was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from scanner.review.queue import work_left
from scanner.web.review_json import (
    audit_left_json,
    digit_tiles,
    disputed_item_json,
    hidden_item_json,
    item_json,
    left_json,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.review.audit_session import AuditSession
    from scanner.review.review_item import ReviewItem
    from scanner.review.session import Changes, Decision, ReviewSession
    from scanner.web.base_app import Json


class ReviewView(Protocol):
    """What a browser is shown."""

    def items(self) -> Sequence[ReviewItem]:
        """The numbers, in the order in which they are looked through."""

    def item_json(self, item: ReviewItem) -> Json:
        """A number."""

    def left_json(self) -> Json:
        """What is left to do."""

    def changes_json(self, changes: Changes) -> Json:
        """What has changed."""

    def digit_tiles(self, digit: str) -> list[Json]:
        """Where a digit was read."""

    def entries(self, decisions: Sequence[Decision]) -> Sequence[Decision]:
        """The decisions of who sees this; ValueError if one cannot be made here."""

    def shown(self, name: str) -> str:
        """The name of a number if it is shown, else nothing."""


class WholeStack:
    """All numbers with all that is known of them."""

    def __init__(self, session: ReviewSession) -> None:
        self._session = session

    def items(self) -> Sequence[ReviewItem]:
        """The doubtful ones first."""
        return self._session.order()

    def item_json(self, item: ReviewItem) -> Json:
        """All of it."""
        return item_json(item)

    def left_json(self) -> Json:
        """Of all numbers."""
        return left_json(work_left(list(self._session.stack.items.values())))

    def changes_json(self, changes: Changes) -> Json:
        """All that has changed."""
        items = list(map(item_json, changes.items))
        return {"changes": changes.number, "items": items, "left": left_json(changes.left)}

    def digit_tiles(self, digit: str) -> list[Json]:
        """In all numbers."""
        return digit_tiles(self.items(), digit)

    def entries(self, decisions: Sequence[Decision]) -> Sequence[Decision]:
        """As they were made."""
        return decisions

    def shown(self, name: str) -> str:
        """All are."""
        return name


class AuditedSample:
    """The numbers of an audit; what was read of one is told when it was typed."""

    def __init__(self, audit: AuditSession) -> None:
        self._audit = audit

    def items(self) -> Sequence[ReviewItem]:
        """Those of the sample, in random order."""
        return self._audit.items()

    def item_json(self, item: ReviewItem) -> Json:
        """As much as may be known."""
        if not item.is_decided:
            return hidden_item_json(item)
        return disputed_item_json(item) if self._audit.is_disputed(item) else item_json(item)

    def left_json(self) -> Json:
        """Of the sample."""
        return audit_left_json(self._audit.left())

    def changes_json(self, changes: Changes) -> Json:
        """What has changed in the sample."""
        items = [self.item_json(item) for item in changes.items if self._audit.is_member(item)]
        return {"changes": changes.number, "items": items, "left": self.left_json()}

    def digit_tiles(self, digit: str) -> list[Json]:
        """None: they would tell what was read."""
        del digit
        return []

    def entries(self, decisions: Sequence[Decision]) -> Sequence[Decision]:
        """Blind as long as what was read is not shown."""
        return self._audit.entries(decisions)

    def shown(self, name: str) -> str:
        """Those of the sample are."""
        return name if name in self._audit.sample else ""
